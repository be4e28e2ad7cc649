"""The picture of an article is one that its reader would call so; what is loaded late or named beside the text is found."""

import json

import pytest

from digest.collect import feeds, pages, pictures

BASE = "https://coast.example/a/1"
PHOTO = "https://coast.example/p/ferry.jpg"

NONE = {
    "emoji by host": '<img src="https://s.w.org/images/core/emoji/15.0.3/72x72/1f600.png" alt="😀" class="wp-smiley">',
    "emoji by class": '<img src="https://cdn.example/1f600.png" class="emoji">',
    "emoji by its text": '<img src="https://cdn.example/x/1f600.png" alt="😀">',
    "avatar by host": '<img src="https://secure.gravatar.com/avatar/abc?s=96">',
    "avatar by class": '<img src="https://coast.example/u/7.jpg" class="avatar avatar-96 photo">',
    "avatar by name": '<img src="https://coast.example/avatar_42.png">',
    "counter": '<img src="https://feeds.feedburner.com/~r/coast/~4/abc">',
    "VG Wort": '<img src="https://vg01.met.vgwort.de/na/abcdef">',
    "matomo": '<img src="https://stats.example/matomo.php?idsite=1&rec=1">',
    "wordpress": '<img src="https://pixel.wp.com/b.gif?blog=1">',
    "pixel": '<img src="https://coast.example/p/x.gif" width="1" height="1">',
    "pixel by style": '<img src="https://coast.example/p/x.gif" style="width:1px;height:1px">',
    "pixel by name": '<img src="https://coast.example/i/1x1.gif">',
    "spacer": '<img src="https://coast.example/i/spacer.gif">',
    "small": '<img src="https://coast.example/p/x.jpg" width="32px" height="32px">',
    "small in ems": '<img src="https://coast.example/p/x.jpg" style="height: 1em; max-height: 1em">',
    "logo": '<img src="https://coast.example/static/logo.png">',
    "logo of the site": '<img src="https://coast.example/static/coast_times_logo-300x80.png">',
    "icon": '<img src="https://coast.example/icon-192.png">',
    "badge": '<img src="https://img.shields.io/badge/build-passing.png">',
    "drawing": '<img src="https://coast.example/p/map.svg">',
    "hidden": '<img src="https://coast.example/p/x.jpg" hidden>',
    "hidden by style": '<img src="https://coast.example/p/x.jpg" style="display: none">',
    "hidden by what it is in": '<div style="visibility:hidden"><p><img src="https://coast.example/p/x.jpg"></p></div>',
    "data": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "nothing": '<img alt="a picture">',
}  # fmt: skip


@pytest.mark.parametrize("markup", NONE.values(), ids=NONE)
def test_signs_faces_counters_and_what_is_hidden_are_no_picture(markup: str) -> None:
    assert pictures.first(markup, BASE) == ""
    assert pictures.first(f'{markup}<p><img src="/p/ferry.jpg" width="1200"></p>', BASE) == PHOTO


FOUND = {
    "relative": '<img src="/p/ferry.jpg">',
    "data-src": '<img src="data:image/gif;base64,R0" data-src="/p/ferry.jpg" class="lazyload">',
    "data-src beside a small one": '<img src="/p/ferry-20.jpg" data-src="/p/ferry.jpg">',
    "data-original": '<img src="/i/blank.gif" data-original="/p/ferry.jpg">',
    "data-lazy-src": '<img src="/i/placeholder.png" data-lazy-src="/p/ferry.jpg">',
    "srcset by width": '<img srcset="/p/s.jpg 320w, /p/ferry.jpg 800w, /p/l.jpg 2400w">',
    "srcset, all small": '<img srcset="/p/s.jpg 320w, /p/ferry.jpg 480w">',
    "srcset by density": '<img srcset="/p/s.jpg 1x, /p/ferry.jpg 2x">',
    "data-srcset": '<img src="data:image/gif;base64,R0" data-srcset="/p/ferry.jpg 800w">',
    "picture": '<picture><source srcset="/p/ferry.jpg 900w" media="(min-width: 600px)"><img alt="The ferry"></picture>',
    "commas in an address": '<img srcset="https://coast.example/p/w_800,q_80/x.svg 400w, /p/ferry.jpg 800w">',
    "a percentage is no size": '<img src="/p/ferry.jpg" width="100%" height="auto">',
    "a logo in the news": '<img src="/p/ferry.jpg" alt="Logo of the line">',
}


