"""Web pages that are articles: trafilatura finds the body and what the page says of itself."""

from configparser import ConfigParser
from datetime import UTC, datetime

import trafilatura
from trafilatura.settings import Document, use_config

from digest.collect.markup import one_line
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import Page


def parse(markup: str, *, where: str, url: str = "") -> Page:
    """
    Read an article page. `url` is its address, where that is known.

    Raises:
        ParseError: there is no article on it.
    """
    found = trafilatura.bare_extraction(
        markup,
        url=url or None,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        favor_precision=False,
        config=_config(),
    )
    if not isinstance(found, Document) or not (found.text or "").strip():
        raise ParseError(where, "holds no article that could be found")
    link = web_link(found.url or "", url) or web_link(url)
    return Page(
        title=one_line(found.title or ""),
        standfirst=one_line(found.description or ""),
        text="\n\n".join(line.strip() for line in (found.text or "").split("\n") if line.strip()),
        author=one_line((found.author or "").replace(";", ",")),
        publisher=one_line(found.sitename or "") or host(link),
        published_at=_date(found.date),
        language=found.language or "",
        image=web_link(found.image or "", url),
        url=link,
    )


def _config() -> ConfigParser:
    config = use_config()
    # Its own time-out uses signals, which only a main thread may.
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
    return config


def _date(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
