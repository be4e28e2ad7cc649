"""Contributions: stories that editors add to the coming issue by hand or from a link."""

import secrets

from sqlmodel import Session

from digest.collect.apart import read_page
from digest.collect.fetch import is_url
from digest.collect.gather import fingerprint, from_page
from digest.collect.urls import canonical, web_link
from digest.errors import BadInput, CollectError, FetchError
from digest.model.article import Article
from digest.model.draft import HEADLINE_MAX, SUMMARY_MAX
from digest.model.newsletter import Newsletter
from digest.model.ports import Request
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.model.words import language_of
from digest.services.context import Context
from digest.services.editing import Seen, keep_added, line
from digest.store import drafts

PUBLISHER_MAX = 100  #: characters


def by_hand(
    ctx: Context,
    newsletter: Newsletter,
    seen: Seen,
    *,
    headline: str,
    summary: str,
    url: str = "",
    publisher: str = "",
    section: str = "",
) -> int:
    """
    Add a story in an editor's words to the coming issue; return its number. Without `publisher` it is the newsletter's own.

    Raises:
        BadInput: it has no headline, something is too long, the address is none, or there is no such section.
        Conflict: the draft is frozen, or another editor has changed it.
    """
    title, text = line(headline, "headline", HEADLINE_MAX), line(summary, "summary", SUMMARY_MAX)
    link = web_link(url.strip())
    if not title:
        raise BadInput("a story needs a headline", code="no_headline")
    if url.strip() and not link:
        raise BadInput(f"{url.strip()[:100]} is no web address", code="bad_link")
    guid, now = f"hand:{secrets.token_hex(8)}", ctx.clock()

    def add(tx: Session) -> tuple[int, str]:
        article = Article(
            source_id=drafts.desk(tx, at=now).id,
            guid=guid,
            headline=title,
            standfirst=text,
            publisher=line(publisher, "publisher", PUBLISHER_MAX) or newsletter.title,
            url=link,
            canonical_url=canonical(link) or None,
            fingerprint=fingerprint(title, text, guid),
            language=language_of(f"{title}\n{text}") or newsletter.language,
            first_seen_at=now,
            settles_at=now,
        )
        return drafts.add_story(tx, article), title

    return keep_added(ctx, newsletter, seen, section, add)


def from_link(
    ctx: Context, newsletter: Newsletter, seen: Seen, url: str, *, section: str = "", allow_private: bool = False
) -> int:
    """
    Add the story of a web page to the coming issue: one that was collected is put in, another is fetched; return its number.

    Raises:
        BadInput: it is no web address, there is no such section, or the page could not be fetched or has no article.
        Conflict: the draft is frozen, or another editor has changed it.
    """
    link = web_link(url.strip()) if is_url(url.strip()) else ""
    if not link:
        raise BadInput(f"{url.strip()[:100]} is no web address", code="bad_link")
    with ctx.db.read() as tx:
        known = drafts.story_at(tx, canonical(link))
    article = None if known else _fetched(ctx, link, allow_private=allow_private)

    def add(tx: Session) -> tuple[int, str]:
        story_id = drafts.story_at(tx, canonical(link)) or (
            drafts.story_at(tx, article.canonical_url) if article and article.canonical_url else None
        )
        if story_id is not None:
            return story_id, drafts.headline(tx, story_id) or ""
        assert article is not None
        article.source_id = drafts.desk(tx, at=ctx.clock()).id
        return drafts.add_story(tx, article), article.headline

    return keep_added(ctx, newsletter, seen, section, add)


def _fetched(ctx: Context, link: str, *, allow_private: bool) -> Article:
    """Fetch a page within the limits of sources, and read its article. Raises BadInput."""
    request = Request(source_id=0, location=link, allow_private=allow_private, robots=not allow_private)
    now = ctx.clock()
    desk = Source(id=0, kind=SourceKind.PAGE, location=link, name="", added_at=now)
    try:
        [(_, found)] = list(ctx.fetcher.fetch_all([request]))
        if isinstance(found, FetchError):
            raise found
        page = read_page(found.body, where=link, url=found.url)
        article = from_page(page, desk, guid=f"link:{canonical(found.url or link)}"[:500], now=now)
    except CollectError as problem:
        raise BadInput(f"{link} could not be added: {problem.reason}", code="link_unread", reason=problem.reason) from problem
    article.url = article.url or link
    article.canonical_url = article.canonical_url or canonical(link)
    return article
