"""Rules of the text part: an edition of its own, not the stripped HTML."""

import re
from collections.abc import Iterator

from lxml import etree

from digest.compose.lint.reading import Mail, text_of
from digest.compose.text import columns
from digest.model.finding import Expected, Finding, error, warning


def check(mail: Mail, expected: Expected) -> Iterator[Finding]:
    """Run all rules of the text part."""
    where = "text part"
    if not mail.plain.strip():
        yield error("text-part", "the text part is empty", "RFC 2046 5.1.4", where=where)
        return
    prose = re.sub(r"https?://\S+", "", mail.plain)  # an address may hold `&amp;` of its own
    found = re.search(r"</?(?:p|div|a|td|table|span|br|h[1-6])\b[^<>]*>|&(?:nbsp|amp|lt|gt|quot|#\d+);", prose)
    if found and not _shown_in_html(mail, found[0]):
        yield error("text-markup", f"the text part holds markup: {found[0][:40]!r}", "RFC 2046 4.1.3", where=where)
    wide = [line for line in mail.plain.split("\n") if columns(re.sub(r"https?://\S+", "", line)) > 78]
    if wide:
        yield warning(
            "text-width",
            f"a line of the text part has {columns(wide[0])} columns, at most 78 are wanted: {wide[0][:50]!r}",
            "RFC 5322 2.1.1",
            where=where,
        )
    yield from _same_stories(mail)
    link = re.search(r"<(https?://[^<>\s]+)>", mail.value("List-Unsubscribe"))
    if link and not expected.system and link[1] not in mail.plain:
        yield error("unsubscribe-text", "the text part has no unsubscribe link", "15 USC 7704(a)(3)", where=where)
    if expected.postal and _flat(expected.postal) not in _flat(mail.plain):
        make = warning if expected.outbox else error
        yield make(
            "postal-text",
            "the text part lacks the postal address",
            "16 CFR 316.2(p)",
            where=where,
            remedy="put the postal address into the footer",
        )


def _shown_in_html(mail: Mail, markup: str) -> bool:
    """True if the HTML shows the same characters: then they are an article's text about markup."""
    return mail.page is not None and _flat(markup) in _flat(text_of(mail.page))


def _flat(text: str) -> str:
    """Normalise text for comparing two parts: no white space, no break opportunities, no case."""
    return re.sub(r"[\s\u200b\u200f\u034f]+", "", text).upper().casefold()  # section names are in capitals here


def _same_stories(mail: Mail) -> Iterator[Finding]:
    if mail.page is None:
        return
    text = _flat(mail.plain)
    for heading in mail.page.iter("h1", "h2", "h3"):
        title = text_of(heading)
        if _flat(title) not in text:
            yield error(
                "same-stories",
                f"a headline is not in the text part: {title.strip()[:60]!r}",
                "RFC 2046 5.1.4",
                where="text part",
                remedy="say it in the template's .txt.j2 too",
            )
        for link in heading.iter("a"):
            if (link.get("href") or "") not in mail.plain:
                yield error(
                    "same-links",
                    f"a headline's link is not in the text part: {_shown(link)[:60]!r}",
                    "EMAIL 41",
                    where="text part",
                )


def _shown(link: etree._Element) -> str:
    return " ".join(text_of(link).split())
