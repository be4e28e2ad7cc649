"""
Everything that the database holds about one person, to be shown to them, and to be erased.

A table that is added with something about people belongs here too; a test looks through all columns.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.bounce import Bounce
from digest.model.delivery import Attempt, Delivery
from digest.model.event import Event
from digest.model.leaving import LeaveReason
from digest.model.moving import Move
from digest.model.signup import Consent, SignUp
from digest.model.states import DeliveryState
from digest.model.subscriber import Import, ImportChange, MailingList, Subscriber, Subscription, Suppression
from digest.store import bounces, moves, notices, reasons, signups, subscribers
from digest.store import deliveries as ledger
from digest.store.engine import is_shared

#: Facts of an event that a mail server or an admin wrote in free words.
_WRITTEN = ("reply", "reason")
#: Reasons of deliveries in these states are words of ours; all others may hold what a server wrote.
_OUR_REASONS = (DeliveryState.SKIPPED, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All rows about one address."""

    person: Subscriber | None
    suppression: Suppression | None
    subscriptions: Sequence[tuple[Subscription, MailingList]] = ()
    files: Mapping[int, str] = field(default_factory=dict)  #: the files of their imports, by number
    changes: Sequence[ImportChange] = ()  #: what imports and syncs changed
    consents: Sequence[Consent] = ()
    signups: Sequence[tuple[SignUp, MailingList]] = ()
    deliveries: Sequence[Delivery] = ()
    attempts: Sequence[Attempt] = ()
    bounces: Sequence[Bounce] = ()
    events: Sequence[Event] = ()
    moves: Sequence[Move] = ()
    reasons: Sequence[LeaveReason] = ()

    @property
    def former(self) -> Sequence[str]:
        """Keyed hashes of the addresses that the person had before."""
        return [move.old_hmac for move in self.moves if move.made_at is not None]

    @property
    def is_hash_only(self) -> bool:
        """True if nothing is held that names the person: at most the keyed hash of a suppression."""
        rows = (self.person, self.consents, self.signups, self.deliveries, self.attempts, self.bounces)
        return not any(rows) and (self.suppression is None or self.suppression.address is None)


def delivery_numbers(tx: Session, address_hmac: str) -> Sequence[int]:
    """
    Return the numbers of all deliveries to an address, also those before the person was removed and came back.

    It reads the whole ledger, where addresses have no index: not for a request that somebody waits for.
    """
    return tx.exec(select(Delivery.id).where(Delivery.address_hmac == address_hmac)).all()


def of_address(
    tx: Session, address_key: str, address_hmac: str, *, deliveries: Sequence[int] = (), events: Sequence[int] | None = None
) -> Held:
    """
    Return what is held about an address: the deliveries to the person who has it now, and those named in `deliveries`.

    `events`: their numbers, where they were searched before; the search reads all events.
    """
    person = subscribers.find(tx, address_key)
    theirs = _deliveries(tx, person, deliveries)
    ties = subscribers.subscriptions_of(tx, person.id) if person else ()
    hashes = [*(moves.former(tx, person.id) if person else ()), address_hmac]
    return Held(
        person=person,
        suppression=subscribers.suppression(tx, address_hmac),
        subscriptions=ties,
        files=_files(tx, [tie.import_id for tie, _ in ties if tie.import_id]),
        changes=_changes(tx, person) if person else (),
        consents=[row for hmac in hashes for row in signups.consents(tx, hmac)],
        signups=[row for hmac in hashes for row in signups.of_address(tx, hmac)],
        deliveries=theirs,
        attempts=_attempts(tx, [delivery.id for delivery in theirs]),
        bounces=[row for hmac in hashes for row in bounces.of_address(tx, hmac)],
        events=_events(tx, events, {delivery.subscriber_id for delivery in theirs} | ({person.id} if person else set())),
        moves=moves.of_subscriber(tx, person.id) if person else (),
        reasons=reasons.of_subscriptions(tx, [tie.id for tie, _ in ties]),
    )


