"""Leaving: why readers left, and the mail that says goodbye where a list wants one."""

from sqlmodel import Session

from digest.audience.leaving import words
from digest.model.event import Actor, EventKind
from digest.model.leaving import LeaveReason, Reason
from digest.model.notice import Notice, NoticeKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription
from digest.services import events
from digest.services.context import Place
from digest.services.views.people import LeaveReasons, ReasonLine
from digest.store import notices, reasons, subscribers


def explain(ctx: Place, subscription_id: int, reason: Reason, text: str) -> None:
    """Keep why a reader left, in place of what they said before; nothing where they are on the list, or gone."""
    with ctx.db.begin() as tx:
        found = subscribers.subscription_by_id(tx, subscription_id)
        if found is None or found[0].state is not SubscriptionState.UNSUBSCRIBED:
            return
        tie, mlist, person = found
        given = LeaveReason(subscription_id=tie.id, mlist_id=mlist.id, reason=reason, text=words(text), at=ctx.clock())
        reasons.keep(tx, given)
        events.record(
            ctx,
            tx,
            EventKind.EXPLAINED,
            tie,
            actor=Actor.READER,
            subscriber=person.id,
            list=mlist.name,
            reason=reason.value,
        )


def say_goodbye(ctx: Place, tx: Session, tie: Subscription, mlist: MailingList, person: Subscriber) -> None:
    """Have a reader who left told that nothing more comes, within a transaction, if the list wants that."""
    if mlist.goodbye:
        goodbye = Notice(kind=NoticeKind.GOODBYE, address_hmac=person.address_hmac, subscription_id=tie.id, due_at=ctx.clock())
        notices.add(tx, goodbye)


def why(ctx: Place, mlist: str, *, limit: int | None = None) -> LeaveReasons:
    """Return why readers left a list: how often each reason was given, and the newest words. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = subscribers.get_list(tx, mlist)
        counted = reasons.counts(tx, chosen.id)
        return LeaveReasons(
            list=chosen.name,
            left=subscribers.count_left(tx, chosen.id),
            counts={reason.value: counted.get(reason, 0) for reason in Reason},
            words=tuple(ReasonLine.of(row) for row in reasons.told(tx, chosen.id, limit=limit)),
        )
