"""Feeds of every kind yield their entries; what is no feed says what it is."""

import json
from datetime import UTC, datetime, timedelta

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


def rss(inside: str, *, head: str = "") -> bytes:
    names = "xmlns:media='http://search.yahoo.com/mrss/' xmlns:dc='http://purl.org/dc/elements/1.1/'"
    return f"<rss version='2.0' {names}><channel><title>T</title><link>https://t.example/</link>{head}{inside}</channel></rss>".encode()


def atom(inside: str) -> bytes:
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><id>a</id><entry><id>1</id>{inside}</entry></feed>".encode()
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("When to use the &lt;details&gt; element", "When to use the <details> element"),
        ("Vec&lt;T&gt; and Option&lt;B&gt;", "Vec<T> and Option<B>"),
        ("std::vector&amp;lt;bool&amp;gt; is odd", "std::vector<bool> is odd"),
        ("&lt;em&gt;The&lt;/em&gt; &lt;a href='x'&gt;harbour&lt;/a&gt;", "The harbour"),
        ("&lt;b&gt;Breaking: ice", "Breaking: ice"),
        ("The &lt;b&gt; element", "The <b> element"),
        ("One&lt;br/&gt;two", "One two"),
        ("AT&amp;amp;T &amp;#8217;s", "AT&T ’s"),
        ("a &lt; b and c &gt; d", "a < b and c > d"),
    ],
)
def test_of_a_title_that_may_be_html_only_formatting_goes(written: str, title: str) -> None:
    assert parse(rss(f"<item><title>{written}</title></item>"), where="x").entries[0].title == title
    assert parse(atom(f"<title type='html'>{written}</title>"), where="x").entries[0].title == title


@pytest.mark.parametrize("title", ["Use <b>bold</b> & <details>", "Vec<T>", "The &amp; entity", "<em>"])
def test_a_title_that_is_text_is_literal(title: str) -> None:
    from xml.sax.saxutils import escape

    json_feed = json.dumps({"items": [{"id": "1", "title": title, "summary": title, "content_text": title}]}).encode()
    for kind in ("", " type='text'"):
        assert parse(atom(f"<title{kind}>{escape(title)}</title>"), where="x").entries[0].title == title
    entry = parse(json_feed, where="x").entries[0]

    assert (entry.title, entry.summary, entry.content) == (title, title, title)


def test_an_atom_text_that_is_html_all_the_same_is_read_as_html() -> None:
    entry = parse(atom("<title>x</title><content>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</content>"), where="x").entries[0]

    assert entry.content == "One.\n\nTwo."


def test_a_pictures_description_is_neither_text_nor_title() -> None:
    picture = "<media:content url='https://t.example/a.png' medium='image'><media:description>A grey hull</media:description><media:title>hull.png</media:title></media:content>"
    for order in (
        f"{picture}<description>The dredger left.</description>",
        f"<description>The dredger left.</description>{picture}",
    ):
        entry = parse(rss(f"<item><guid>1</guid>{order}</item>"), where="x").entries[0]

        assert (entry.title, entry.summary, entry.content) == ("", "The dredger left.", "")


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("<author>desk@daily.media</author>", ()),
        ("<author>jo@harbour.online (Jo Quay)</author>", ("Jo Quay",)),
        ("<author>Jo Quay &lt;jo@harbour.photography&gt;</author>", ("Jo Quay",)),
        ("<dc:creator>Jo Quay</dc:creator><dc:creator>desk@harbour.museum</dc:creator>", ("Jo Quay",)),
        ("<author>mailto:jo@harbour.company</author>", ()),
        ("<author>Jo Quay, jo@harbour.travel</author>", ("Jo Quay",)),
    ],
)
def test_authors_are_names_and_never_parts_of_addresses(written: str, authors: tuple[str, ...]) -> None:
    assert parse(rss(f"<item><title>x</title>{written}</item>"), where="x").entries[0].authors == authors


def test_other_formats_name_no_addresses_as_authors_either() -> None:
    json_feed = json.dumps({"items": [{"id": "1", "title": "x", "authors": [{"name": "desk@daily.media"}, {"name": "Jo"}]}]})

    assert parse(json_feed.encode(), where="x").entries[0].authors == ("Jo",)
    assert parse(atom("<title>x</title><author><name>desk@daily.media</name></author>"), where="x").entries[0].authors == ()


def test_the_dates_of_a_feed_are_read_in_one_order() -> None:
    items = "".join(f"<item><title>{d}</title><pubDate>{d}</pubDate></item>" for d in ("03/04/2026", "28/03/2026"))

    feed = parse(rss(items), where="x")

    assert [e.published_at for e in feed.entries] == [datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC)]


def test_the_language_of_a_feed_tells_the_order_of_its_dates() -> None:
    def published(head: str, title: str) -> datetime | None:
        body = rss(f"<item><title>{title}</title><pubDate>03/04/2026 10:00</pubDate></item>", head=head)
        return parse(body, where="x").entries[0].published_at

    assert published("<language>en-us</language>", "x") == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert published("<language>fr</language>", "x") == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert published("", "Der Hafen ist nach dem Eis wieder offen und die Schiffe sind da") == datetime(
        2026, 4, 3, 10, tzinfo=UTC
    )
    assert published("", "Harbour") is None


def test_of_a_feed_that_is_too_long_the_newest_entries_are_kept_in_its_order() -> None:
    def item(i: int) -> str:
        return f"<item><title>{i}</title><pubDate>{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=i):%Y-%m-%dT%H:%M:%SZ}</pubDate></item>"

    body = rss("".join(map(item, range(10_050))))  # the oldest first

    entries = parse(body, where="x").entries

    assert [entries[0].title, entries[-1].title, len(entries)] == ["50", "10049", 10_000]


@pytest.mark.parametrize("what", ["item", "channel", "fragment", "namespaces"])
def test_an_element_with_attributes_without_end_is_refused(what: str) -> None:
    many = " ".join(f"a{i}='x'" for i in range(200_000))
    bodies = {
        "item": rss(f"<item {many}><title>x</title></item>"),
        "channel": f"<rss version='2.0'><channel {many}><title>T &</title></channel></rss>".encode(),
        "fragment": rss(f"<item><title>x</title><description><![CDATA[<p {many}>hi</p>]]></description></item>"),
        "namespaces": rss("<item " + " ".join(f"xmlns:n{i}='u{i}'" for i in range(1_100)) + "><title>x</title></item>"),
    }

    with pytest.raises(ParseError, match="attributes"):
        parse(bodies[what], where="x")
