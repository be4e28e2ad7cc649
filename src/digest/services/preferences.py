"""
Preferences: what a reader has chosen, read and changed by the link of their mails, without an account.

The link names a subscription, and through it the person. Whoever has lost it has it mailed to their address;
asking does the same work for every address, so that neither the answer nor its time tells who is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from digest import log
from digest.audience import pauses
from digest.audience import signup as rules
from digest.audience.address import parse
from digest.audience.fields import Unfit
from digest.errors import BadAddress, BadInput, NotFound
from digest.languages import SOURCE, load
from digest.model.event import Actor, EventKind
from digest.model.notice import Notice, NoticeKind
from digest.model.signup import Consent, ConsentStep, How
from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription, TopicChoice
from digest.model.tokens import LinkToken, Purpose, address_hmac, sign, verify
from digest.services import events, joining, leaving, limiting, moving, offers, pausing, subscriptions, topics
from digest.services.context import Place
from digest.services.offers import Offer
from digest.services.signup import Origin, next_issue
from digest.store import moves, newsletters, notices, signups, subscribers
from digest.store.rates import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice:
    """A list that a reader is on or may join."""

    offer: Offer
    is_on: bool
    leave: LinkToken | None  #: of the page on which it is left; None: they never were on it
    topics: tuple[str, ...]  #: that can be chosen; none: the list has none, or they are not on it
    chosen: TopicChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Choices of a reader, and what there is to choose from."""

    paper: str  #: titles of the newsletters that the link came with
    address: str
    name: str
    language: str  #: of the reader; empty: none is known
    paper_language: str  #: of the newsletter, which a reader without a language gets
    lists: tuple[ListChoice, ...]
    paused_until: date | None  #: the day on which mail comes again
    pauses: tuple[date, ...]  #: the days on which mail comes again after a week, and after four
    first_day: date  #: that can be chosen to end a pause on
    last_day: date
    next_at: datetime | None  #: when the next issue is due, in its newsletter's time; None: none comes
    moves_to: str  #: address that their mail is to go to, once both addresses have confirmed it; empty: it stays
    is_suppressed: bool  #: nothing may be mailed to them, whatever they choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Content of the form that a reader sent; None leaves a value as it is."""

    name: str | None = None
    language: str | None = None
    lists: Mapping[str, bool] = field(default_factory=dict)  #: by name, whether they want it; others stay as they are
    pause: date | None = None  #: mail comes again from this day on
    ends_pause: bool = False
    address: str = ""  #: that their mail is to go to; empty: it stays
    topics: Mapping[str, TopicChoice] = field(default_factory=dict)  #: by list; of others they stay as they are


# --- to read ---------------------------------------------------------------------------------


def show(ctx: Place, token: str) -> Preferences:
    """Return the preferences of the reader whom a link names. Raises NotFound where the link is not ours, or they are gone."""
    with ctx.db.read() as tx:
        _, mlist, person = _found(ctx, tx, token)
        now, papers = ctx.clock(), newsletters.of_list(tx, mlist.id)
        zone = pausing.zone_of(ctx, tx, person)
        today, choices = now.astimezone(zone).date(), _choices(ctx, tx, person)
        own = [paper for choice, chosen in choices if choice.is_on for paper in newsletters.of_list(tx, chosen.id)]
        paper, slot = next_issue(own, max(now, person.paused_until or now))
        move = moves.open_of(tx, person.id, now=now)
        until = person.paused_until if person.is_paused(now) else None
        return Preferences(
            paper=offers.of(tx, mlist).title,
            address=person.address,
            name=person.name,
            language=person.language,
            paper_language=papers[0].language if papers else SOURCE,
            lists=tuple(choice for choice, _ in choices),
            paused_until=until.astimezone(zone).date() if until else None,
            pauses=tuple(today + length for length in pauses.OFFERED),
            first_day=today + timedelta(days=1),
            last_day=today + pauses.LONGEST,
            next_at=slot.due_at.astimezone(paper.timetable.zone) if paper and slot else None,
            moves_to=move.address if move else "",
            is_suppressed=subscribers.suppression(tx, person.address_hmac) is not None,
        )


def link(ctx: Place, subscription_id: int) -> LinkToken:
    """Return the token of the preference page of a subscription's reader."""
    return sign(subscription_id, Purpose.PREFERENCES, ctx.settings.secret_keys[0])


def _found(ctx: Place, tx: Session, token: str) -> tuple[Subscription, MailingList, Subscriber]:
    number = verify(token, Purpose.PREFERENCES, ctx.settings.secret_keys)
    found = subscribers.subscription_by_id(tx, number) if number is not None else None
    if found is None:
        raise NotFound("subscription", "of this link")
    return found


def _choices(ctx: Place, tx: Session, person: Subscriber) -> Sequence[tuple[ListChoice, MailingList]]:
    """Return the lists that a person is on, and those that anybody may join."""
    ties = {mlist.id: tie for tie, mlist in subscribers.subscriptions_of(tx, person.id)}
    key = ctx.settings.secret_keys[0]
    found = []
    for mlist in subscribers.lists(tx):
        tie = ties.get(mlist.id)
        is_on = tie is not None and tie.state is SubscriptionState.ACTIVE
        if is_on or offers.is_offered(tx, mlist):
            leave = sign(tie.id, Purpose.UNSUBSCRIBE, key) if tie else None
            chosen = tie.topics if tie and is_on else TopicChoice()
            offer = offers.of(tx, mlist)
            known = {t.casefold(): t for t in (*chosen.wanted, *chosen.muted, *offer.topics)} if is_on else {}
            choice = ListChoice(
                offer=offer,
                is_on=is_on,
                leave=leave,
                topics=tuple(known[key] for key in sorted(known)),
                chosen=chosen,
            )
            found.append((choice, mlist))
    return found


