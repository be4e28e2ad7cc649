"""Feeds of every kind yield their entries; what is no feed says what it is."""

import json
from datetime import UTC, datetime

import pytest

from digest.collect.feeds import parse
from digest.errors import ParseError

RSS2 = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News &amp; Views</title>
<link>https://news.example.com/</link><language>en</language>
<item><title>&lt;b&gt;Bold&lt;/b&gt; &amp;amp; brave</title><link>/a?utm_source=x&amp;id=7</link><guid isPermaLink="false">a1</guid>
<pubDate>Tue, 03 Mar 2026 05:00:00 GMT</pubDate><author>ann@example.org (Ann Other)</author>
<description>One sentence. &lt;img src="https://t.example.com/p.gif" width="1" height="1"&gt;</description>
<content:encoded><![CDATA[<p>First.</p><p>Second <script>alert(1)</script>here.</p><img src="//i.example.com/b.jpg">]]></content:encoded>
<category>World</category></item></channel></rss>"""
RSS091 = b"""<?xml version="1.0"?><!DOCTYPE rss SYSTEM "rss-0.91.dtd"><rss version="0.91"><channel><title>Old</title>
<link>http://old.example.com</link><item><title>One</title><link>http://old.example.com/1</link><description>Text</description></item></channel></rss>"""
RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title><link>https://r.example.com/</link></channel>
<item rdf:about="https://r.example.com/1"><title>One</title><link>https://r.example.com/1</link><dc:date>2026-03-03T05:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example.com/blog/"><title>A</title><id>f</id><updated>2026-03-03T05:00:00Z</updated>
<entry><id>e1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">An <em>xhtml</em> title</div></title><link href="post/1"/>
<author><name>Ann</name></author><author><name>Bob</name></author><updated>2026-03-03T05:00:00+01:00</updated><summary>Short.</summary></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "J",
    "home_page_url": "https://j.example.com/",
    "items": [
        {
            "id": 7,
            "url": "/one",
            "title": "One",
            "content_html": "<p>Text</p>",
            "date_published": "2026-03-03T05:00:00+01:00",
            "tags": ["a", 3],
        },
        {"id": "8", "content_text": "No title here", "authors": [{"name": "Ann"}, "wrong"]},
        "not an item",
    ],
}


def test_rss_2_gives_clean_text_and_links_without_tracking() -> None:
    feed = parse(RSS2, where="x")
    entry = feed.entries[0]

    assert (feed.title, feed.language) == ("News & Views", "en")
    assert entry.title == "Bold & brave"
    assert entry.link == "https://news.example.com/a?id=7"
    assert entry.content == "First.\n\nSecond here."
    assert entry.image == "https://i.example.com/b.jpg"
    assert entry.authors == ("Ann Other",)
    assert entry.published_at == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert entry.tags == ("World",)


def test_a_tracking_pixel_is_no_picture() -> None:
    feed = parse(RSS2.replace(b'<img src="//i.example.com/b.jpg">', b""), where="x")

    assert feed.entries[0].image == ""


@pytest.mark.parametrize("body", [RSS091, RDF])
def test_old_formats_are_read(body: bytes) -> None:
    feed = parse(body, where="x")

    assert [entry.title for entry in feed.entries] == ["One"]
    assert feed.entries[0].link.endswith(".example.com/1")


def test_atom_resolves_its_base_and_keeps_every_author() -> None:
    entry = parse(ATOM, where="x").entries[0]

    assert entry.link == "https://a.example.com/blog/post/1"
    assert entry.title == "An xhtml title"
    assert entry.authors == ("Ann", "Bob")


def test_json_feed_is_read_and_wrong_types_count_as_missing() -> None:
    entries = parse(json.dumps(JSON).encode(), where="x").entries

    assert [(e.guid, e.link) for e in entries] == [("7", "https://j.example.com/one"), ("8", "")]
    assert entries[0].published_at == datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert entries[1].authors == ("Ann",)
    assert entries[0].tags == ("a",)


def test_an_entry_without_a_link_has_none_even_where_the_feed_has_an_address() -> None:
    body = RSS2.replace(b"<link>/a?utm_source=x&amp;id=7</link>", b"")

    assert parse(body, where="x", url="https://news.example.com/feed.xml").entries[0].link == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<!DOCTYPE html><html><body><h1>Hi</h1></body></html>", "is a web page, not a feed"),
        (b"just words", "is not a feed"),
        (b'{"a": 1}', "has no `items`"),
        (b"{broken", "is not valid JSON"),
        (b"\x00\x01\x02", "is not a feed"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parse(body, where="feed.xml")


def test_a_feed_in_the_wrong_charset_is_still_read() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Grüße</title><item><title>Ä</title></item></channel></rss>'

    assert parse(body.encode("latin-1"), where="x").entries[0].title == "Ä"


def test_a_billion_laughs_stay_small() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    )
    body = bomb + b"]><rss version='2.0'><channel><title>x</title><item><title>&j;</title></item></channel></rss>"

    feed = parse(body, where="x")

    assert len(feed.entries[0].title) < 1000
