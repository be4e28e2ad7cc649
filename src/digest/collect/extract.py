"""Parse a dropped file or page into a Page; its kind is detected by its content, not by its name."""

import re
from collections.abc import Sequence

from digest.collect import mails, pages, texts
from digest.collect.decode import to_text
from digest.model.article import Page

_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,40}:[ \t][^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}\r?\n")
_MAIL_FIELDS = re.compile(rb"^(?:from|message-id|mime-version|received|return-path):", re.IGNORECASE | re.MULTILINE)
_HTML = re.compile(
    r"<!doctype html|<html[\s>]|<body[\s>]|<article[\s>]|<(?:p|div|h1)[\s>].*</(?:p|div|h1)>", re.IGNORECASE | re.DOTALL
)


def read_pages(raw: bytes, *, where: str) -> Sequence[Page]:
    """
    Extract the articles of a dropped file: one, or those of a newsletter mail.

    Raises:
        ParseError: empty, binary, or without an article.
    """
    return mails.parse_all(raw, where=where) if _is_mail(raw) else [read_page(raw, where=where)]


def read_page(raw: bytes, *, where: str, url: str = "") -> Page:
    """
    Parse an article page, dropped text, Markdown or mail. `url` is a page's address.

    Raises:
        ParseError: empty, binary, or without an article.
    """
    if _is_mail(raw):
        return mails.parse(raw, where=where)
    text = to_text(raw, where)
    if _HTML.search(text[:20_000]):
        return pages.parse(text, where=where, url=url)
    return texts.parse(text, where=where)


def _is_mail(raw: bytes) -> bool:
    header = _HEADER.match(raw[:20_000].lstrip(b"\xef\xbb\xbf"))
    return bool(header and _MAIL_FIELDS.search(header[0]))
