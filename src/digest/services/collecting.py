"""
Collecting: sources are read, their articles stored and grouped into stories.

A source that fails stops no other; its error stays on it until it is read again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest import __version__, log
from digest.collect import pictures
from digest.collect.asking import headers_of
from digest.collect.courtesy import MAX_WAIT
from digest.collect.gather import Gathered, gather, gather_folder
from digest.collect.rhythm import USUAL, after_failures, after_silence, rhythm
from digest.collect.urls import host
from digest.errors import BadInput, CollectError, DigestError, FetchError, NothingToDo
from digest.model.event import REASON_MAX, EventKind
from digest.model.ports import Fetched, Request
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.model.timetable import local
from digest.services import events, stories
from digest.services.context import Context
from digest.services.views.content import CollectedView
from digest.settings import secret
from digest.store import articles, newsletters, sources

READING = timedelta(minutes=10)  #: what reading all sources before an issue may take
PICTURES_REACH, PICTURE_HOSTS = timedelta(hours=1), 50  #: new articles whose `http:` pictures are tried over https; hosts a time


def _no_progress(_count: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Result of one check of a source."""

    source: Source
    added: int
    changed: int  #: known articles that were edited
    withdrawn: int  #: known articles that it took back: a file that is gone, an entry that left its place in the feed
    problems: Sequence[str]  #: what of it could not be read
    failed: bool  #: it could not be read at all
    code: str = ""  #: of the error, where it could not be read

    @property
    def view(self) -> CollectedView:
        """View of the result, without the source's own row."""
        return CollectedView(
            source=self.source.name,
            added=self.added,
            edited=self.changed,
            withdrawn=self.withdrawn,
            failed=self.failed,
            problems=tuple(self.problems),
        )


def collect(ctx: Context, chosen: Sequence[Source], *, on_progress: Callable[[int], None] = _no_progress) -> Sequence[Collected]:
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
    stories.group_stories(ctx)
    _log_collected(list(reports.values()))
    return [reports[number] for number in by_id]


def _log_collected(reports: Sequence[Collected]) -> None:
    """Log each source that brought something, then the totals, so that a run that found nothing can be seen too."""
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


def due_now(ctx: Context) -> Sequence[Source]:
    """Return the sources to read now; shortly before an issue, early enough for what comes to settle, every one once more."""
    now = ctx.clock()
    ahead = now + _settle(ctx) + READING
    with ctx.db.read() as tx:
        soon = any(next(paper.slots(after=now, until=ahead), None) for paper in newsletters.all_of(tx))
    return due_sources(ctx, before_issue=soon)


def due_sources(ctx: Context, *, before_issue: bool = False) -> Sequence[Source]:
    """
    Return the sources that are due, each by its own interval; one whose server asks us to wait, not before.

    `before_issue`: also those that were not read for a while, whatever their rhythm, so that a paper has the latest.
    """
    now = ctx.clock()
    found = (s for s in active_sources(ctx) if _is_due(s, now) or (before_issue and _is_stale(s, now)))
    return [s for s in found if not _must_wait(s, now)]


def _is_stale(source: Source, now: datetime) -> bool:
    """Return whether a source was not read for its usual interval, and is not failing."""
    return source.failures == 0 and (source.checked_at is None or now - source.checked_at >= USUAL)


def _is_due(source: Source, now: datetime) -> bool:
    """Return whether a source is due: a local one always is, and a last check in the future (a clock was set back) is no reason to wait."""
    return (
        source.is_local
        or source.due_at is None
        or source.due_at <= now
        or (source.checked_at is not None and source.checked_at > now)
    )


def _must_wait(source: Source, now: datetime) -> bool:
    """Return whether its server asked us not to come yet; a request further ahead than the longest wait (a clock was set back) is ignored."""
    return source.not_before is not None and now < source.not_before <= now + MAX_WAIT


