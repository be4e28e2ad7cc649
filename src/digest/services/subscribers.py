"""Subscribers: people, what they are called, which lists they are on and what was sent to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest.audience import exporter, fields
from digest.audience.address import parse
from digest.audience.exporter import Format as Format
from digest.curate import matching
from digest.errors import BadAddress, BadInput, NotFound
from digest.model.event import EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscriber, Subscription, TopicChoice
from digest.services import deliveries, events, newsletters, pausing, personal, subscriptions, topics
from digest.services.context import Place
from digest.services.private_files import private_file
from digest.services.views.people import SubscriberLine, SubscriberView
from digest.store import bounces, held, moves, notices, signups, subscribers
from digest.store import deliveries as ledger
from digest.store.exports import Filter, exported


def listed(ctx: Place, *, mlist: str = "", limit: int | None = None) -> Sequence[SubscriberLine]:
    """Return people with each of their subscriptions, in order of arrival; of one list, or of all. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = subscribers.get_list(tx, mlist).id if mlist else None
        return [_line(*row) for row in islice(subscribers.each(tx, mlist_id=chosen), limit)]


def following(ctx: Place, *, mlist: str = "", after: int = 0, limit: int) -> Sequence[SubscriberLine]:
    """Return people with a number above `after`, `limit` at most, with each of their subscriptions; of one list, or of all. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = subscribers.get_list(tx, mlist).id if mlist else None
        return [_line(*row) for row in subscribers.page(tx, mlist_id=chosen, after=after, limit=limit)]


def show(ctx: Place, address: str) -> SubscriberView:
    """Return a person with their subscriptions and the last deliveries to them. Raises BadAddress, or NotFound."""
    with ctx.db.read() as tx:
        person = subscribers.get(tx, parse(address).key)
        found = held.of_address(tx, person.address_key, person.address_hmac)
        return SubscriberView.of(
            person,
            suppressed=found.suppression.reason if found.suppression else None,
            subscriptions=personal.subscriptions(found),
            consents=personal.consents(found),
            signups=personal.signups(found),
            events=tuple(events.views(tx, found.events)),
            deliveries=tuple(deliveries.lines(tx, ledger.of_subscriber(tx, person.id))),
        )


def change(
    ctx: Place,
    address: str,
    *,
    name: str | None = None,
    language: str | None = None,
    zone: str | None = None,
    leave: str | None = None,
    pause_until: date | None = None,
    ends_pause: bool = False,
    wanted: Sequence[str] | None = None,
    muted: Sequence[str] | None = None,
    mlist: str = "",
) -> str:
    """
    Change a person's name, language or zone, take them off the list `leave`, have nothing mailed before a day, or choose
    the topics that they want or never want of a list; an empty `mlist` means the only one.

    None leaves a value as it is. Returns the address as it is spelt in mails. Raises BadInput, or NotFound.
    """
    values = {
        "name": fields.one_line(name) if name is not None else None,
        "language": fields.language(language) if language is not None else None,
        "zone": fields.zone(zone) if zone is not None else None,
    }
    ended = None
    with ctx.db.begin() as tx:
        person = subscribers.get(tx, parse(address).key)
        for field, value in values.items():
            if value is not None:
                setattr(person, field, value)
        if changed := [field for field, value in values.items() if value is not None]:
            events.record(ctx, tx, EventKind.SUBSCRIBER_CHANGED, person, changed=changed)
        if leave is not None:
            ended = subscriptions.end(ctx, tx, person, leave)
        if pause_until or ends_pause:
            pausing.pause(ctx, tx, person, pause_until)
        if wanted is not None or muted is not None:
            _choose_topics(ctx, tx, person, mlist, wanted, muted)
    if ended:
        subscriptions.log_ended(*ended, person, by="admin")
    return person.address


def listed_topics(text: str) -> Sequence[str]:
    """Split topics with commas between."""
    return matching.listed(text)


def _choose_topics(
    ctx: Place, tx: Session, person: Subscriber, mlist: str, wanted: Sequence[str] | None, muted: Sequence[str] | None
) -> None:
    chosen = subscribers.get_list(tx, mlist)
    tie = subscribers.subscription(tx, chosen.id, person.id)
    if tie is None:
        raise NotFound("subscription", f"of {person.address} to {chosen.name}")
    before = tie.topics
    choice = TopicChoice(
        wanted=before.wanted if wanted is None else tuple(wanted), muted=before.muted if muted is None else tuple(muted)
    )
    topics.choose(ctx, tx, tie, chosen, choice)


def remove(ctx: Place, address: str) -> None:
    """
    Forget a person, their subscriptions and the evidence of consent; the ledger of what was sent stays.

    Of one who left or is suppressed a keyed hash stays, so that no import brings them back. Raises BadAddress, or NotFound.
    """
    with ctx.db.begin() as tx:
        person = subscribers.get(tx, parse(address).key)
        events.record(ctx, tx, EventKind.SUBSCRIBER_REMOVED, person)
        for hmac in _hashes(tx, person):
            signups.forget_address(tx, hmac)
            notices.forget_address(tx, hmac)
            bounces.forget_address(tx, hmac)
        subscribers.remove(tx, person, at=ctx.clock())


def _hashes(tx: Session, person: Subscriber) -> Sequence[str]:
    """Return the keyed hashes of the addresses that a person has had, the present one last."""
    return [*moves.former(tx, person.id), person.address_hmac]


def address_of(ctx: Place, number: int) -> str:
    """Return the address of a person by their number. Raises NotFound."""
    with ctx.db.read() as tx:
        return subscribers.numbered(tx, number).address


def check_known(ctx: Place, address: str) -> None:
    """Raise NotFound where nobody has this address, or BadAddress where it is none."""
    with ctx.db.read() as tx:
        subscribers.get(tx, parse(address).key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Choice of the people in an export, as a person types it; an empty value chooses all."""

    mlist: str = ""
    state: str = ""
    language: str = ""
    domain: str = ""
    topic: str = ""  #: that they want by name
    since: str = ""  #: a day, or a time: subscribed then or later
    until: str = ""  #: a day, which is included, or a time


