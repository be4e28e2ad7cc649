"""Subscribers: people, what they are called, which lists they are on and what was sent to them."""

from collections.abc import Sequence
from itertools import islice
from typing import TextIO

from digest.audience import exporter, fields
from digest.audience.address import parse
from digest.model.event import EventKind
from digest.model.subscriber import Subscriber, Subscription
from digest.services import deliveries, events, subscriptions
from digest.services.context import Place
from digest.services.views.people import ConsentView, SubscriberLine, SubscriberView, SubscriptionView
from digest.store import bounces, signups, subscribers
from digest.store import deliveries as ledger


def listed(ctx: Place, *, mlist: str = "", limit: int | None = None) -> Sequence[SubscriberLine]:
    """Return people with each of their subscriptions, in order of arrival; of one list, or of all. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = subscribers.get_list(tx, mlist).id if mlist else None
        return [_line(*row) for row in islice(subscribers.each(tx, mlist_id=chosen), limit)]


def show(ctx: Place, address: str) -> SubscriberView:
    """Return a person with their subscriptions and the last deliveries to them. Raises BadAddress, or NotFound."""
    with ctx.db.read() as tx:
        person = subscribers.get(tx, parse(address).key)
        never = subscribers.suppression(tx, person.address_hmac)
        return SubscriberView.of(
            person,
            suppressed=never.reason if never else None,
            subscriptions=tuple(
                SubscriptionView.of(tie, list=mlist.name) for tie, mlist in subscribers.subscriptions_of(tx, person.id)
            ),
            consents=tuple(ConsentView.of(row, list=row.mlist) for row in signups.consents(tx, person.address_hmac)),
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
) -> str:
    """
    Change a person's name, language or zone, or take them off the list `leave`; None leaves a value as it is.

    Returns the address as it is spelt in mails. Raises BadInput, or NotFound.
    """
    values = {
        "name": name,
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
    if ended:
        subscriptions.log_ended(*ended, person, by="admin")
    return person.address


def remove(ctx: Place, address: str) -> None:
    """
    Forget a person, their subscriptions and the evidence of consent; the ledger of what was sent stays.

    Of one who left or is suppressed a keyed hash stays, so that no import brings them back. Raises BadAddress, or NotFound.
    """
    with ctx.db.begin() as tx:
        person = subscribers.get(tx, parse(address).key)
        events.record(ctx, tx, EventKind.SUBSCRIBER_REMOVED, person)
        signups.forget_address(tx, person.address_hmac)
        bounces.forget_address(tx, person.address_hmac)
        subscribers.remove(tx, person, at=ctx.clock())


def check_known(ctx: Place, address: str) -> None:
    """Raise NotFound where nobody has this address, or BadAddress where it is none."""
    with ctx.db.read() as tx:
        subscribers.get(tx, parse(address).key)


def check_list(ctx: Place, mlist: str) -> None:
    """Raise NotFound where a list is named and there is none of this name."""
    with ctx.db.read() as tx:
        if mlist:
            subscribers.get_list(tx, mlist)


def export(ctx: Place, file: TextIO, *, mlist: str = "") -> int:
    """Write people as CSV, in the columns that an import reads; return how many lines. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = subscribers.get_list(tx, mlist).id if mlist else None
        return exporter.write(subscribers.exported(tx, mlist_id=chosen), file)


def _line(person: Subscriber, tie: Subscription | None, mlist: str) -> SubscriberLine:
    return SubscriberLine(
        address=person.address,
        name=person.name,
        language=person.language,
        zone=person.zone,
        list=mlist,
        state=tie.state if tie else None,
        since=tie.made_at if tie else None,
    )