def _deliveries(tx: Session, person: Subscriber | None, numbers: Sequence[int]) -> Sequence[Delivery]:
    found = {delivery.id: delivery for delivery in tx.exec(select(Delivery).where(col(Delivery.id).in_(numbers)))}
    if person is not None:
        found |= {delivery.id: delivery for delivery in ledger.of_subscriber(tx, person.id, limit=None)}
    return [found[number] for number in sorted(found)]


def _files(tx: Session, imports: Sequence[int]) -> Mapping[int, str]:
    return {made.id: made.file for made in tx.exec(select(Import).where(col(Import.id).in_(imports)))}


def _changes(tx: Session, person: Subscriber) -> Sequence[ImportChange]:
    """Return the former values that imports keep; they go with the person."""
    return tx.exec(select(ImportChange).where(ImportChange.subscriber_id == person.id).order_by(col(ImportChange.id))).all()


def _attempts(tx: Session, deliveries: Sequence[int]) -> Sequence[Attempt]:
    return tx.exec(select(Attempt).where(col(Attempt.delivery_id).in_(deliveries)).order_by(col(Attempt.id))).all()


def _events(tx: Session, numbers: Sequence[int] | None, subscribers: Collection[int]) -> Sequence[Event]:
    if numbers is None:
        return events_about(tx, subscribers)
    return tx.exec(select(Event).where(col(Event.id).in_(numbers)).order_by(col(Event.id))).all()


def events_about(tx: Session, subscribers: Collection[int]) -> Sequence[Event]:
    """Return the events that name one of these subscriber numbers, oldest first."""
    named = col(Event.facts)["subscriber"].as_integer().in_(subscribers)
    happened = sa.and_(col(Event.noun) == "subscriber", col(Event.noun_id).in_(subscribers))
    return tx.exec(select(Event).where(sa.or_(happened, named)).order_by(col(Event.id))).all()


def names(event: Event, subscriber_id: int) -> bool:
    """Return whether an event names a subscriber number, as `events_about` searches for it."""
    is_noun = event.noun == "subscriber" and event.noun_id == subscriber_id
    return is_noun or event.facts.get("subscriber") == subscriber_id


# --- erasure ---------------------------------------------------------------------------------


def erase(tx: Session, held: Held, *, address_hmac: str, reason: str, at: datetime, may_return: bool = False) -> None:
    """
    Delete or empty every row about a person, and keep the keyed hash of the address as a suppression, and of addresses before it.

    `may_return`: the person alone can lift it, by confirming a new sign-up.

    The ledger keeps its rows and states, so that its counts stay right: without address, name, hash and replies.
    """
    if not is_shared(tx):
        tx.connection().exec_driver_sql("PRAGMA secure_delete=ON")  # else the file keeps what was deleted until it is overwritten
    for hmac in (*held.former, address_hmac):
        entry = subscribers.suppression(tx, hmac) or Suppression(address_hmac=hmac, reason=reason, made_at=at)
        entry.address, entry.reason, entry.may_return = None, reason, may_return
        tx.add(entry)
        signups.forget_address(tx, hmac)
        notices.forget_address(tx, hmac)
        bounces.forget_address(tx, hmac)
    _empty_ledger(tx, [delivery.id for delivery in held.deliveries])
    for event in held.events:
        event.facts = {name: value for name, value in event.facts.items() if name not in _WRITTEN}
        tx.add(event)
    if held.person is not None:
        tx.execute(sa.delete(Subscription).where(col(Subscription.subscriber_id) == held.person.id))
        tx.delete(held.person)
    tx.flush()


def _empty_ledger(tx: Session, deliveries: Sequence[int]) -> None:
    """Empty what identifies a reader in these deliveries and their attempts; a mail in flight is recorded without words."""
    ours = sa.case((col(Delivery.state).in_(_OUR_REASONS), col(Delivery.reason)), else_="")
    emptied = {"address": "", "address_hmac": "", "name": "", "reply": "", "reason": ours}
    tx.execute(sa.update(Delivery).where(col(Delivery.id).in_(deliveries)).values(**emptied))
    tx.execute(sa.update(Attempt).where(col(Attempt.delivery_id).in_(deliveries)).values(address_hmac="", text=""))
