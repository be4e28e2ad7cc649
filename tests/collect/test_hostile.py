"""What the world sends cannot crash, hang or smuggle: each case found by trying."""

import json
import signal
from collections.abc import Callable

import pytest

from digest.collect import feeds, mails, pictures, texts
from digest.collect.decode import to_text
from digest.collect.extract import read_page
from digest.collect.gather import fitting
from digest.collect.markdown import plain
from digest.collect.markup import one_line
from digest.collect.urls import web_link
from digest.curate.cluster import Group, group
from digest.curate.sentences import split
from digest.errors import CollectError
from digest.model.article import Kin

STORY = b"Subject: x\r\nFrom: a@example.org\r\n%b\r\n\r\nA sentence that is long enough to be read as one. And one more.\r\n"


@pytest.mark.parametrize(
    "item",
    [
        {"title": "x", "tags": 5},
        {"title": "x", "tags": True, "authors": 3, "author": [1]},
        {"title": "x", "date_published": "0001-01-01T00:00:00+14:00"},
        {"title": "x", "date_published": "9999-12-31T23:59:59-14:00"},
        {"title": "x", "url": "http://a.example/\ud800", "id": "\ud800"},
        {"content_text": "It\u0092s \ud800 here \u0000 now"},
    ],
)
def test_json_feeds_of_wrong_types_are_read_as_far_as_they_go(item: dict[str, object]) -> None:
    [entry] = feeds.parse(json.dumps({"items": [item]}).encode(), where="x").entries

    json.dumps([entry.guid, entry.link, entry.title, entry.content], ensure_ascii=False).encode()
    assert "\x92" not in entry.content + entry.summary


@pytest.mark.parametrize(
    "date", [b"Date: Fri, 31 Dec 9999 23:59:59 -2300", b"Date: 3 Mar 99999999999 06:00", b"Date: never", b"Date:"]
)
def test_mails_with_impossible_dates_are_undated(date: bytes) -> None:
    assert mails.parse(STORY % date, where="x").published_at is None


def test_mails_nested_without_end_are_refused_or_read() -> None:
    raw = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
    for i in range(1500):
        raw += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i)

    with pytest.raises(CollectError):
        read_page(raw + b"\r\ntext", where="x")


def test_an_unknown_charset_is_guessed() -> None:
    assert "caf" in to_text(b"<meta charset=undefined>caf\xe9 in the town", "x")


def test_odd_widths_of_pictures_do_no_harm() -> None:
    assert pictures.first('<img src="https://a.example/1.png" width="\u00b2">') == "https://a.example/1.png"


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u00ad", "\ufeff \u2060", "   "])
def test_a_title_that_nobody_can_see_is_none(text: str) -> None:
    assert one_line(text) == ""


@pytest.mark.parametrize("raw", [b"Loading Now\nPost Comment\n", b"Share\n"])
def test_a_file_of_chrome_alone_has_no_text(raw: bytes) -> None:
    assert texts.parse(raw.decode(), where="x").text == ""


def test_a_headline_that_is_an_address_shows_its_host() -> None:
    assert fitting("https://other.example/path?x=1", 300) == "other.example"


@pytest.mark.parametrize(
    ("link", "ascii_link"),
    [
        ("https://example.com/ü", "https://example.com/%C3%BC"),
        ("https://münchen.example/ü?q=中", "https://xn--mnchen-3ya.example/%C3%BC?q=%E4%B8%AD"),
    ],
)
def test_links_are_ascii_as_mail_programs_follow_them(link: str, ascii_link: str) -> None:
    assert web_link(link) == ascii_link


SLOW: list[tuple[Callable[[str], object], str]] = [
    (plain, "# a" + " " * 100_000 + "x"),
    (plain, "# " + "#" * 100_000),
    (plain, "[" * 100_000),
    (plain, "![" * 50_000),
    (plain, "**a " * 25_000),
    (one_line, "<p " * 33_000),
    (one_line, "<!--" * 25_000),
    (split, "a. " * 33_000),
    (split, "1. A. " * 16_000),
    (lambda text: texts.parse(text, where="x"), "word " * 40_000),
    (lambda text: texts.parse(text, where="x"), "a line\n" * 15_000),
]


@pytest.mark.parametrize(("read", "text"), SLOW, ids=range(len(SLOW)))
def test_no_text_makes_reading_hang(read: Callable[[str], object], text: str) -> None:
    """A search that is quadratic in one of these takes minutes; the alarm ends it."""

    def hangs(*_: object) -> None:
        raise TimeoutError("it hangs")

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(20)
    try:
        found = read(text)
    finally:
        signal.alarm(0)

    assert found is not None


def test_an_article_that_joins_two_groups_joins_them_whole() -> None:
    new = [Kin(article_id=10, canonical_url="u1", fingerprint="c1"), Kin(article_id=11, canonical_url="u1", fingerprint="c9")]
    known = [Kin(article_id=1, canonical_url="u9", fingerprint="c9", story_id=5)]

    assert group(new, known) == [Group(story_id=5, articles=(10, 11))]
