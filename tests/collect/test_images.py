"""What sources say of their pictures: the right one, its words and its size."""

import pytest

from digest.collect import feeds
from digest.collect.extract import read_page
from digest.collect.gather import from_entry
from digest.collect.images import in_tree, number
from digest.collect.markup import parsed
from digest.model.article import UNTOLD, ImageInfo
from digest.model.source import Source
from digest.model.states import SourceKind
from tests.support.place import TUESDAY

FIGURE = (
    '<figure><img src="/a.jpg" alt="A white ferry." width="1200" height="600px">'
    "<figcaption>On a trial crossing. <cite>Photo: Strait Courier</cite></figcaption></figure>"
)
TOLD = ImageInfo(alt="A white ferry.", caption="On a trial crossing.", credit="Strait Courier", width=1200, height=600)


def rss(inside: str) -> bytes:
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Wire</title><link>https://wire.example/</link><item><title>Boats</title><link>https://wire.example/1</link>{inside}</item></channel></rss>"
    ).encode()


def told(markup: str, address: str = "https://wire.example/a.jpg") -> ImageInfo:
    tree = parsed(markup)
    assert tree is not None
    return in_tree(tree, address, "https://wire.example/")


def test_a_figure_says_what_is_seen_what_it_is_and_whose() -> None:
    assert told(FIGURE) == TOLD


def test_nothing_is_told_of_a_picture_that_is_not_shown() -> None:
    assert told(FIGURE, "https://wire.example/b.jpg") == UNTOLD


@pytest.mark.parametrize("alt", ["IMG_2041", "dsc-17", "photo.jpg", "x" * 400])
def test_the_name_of_a_file_or_an_essay_says_nothing(alt: str) -> None:
    assert told(f'<img src="/a.jpg" alt="{alt}">').alt == ""


def test_of_several_sizes_in_a_feed_the_one_that_suits_a_mail_is_taken() -> None:
    sizes = "".join(
        f'<media:content url="https://i.example/{w}.jpg" type="image/jpeg" width="{w}" height="{w // 2}"/>'
        for w in (140, 2400, 1200, 460)
    )
    [entry] = feeds.parse(rss(sizes + "<media:credit>Ann Other</media:credit>"), where="x").entries

    assert entry.image == "https://i.example/1200.jpg"
    assert entry.image_info == ImageInfo(credit="Ann Other", width=1200, height=600)


def test_a_media_description_is_what_is_seen_on_the_feeds_picture() -> None:
    inside = '<media:content url="https://i.example/a.png" medium="image"><media:description type="plain">A grey hull</media:description></media:content>'
    [entry] = feeds.parse(rss(inside), where="x").entries

    assert entry.image_info == ImageInfo(alt="A grey hull")


def test_what_the_text_says_of_a_feeds_picture_is_said_of_it() -> None:
    inside = (
        f'<media:content url="https://wire.example/a.jpg" medium="image"/><content:encoded><![CDATA[{FIGURE}]]></content:encoded>'
    )
    [entry] = feeds.parse(rss(inside), where="x").entries

    assert (entry.image, entry.image_info) == ("https://wire.example/a.jpg", TOLD)


def test_a_json_feeds_own_picture_has_no_words_of_another() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1.1","title":"W","items":[{"id":"1","title":"T","image":"https://i.example/own.jpg","content_html":"<img src=\'https://i.example/a.jpg\' alt=\'Another\'>"}]}'
    [entry] = feeds.parse(body, where="x").entries

    assert (entry.image, entry.image_info) == ("https://i.example/own.jpg", UNTOLD)


@pytest.mark.parametrize(
    ("head", "info"),
    [
        (
            '<meta property="og:image" content="https://i.example/a.jpg"><meta property="og:image:alt" content="A ferry."><meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">',
            ImageInfo(alt="A ferry.", width=1200, height=630),
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Boats are back on the strait","image":[{"@type":"ImageObject","url":"https://i.example/a.jpg","caption":"On a trial crossing.","creditText":"Strait Courier","width":{"value":1200},"height":"600"}]}</script>',
            ImageInfo(caption="On a trial crossing.", credit="Strait Courier", width=1200, height=600),
        ),
    ],
)
def test_a_page_tells_of_its_picture(head: str, info: ImageInfo) -> None:
    text = "".join(
        f"<p>Two boats a week will carry passengers overnight from April, says the operator, for the {n}th time.</p>"
        for n in range(9)
    )
    page = read_page(
        f"<html><head><title>Boats are back on the strait</title>{head}</head><body><article><h1>Boats are back on the strait</h1>{text}</article></body></html>".encode(),
        where="x",
        url="https://wire.example/1",
    )

    assert (page.image, page.image_info) == ("https://i.example/a.jpg", info)


def test_only_what_is_told_is_kept() -> None:
    [entry] = feeds.parse(rss(f"<content:encoded><![CDATA[{FIGURE}]]></content:encoded>"), where="x").entries
    source = Source(id=1, name="Wire", kind=SourceKind.FEED, location="x", made_at=TUESDAY)

    stored = from_entry(entry, source, now=TUESDAY).image_info

    assert ImageInfo(**stored) == TOLD
    assert set(stored) == {"alt", "caption", "credit", "width", "height"}


@pytest.mark.parametrize(
    ("text", "size"),
    [("640", 640), ("640px", 640), (" 12.5 ", 12), (640, 640), ("100%", 0), ("-3", 0), ("99999", 0), (None, 0), ("²", 0)],
)
def test_sizes_are_read_as_they_are_written(text: object, size: int) -> None:
    assert number(text) == size
