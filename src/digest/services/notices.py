"""
Notices: mails to one reader about their own subscriptions. Who they go to is looked up when they are due.

They are outside the ledger and sent at least once: a process that dies after it has handed one over and before
that is recorded leaves it to be mailed again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session

from digest import log
from digest.compose.render import render
from digest.languages import best, shipped
from digest.model.delivery import Links
from digest.model.moving import Move
from digest.model.newsletter import Newsletter
from digest.model.notice import Notice, NoticeKind
from digest.model.ports import Envelope
from digest.model.signup import LINK_DAYS
from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription
from digest.model.tokens import Purpose, sign
from digest.services import messages, preferences
from digest.services.context import Context
from digest.services.selection import paper_of
from digest.services.system_mails import BATCH, LEASE, again_at, hand_over_each
from digest.store import moves, newsletters, notices, subscribers

_TEMPLATES = {
    NoticeKind.LINK: "link",
    NoticeKind.GOODBYE: "goodbye",
    NoticeKind.NEW_ADDRESS: "move",
    NoticeKind.OLD_ADDRESS: "move",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A notice with its reader and the newsletter in whose name it is sent."""

    notice: Notice
    person: Subscriber
    tie: Subscription
    paper: Newsletter
    move: Move | None  #: that it is about


def send_due(ctx: Context) -> int:
    """Send the notices that are due; return how many were accepted."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not notices.any_due(tx, now=now):
            return 0
    with ctx.db.begin() as tx:
        ready = [made for notice in notices.due(tx, now=now, limit=BATCH) if (made := _prepare(ctx, tx, notice))]
    return hand_over_each(
        ctx,
        ready,
        make=partial(_envelope, ctx),
        record=lambda one, is_taken: _record(ctx, one.notice.id, is_taken=is_taken),
        log_unsent=lambda one, said: log.get().warning("notice.unsent", notice=one.notice.id, error=said),
    )


def _prepare(ctx: Context, tx: Session, notice: Notice) -> _Due | None:
    """Look up whom a notice goes to, and claim it; it is deleted where there is nobody to be mailed."""
    person = subscribers.by_hmac(tx, notice.address_hmac)
    move = moves.get(tx, notice.move_id) if notice.move_id else None
    if (
        notice.kind is NoticeKind.NEW_ADDRESS and person is not None
    ):  # who has it is told where to choose, and nobody else anything
        notice.kind, move = NoticeKind.LINK, None
    elif notice.kind is NoticeKind.NEW_ADDRESS and move is not None:
        person = subscribers.by_id(tx, move.subscriber_id)
    is_due = move is not None or notice.kind not in (NoticeKind.NEW_ADDRESS, NoticeKind.OLD_ADDRESS)
    if is_due and person is not None and subscribers.suppression(tx, notice.address_hmac) is None:
        for tie, mlist in _ties(tx, notice, person):
            for paper in newsletters.of_list(tx, mlist.id):
                notice.due_at = ctx.clock() + LEASE
                tx.add(notice)
                return _Due(notice=notice, person=person, tie=tie, paper=paper, move=move)
    notices.remove(tx, notice)
    return None


def _ties(tx: Session, notice: Notice, person: Subscriber) -> Sequence[tuple[Subscription, MailingList]]:
    """Return the subscriptions that a notice can be about, the likeliest first."""
    ties = subscribers.subscriptions_of(tx, person.id)
    if notice.kind is NoticeKind.GOODBYE:  # not to who is back
        return [one for one in ties if one[0].id == notice.subscription_id and one[0].state is SubscriptionState.UNSUBSCRIBED]
    return sorted(ties, key=lambda one: one[0].state is not SubscriptionState.ACTIVE)


def _record(ctx: Context, number: int, *, is_taken: bool | None) -> None:
    with ctx.db.begin() as tx:
        row = notices.get(tx, number)
        if row is None:
            return
        if is_taken is not None:
            notices.remove(tx, row)
            return
        row.attempts, row.due_at = row.attempts + 1, again_at(row.attempts, ctx.clock())
        tx.add(row)


def _envelope(ctx: Context, one: _Due) -> Envelope:
    now, kind = ctx.clock(), _TEMPLATES[one.notice.kind]
    day = now.astimezone(one.paper.timetable.zone).date()
    drawn = paper_of(ctx, one.paper, number=0, day=day, nonce=secrets.token_hex(6), template=kind)
    language = best(one.person.language, shipped()) or one.paper.language
    values = {"address": one.move.address, "days": LINK_DAYS} if one.move else {}
    rendition = render(replace(drawn, language=language, values=values), ())
    to = one.move.address if one.move and one.notice.kind is NoticeKind.NEW_ADDRESS else one.person.address
    return messages.single(ctx, rendition, address=to, now=now, kind=kind, links=_links(ctx, one))


def _links(ctx: Context, one: _Due) -> Links:
    key = ctx.settings.secret_keys[0]
    page = f"{ctx.base_url}/p/{preferences.link(ctx, one.tie.id)}"
    leave = f"{ctx.base_url}/u/{sign(one.tie.id, Purpose.UNSUBSCRIBE, key)}"
    action = page
    if one.move:
        purpose = Purpose.NEW_ADDRESS if one.notice.kind is NoticeKind.NEW_ADDRESS else Purpose.OLD_ADDRESS
        action = f"{ctx.base_url}/address/{sign(one.move.id, purpose, key)}"
    return Links(unsubscribe=leave, view=ctx.base_url, preferences=page, action=action)
