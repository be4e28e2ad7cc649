"""
The directory of people: who is found by a search and its filters, newest first, without a look at every row.

A search is by beginnings, which indexes answer. Each filter can name its people from an index, or be checked for one
person; the filter that names the fewest names them, and the others are checked. Where none names few, people are read
from the newest on until a page is full.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription, Suppression
from digest.store.choices import wants
from digest.store.engine import is_shared

FEW = 10_000  #: people whom an index may name before reading from the newest on is quicker
MOST = 2_000  #: people whom one beginning may name
_LAST = "\U0010ffff"

#: Expressions of the indexes that migration 0024 makes.
_ON_SQLITE: Mapping[str, str] = {
    "address": "subscriber.address_key",
    "name": "lower(subscriber.name)",
    "last name": "lower(substr(subscriber.name, instr(subscriber.name, ' ') + 1))",
    "domain": "substr(subscriber.address_key, instr(subscriber.address_key, '@') + 1)",
}
_ON_SERVER: Mapping[str, str] = {
    "address": 'subscriber.address_key COLLATE "C"',
    "name": 'lower(subscriber.name) COLLATE "C"',
    "last name": "lower(substr(subscriber.name, strpos(subscriber.name, ' ') + 1)) COLLATE \"C\"",
    "domain": "substr(subscriber.address_key, strpos(subscriber.address_key, '@') + 1) COLLATE \"C\"",
}
_joined_at: sa.ColumnElement[datetime] = sa.literal_column(
    "coalesce(subscription.active_at, subscription.made_at)", type_=UTCDateTime()
)
_ID = col(Subscriber.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search with its filters; an empty value finds everybody."""

    text: str = ""  #: how an address, a name or a last name begins; after an @, how a domain begins
    mlist_id: int | None = None
    state: SubscriptionState | None = None
    is_suppressed: bool = False
    languages: Sequence[str] = ()
    domain: str = ""
    topic: str = ""  #: that they want by name
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """A condition: the people whom an index names, None where it would name too many; and the check of one person."""

    ids: sa.Select[Any] | None
    check: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The quickest way to the people of a search."""

    where: tuple[sa.ColumnElement[bool], ...]
    is_counted: bool  #: they are few enough to be counted at each look
    is_cut: bool  #: so many begin with the text that only some of them are looked at


def plan(tx: Session, wanted: Wanted) -> Query:
    """Choose the quickest way to the people of a search."""
    conditions = list(_conditions(tx, wanted))
    if wanted.text:
        beginnings = list(_beginnings(tx, wanted.text))
        is_cut = any(_count(tx, ids, most=MOST + 1) > MOST for ids in beginnings)
        # Their numbers, not the query for them: PostgreSQL takes it for more people than there are, and reads all rows instead.
        named = {number for ids in beginnings for (number,) in tx.connection().execute(ids.limit(MOST))}
        checks = (condition.check for condition in conditions)
        return Query(where=(_ID.in_(sorted(named)), *checks), is_counted=True, is_cut=is_cut)
    sizes = [_count(tx, one.ids, most=FEW + 1) if one.ids is not None else FEW + 1 for one in conditions]
    best = min(range(len(sizes)), key=sizes.__getitem__, default=None)
    if best is None or sizes[best] > FEW:
        return Query(where=tuple(one.check for one in conditions), is_counted=False, is_cut=False)
    ids = conditions[best].ids
    assert ids is not None
    others = (one.check for n, one in enumerate(conditions) if n != best)
    return Query(where=(_ID.in_(ids), *others), is_counted=True, is_cut=False)


def page(tx: Session, query: Query, *, before: int | None, limit: int) -> Sequence[Subscriber]:
    """Return the people of a search with a number below `before`, newest first."""
    found = select(Subscriber).where(*query.where, *([before > _ID] if before is not None else []))
    return tx.exec(found.order_by(_ID.desc()).limit(limit)).all()


def ids(tx: Session, query: Query, *, before: int | None = None, limit: int) -> Sequence[int]:
    """Return the numbers of the people of a search, newest first."""
    found = select(Subscriber.id).where(*query.where, *([before > _ID] if before is not None else []))
    return tx.exec(found.order_by(_ID.desc()).limit(limit)).all()


def count(tx: Session, query: Query) -> int:
    """Count the people of a search."""
    return int(tx.exec(select(sa.func.count()).select_from(Subscriber).where(*query.where)).one())


def by_ids(tx: Session, numbers: Sequence[int]) -> Sequence[Subscriber]:
    """Return the people with these numbers, newest first."""
    return tx.exec(select(Subscriber).where(_ID.in_(numbers)).order_by(_ID.desc())).all()


def ties(tx: Session, numbers: Sequence[int]) -> Sequence[tuple[int, str, SubscriptionState]]:
    """Return the subscriptions of people: their number, the list's name, the state."""
    query = (
        select(Subscription.subscriber_id, MailingList.name, Subscription.state)
        .join(MailingList, col(MailingList.id) == Subscription.mlist_id)
        .where(col(Subscription.subscriber_id).in_(numbers))
        .order_by(col(MailingList.name))
    )
    return [(number, name, SubscriptionState(state)) for number, name, state in tx.exec(query)]


