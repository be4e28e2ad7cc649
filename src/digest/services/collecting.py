"""
The beginning of the path: sources are read, their articles stored and grouped into stories.

A source that fails stops no other; its error stays on it until it is read again.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest import __version__, log
from digest.collect import pictures
from digest.collect.asking import headers_of
from digest.collect.courtesy import MAX_WAIT
from digest.collect.gather import Gathered, gather, gather_folder
from digest.collect.rhythm import USUAL, after_failures, after_silence, rhythm
from digest.collect.urls import host
from digest.curate import cluster, rank
from digest.errors import BadInput, CollectError, DigestError, FetchError
from digest.model.article import Article, Group, ImageInfo
from digest.model.issue import Telling, ToldStory
from digest.model.ports import Fetched, Request
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.model.timetable import local
from digest.services.context import Context
from digest.settings import secret
from digest.store import articles, sources

KIN_REACH = timedelta(days=14)  #: how long ago an article may have come to be told again, by its address or word for word
LIKE_REACH = timedelta(days=4)  #: the same in other words
PICTURES_REACH, PICTURE_HOSTS = timedelta(hours=1), 50  #: new articles whose `http:` pictures are tried over https; hosts a time
TRIES = 5  #: at grouping, while other processes do the same
WRITTEN = 1000  #: groups stored in one transaction: none is open long, and few texts are in memory


def _quiet(_count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a source gave at one check."""

    source: Source
    added: int
    changed: int  #: known articles that were edited
    withdrawn: int  #: known articles that it took back: a file that is gone, an entry that left its place in the feed
    problems: Sequence[str]  #: what of it could not be read
    failed: bool  #: it could not be read at all


def collect(ctx: Context, chosen: Sequence[Source], *, on_progress: Callable[[int], None] = _quiet) -> Sequence[Collected]:
    """Read each source and store what is new; one that fails stops no other. Then group stories."""
    by_id = {source.id: source for source in chosen}
    reports: dict[int, Collected] = {}
    now = ctx.clock()
    for number, source in by_id.items():
        if _must_wait(source, now):
            reports[number] = _waiting(source, ctx.settings.zone)
            on_progress(1)
    for number, source in by_id.items():
        if source.kind is SourceKind.FOLDER and number not in reports:
            reports[number] = _guarded(ctx, source, lambda s: _read_folder(ctx, s))
            on_progress(1)
    wanted = []
    for number, source in by_id.items():
        if number not in reports:
            try:
                wanted.append(_request(ctx, source))
            except BadInput as problem:
                reports[number] = _failed(ctx, source, str(problem))
                on_progress(1)
    for request, fetched in ctx.fetcher.fetch_all(wanted):
        source = by_id[request.source_id]
        reports[request.source_id] = _guarded(ctx, source, lambda s, f=fetched: _read_fetched(ctx, s, f))  # type: ignore[misc]
        on_progress(1)
    secure_pictures(ctx)
    group_stories(ctx)
    _log_collected(list(reports.values()))
    return [reports[number] for number in by_id]


def _log_collected(reports: Sequence[Collected]) -> None:
    """Each source that brought something, then all of them together, so that a run that found nothing can be seen too."""
    for report in reports:
        if report.added or report.changed:
            source = report.source
            log.get().info("source.collected", source=source.id, name=source.name, added=report.added, changed=report.changed)
    log.get().info(
        "sources.collected",
        sources=len(reports),
        added=sum(report.added for report in reports),
        changed=sum(report.changed for report in reports),
        failed=sum(report.failed for report in reports),
    )


def due_sources(ctx: Context, *, before_issue: bool = False) -> Sequence[Source]:
    """
    The sources whose time has come, each by its own rhythm; one whose server asks us to wait, not before.

    `before_issue`: also those that were not read for a while, whatever their rhythm, so that a paper has the latest.
    """
    now = ctx.clock()
    found = (s for s in active_sources(ctx) if _is_due(s, now) or (before_issue and _is_stale(s, now)))
    return [s for s in found if not _must_wait(s, now)]


def _is_stale(source: Source, now: datetime) -> bool:
    """Not read for as long as a usual turn takes, and not failing."""
    return source.failures == 0 and (source.checked_at is None or now - source.checked_at >= USUAL)


def _is_due(source: Source, now: datetime) -> bool:
    """What lies on the disk costs nobody anything; a check that lies ahead (a clock was set back) is no reason to wait."""
    return (
        source.is_local
        or source.due_at is None
        or source.due_at <= now
        or (source.checked_at is not None and source.checked_at > now)
    )


def _must_wait(source: Source, now: datetime) -> bool:
    """Its server asked us not to come again before; a request from behind a clock that was set back is forgotten."""
    return source.not_before is not None and now < source.not_before <= now + MAX_WAIT


