"""Read and write OPML 2.0 (opml.org/spec2.opml), lists of feeds that feed readers exchange; folders are topics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from lxml import etree

from digest.collect.markup import one_line
from digest.collect.urls import web_link
from digest.errors import ParseError

MAX_FEEDS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A feed that an OPML file names."""

    url: str
    title: str
    topic: str = ""  #: the folder that contains it


def parse(raw: bytes, *, where: str) -> Sequence[Subscribed]:
    """
    Parse the feeds of an OPML file, each address once, in its order.

    Raises:
        ParseError: it is no OPML, or names no feed.
    """
    # Do not resolve entities: an OPML file is untrusted.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise ParseError(where, f"is no OPML ({problem})") from problem
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise ParseError(where, "is no OPML; export it from your feed reader as OPML")
    found = {feed.url: feed for feed in reversed(list(_outlines(root)))}
    if not found:
        raise ParseError(where, "names no feed: none of its outlines has an xmlUrl on the web")
    return list(reversed(found.values()))[:MAX_FEEDS]


def _outlines(root: etree._Element) -> Iterator[Subscribed]:
    for outline in root.iter("outline"):
        values = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = web_link(values.get("xmlurl", ""))
        folder = outline.getparent()
        if url:
            title = one_line(values.get("title") or values.get("text") or "")
            named = folder.get("title") or folder.get("text") or "" if folder is not None and folder.tag == "outline" else ""
            yield Subscribed(url=url, title=title, topic=one_line(named) or one_line(values.get("category", "")).strip("/"))


def write(feeds: Sequence[Subscribed], *, title: str) -> bytes:
    """Write feeds as an OPML file, with a folder for each topic."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for topic, members in groupby(sorted(feeds, key=lambda feed: feed.topic), key=lambda feed: feed.topic):
        folder = etree.SubElement(body, "outline", text=topic, title=topic) if topic else body
        for feed in members:
            etree.SubElement(folder, "outline", type="rss", text=feed.title, title=feed.title, xmlUrl=feed.url)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