def suppressed(tx: Session, hmacs: Sequence[str]) -> frozenset[str]:
    """Return those keyed hashes whose address is never mailed."""
    return frozenset(tx.exec(select(Suppression.address_hmac).where(col(Suppression.address_hmac).in_(hmacs))))


def languages(tx: Session) -> Sequence[str]:
    """Return the languages that people have, a step through the index for each."""
    found = []
    last = ""
    query = select(Subscriber.language).where(Subscriber.language != "").order_by(col(Subscriber.language)).limit(1)
    while tag := tx.exec(query.where(col(Subscriber.language) > last)).first():
        found.append(tag)
        last = tag
    return found


# --- conditions ------------------------------------------------------------------------------


def _count(tx: Session, ids: sa.Select[Any], *, most: int) -> int:
    return int(tx.connection().execute(sa.select(sa.func.count()).select_from(ids.limit(most).subquery())).scalar_one())


def _expression(tx: Session, name: str) -> sa.ColumnElement[str]:
    return sa.literal_column((_ON_SERVER if is_shared(tx) else _ON_SQLITE)[name], type_=sa.String())


def _beginnings(tx: Session, text: str) -> Iterator[sa.Select[Any]]:
    """Yield for each way to read a text those whom an index names."""
    kinds = ["domain"] if text.startswith("@") else ["address"] if "@" in text else ["address", "name", "last name", "domain"]
    for kind in kinds:
        found = _expression(tx, kind)
        has = [col(Subscriber.name) != ""] if "name" in kind else []  # which the index has alone
        for spelling in _spellings(text.removeprefix("@"), kind):
            # In order, or PostgreSQL reads all rows: it knows nothing of how many begin so, and thinks that it soon has enough.
            yield sa.select(_ID.label("id")).where(found >= spelling, found < spelling + _LAST, *has).order_by(found)


def _spellings(text: str, kind: str) -> Sequence[str]:
    """Return how a text may be stored: SQLite makes ASCII letters of names small, and no others."""
    if kind == "domain":
        return [text.lower()]
    if kind == "address":
        return [text.casefold()]
    as_sqlite = (_small_ascii(one) for one in (text, text.title()))
    return list(dict.fromkeys([text.lower(), *as_sqlite]))


def _small_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _conditions(tx: Session, wanted: Wanted) -> Iterator[_Condition]:
    everybody: sa.Select[Any] = sa.select(_ID.label("id"))
    if wanted.domain:
        domain = _expression(tx, "domain")
        yield _Condition(ids=everybody.where(domain == wanted.domain), check=domain.concat("") == wanted.domain)
    if wanted.languages:
        language = col(Subscriber.language)
        yield _Condition(
            ids=everybody.where(language != "", language.in_(wanted.languages)), check=language.concat("").in_(wanted.languages)
        )
    if wanted.is_suppressed:
        entry = sa.exists().where(col(Suppression.address_hmac) == Subscriber.address_hmac)
        named = everybody.where(col(Subscriber.address_hmac).in_(sa.select(col(Suppression.address_hmac))))
        yield _Condition(ids=named, check=entry)
    ties = list(_of_ties(wanted))
    if ties:
        yield _Condition(ids=_named_by_ties(wanted, ties), check=sa.exists().where(col(Subscription.subscriber_id) == _ID, *ties))


def _of_ties(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    """Yield what one subscription of a person must be."""
    if wanted.mlist_id is not None:
        yield col(Subscription.mlist_id) == wanted.mlist_id
    if wanted.state is not None:
        yield col(Subscription.state) == wanted.state
    if wanted.topic:
        yield wants(wanted.topic)
    if wanted.since is not None:
        yield _joined_at >= wanted.since
    if wanted.until is not None:
        yield _joined_at < wanted.until


def _named_by_ties(wanted: Wanted, ties: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any] | None:
    is_narrow = wanted.mlist_id is not None or wanted.since or wanted.until or wanted.topic
    if wanted.state in (None, SubscriptionState.ACTIVE) and not is_narrow:
        return None  # nearly everybody
    query: sa.Select[Any] = sa.select(col(Subscription.subscriber_id).label("id")).where(*ties)
    if wanted.state not in (None, SubscriptionState.ACTIVE):
        query = query.where(sa.literal_column("subscription.state") != sa.literal_column("'active'"))  # as the index says
    return query
