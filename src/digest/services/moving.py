"""
Moving: a reader's mail goes to another address once both addresses have confirmed it, by the links of two mails.

Asking does the same work for every address. Whether somebody has the new one, or it must never be mailed, is looked
up when its mail is due; who asked is not told.
"""

from dataclasses import dataclass
from enum import Enum

from sqlmodel import Session

from digest import log
from digest.errors import NotFound
from digest.model.event import Actor, EventKind
from digest.model.moving import Move
from digest.model.notice import Notice, NoticeKind
from digest.model.signup import LINK_LASTS
from digest.model.subscriber import Address, Subscriber
from digest.model.tokens import Purpose, address_hmac, verify
from digest.services import events, limiting
from digest.services.context import Place
from digest.store import moves, notices, subscribers
from digest.store.rates import Counters


class Step(Enum):
    """State of a move for the one who has its link."""

    ASKED = "asked"  #: this address has not confirmed it
    HALF = "half"  #: this address has confirmed it, the other has not
    MADE = "made"  #: the mail goes to the new address
    STOPPED = "stopped"  #: by one of the two addresses
    IMPOSSIBLE = "impossible"  #: somebody has the new address by now, or it must never be mailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A move as the pages show it."""

    step: Step
    old: str  #: address that the mail goes to; the new one where the move was made
    new: str
    language: str


def ask(ctx: Place, tx: Session, person: Subscriber, new: Address, *, ip: str) -> None:
    """
    Record that a person wants another address, and have a link mailed to both, within a transaction.

    Raises:
        TooMany: the network, the domain, or all together ask too often.
    """
    if new.key == person.address_key:
        return
    now, counters = ctx.clock(), Counters(tx, ctx.clock())
    limiting.count_request(ctx, counters, limiting.counted(new, ip=ip))
    hmac = address_hmac(new.key, ctx.settings.pepper)
    if not all(limiting.may_mail(ctx, counters, one) for one in (hmac, person.address_hmac)):
        return
    asked = Move(
        subscriber_id=person.id,
        address=new.text,
        address_key=new.key,
        address_hmac=hmac,
        old_hmac=person.address_hmac,
        asked_at=now,
        expires_at=now + LINK_LASTS,
    )
    move = moves.ask(tx, asked)
    for kind, goes_to in ((NoticeKind.NEW_ADDRESS, hmac), (NoticeKind.OLD_ADDRESS, person.address_hmac)):
        notices.add(tx, Notice(kind=kind, address_hmac=goes_to, move_id=move.id, due_at=now))
    log.get().info("move.asked", move=move.id)


def show(ctx: Place, token: str) -> Asked:
    """Return the move that a mail's link names. Raises NotFound."""
    with ctx.db.read() as tx:
        move, person, purpose = _found(ctx, tx, token)
        confirmed = move.new_confirmed_at if purpose is Purpose.NEW_ADDRESS else move.old_confirmed_at
        step = Step.MADE if move.made_at else Step.HALF if confirmed else Step.ASKED
        return _asked(move, person, step)


def confirm(ctx: Place, token: str) -> Asked:
    """Confirm a move for one of its addresses; the second confirmation makes it. Idempotent. Raises NotFound."""
    now = ctx.clock()
    with ctx.db.begin() as tx:
        move, person, purpose = _found(ctx, tx, token)
        if move.made_at:
            return _asked(move, person, Step.MADE)
        if purpose is Purpose.NEW_ADDRESS:
            move.new_confirmed_at = move.new_confirmed_at or now
        else:
            move.old_confirmed_at = move.old_confirmed_at or now
        tx.add(move)
        if move.new_confirmed_at is None or move.old_confirmed_at is None:
            return _asked(move, person, Step.HALF)
        asked = _asked(move, person, Step.IMPOSSIBLE)
        if subscribers.find(tx, move.address_key) or subscribers.suppression(tx, move.address_hmac):
            moves.stop(tx, move)
            return asked
        person.address, person.address_key, person.address_hmac = move.address, move.address_key, move.address_hmac
        move.made_at = now
        tx.add_all((person, move))
        tx.flush()
        events.record(ctx, tx, EventKind.SUBSCRIBER_CHANGED, person, actor=Actor.READER, changed=["address"])
    log.get().info("move.made", move=move.id)
    return _asked(move, person, Step.MADE)


def stop(ctx: Place, token: str) -> Asked:
    """Stop a move that was not made yet. Raises NotFound."""
    with ctx.db.begin() as tx:
        move, person, _ = _found(ctx, tx, token)
        if move.made_at:
            return _asked(move, person, Step.MADE)
        asked = _asked(move, person, Step.STOPPED)
        moves.stop(tx, move)
    return asked


def tidy(ctx: Place) -> None:
    """Delete the moves that were not confirmed in time."""
    with ctx.db.begin() as tx:
        moves.forget_expired(tx, now=ctx.clock())


def _found(ctx: Place, tx: Session, token: str) -> tuple[Move, Subscriber, Purpose]:
    for purpose in (Purpose.NEW_ADDRESS, Purpose.OLD_ADDRESS):
        number = verify(token, purpose, ctx.settings.secret_keys)
        move = moves.get(tx, number) if number is not None else None
        if move is not None and (move.made_at or move.is_open(ctx.clock())):
            return move, subscribers.by_id(tx, move.subscriber_id), purpose
    raise NotFound("move", "of this link")


def _asked(move: Move, person: Subscriber, step: Step) -> Asked:
    return Asked(step=step, old=person.address, new=move.address, language=person.language)