# --- to change -------------------------------------------------------------------------------


def save(ctx: Place, token: str, wanted: Wanted, origin: Origin) -> None:
    """
    Change what a reader wants, whole or not at all. Saving the same again changes nothing.

    Raises:
        NotFound: the link is not ours, or they are gone.
        BadInput: `problems` in its facts says by field what is wrong: the name, the address, or the day to pause until.
        TooMany: the network, the domain, or all together ask too often for mail to new addresses.
    """
    with ctx.db.begin() as tx:
        *_, person = _found(ctx, tx, token)
        _check(wanted, today=ctx.clock().astimezone(pausing.zone_of(ctx, tx, person)).date())
        _change_person(ctx, tx, person, wanted)
        if wanted.address:
            moving.ask(ctx, tx, person, parse(wanted.address), ip=origin.ip)
        ended = _change_lists(ctx, tx, person, wanted, origin)
        if wanted.pause or wanted.ends_pause:  # after the lists: who joins one wants mail again, unless they say otherwise
            pausing.pause(ctx, tx, person, wanted.pause, actor=Actor.READER)
        for tie, mlist in subscribers.subscriptions_of(tx, person.id):
            if tie.state is SubscriptionState.ACTIVE and mlist.name in wanted.topics:
                topics.choose(ctx, tx, tie, mlist, wanted.topics[mlist.name], actor=Actor.READER)
    for tie, left in ended:
        subscriptions.log_ended(tie, left, person, by="reader")


def _check(wanted: Wanted, *, today: date) -> None:
    problems = {
        "name": _name_problem(wanted.name or ""),
        "address": _address_problem(wanted.address),
        "pause": pauses.problem(wanted.pause, today=today) if wanted.pause else "",
    }
    if found := {name: problem for name, problem in problems.items() if problem}:
        raise BadInput(f"the {' and the '.join(found)} cannot be used", code="bad_preferences", problems=found)


def _name_problem(text: str) -> str:
    try:
        rules.name(text)
    except Unfit:
        return "name"
    return ""


def _address_problem(text: str) -> str:
    try:
        return "disposable" if text and rules.is_disposable(parse(text)) else ""
    except BadAddress:
        return "address"


def _change_person(ctx: Place, tx: Session, person: Subscriber, wanted: Wanted) -> None:
    name = rules.name(wanted.name) if wanted.name is not None else None
    values = {"name": name, "language": load(wanted.language).tag if wanted.language is not None else None}
    changed = {key: value for key, value in values.items() if value is not None and value != getattr(person, key)}
    for key, value in changed.items():
        setattr(person, key, value)
    if changed:
        tx.add(person)
        tx.flush()
        events.record(ctx, tx, EventKind.SUBSCRIBER_CHANGED, person, actor=Actor.READER, changed=list(changed))


def _change_lists(
    ctx: Place, tx: Session, person: Subscriber, wanted: Wanted, origin: Origin
) -> Sequence[tuple[Subscription, MailingList]]:
    """Join and leave the lists that were ticked otherwise than they are; return what was left."""
    ended = []
    for choice, mlist in _choices(ctx, tx, person):
        if wanted.lists.get(mlist.name, choice.is_on) is choice.is_on:
            continue
        tie = subscribers.subscription(tx, mlist.id, person.id)
        if not choice.is_on:
            _join(ctx, tx, person, mlist, tie, origin)
        elif tie is not None and subscribers.leave(tx, tie, at=ctx.clock()):
            events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, actor=Actor.READER, subscriber=person.id, list=mlist.name)
            leaving.say_goodbye(ctx, tx, tie, mlist, person)
            ended.append((tie, mlist))
    return ended


def _join(ctx: Place, tx: Session, person: Subscriber, mlist: MailingList, tie: Subscription | None, origin: Origin) -> None:
    """Subscribe a person to an offered list with the evidence of what the page showed; not one who must never be mailed."""
    if subscribers.suppression(tx, person.address_hmac) is not None:
        return
    now = ctx.clock()
    joining.activate(ctx, tx, mlist, person, tie, said=f"ticked on the preference page {now:%Y-%m-%d %H:%M} UTC", now=now)
    text, version = offers.wording(offers.of(tx, mlist), origin.language, step=ConsentStep.ASKED)
    evidence = Consent(
        signup_id=0,
        address_hmac=person.address_hmac,
        mlist=mlist.name,
        step=ConsentStep.CONFIRMED,
        how=How.PREFERENCES,
        text=text,
        version=version,
        language=origin.language,
        ip=rules.kept(origin.ip, ctx.settings.ip_policy),
        at=now,
    )
    signups.add_consent(tx, evidence)


# --- the lost link ---------------------------------------------------------------------------


def mail_link(ctx: Place, text: str, *, ip: str, trap: str = "") -> None:
    """
    Have the link of an address mailed to it, if anybody known has it; `trap` is a field that people do not see.

    Raises:
        BadAddress: it is no mail address.
        TooMany: the network, the domain, or all together ask too often.
    """
    address = parse(text)
    if trap:
        log.get().info("link.trapped")
        return
    hmac, now = address_hmac(address.key, ctx.settings.pepper), ctx.clock()
    with ctx.db.begin() as tx:
        counters = Counters(tx, now)
        limiting.count_request(ctx, counters, limiting.counted(address, ip=ip))
        if limiting.may_mail(ctx, counters, hmac):
            notices.add(tx, Notice(kind=NoticeKind.LINK, address_hmac=hmac, due_at=now))
    log.get().info("link.asked")
