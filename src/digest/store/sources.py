"""Sources and which newsletters print from them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from digest.errors import Conflict, NotFound
from digest.model.article import Article
from digest.model.source import NewsletterSource, Source


def add(tx: Session, source: Source) -> Source:
    """
    Store it and give it its id.

    Raises:
        Conflict: a source with this location is there.
    """
    if tx.exec(select(Source).where(Source.location == source.location)).first():
        raise Conflict(f"{source.location} is a source already")
    tx.add(source)
    tx.flush()
    return source


def get(tx: Session, key: str | int) -> Source:
    """By number, name or location. Raises NotFound."""
    found = tx.get(Source, int(key)) if str(key).isdigit() else None
    found = found or tx.exec(select(Source).where((col(Source.name) == str(key)) | (col(Source.location) == str(key)))).first()
    if found is None:
        raise NotFound("source", key, "`digest sources list` names them")
    return found


def all_of(tx: Session) -> Sequence[Source]:
    """All, in the order they were added."""
    return tx.exec(select(Source).order_by(col(Source.id))).all()


def failing(tx: Session) -> Sequence[Source]:
    """Those whose last check went wrong."""
    return tx.exec(select(Source).where(Source.error != "").order_by(col(Source.id))).all()


def join(tx: Session, newsletter_id: int, source_id: int) -> None:
    """From now on the newsletter prints from the source; nothing if it does."""
    if tx.get(NewsletterSource, (newsletter_id, source_id)) is None:
        tx.add(NewsletterSource(newsletter_id=newsletter_id, source_id=source_id))
        tx.flush()


def ids_of(tx: Session, newsletter_id: int) -> frozenset[int]:
    """The sources that a newsletter prints from."""
    return frozenset(tx.exec(select(NewsletterSource.source_id).where(NewsletterSource.newsletter_id == newsletter_id)))


def checked(tx: Session, source_id: int, *, at: datetime, error: str, etag: str = "", last_modified: str = "") -> None:
    """Remember how a check went; an empty error is success. What a server says of its version is kept with a success."""
    source = tx.get_one(Source, source_id)
    source.checked_at = at
    source.error = error
    source.failures = source.failures + 1 if error else 0
    if not error:
        source.succeeded_at = at
        source.etag, source.last_modified = etag, last_modified


def remove(tx: Session, source: Source) -> int:
    """Forget a source and its articles that no issue printed; how many articles went."""
    assert source.id is not None
    gone = tx.execute(delete(Article).where(col(Article.source_id) == source.id)).rowcount  # type: ignore[attr-defined]
    tx.delete(source)
    tx.flush()
    return int(gone)
