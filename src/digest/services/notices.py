"""
Notices: mails to one reader about their own subscriptions. Who they go to is looked up when they are due.

They are outside the ledger and sent at least once: a process that dies after it has handed one over and before
that is recorded leaves it to be mailed again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from digest import log
from digest.compose.render import render
from digest.errors import DigestError, TransportError
from digest.languages import best, shipped
from digest.model.delivery import Links
from digest.model.newsletter import Newsletter
from digest.model.notice import Notice
from digest.model.ports import Envelope
from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscriber, Subscription
from digest.model.tokens import Purpose, sign
from digest.services import messages, preferences
from digest.services.context import Context
from digest.services.selection import paper_of
from digest.services.system_mails import BATCH, LEASE, again_at, hand_over
from digest.store import newsletters, notices, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A notice with its reader and the newsletter in whose name it is sent."""

    notice: Notice
    person: Subscriber
    tie: Subscription
    paper: Newsletter


def send_due(ctx: Context) -> int:
    """Send the notices that are due; return how many were accepted."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not notices.any_due(tx, now=now):
            return 0
    with ctx.db.begin() as tx:
        ready = [made for notice in notices.due(tx, now=now, limit=BATCH) if (made := _prepare(ctx, tx, notice))]
    return _send(ctx, ready)


def _prepare(ctx: Context, tx: Session, notice: Notice) -> _Due | None:
    """Look up whom a notice goes to, and claim it; it is deleted where there is nobody to be mailed."""
    person = subscribers.by_hmac(tx, notice.address_hmac)
    if person is not None and subscribers.suppression(tx, person.address_hmac) is None:
        ties = sorted(subscribers.subscriptions_of(tx, person.id), key=lambda one: one[0].state is not SubscriptionState.ACTIVE)
        for tie, mlist in ties:
            for paper in newsletters.of_list(tx, mlist.id):
                notice.due_at = ctx.clock() + LEASE
                tx.add(notice)
                return _Due(notice=notice, person=person, tie=tie, paper=paper)
    notices.remove(tx, notice)
    return None


def _send(ctx: Context, ready: Sequence[_Due]) -> int:
    """Make mails, hand them over and record what became of each; once no relay answers, the others wait too."""
    taken, is_down = 0, False
    for one in ready:
        is_taken: bool | None = None
        try:
            if not is_down:
                outcome = hand_over(ctx, _envelope(ctx, one))
                is_taken = outcome.is_taken
                if not is_taken:
                    log.get().warning("notice.unsent", notice=one.notice.id, error=outcome.said)
        except DigestError as problem:  # a ComposeError: a person mends the template, so that it is tried again as well
            log.get().error("notice.unsent", notice=one.notice.id, error=str(problem))
            is_down = isinstance(problem, TransportError)
        _record(ctx, one.notice.id, is_taken=is_taken)
        taken += bool(is_taken)
    return taken


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
    now, kind = ctx.clock(), one.notice.kind.value
    day = now.astimezone(one.paper.timetable.zone).date()
    drawn = paper_of(ctx, one.paper, number=0, day=day, nonce=secrets.token_hex(6), template=kind)
    language = best(one.person.language, shipped()) or one.paper.language
    rendition = render(replace(drawn, language=language), ())
    return messages.single(ctx, rendition, address=one.person.address, now=now, kind=kind, links=_links(ctx, one.tie))


def _links(ctx: Context, tie: Subscription) -> Links:
    page = f"{ctx.base_url}/p/{preferences.link(ctx, tie.id)}"
    leave = f"{ctx.base_url}/u/{sign(tie.id, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys[0])}"
    return Links(unsubscribe=leave, view=ctx.base_url, preferences=page, action=page)
