"""Personal data: everything that is held about one person, to be read and to be erased."""

from dataclasses import dataclass

from sqlmodel import Session

from digest.audience.address import parse
from digest.errors import NotFound, NothingToDo
from digest.model.event import EventKind
from digest.model.subscriber import Address, Subscriber
from digest.model.tokens import address_hmac
from digest.services import deliveries, events
from digest.services.context import Place
from digest.services.views.people import (
    AttemptView,
    ConsentView,
    ImportChangeView,
    LeaveReasonView,
    MoveView,
    PersonalData,
    PersonView,
    ReportView,
    SignUpView,
    SubscriptionView,
    SuppressionView,
)
from digest.store import api, held
from digest.store.held import Held

ERASED = "erased"  #: reason of the suppression that an erasure keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Number of rows that an erasure deleted, or emptied of what names the person."""

    address: str
    subscriptions: int
    consents: int
    signups: int
    deliveries: int
    attempts: int


def export(ctx: Place, address: str) -> PersonalData:
    """Return everything that is held about an address. Raises BadAddress, or NotFound where nothing is."""
    checked = parse(address)
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.read() as tx:
        found = held.of_address(tx, checked.key, hmac, deliveries=held.delivery_numbers(tx, hmac))
        if found.is_hash_only and found.suppression is None:
            raise NotFound("subscriber", checked.text)
        return view(ctx, tx, found, checked.text)


def plan_erasure(ctx: Place, address: str) -> Erased:
    """Return what an erasure would delete or empty. Raises BadAddress, or NothingToDo where nothing is held."""
    checked = parse(address)
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.read() as tx:
        found = held.of_address(tx, checked.key, hmac, deliveries=held.delivery_numbers(tx, hmac))
    if found.is_hash_only:
        raise NothingToDo(f"nothing is held of {checked.text}")
    return _counted(found, checked)


def erase(ctx: Place, address: str) -> Erased:
    """
    Erase everything that names a person, and keep a keyed hash, so that nobody mails or imports them again.

    Also of an address that is only in the ledger, in sign-ups or among the suppressions. All or nothing, in one transaction.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: nothing is held of it, or only the keyed hash.
    """
    checked = parse(address)
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.read() as tx:  # the long search, before others have to wait
        numbers = held.delivery_numbers(tx, hmac)
        happened = [event.id for event in held.of_address(tx, checked.key, hmac, deliveries=numbers).events]
    with ctx.db.begin() as tx:
        found = held.of_address(tx, checked.key, hmac, deliveries=numbers, events=happened)
        if found.is_hash_only:
            kept = " but the keyed hash that keeps mail from it" if found.suppression else ""
            raise NothingToDo(f"nothing is held of {checked.text}{kept}")
        _erase(ctx, tx, found, hmac)
    ctx.db.truncate_log()
    return _counted(found, checked)


def _erase(ctx: Place, tx: Session, found: Held, hmac: str) -> None:
    held.erase(tx, found, address_hmac=hmac, reason=ERASED, at=ctx.clock())
    api.forget_answers(tx)  # any of them may name the person
    events.record(ctx, tx, EventKind.SUBSCRIBER_ERASED, found.person or Subscriber, deliveries=len(found.deliveries))


def _counted(found: Held, address: Address) -> Erased:
    return Erased(
        address=address.text,
        subscriptions=len(found.subscriptions),
        consents=len(found.consents),
        signups=len(found.signups),
        deliveries=len(found.deliveries),
        attempts=len(found.attempts),
    )


# --- how it is shown -------------------------------------------------------------------------


def view(ctx: Place, tx: Session, found: Held, address: str) -> PersonalData:
    """Return the view of what is held."""
    return PersonalData(
        address=address,
        made_at=ctx.clock(),
        person=PersonView.model_validate(found.person) if found.person else None,
        suppression=SuppressionView.model_validate(found.suppression) if found.suppression else None,
        subscriptions=subscriptions(found),
        changes=tuple(ImportChangeView.model_validate(row) for row in found.changes),
        consents=consents(found),
        signups=signups(found),
        events=tuple(events.views(tx, found.events)),
        deliveries=tuple(deliveries.views(tx, found.deliveries)),
        bounces=tuple(ReportView.model_validate(row) for row in found.bounces),
        attempts=tuple(AttemptView.model_validate(row) for row in found.attempts),
        moves=tuple(MoveView.model_validate(row) for row in found.moves),
        reasons=tuple(LeaveReasonView.model_validate(row) for row in found.reasons),
    )


def subscriptions(found: Held) -> tuple[SubscriptionView, ...]:
    """Return the views of a person's subscriptions, each with the file that it was imported from."""
    return tuple(
        SubscriptionView.of(tie, list=mlist.name, file=found.files.get(tie.import_id or 0)) for tie, mlist in found.subscriptions
    )


def consents(found: Held) -> tuple[ConsentView, ...]:
    """Return the views of a person's evidence of consent."""
    return tuple(ConsentView.of(row, list=row.mlist) for row in found.consents)


def signups(found: Held) -> tuple[SignUpView, ...]:
    """Return the views of a person's requests to join."""
    return tuple(
        SignUpView.of(row, list=mlist.name, wanted=row.topics.wanted, muted=row.topics.muted) for row, mlist in found.signups
    )
