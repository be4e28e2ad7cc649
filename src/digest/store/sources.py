"""Sources and the newsletters that publish from them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from digest.errors import Conflict, NotFound
from digest.model.newsletter import Newsletter
from digest.model.source import NewsletterSource, Source


def add(tx: Session, source: Source) -> Source:
    """
    Store a source and assign its id.

    Raises:
        Conflict: a source with this location is there.
    """
    if tx.exec(select(Source).where(Source.location == source.location)).first():
        raise Conflict(f"{source.location} is a source already", code="source_known")
    tx.add(source)
    tx.flush()
    return source


def get(tx: Session, key: str | int) -> Source:
    """Return a source by number, name or location. Raises NotFound, or Conflict where several have the name."""
    text = str(key)
    found = tx.get(Source, int(text)) if text.isdecimal() and len(text) < 15 else None
    if found is not None and found.removed_at is None:
        return found
    named = tx.exec(_not_removed().where((col(Source.name) == text) | (col(Source.location) == text))).all()
    if len(named) > 1:
        raise Conflict(f"{len(named)} sources are called {text}: say which by its number, " + ", ".join(str(s.id) for s in named))
    if not named:
        raise NotFound("source", key)
    return named[0]


def _not_removed() -> SelectOfScalar[Source]:
    return select(Source).where(col(Source.removed_at).is_(None))


def by_number(tx: Session, source_id: int) -> Source:
    """Return a source by number; also one that was removed."""
    return tx.get_one(Source, source_id)


def all_of(tx: Session) -> Sequence[Source]:
    """Return all sources, in the order they were added."""
    return tx.exec(_not_removed().order_by(col(Source.id))).all()


def by_id(tx: Session) -> Mapping[int, Source]:
    """Return all sources, by their number."""
    return {source.id: source for source in all_of(tx)}


def failing(tx: Session) -> Sequence[Source]:
    """Return the sources whose last check failed."""
    return tx.exec(_not_removed().where(Source.error != "").order_by(col(Source.id))).all()


def join(tx: Session, newsletter_id: int, source_id: int) -> None:
    """Add the source to the newsletter; idempotent."""
    if tx.get(NewsletterSource, (newsletter_id, source_id)) is None:
        tx.add(NewsletterSource(newsletter_id=newsletter_id, source_id=source_id))
        tx.flush()


def part(tx: Session, newsletter_id: int, source: Source) -> None:
    """Remove the source from the newsletter. Raises Conflict where it was not in it."""
    joined = tx.get(NewsletterSource, (newsletter_id, source.id))
    if joined is None:
        raise Conflict(f"the newsletter does not publish from {source.name}")
    tx.delete(joined)
    tx.flush()


def of_newsletter(tx: Session, newsletter_id: int) -> Sequence[Source]:
    """Return the sources that a newsletter publishes from, in the order they were added."""
    query = _not_removed().join(NewsletterSource, col(NewsletterSource.source_id) == Source.id)
    return tx.exec(query.where(NewsletterSource.newsletter_id == newsletter_id).order_by(col(Source.id))).all()


def newsletters_of(tx: Session, source_id: int) -> Sequence[str]:
    """Return the names of the newsletters that publish from a source."""
    query = select(Newsletter.name).join(NewsletterSource, col(NewsletterSource.newsletter_id) == Newsletter.id)
    return tx.exec(query.where(NewsletterSource.source_id == source_id).order_by(col(Newsletter.name))).all()


def newsletters_by_source(tx: Session) -> Mapping[int, Sequence[str]]:
    """Return by source the names of the newsletters that publish from it; one without is missing."""
    query = select(NewsletterSource.source_id, Newsletter.name).join(
        Newsletter, col(Newsletter.id) == NewsletterSource.newsletter_id
    )
    found: dict[int, list[str]] = {}
    for source_id, name in tx.exec(query.order_by(col(Newsletter.name))):
        found.setdefault(source_id, []).append(name)
    return found


def ids_of(tx: Session, newsletter_id: int) -> frozenset[int]:
    """Return the numbers of the sources that a newsletter publishes from."""
    return frozenset(tx.exec(select(NewsletterSource.source_id).where(NewsletterSource.newsletter_id == newsletter_id)))


def publish_in(tx: Session, source_id: int, newsletter_ids: Collection[int]) -> None:
    """Set the newsletters that publish from the source."""
    tx.exec(delete(NewsletterSource).where(col(NewsletterSource.source_id) == source_id))
    for number in sorted(newsletter_ids):
        tx.add(NewsletterSource(newsletter_id=number, source_id=source_id))
    tx.flush()


#: What says nothing of what a source gives; after any other change it is read anew.
_LABELS = frozenset({"name", "topic", "weight"})


def change(tx: Session, source: Source, values: Mapping[str, object]) -> Source:
    """
    Give a source other values.

    Raises:
        Conflict: another source has the new location.
    """
    location = values.get("location", source.location)
    if location != source.location and tx.exec(select(Source).where(Source.location == location)).first():
        raise Conflict(f"{location} is a source already")
    for name, value in values.items():
        setattr(source, name, value)
    if values.keys() - _LABELS:
        source.etag = source.last_modified = source.body_hash = ""
        source.due_at = source.not_before = None
    tx.add(source)
    tx.flush()
    return source


def succeeded(
    tx: Session,
    source_id: int,
    *,
    at: datetime,
    error: str,
    rhythm: timedelta,
    etag: str = "",
    last_modified: str = "",
    moved_to: str = "",
    body_hash: str = "",
    standing: str = "",
) -> None:
    """Record a check that succeeded; `error` names its unreadable parts. A source that moved permanently gets its new location."""
    source = tx.get_one(Source, source_id)
    source.checked_at = source.succeeded_at = at
    source.error = error
    source.failures = 0
    source.not_before = None
    source.rhythm_s = int(rhythm.total_seconds())
    source.due_at = at + rhythm
    source.etag, source.last_modified = etag, last_modified
    source.body_hash, source.standing = body_hash, standing
    if moved_to and not tx.exec(select(Source).where(Source.location == moved_to)).first():
        source.location = moved_to


def failed(
    tx: Session,
    source_id: int,
    *,
    at: datetime,
    error: str,
    again: timedelta,
    wait: timedelta | None = None,
    gone: bool = False,
    asked: bool = True,
) -> None:
    """Record a check that failed, and the time of the next, which is never earlier than the server allows; pause a source that is gone."""
    source = tx.get_one(Source, source_id)
    source.checked_at = at
    source.error = error
    source.failures += asked  # one whose host had just said to wait did nothing wrong
    source.due_at = at + again
    source.not_before = at + wait if wait is not None else source.not_before
    source.paused = source.paused or gone


def remove(tx: Session, source: Source, *, at: datetime) -> None:
    """Remove a source and free its location; its articles stay, so that nothing of it is published again."""
    source.removed_at = at
    source.location = f"removed {source.id}: {source.location}"
    tx.exec(delete(NewsletterSource).where(col(NewsletterSource.source_id) == source.id))
    tx.add(source)
    tx.flush()