@pytest.mark.parametrize("markup", FOUND.values(), ids=FOUND)
def test_pictures_that_are_loaded_late_or_in_sizes_are_found(markup: str) -> None:
    assert pictures.first(markup, BASE) == PHOTO


@pytest.mark.parametrize(
    "name", ["counter-protest-in-berlin.jpg", "rock-stars.jpg", "social-housing.jpg", "new-logo-of-the-city-line.jpg", "blank-page-day-2026.jpg"]
)  # fmt: skip
def test_names_of_what_is_in_the_news_keep_their_pictures(name: str) -> None:
    assert pictures.is_fit(f"https://coast.example/social/icons/{name}")


def entry(inside: str, channel: str = "") -> feeds.Entry:
    spaces = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:media='http://search.yahoo.com/mrss/'"
    feed = f"<rss version='2.0' {spaces}><channel><title>T</title>{channel}<item><title>Ferry line stays</title>{inside}</item></channel></rss>"
    return feeds.parse(feed.encode(), where="feed", url="https://coast.example/feed").entries[0]


MEDIA = {
    "itunes:image": "<itunes:image href='https://coast.example/p/ferry.jpg'/>",
    "enclosure": "<enclosure url='https://coast.example/p/ferry.jpg' type='image/jpeg' length='1'/>",
    "enclosure without a type": "<enclosure url='/p/ferry.jpg' length='1'/>",
    "media:content by medium": "<media:content url='https://coast.example/p/ferry.jpg' medium='image'/>",
    "media:content without a type": "<media:content url='https://coast.example/p/ferry.jpg'/>",
    "media:thumbnail in a group": "<media:group><media:content url='https://coast.example/v.mp4' type='video/mp4'/><media:thumbnail url='https://coast.example/p/ferry.jpg' width='640'/></media:group>",
    "not a tiny thumbnail": "<media:thumbnail url='https://coast.example/p/t.jpg' width='1' height='1'/><media:content url='https://coast.example/p/ferry.jpg' type='image/jpeg'/>",
    "not an avatar": "<media:content url='https://secure.gravatar.com/avatar/1' medium='image'/><description>&lt;img data-src=&quot;/p/ferry.jpg&quot; src=&quot;data:image/gif;base64,R0&quot;&gt;</description>",
    "lazy": "<description>&lt;p&gt;&lt;img class=&quot;lazy&quot; src=&quot;data:image/gif;base64,R0&quot; srcset=&quot;/p/s.jpg 300w, /p/ferry.jpg 800w&quot;&gt;&lt;/p&gt;</description>",
}  # fmt: skip


@pytest.mark.parametrize("inside", MEDIA.values(), ids=MEDIA)
def test_pictures_of_entries_are_found_wherever_the_feed_names_them(inside: str) -> None:
    assert entry(f"<link>https://coast.example/a/1</link>{inside}").image == PHOTO


def test_an_episode_without_a_link_leads_to_its_sound() -> None:
    found = entry(
        "<guid isPermaLink='false'>e1</guid><enclosure url='https://coast.example/e1.mp3' type='audio/mpeg' length='1'/>"
    )

    assert (found.link, found.image) == ("https://coast.example/e1.mp3", "")


def test_attachments_of_a_json_feed_are_read_as_enclosures() -> None:
    sound = {"url": "/e1.mp3", "mime_type": "audio/mpeg"}
    item = {"id": "1", "title": "Ferry line stays", "attachments": [sound, {"url": "/p/ferry.jpg", "mime_type": "image/jpeg"}]}

    found = feeds.parse(json.dumps({"version": "1.1", "items": [item]}).encode(), where="feed", url="https://coast.example/feed")

    assert (found.entries[0].link, found.entries[0].image) == ("https://coast.example/e1.mp3", PHOTO)


@pytest.mark.parametrize(
    ("head", "image"),
    [
        ("<meta property='og:image' content='/p/ferry.jpg'>", PHOTO),
        ("<meta property='og:image' content='/static/logo.png'>", PHOTO),
        ("", PHOTO),
    ],
)
def test_the_picture_of_a_page_is_the_one_that_it_names_unless_that_is_its_sign(head: str, image: str) -> None:
    text = (
        "<p>The harbour council voted on Thursday evening to keep the old ferry line for another two winters, after a long debate.</p>"
        * 3
    )
    body = f"<img src='/i/header.png'><article><img class='avatar' src='/u/1.jpg'><figure><img data-src='/p/ferry.jpg'></figure>{text}</article>"

    found = pages.parse(f"<html><head><title>Ferry</title>{head}</head><body>{body}</body></html>", where="p", url=BASE)

    assert found.image == image
