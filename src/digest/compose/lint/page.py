"""Rules of the HTML part: size, what clients drop, links, headings, alternatives, the inbox line."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from digest.compose.lint.reading import Mail, decoded, text_of
from digest.compose.plan import AIM_BYTES, STOP_BYTES, STOP_ENCODED
from digest.model.finding import Expected, Finding, error, warning

ACTIVE = (
    "script",
    "form",
    "iframe",
    "object",
    "embed",
    "svg",
    "base",
    "applet",
    "input",
    "textarea",
    "select",
    "video",
    "audio",
    "link",
)
STYLE_MAX = 16_384  #: characters of <style> that Gmail takes
VAGUE = frozenset(
    [
        "click here",
        "here",
        "read more",
        "more",
        "learn more",
        "link",
        "this",
        "hier",
        "mehr",
        "weiterlesen",
        "ici",
        "lire la suite",
        "aquí",
        "leer más",
    ]
)
SHORTENERS = frozenset(
    ["bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "tiny.cc"]
)
_PADDING = " \n\t\u034f\u00a0\u200c\u200b\u2007\ufeff\u00ad"


def check(mail: Mail, expected: Expected) -> Iterator[Finding]:
    """Run all rules of the HTML part."""
    page, where = mail.page, "HTML part"
    if page is None:
        yield error("html-part", "the HTML part is empty", "RFC 2046 5.1.4", where=where)
        return
    yield from _size(mail)
    yield from _elements(page)
    yield from _styles(mail)
    yield from _links(page)
    yield from _pictures(page)
    yield from _structure(mail, page)
    if not expected.system:
        yield from _inbox(mail, page)
        yield from _unsubscribe_link(mail, page)
    if expected.postal and _flat(expected.postal) not in _flat(text_of(page)):
        make = warning if expected.outbox else error
        yield make(
            "postal-html",
            "the HTML part lacks the postal address",
            "16 CFR 316.2(p)",
            where=where,
            remedy="put the postal address into the footer",
        )


def _flat(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def _size(mail: Mail) -> Iterator[Finding]:
    size = len(mail.html.encode("utf-8", "replace"))
    encoded = next((len(str(p.get_payload())) for p in mail.message.walk() if p.get_content_type() == "text/html"), 0)
    if size > STOP_BYTES:
        yield error(
            "html-size", f"the HTML has {size:,} bytes; Gmail clips near 99,500 and hides the unsubscribe link", "email-bugs 41"
        )
    elif size > AIM_BYTES * 1.02:
        yield warning("html-size", f"the HTML has {size:,} bytes, the aim is {AIM_BYTES:,}", "EMAIL 25")
    if encoded > STOP_ENCODED:
        yield warning("html-size-encoded", f"the HTML has {encoded:,} bytes as it is sent, above {STOP_ENCODED:,}", "EMAIL 25")


def _elements(page: etree._Element) -> Iterator[Finding]:
    names = {element.tag for element in page.iter() if isinstance(element.tag, str)}
    for tag in sorted(names & set(ACTIVE)):
        yield error("active", f"holds <{tag}>, which clients drop or distrust", "TRUST T6", where=f"<{tag}>")
    for element in page.iter():
        if isinstance(element.tag, str) and any(str(name).lower().startswith("on") for name in element.attrib):
            yield error("handlers", f"<{element.tag}> has an event handler", "TRUST T6", where=f"<{element.tag}>")
    for meta in page.iter("meta"):
        if (meta.get("http-equiv") or "").lower() == "refresh":
            yield error("refresh", "the page reloads itself", "TRUST T6", where="<meta>")


def _styles(mail: Mail) -> Iterator[Finding]:
    assert mail.page is not None
    blocks = [style.text or "" for style in mail.page.iter("style")]
    inline = [element.get("style") or "" for element in mail.page.iter() if isinstance(element.tag, str)]
    css = "\n".join(blocks + inline)
    if re.search(r"@import|expression\(|behavior\s*:|-moz-binding|javascript:", css, re.IGNORECASE):
        yield error("css-active", "a style loads or runs something", "TRUST T6", where="<style>")
    if sum(map(len, blocks)) > STYLE_MAX:
        yield error(
            "style-size",
            f"<style> has {sum(map(len, blocks)):,} characters, Gmail takes {STYLE_MAX:,}",
            "email-bugs 90",
            where="<style>",
        )
    body = mail.page.find("body")
    if body is not None and body.find(".//style") is not None:
        yield warning("style-place", "<style> stands in the body, where Gmail drops it", "caniemail html-style", where="<style>")
    if re.search(r"url\(|rgba?\(\s*\d+\s+\d", css):
        yield warning(
            "css-risk", "url() or a colour with spaces can cost the whole style in Gmail", "caniemail 144", where="<style>"
        )
    if re.search(r"@[a-z-]+[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*@", "\n".join(blocks)):
        yield warning("css-risk", "an at-rule stands inside an at-rule: Gmail drops the block", "caniemail 144", where="<style>")
    if any(block.count("{") != block.count("}") for block in blocks):
        yield error("css-risk", "a style block's braces do not match", "CSS Syntax 5", where="<style>")


def _name(link: etree._Element) -> str:
    text = " ".join(text_of(link).split())
    return text or link.get("aria-label") or " ".join(image.get("alt") or "" for image in link.iter("img")).strip()


def _host(href: str) -> str | None:
    """Return the host of a link; empty for mail, None if the address cannot be parsed."""
    try:
        return "" if href.startswith("mailto:") else urlsplit(href).hostname or ""
    except ValueError:
        return None


def _links(page: etree._Element) -> Iterator[Finding]:
    for link in page.iter("a"):
        href, name = link.get("href") or "", _name(link)
        if not re.match(r"(?:https?://[^/]|mailto:.)", href):
            yield error("links", f"a link is not http(s) or mailto: {href[:60]!r}", "TRUST T6", where=name[:40])
            continue
        host = _host(href)
        if host is None:
            yield error("links", f"a link's address cannot be read: {href[:60]!r}", "RFC 3986", where=name[:40])
            continue
        if not name.strip(_PADDING):
            yield error("link-name", f"a link has no text: {href[:60]}", "WCAG 2.4.4", where=href[:60])
        if name.casefold().strip(" .»→>›") in VAGUE:
            yield warning("link-name", f"a link says only {name!r}, not where it goes", "WCAG 2.4.9", where=href[:60])
        shown = re.match(r"https?://([^/\s]+)", name)
        if shown and host and shown[1].casefold().removeprefix("www.") != host.removeprefix("www."):
            yield error("link-disguise", f"a link shows {shown[1]} and goes to {host}", "phishing filters", where=name[:60])
        bare = re.fullmatch(r"(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", name.casefold())
        if bare and host and not f".{host}".endswith(f".{bare[1]}"):
            yield warning("link-disguise", f"a link shows {bare[1]} and goes to {host}", "phishing filters", where=name[:60])
        if host in SHORTENERS:
            yield warning("shortener", f"a link goes through {host}, which filters distrust", "Spamhaus DBL", where=name[:40])


def _pictures(page: etree._Element) -> Iterator[Finding]:
    for image in page.iter("img"):
        source = image.get("src") or ""
        if image.get("alt") is None:
            yield error("alt", f"a picture has no alt: {source[:60]}", "WCAG 1.1.1", where=source[:60])
        if not source.startswith("https://"):
            yield error(
                "picture-address", f"a picture is not fetched over https: {source[:60]!r}", "Gmail image proxy", where=source[:60]
            )
        if image.get("width") in ("0", "1") or image.get("height") in ("0", "1"):
            yield warning(
                "pixel", f"a picture of one pixel tells on its reader: {source[:60]}", "ePrivacy art. 5(3)", where=source[:60]
            )
        elif not (image.get("width") or "").isdecimal():
            yield warning(
                "picture-width", "a picture has no width in px: Word shows it in its own size", "EMAIL 10", where=source[:60]
            )


def _structure(mail: Mail, page: etree._Element) -> Iterator[Finding]:
    if not re.match(r"\s*<!DOCTYPE html>", mail.html):
        yield warning("doctype", "does not begin with <!DOCTYPE html>", "EMAIL 4")
    if not page.get("lang") or not page.get("dir"):
        yield error("language", "<html> has no lang or no dir", "WCAG 3.1.1", where="<html>")
    body = page.find("body")
    for child in body if body is not None else ():
        if isinstance(child.tag, str) and not (child.get("lang") and child.get("dir")):
            yield warning(
                "language",
                f"<{child.tag}> below <body> has no lang or no dir; web mail drops <html>",
                "EMAIL 31",
                where=f"<{child.tag}>",
            )
    levels = [int(h.tag[1]) for h in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield error("headings", f"there are {levels.count(1)} h1, not one", "WCAG 1.3.1")
    if any(after - before > 1 for before, after in zip([0, *levels], levels, strict=False)):
        yield error("headings", "a level of headings is skipped", "WCAG 1.3.1")
    tables = [
        table for table in page.iter("table") if table.get("role") not in ("presentation", "none") and table.find(".//th") is None
    ]
    hidden = [
        tag
        for tag in re.findall(r"<table\b[^>]*>", " ".join(re.findall(r"<!--\[if mso.*?endif\]-->", mail.html, re.DOTALL)))
        if "role=" not in tag
    ]
    if tables or hidden:
        yield error("table-role", f"{len(tables) + len(hidden)} layout tables have no role=presentation", "axe", where="<table>")
    for token in _long_words(page):
        yield warning(
            "long-word", f"a word of {len(token)} characters cannot be broken: {token[:40]!r}", "EMAIL 9", where="<body>"
        )


def _long_words(page: etree._Element) -> list[str]:
    """Return the first long word that no program can break: no property on the wrapper and no break opportunity inside."""
    if any("word-break" in (element.get("style") or "") for element in page.iter("div")):
        return []
    body = page.find("body")
    return re.findall(r"[^\s\u200b\u00ad]{41,}", " ".join(map(str, body.itertext())) if body is not None else "")[:1]


def _inbox(mail: Mail, page: etree._Element) -> Iterator[Finding]:
    title = " ".join((page.findtext(".//title") or "").split())
    subject = " ".join(decoded(mail.value("Subject")).split())
    if title != subject:
        yield warning("title", "<title> is not the subject", "EMAIL 33", where="<title>")
    body = page.find("body")
    first = next((child for child in body if isinstance(child.tag, str)), None) if body is not None else None
    line = text_of(first).strip(_PADDING) if first is not None else ""
    if first is None or "display:none" not in (first.get("style") or "").replace(" ", ""):
        yield warning("preheader", "there is no hidden preheader first in <body>", "EMAIL 39", where="<body>")
    elif not 60 <= len(line) <= 110:
        yield warning("preheader", f"the preheader has {len(line)} characters, 60 to 110 are shown", "EMAIL 39", where="<body>")
    elif line == subject:
        yield warning("preheader", "the preheader says the same as the subject", "EMAIL 39", where="<body>")


def _unsubscribe_link(mail: Mail, page: etree._Element) -> Iterator[Finding]:
    links = {link.get("href") for link in page.iter("a")}
    found = re.search(r"<(https?://[^<>\s]+)>", mail.value("List-Unsubscribe"))
    if found and found[1] not in links:
        yield error("unsubscribe-html", "the HTML part has no unsubscribe link", "15 USC 7704(a)(3)")