def stale_sources(ctx: Context) -> Sequence[Source]:
    """Sources in order that nobody has read for two turns: the collecting job did not run."""
    now = ctx.clock()
    found = (s for s in active_sources(ctx) if s.checked_at is None or now - s.checked_at > 2 * USUAL)
    return [s for s in found if s.failures == 0 and not _must_wait(s, now)]


def active_sources(ctx: Context, names: Sequence[str] = ()) -> Sequence[Source]:
    """The sources that are read: those named, or all that are not paused. Raises NotFound."""
    with ctx.db.read() as tx:
        if names:
            return [sources.get(tx, name) for name in names]
        return [source for source in sources.all_of(tx) if not source.paused]


def _guarded(ctx: Context, source: Source, read: Callable[[Source], Collected]) -> Collected:
    try:
        return read(source)
    except FetchError as problem:
        return _failed(ctx, source, problem.reason, gone=problem.gone, wait=problem.wait, asked=problem.asked)
    except CollectError as problem:
        return _failed(ctx, source, problem.reason)
    except DigestError:
        raise  # the database, not the source
    except Exception as problem:  # whatever a source holds, the others go on
        return _failed(ctx, source, f"could not be understood ({type(problem).__name__}: {problem})")


def _request(ctx: Context, source: Source) -> Request:
    """Raises BadInput: a secret of its is not there."""
    return Request(
        source_id=source.id,
        location=str(ctx.settings.home / source.location) if source.is_local else source.location,
        etag=source.etag,
        last_modified=source.last_modified,
        allow_private=source.allow_private,
        robots=source.kind is SourceKind.PAGE and not source.allow_private,
        headers=headers_of(source, partial(secret, home=ctx.settings.home)),
    )


def _waiting(source: Source, zone: ZoneInfo) -> Collected:
    reason = f"its server asked us not to come before {local(source.not_before, zone)}"
    return Collected(source=source, added=0, changed=0, withdrawn=0, problems=(reason,), failed=False)


def _read_folder(ctx: Context, source: Source) -> Collected:
    now = ctx.clock()
    with ctx.db.read() as tx:
        known = articles.guids(tx, source.id)
    return _store(ctx, source, gather_folder(source, known=known, now=now, home=ctx.settings.home), Fetched(), now)


def _read_fetched(ctx: Context, source: Source, fetched: Fetched | FetchError) -> Collected:
    if isinstance(fetched, FetchError):
        raise fetched
    now = ctx.clock()
    fetched = _compared(source, fetched)
    found = Gathered(articles=()) if fetched.unchanged else gather(source, fetched, now=now, settle=_settle(ctx))
    return _store(ctx, source, found, fetched, now)


def _compared(source: Source, fetched: Fetched) -> Fetched:
    """What was fetched, called unchanged where it is byte for byte what was read before: by this version, which may read more."""
    if fetched.unchanged:
        return replace(fetched, body_hash=source.body_hash)
    found = hashlib.sha256(b"\0".join([__version__.encode(), fetched.content_type.encode(), fetched.body])).hexdigest()
    return replace(fetched, body_hash=found, unchanged=found == source.body_hash)


def _store(ctx: Context, source: Source, found: Gathered, fetched: Fetched, now: datetime) -> Collected:
    wishes = (found.every, fetched.fresh_for)
    dates = [article.published_at for article in found.articles if article.published_at]
    before = timedelta(seconds=source.rhythm_s)
    usual = after_silence(before) if fetched.unchanged else rhythm(dates, now=now, asked=wishes)
    with ctx.db.begin() as tx:
        taken = articles.take(tx, source.id, found.articles, now=now, settle=_settle(ctx), standing=found.files)
        standing, withdrawn = _standing(tx, source, found, fetched, taken, now)
        sources.succeeded(
            tx,
            source.id,
            at=now,
            error="; ".join(found.problems),
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            rhythm=usual,
            moved_to=fetched.moved_to,
            body_hash=fetched.body_hash,
            standing=standing,
        )
    return Collected(
        source=source,
        added=taken.added,
        changed=taken.changed,
        withdrawn=withdrawn,
        problems=found.problems,
        failed=False,
    )


def _standing(
    tx: Session, source: Source, found: Gathered, fetched: Fetched, taken: articles.Taken, now: datetime
) -> tuple[str, int]:
    """The numbers of the articles that the source has now, and how many of those that it had it took back."""
    if source.kind is SourceKind.FOLDER:
        return "", articles.withdraw_gone(tx, source.id, guids=found.files, files=found.unread, at=now)
    if source.kind is not SourceKind.FEED or fetched.unchanged:
        return source.standing, 0
    there = [article.id for article in taken.articles]
    before = [int(number) for number in source.standing.split()]
    return " ".join(map(str, there)), articles.withdraw_vanished(tx, before, there, at=now)


def _settle(ctx: Context) -> timedelta:
    return timedelta(minutes=ctx.settings.settle)


