"""
What is held longer than it is kept for: found in a reading session, removed by number in short transactions.

A removal repeats the condition by which its rows were found, so that a row that has changed meanwhile stays.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlmodel import Session, SQLModel, col

from digest.model.delivery import Attempt
from digest.model.event import Event
from digest.model.retention import Kind
from digest.model.signup import Consent
from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscriber, Subscription

_S = SubscriptionState
_TABLES: dict[Kind, type[SQLModel]] = {
    Kind.ATTEMPTS: Attempt,
    Kind.IPS: Consent,
    Kind.PENDING: Subscriber,
    Kind.DEPARTED: Subscriber,
    Kind.EVENTS: Event,
    Kind.AUDIT: Event,
}


def count(tx: Session, kind: Kind, *, before: datetime) -> int:
    """Count the rows of a kind that are older than `before`; of people, the persons."""
    query = sa.select(func.count()).select_from(_TABLES[kind]).where(_is_due(kind, before))
    return int(tx.execute(query).scalar_one())


def due(tx: Session, kind: Kind, *, before: datetime, limit: int) -> Sequence[int]:
    """Return the numbers of such rows, oldest first."""
    number = _number(kind)
    if kind in (
        Kind.ATTEMPTS,
        Kind.EVENTS,
        Kind.AUDIT,
    ):  # added in order of time, which has no index: only the oldest are looked at
        oldest = sa.select(number, col(getattr(_TABLES[kind], "at"))).order_by(number).limit(limit)  # noqa: B009
        if kind is not Kind.ATTEMPTS:
            oldest = oldest.where(_has_person(kind))
        return [found for found, at in tx.execute(oldest) if at < before]
    return tx.execute(sa.select(number).where(_is_due(kind, before)).order_by(number).limit(limit)).scalars().all()


def remove(tx: Session, kind: Kind, numbers: Sequence[int], *, before: datetime) -> int:
    """Delete attempts or events, or empty IP addresses; return how many."""
    chosen = sa.and_(_number(kind).in_(numbers), _is_due(kind, before))
    if kind is Kind.IPS:
        return tx.connection().execute(sa.update(Consent).where(chosen).values(ip="")).rowcount
    return tx.connection().execute(sa.delete(_TABLES[kind]).where(chosen)).rowcount


def people(tx: Session, kind: Kind, numbers: Sequence[int], *, before: datetime) -> Sequence[Subscriber]:
    """Return those of these persons who are still to go."""
    chosen = sa.and_(_number(kind).in_(numbers), _is_due(kind, before))
    return tx.execute(sa.select(Subscriber).where(chosen).order_by(_number(kind))).scalars().all()


def _number(kind: Kind) -> InstrumentedAttribute[int]:
    number: InstrumentedAttribute[int] = getattr(_TABLES[kind], "id")  # noqa: B009  # its type is not that of a row
    return number


def _is_due(kind: Kind, before: datetime) -> sa.ColumnElement[bool]:
    if kind is Kind.ATTEMPTS:
        return col(Attempt.at) < before
    if kind is Kind.IPS:
        return sa.and_(col(Consent.ip) != "", col(Consent.at) < before)
    if kind in (Kind.EVENTS, Kind.AUDIT):
        return sa.and_(col(Event.at) < before, _has_person(kind))
    return _all_ended(_S.PENDING, "made_at", before) if kind is Kind.PENDING else _all_ended(_S.UNSUBSCRIBED, "left_at", before)


def _has_person(kind: Kind) -> sa.ColumnElement[bool]:
    """Return the condition that tells events with a person behind them from others."""
    return (col(Event.person) != "") if kind is Kind.AUDIT else (col(Event.person) == "")


def _all_ended(state: SubscriptionState, since: str, before: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a person has a subscription in this state since then, and no other one."""
    other = aliased(Subscription)
    ended = sa.select(col(Subscription.subscriber_id)).where(
        col(Subscription.state) == state, getattr(Subscription, since) < before
    )
    others = sa.exists().where(
        col(other.subscriber_id) == col(Subscriber.id),
        sa.or_(col(other.state) != state, getattr(other, since).is_(None), getattr(other, since) >= before),
    )
    return sa.and_(col(Subscriber.id).in_(ended), sa.not_(others))
