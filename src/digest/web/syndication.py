"""
Feeds of a newsletter's issues, and the files that search engines read: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1, sitemap.

An entry's id is the issue's own and outlives a change of address. Text is escaped by the writers of XML and JSON;
what stands in HTML is escaped before.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from digest.languages import load
from digest.services.archive import ArchiveIndex, Entry, Paper, Story
from digest.web.archive_pages import named

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  #: what XML 1.0 has no way to write


def rss(found: ArchiveIndex, *, base: str) -> bytes:
    """Write the newest issues as RSS 2.0."""
    paper, url = found.paper, f"{base}{found.paper.path}"
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:content": CONTENT})
    channel = ET.SubElement(root, "channel")
    about = {"title": paper.title, "link": url, "description": _about(paper), "language": load(paper.language).tag}
    for name, text in about.items():
        _add(channel, name, text)
    ET.SubElement(channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": f"{url}/rss.xml"})
    if found.entries:
        _add(channel, "lastBuildDate", format_datetime(_updated(found), usegmt=True))
    for entry in found.entries:
        item = ET.SubElement(channel, "item")
        _add(item, "title", _title(paper, entry))
        _add(item, "link", f"{base}{entry.path}")
        _add(item, "guid", entry.uid, {"isPermaLink": "false"})
        _add(item, "pubDate", format_datetime(entry.published_at, usegmt=True))
        _add(item, "description", _summary(entry))
        _add(item, "content:encoded", _content(entry, base=base))
    return _bytes(root)


def atom(found: ArchiveIndex, *, base: str) -> bytes:
    """Write the newest issues as Atom."""
    paper, url = found.paper, f"{base}{found.paper.path}"
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": load(paper.language).tag})
    _add(root, "id", paper.uid)
    _add(root, "title", paper.title)
    _add(root, "updated", _updated(found).isoformat())
    _add(ET.SubElement(root, "author"), "name", paper.title)
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{url}/atom.xml"})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": url})
    for entry in found.entries:
        item = ET.SubElement(root, "entry")
        _add(item, "id", entry.uid)
        _add(item, "title", _title(paper, entry))
        _add(item, "published", entry.published_at.isoformat())
        _add(item, "updated", entry.published_at.isoformat())
        ET.SubElement(item, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}{entry.path}"})
        _add(item, "summary", _summary(entry))
        _add(item, "content", _content(entry, base=base), {"type": "html"})
    return _bytes(root)


def json_feed(found: ArchiveIndex, *, base: str) -> bytes:
    """Write the newest issues as JSON Feed 1.1."""
    paper, url = found.paper, f"{base}{found.paper.path}"
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.title,
        "description": _about(paper),
        "home_page_url": url,
        "feed_url": f"{url}/feed.json",
        "language": load(paper.language).tag,
        "authors": [{"name": paper.title}],
        "items": [_item(paper, entry, base=base) for entry in found.entries],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def sitemap(addresses: Sequence[tuple[str, datetime | None]], *, base: str) -> bytes:
    """Write the sitemap of all public archives (sitemaps.org)."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for path, changed_at in addresses:
        url = ET.SubElement(root, "url")
        _add(url, "loc", f"{base}{path}")
        if changed_at:
            _add(url, "lastmod", changed_at.isoformat(timespec="seconds"))
    return _bytes(root)


def robots(*, base: str, any_public: bool) -> str:
    """Write robots.txt: crawlers may read the archives and the front page, and no reader's personal pages."""
    if not any_public:
        return "User-agent: *\nDisallow: /\n"
    own = "".join(f"Disallow: {path}\n" for path in ("/view/", "/u/", "/subscribe/", "/waiting/", "/confirm/"))
    return f"User-agent: *\n{own}\nSitemap: {base}/sitemap.xml\n"


def _item(paper: Paper, entry: Entry, *, base: str) -> Mapping[str, str]:
    image = next((story.image for story in entry.stories[:1] if story.image), "")
    return {
        "id": entry.uid,
        "url": f"{base}{entry.path}",
        "title": _title(paper, entry),
        "summary": _summary(entry),
        "content_html": _content(entry, base=base),
        "date_published": entry.published_at.isoformat(),
        **({"image": image} if image else {}),
    }


def _title(paper: Paper, entry: Entry) -> str:
    language = load(paper.language)
    return named(entry, language) or f"{paper.title}, {language.date_of(entry.day)}"


def _summary(entry: Entry) -> str:
    return " · ".join(story.headline for story in entry.stories[1:5]) or entry.headline


def _about(paper: Paper) -> str:
    return load(paper.language).gettext("The issues of %(title)s") % {"title": paper.title}


def _content(entry: Entry, *, base: str) -> str:
    """Write every story as HTML: its headline, its summary and its author."""
    return "".join(_shown(story, base=base) for story in entry.stories)


def _shown(story: Story, *, base: str) -> str:
    headline, url = html.escape(story.headline), f"{base}{story.url}" if story.url.startswith("/") else story.url
    linked = f'<a href="{html.escape(url)}">{headline}</a>' if url else headline
    said = "".join(f"<p>{html.escape(text)}</p>" for text in (story.summary, story.publisher) if text)
    return f"<h2>{linked}</h2>{said}"


def _updated(found: ArchiveIndex) -> datetime:
    """Return the time at which the newest entry was published; RFC 4287 requires a date of an empty feed too."""
    return max((entry.published_at for entry in found.entries), default=EPOCH)


def _add(parent: ET.Element, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    ET.SubElement(parent, name, dict(attributes or {})).text = _ILLEGAL.sub("", text)


def _bytes(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