def _failed(
    ctx: Context, source: Source, reason: str, *, gone: bool = False, wait: timedelta | None = None, asked: bool = True
) -> Collected:
    log.get().warning("source.failed", source=source.id, name=source.name, error=reason)
    again = after_failures(timedelta(seconds=source.rhythm_s), source.failures + 1)
    with ctx.db.begin() as tx:
        sources.failed(tx, source.id, at=ctx.clock(), error=reason, again=again, wait=wait, gone=gone, asked=asked)
    return Collected(source=source, added=0, changed=0, withdrawn=0, problems=(reason,), failed=True)


def secure_pictures(ctx: Context) -> None:
    """
    Take pictures that are named with `http:` over https where their server has it; one of each is tried.

    The others stay as they are named, and no mail shows them.
    """
    with ctx.db.read() as tx:
        found = articles.insecure_pictures(tx, since=ctx.clock() - PICTURES_REACH)
        private = {source.id for source in sources.all_of(tx) if source.allow_private}
    by_host: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for number, source_id, image in found:
        if link := pictures.secured(image):
            by_host.setdefault((host(link), source_id in private), []).append((number, link))
    groups = list(by_host.items())[:PICTURE_HOSTS]
    wanted = [
        Request(source_id=number, location=tried[0][1], allow_private=private)
        for number, ((_, private), tried) in enumerate(groups)
    ]
    for request, result in ctx.fetcher.fetch_all(wanted):
        if isinstance(result, Fetched) and result.content_type.lower().startswith("image/"):
            with ctx.db.begin() as tx:
                for number, link in groups[request.source_id][1]:
                    articles.set_picture(tx, number, link)


def group_stories(ctx: Context) -> None:
    """Give every article that has none its story, and each story its lead. Nothing is locked while articles are compared and leads chosen."""
    for _ in range(TRIES):
        if _grouped(ctx):
            return
    log.get().warning(
        "stories.ungrouped"
    )  # other processes kept making stories, of these articles too; the next collect groups what is left


def _grouped(ctx: Context) -> bool:
    """Whether articles were grouped by what was there; not, where another process made a story meanwhile that they may tell."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        newest = articles.newest_story(tx)
        new = articles.kin_without_story(tx)
        known = articles.kin_known(tx, new, exact_since=now - KIN_REACH, alike_since=now - LIKE_REACH) if new else ()
    if not new:
        return True
    groups = cluster.group(new, known)
    for start in range(0, len(groups), WRITTEN):
        part = groups[start : start + WRITTEN]
        leads = _leads(ctx, part)
        with ctx.db.begin() as tx:
            if articles.newest_story(tx) != newest:
                return False
            articles.tell(tx, part, leads=leads)
            newest = articles.newest_story(tx)
    return True


def _leads(ctx: Context, groups: Sequence[Group]) -> Sequence[int]:
    """The article to link of each group's story, among those that it has and those that it gets."""
    with ctx.db.read() as tx:
        found = articles.of_stories(tx, {g.story_id for g in groups if g.story_id is not None})
        new = {a.id: a for a in articles.numbered(tx, [number for g in groups for number in g.articles])}
        by_id = sources.by_id(tx)
    there = {story.story_id: story.tellings for story in told(found, by_id)}
    leads = []
    for g in groups:
        own = [_telling(new[number], by_id.get(new[number].source_id)) for number in g.articles if number in new]
        before = there.get(g.story_id, ()) if g.story_id is not None else ()
        leads.append(next((t.article_id for t in rank.lead_first([*before, *own])), g.articles[0]))
    return leads


def told(
    found: Sequence[Article], by_id: Mapping[int, Source], predecessors: Mapping[int, int] = MappingProxyType({})
) -> Sequence[ToldStory]:
    """Stored articles as stories for curating, each story's lead first; `by_id` are their sources."""
    by_story: dict[int, list[Telling]] = {}
    for article in found:
        if article.story_id is not None:
            by_story.setdefault(article.story_id, []).append(_telling(article, by_id.get(article.source_id)))
    return [
        ToldStory(story_id=number, tellings=rank.lead_first(tellings), predecessor_id=predecessors.get(number))
        for number, tellings in by_story.items()
    ]


def _telling(article: Article, source: Source | None) -> Telling:
    return Telling(
        article_id=article.id,
        source_id=article.source_id,
        source_weight=source.weight if source else 1.0,
        source_name=source.name if source else "",
        headline=article.headline,
        standfirst=article.standfirst,
        text=article.text,
        author=article.author,
        publisher=article.publisher,
        topic=article.topic,
        tags=tuple(article.tags.split("\n")) if article.tags else (),
        url=article.url,
        image=article.image,
        image_info=ImageInfo(**article.image_info),
        language=article.language,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        settles_at=article.settles_at,
        revised_at=article.revised_at,
        word_count=article.word_count,
        hidden=article.hidden or article.withdrawn_at is not None,
        withdrawn=article.withdrawn_at is not None,
        pinned=article.pinned,
        is_free=article.is_free,
    )
