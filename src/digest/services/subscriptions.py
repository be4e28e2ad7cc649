"""Subscriptions: how a person comes to a list, leaves it, and takes that back."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from digest import log
from digest.audience import fields, pauses, subscribe
from digest.audience.address import parse, written
from digest.errors import BadInput, NotFound
from digest.model.event import Actor, EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Address, MailingList, Subscriber, Subscription
from digest.model.tokens import LinkToken, Purpose, sign
from digest.services import events, leaving, pausing, topics
from digest.services.context import Place
from digest.store import newsletters, reasons, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A subscription as its reader sees it."""

    id: int
    address: str
    language: str  #: the reader's; empty: not known
    newsletters: tuple[str, ...]  #: titles of what the list gets; the list's own where it gets none
    state: SubscriptionState
    returns_until: datetime | None  #: until when the reader can take back that they left; None: they cannot
    others: tuple[tuple[str, LinkToken], ...]  #: the other lists that they are on: the title, and the page to leave
    preferences: LinkToken  #: of the page of what they have chosen
    is_explained: bool  #: they have said why they left
    has_topics: bool  #: the list has topics to choose from
    pause_day: date = field(compare=False)  #: the day on which mail would come again after the pause that is offered


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A person who is on a list now."""

    address: str
    list: str


def add(ctx: Place, address: str, *, mlist: str, name: str = "", language: str = "", zone: str = "", consent: str = "") -> Added:
    """
    Subscribe a person to a list, as an admin does it; `consent` is kept as evidence.

    Raises:
        BadInput: address, language or zone cannot be used.
        NotFound: there is no such list.
        Conflict: they are on it, or left it: only they can return; or their address is never mailed.
    """
    checked, own_name = written(address)
    now = ctx.clock()
    with ctx.db.begin() as tx:
        chosen = subscribers.get_list(tx, mlist)
        tie = subscribe.add(
            tx,
            checked,
            mlist=chosen,
            name=fields.one_line(name) or own_name,
            language=fields.language(language),
            zone=fields.zone(zone),
            evidence=fields.one_line(consent) or f"added by an admin on the command line at {now:%Y-%m-%d %H:%M} UTC",
            pepper=ctx.settings.pepper,
            now=now,
        )
        events.record(ctx, tx, EventKind.SUBSCRIBED, tie, subscriber=tie.subscriber_id, list=chosen.name)
    return Added(address=checked.text, list=chosen.name)


def join(ctx: Place, tx: Session, person: Subscriber, mlist: str, *, consent: str) -> None:
    """
    Subscribe a known person to a list by name, within a transaction; `consent` is kept as evidence.

    Raises:
        NotFound: there is no such list.
        Conflict: they are on it, or left it: only they can return; or their address is never mailed.
    """
    chosen = subscribers.get_list(tx, mlist)
    tie = subscribe.add(
        tx,
        Address(text=person.address, key=person.address_key),
        mlist=chosen,
        name=person.name,
        language=person.language,
        zone=person.zone,
        evidence=fields.one_line(consent),
        pepper=ctx.settings.pepper,
        now=ctx.clock(),
    )
    events.record(ctx, tx, EventKind.SUBSCRIBED, tie, subscriber=person.id, list=chosen.name)


def move(ctx: Place, address: str, *, of: str, to: str, consent: str) -> None:
    """
    Take a person off the list `of` and put them on the list `to`; `consent` is kept as evidence.

    Raises:
        BadInput: nothing is said about how they agreed.
        NotFound: there is no such person or list, or they are not on `of`.
        Conflict: they are on `to`, or left it: only they can return; or their address is never mailed.
    """
    if not fields.one_line(consent):
        raise BadInput("say how they agreed; it is kept as evidence", code="no_consent")
    with ctx.db.begin() as tx:
        person = subscribers.get(tx, parse(address).key)
        join(ctx, tx, person, to, consent=consent)
        end(ctx, tx, person, of)


def standing(ctx: Place, subscription_id: int) -> Standing | None:
    """Return how a subscription stands; None where there is none any more."""
    with ctx.db.read() as tx:
        found = subscribers.subscription_by_id(tx, subscription_id)
        return _standing(ctx, tx, *found) if found else None


def unsubscribe(ctx: Place, subscription_id: int, *, by: str) -> Standing | None:
    """End a subscription; None where there is none any more. Idempotent; `by` is who asked for it."""
    with ctx.db.begin(shared=True) as tx:
        found = subscribers.subscription_by_id(tx, subscription_id)
        if found is None:
            return None
        tie, mlist, _ = found
        ended = subscribers.leave(tx, tie, at=ctx.clock())
        if ended:
            events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, actor=by, subscriber=tie.subscriber_id, list=mlist.name)
            leaving.say_goodbye(ctx, tx, *found)
        standing = _standing(ctx, tx, *found)
    if ended:
        log_ended(*found, by=by)
    return standing


def resume(ctx: Place, subscription_id: int) -> Standing | None:
    """Take back that a reader left, as long as they can; None where there is no such subscription any more. Idempotent."""
    with ctx.db.begin(shared=True) as tx:
        found = subscribers.subscription_by_id(tx, subscription_id)
        if found is None:
            return None
        tie, mlist, person = found
        resumed = subscribers.come_back(tx, tie, at=ctx.clock())
        if resumed:
            reasons.forget(tx, tie.id)
            events.record(ctx, tx, EventKind.RESUBSCRIBED, tie, actor=Actor.READER, subscriber=tie.subscriber_id, list=mlist.name)
        standing = _standing(ctx, tx, *found)
    if resumed:
        log.get().info("subscription.resumed", subscription=tie.id, list=mlist.name, address=person.address, by="reader")
    return standing


def pause(ctx: Place, subscription_id: int) -> Standing | None:
    """Pause everything that is mailed to the reader of a subscription, as its page offers; None where there is none any more."""
    with ctx.db.begin() as tx:
        found = subscribers.subscription_by_id(tx, subscription_id)
        if found is None:
            return None
        standing = _standing(ctx, tx, *found)
        pausing.pause(ctx, tx, found[2], standing.pause_day, actor=Actor.READER)
    return standing


def end(ctx: Place, tx: Session, person: Subscriber, mlist: str) -> tuple[Subscription, MailingList] | None:
    """
    End a person's subscription to a list by name, within a transaction; None where they had left.

    Raises:
        NotFound: there is no such list, or they never were on it.
    """
    chosen = subscribers.get_list(tx, mlist)
    tie = subscribers.subscription(tx, chosen.id, person.id)
    if tie is None:
        raise NotFound("subscription", f"of {person.address} to {mlist}")
    if not subscribers.leave(tx, tie, at=ctx.clock()):
        return None
    events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, subscriber=person.id, list=chosen.name)
    return tie, chosen


def log_ended(tie: Subscription, mlist: MailingList, person: Subscriber, *, by: str) -> None:
    """Log that a subscription has ended, after its transaction."""
    log.get().info("subscription.ended", subscription=tie.id, list=mlist.name, address=person.address, by=by)


def _standing(ctx: Place, tx: Session, tie: Subscription, mlist: MailingList, person: Subscriber) -> Standing:
    titles, key = _titles(tx, mlist), ctx.settings.secret_keys[0]
    ties = subscribers.subscriptions_of(tx, person.id)
    others = [one for one in ties if one[0].state is SubscriptionState.ACTIVE and one[0].id != tie.id]
    today = ctx.clock().astimezone(pausing.zone_of(ctx, tx, person)).date()
    suppressed = subscribers.suppression(tx, person.address_hmac) is not None
    return Standing(
        id=tie.id,
        address=person.address,
        language=person.language,
        newsletters=titles,
        state=tie.state,
        returns_until=None if suppressed else tie.returns_until(ctx.clock()),
        others=tuple((", ".join(_titles(tx, at)), sign(one.id, Purpose.UNSUBSCRIBE, key)) for one, at in others),
        preferences=sign(tie.id, Purpose.PREFERENCES, key),
        is_explained=reasons.is_given(tx, tie.id),
        has_topics=bool(topics.offered(tx, mlist.id)),
        pause_day=today + pauses.OFFERED[-1],
    )


def _titles(tx: Session, mlist: MailingList) -> tuple[str, ...]:
    return tuple(paper.title for paper in newsletters.of_list(tx, mlist.id)) or (mlist.title or mlist.name,)
