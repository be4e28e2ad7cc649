"""Exports: people with their subscriptions as plain rows, streamed, so that memory stays constant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription, Suppression
from digest.store.choices import wants

_ROWS = 2_000  #: rows that are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Choice of people, and of their subscriptions; an empty value chooses all."""

    mlist_id: int | None = None
    state: SubscriptionState | None = None
    language: str = ""  #: a tag; `pt` has `pt-BR` too
    domain: str = ""  #: of the address, as its key has it
    topic: str = ""  #: that they want by name
    since: datetime | None = None  #: subscribed then or later
    until: datetime | None = None  #: subscribed before
    numbers: Sequence[int] | None = None  #: of the people; None: everybody's


class Exported(NamedTuple):
    """A person with one subscription, or with none."""

    address: str
    name: str
    language: str
    zone: str
    list: str  #: empty: the person is on no list
    state: SubscriptionState | None
    since: datetime | None
    evidence: str | None
    left_at: datetime | None
    suppressed: str | None  #: why the address is never mailed; None: it may be
    wanted: str | None  #: topics, a line each
    muted: str | None


def exported(tx: Session, chosen: Filter) -> Iterator[Exported]:
    """Yield the chosen people with each chosen subscription, and the suppression of the address, in order of arrival."""
    since = sa.func.coalesce(Subscription.active_at, Subscription.made_at, type_=sa.inspect(Subscription).c.made_at.type)
    query = (
        sa.select(
            col(Subscriber.address),
            col(Subscriber.name),
            col(Subscriber.language),
            col(Subscriber.zone),
            sa.func.coalesce(MailingList.name, ""),
            col(Subscription.state),
            since,
            col(Subscription.evidence),
            col(Subscription.left_at),
            col(Suppression.reason),
            col(Subscription.wanted),
            col(Subscription.muted),
        )
        .select_from(Subscriber)
        .join(Subscription, col(Subscription.subscriber_id) == Subscriber.id, isouter=True)
        .join(MailingList, col(MailingList.id) == Subscription.mlist_id, isouter=True)
        .join(Suppression, col(Suppression.address_hmac) == Subscriber.address_hmac, isouter=True)
        .where(*_conditions(chosen, since))
        .order_by(col(Subscriber.id), col(MailingList.name))
    )
    yield from map(Exported._make, tx.connection().execute(query.execution_options(yield_per=_ROWS)))


def _conditions(chosen: Filter, since: sa.ColumnElement[Any]) -> Iterator[sa.ColumnElement[bool]]:
    if chosen.numbers is not None:
        yield col(Subscriber.id).in_(chosen.numbers)
    if chosen.mlist_id is not None:
        yield col(Subscription.mlist_id) == chosen.mlist_id
    if chosen.state is not None:
        yield col(Subscription.state) == chosen.state
    if chosen.language:
        yield (col(Subscriber.language) == chosen.language) | col(Subscriber.language).startswith(f"{chosen.language}-")
    if chosen.domain:
        yield col(Subscriber.address_key).endswith(f"@{chosen.domain}", autoescape=True)
    if chosen.topic:
        yield wants(chosen.topic)
    if chosen.since is not None:
        yield since >= chosen.since
    if chosen.until is not None:
        yield since < chosen.until