EVERYBODY = Selection()


def export(ctx: Place, file: TextIO, chosen: Selection = EVERYBODY, form: Format = Format.CSV) -> int:
    """
    Write people in the columns that an import reads; return how many lines.

    Raises:
        NotFound: there is no such list.
        BadInput: another choice is not understood.
    """
    zone = newsletters.zone_of_all(ctx)
    with ctx.db.read() as tx:
        return exporter.write(exported(tx, understood(tx, chosen, zone)), file, form)


def understood(tx: Session, chosen: Selection, zone: ZoneInfo) -> Filter:
    """Return a choice as the store takes it; days are those of `zone`. Raises NotFound, or BadInput."""
    return Filter(
        mlist_id=subscribers.get_list(tx, chosen.mlist).id if chosen.mlist else None,
        state=SubscriptionState(chosen.state) if chosen.state else None,
        language=fields.language(chosen.language),
        domain=_domain(chosen.domain) if chosen.domain else "",
        topic=" ".join(chosen.topic.split()),
        since=_moment("--since", chosen.since, zone, end=False),
        until=_moment("--until", chosen.until, zone, end=True),
    )


def export_to(ctx: Place, path: Path, chosen: Selection = EVERYBODY, form: Format = Format.CSV) -> int:
    """
    Write an export into a file that only its owner can read, whole or not at all; return how many lines.

    Raises:
        NotFound, BadInput: as `export`, or the file cannot be written.
    """
    with private_file(path) as file:
        return export(ctx, file, chosen, form)


def _domain(text: str) -> str:
    """Return a domain as address keys have it. Raises BadInput."""
    try:
        return parse(f"x@{text.removeprefix('@')}").key.rpartition("@")[2]
    except BadAddress as problem:
        raise BadInput(f"--domain {text}: write a domain like example.org", code="bad_domain") from problem


def _moment(option: str, text: str, zone: ZoneInfo, *, end: bool) -> datetime | None:
    """Parse a day or a time in `zone`; of a day its beginning, or its end. Raises BadInput."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        whole_day = end and len(text) <= len("2026-03-03")
        local = found if found.tzinfo else (found + timedelta(days=whole_day)).replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadInput(
            f"{option} {text}: write a day like 2026-03-03, or a time like 2026-03-03T07:00", code="bad_day"
        ) from problem


def _line(person: Subscriber, tie: Subscription | None, mlist: str) -> SubscriberLine:
    return SubscriberLine(
        id=person.id,
        address=person.address,
        name=person.name,
        language=person.language,
        zone=person.zone,
        list=mlist,
        state=tie.state if tie else None,
        since=tie.made_at if tie else None,
    )
