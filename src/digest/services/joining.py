"""Joining: a confirmed sign-up becomes an active subscription, with something to read at once."""

from datetime import datetime

from sqlmodel import Session

from digest.curate.choice import bitmap
from digest.model.delivery import Delivery, without
from digest.model.event import Actor, EventKind
from digest.model.issue import Issue
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.signup import LINK_LASTS, How, Letter, SignUp
from digest.model.states import IssueState, SubscriptionState, move
from digest.model.subscriber import ALL_TOPICS, MailingList, Subscriber, Subscription
from digest.model.tokens import key_id
from digest.services import events, topics
from digest.services.context import Place
from digest.services.selection import served
from digest.store import deliveries, issues, newsletters, subscribers, work

_HAS_GONE_OUT = (IssueState.SENT, IssueState.SENDING)


def join(ctx: Place, tx: Session, row: SignUp, mlist: MailingList, *, how: How) -> int | None:
    """
    Make the subscription of a sign-up active, within a transaction; return how many issues are queued for them.

    Who was on the list stays as they were. Who is new, or returns, is mailed the welcome and the newest issue of each
    newsletter. None: the address must never be mailed, and nothing has changed.
    """
    now = ctx.clock()
    if subscribers.bars(tx, row.address_hmac):
        return None
    queued = 0
    person = subscribers.find(tx, row.address_key) or _new_person(tx, row, now)
    _lift(ctx, tx, person)
    tie = subscribers.subscription(tx, mlist.id, person.id)
    row.confirmed_at, row.letter, row.letter_at = now, None, None
    row.expires_at = now + LINK_LASTS  # so long its pages say that it is confirmed, and the welcome is tried
    if tie is None or tie.state is not SubscriptionState.ACTIVE:
        person.name, person.language = person.name or row.name, person.language or row.language  # what is known stays
        tie = activate(ctx, tx, mlist, person, tie, said=_evidence(row, how, now), now=now)
        if row.topics != ALL_TOPICS:
            topics.choose(ctx, tx, tie, mlist, row.topics, actor=Actor.READER)
        row.letter, row.letter_at, row.attempts = Letter.WELCOME, now, 0
        papers = [paper for paper in newsletters.of_list(tx, mlist.id) if paper.welcome_issue]
        queued = sum(_queue_newest(ctx, tx, paper, person, tie) for paper in papers)
    row.subscription_id = tie.id
    tx.add(row)
    tx.flush()
    return queued


def _lift(ctx: Place, tx: Session, person: Subscriber) -> None:
    """Lift the suppression of a person who had left and was forgotten since: they return."""
    entry = subscribers.suppression(tx, person.address_hmac)
    if entry is not None and subscribers.unsuppress(tx, person.address_hmac):
        events.record(ctx, tx, EventKind.UNSUPPRESSED, entry, actor=Actor.READER, subscriber=person.id)


def has_left(tx: Session, row: SignUp) -> bool:
    """Return whether the address had left the list, or was forgotten after it left: only the person can return, so that a confirmation is needed."""
    if subscribers.suppression(tx, row.address_hmac) is not None:
        return True
    person = subscribers.find(tx, row.address_key)
    tie = subscribers.subscription(tx, row.mlist_id, person.id) if person else None
    return tie is not None and tie.state is SubscriptionState.UNSUBSCRIBED


def _new_person(tx: Session, row: SignUp, now: datetime) -> Subscriber:
    made = Subscriber(
        address=row.address,
        address_key=row.address_key,
        address_hmac=row.address_hmac,
        name=row.name,
        language=row.language,
        made_at=now,
    )
    return subscribers.add(tx, made)


def activate(
    ctx: Place, tx: Session, mlist: MailingList, person: Subscriber, tie: Subscription | None, *, said: str, now: datetime
) -> Subscription:
    """
    Make a subscription active by way of `pending`, within a transaction; `said` is the evidence in words.

    Who asks for a list wants mail again, so that a pause ends.
    """
    if tie is None:
        tie = Subscription(
            mlist_id=mlist.id, subscriber_id=person.id, state=SubscriptionState.PENDING, evidence=said, made_at=now
        )
    else:
        left = f"; left {tie.left_at:%Y-%m-%d %H:%M} UTC" if tie.left_at else ""
        tie.evidence = f"{tie.evidence}{left}; {said}"
        if tie.state is SubscriptionState.UNSUBSCRIBED:
            tie.state = move(tie.state, SubscriptionState.PENDING, what="the subscription")
    tie.state = move(tie.state, SubscriptionState.ACTIVE, what="the subscription")
    tie.active_at, tie.left_at, person.paused_until = now, None, None
    tx.add_all((tie, person))
    tx.flush()
    events.record(ctx, tx, EventKind.SUBSCRIBED, tie, actor=Actor.READER, subscriber=person.id, list=mlist.name)
    return tie


def _evidence(row: SignUp, how: How, now: datetime) -> str:
    """Say in words how a sign-up was asked for and confirmed."""
    return f"signed up {row.asked_at:%Y-%m-%d %H:%M} UTC, " + (
        "no confirmation asked (single opt-in)"
        if how is How.SINGLE
        else f"confirmed by the {how} of a mail {now:%Y-%m-%d %H:%M} UTC"
    )


# --- the newest issue ------------------------------------------------------------------------


def _queue_newest(ctx: Place, tx: Session, paper: Newsletter, person: Subscriber, tie: Subscription) -> bool:
    """Queue the newest issue that has gone out for a new reader, unless they have had it; an issue that was sent is `sending` again."""
    issue = next(
        (issue for issue in issues.latest(tx, paper.id) if issue.state in _HAS_GONE_OUT and not issue.is_correction), None
    )
    if issue is None:
        return False
    delivery = _delivery(ctx, tx, paper, issue, person, tie)
    if not any(delivery.picks) or not deliveries.queue_one(tx, delivery):
        return False
    issue.retried_at = ctx.clock()  # the two days in which it is tried begin now
    if issue.state is IssueState.SENT:
        issues.to_state(tx, issue, IssueState.SENDING)
    tx.add(issue)
    work.defer(tx, [Job(kind=JobKind.DELIVER, numbers=(issue.id,))])
    return True


def _delivery(ctx: Place, tx: Session, paper: Newsletter, issue: Issue, person: Subscriber, tie: Subscription) -> Delivery:
    made = {row.language: row.id for row in issues.renditions(tx, issue.id)}  # the newsletter's own language first
    return Delivery(
        issue_id=issue.id,
        newsletter_id=paper.id,
        subscriber_id=person.id,
        subscription_id=tie.id,
        period=issue.slot,
        address=person.address,
        address_hmac=person.address_hmac,
        name=person.name,
        rendition_id=made[served(person.language, list(made))],
        key_id=key_id(ctx.settings.secret_keys[0]),
        picks=without(bitmap(topics.of_picks(issues.picks(tx, issue.id)), tie.topics), issues.withdrawn(tx, issue.id)),
    )