def stale_sources(ctx: Context) -> Sequence[Source]:
    """Return healthy sources that were not read for two intervals: the collecting job did not run."""
    now = ctx.clock()
    found = (s for s in active_sources(ctx) if s.checked_at is None or now - s.checked_at > 2 * USUAL)
    return [s for s in found if s.failures == 0 and not _must_wait(s, now)]


def active_sources(ctx: Context, names: Sequence[str] = ()) -> Sequence[Source]:
    """Return the sources that are read: those named, or all that are not paused. Raises NotFound."""
    with ctx.db.read() as tx:
        if names:
            return [sources.get(tx, name) for name in names]
        return [source for source in sources.all_of(tx) if not source.paused]


def chosen_sources(ctx: Context, names: Sequence[str] = (), *, force: bool = False) -> Sequence[Source]:
    """
    Return the sources to read now: those named, with `force` all that are not paused, else those that are due.

    Raises:
        NotFound: there is no such source.
        NothingToDo: there are no sources, or none is due.
    """
    found = active_sources(ctx, names)
    if not found:
        raise NothingToDo("there are no sources", code="no_sources")
    if names or force:
        return found
    due = due_sources(ctx)
    if not due:
        raise NothingToDo("no source is due", code="nothing_due")
    return due


def _guarded(ctx: Context, source: Source, read: Callable[[Source], Collected]) -> Collected:
    try:
        return read(source)
    except FetchError as problem:
        return _failed(ctx, source, problem.reason, code=problem.code, gone=problem.gone, wait=problem.wait, asked=problem.asked)
    except CollectError as problem:
        return _failed(ctx, source, problem.reason)
    except DigestError:
        raise  # the database, not the source
    except Exception as problem:  # whatever a source holds, the others go on
        return _failed(ctx, source, f"could not be understood ({type(problem).__name__}: {problem})")


def _request(ctx: Context, source: Source) -> Request:
    """Make the request for a source. Raises BadInput where one of its secrets is missing."""
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
    fetched = _mark_unchanged(source, fetched)
    found = Gathered(articles=()) if fetched.unchanged else gather(source, fetched, now=now, settle=_settle(ctx))
    return _store(ctx, source, found, fetched, now)


def _mark_unchanged(source: Source, fetched: Fetched) -> Fetched:
    """Mark what was fetched as unchanged where this version has read the same bytes before."""
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
        standing, withdrawn = _current_articles(tx, source, found, fetched, taken, now)
        stored = sources.by_number(tx, source.id)
        if stored.failures:
            events.record(ctx, tx, EventKind.SOURCE_RECOVERED, stored, name=stored.name, failures=stored.failures)
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


def _current_articles(
    tx: Session, source: Source, found: Gathered, fetched: Fetched, taken: articles.Taken, now: datetime
) -> tuple[str, int]:
    """Return the numbers of the articles that the source has now, and how many it took back."""
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
    ctx: Context,
    source: Source,
    reason: str,
    *,
    code: str = "",
    gone: bool = False,
    wait: timedelta | None = None,
    asked: bool = True,
) -> Collected:
    log.get().warning("source.failed", source=source.id, name=source.name, error=reason)
    again = after_failures(timedelta(seconds=source.rhythm_s), source.failures + 1)
    with ctx.db.begin() as tx:
        stored = sources.by_number(tx, source.id)
        if (asked and not stored.failures) or (gone and not stored.paused):
            events.record(ctx, tx, EventKind.SOURCE_FAILING, stored, name=stored.name, reason=reason[:REASON_MAX], gone=gone)
        sources.failed(tx, source.id, at=ctx.clock(), error=reason, again=again, wait=wait, gone=gone, asked=asked)
    return Collected(source=source, added=0, changed=0, withdrawn=0, problems=(reason,), failed=True, code=code)


def secure_pictures(ctx: Context) -> None:
    """
    Switch `http:` pictures to https where their server offers it; one picture of each server is tried.

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
