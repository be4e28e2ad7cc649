"""Subscribers and suppressions."""

from datetime import date
from typing import Annotated

from fastapi import Query

from digest.errors import BadInput, NotFound, NothingToDo
from digest.model.api import Scope
from digest.services import personal, subscribers, subscriptions, suppressions
from digest.services.views.people import PersonalData, SubscriberLine, SubscriberView, SuppressionView
from digest.web.api.call import Address, After, AfterNumber, Body, Call, Limit, Line, Number, Page, Route, next_page, page

LOOK, EDIT = Scope.PEOPLE_LOOK, Scope.PEOPLE_EDIT
OfList = Annotated[str, Query(max_length=41, description="Of this list; empty: of all, and of none.")]


class NewSubscription(Body):
    """A person to be put on a list."""

    address: Line
    list: Line
    name: Line = ""
    language: Line = ""
    zone: Line = ""
    consent: Line = ""


class SubscriberChanges(Body):
    """Values for a person; what is left out, or null, stays."""

    name: Line | None = None
    language: Line | None = None
    zone: Line | None = None
    pause_until: date | None = None
    ends_pause: bool = False


class TopicChanges(Body):
    """Topics that a person wants of a list, and those that they never want; null stays."""

    list: Line
    wanted: tuple[Line, ...] | None = None
    muted: tuple[Line, ...] | None = None


class Leaving(Body):
    """A list that a person is taken off."""

    list: Line


class NewSuppression(Body):
    """An address that is never mailed again."""

    address: Line
    reason: Line


# --- subscribers -----------------------------------------------------------------------------


def _every(call: Call, list: OfList = "", after: AfterNumber = None, limit: Limit = 50) -> Page[SubscriberLine]:
    """People with each of their subscriptions, in order of arrival. A page has `limit` people, who may have several lines."""
    found = subscribers.following(call.ctx, mlist=list, after=after or 0, limit=limit + 1)
    people = sorted({line.id for line in found})
    shown = tuple(line for line in found if line.id in people[:limit])
    return Page(items=shown, next=next_page(call, people[limit - 1], limit=limit) if len(people) > limit else None)


def _add(call: Call, given: NewSubscription) -> SubscriberView:
    """Put a person on a list, as an admin does it; who left a list can only return by themselves."""
    made = subscriptions.add(
        call.ctx,
        given.address,
        mlist=_named(given.list),
        name=given.name,
        language=given.language,
        zone=given.zone,
        consent=given.consent or f"added by a program of {call.ctx.person.name}",
    )
    return subscribers.show(call.ctx, made.address)


def _named(mlist: str) -> str:
    if not mlist:
        raise BadInput("no list is named", code="which_list")
    return mlist


def _show(call: Call, number: Number) -> SubscriberView:
    """A person: lists, evidence of consent, what happened, what was sent last."""
    return subscribers.show(call.ctx, subscribers.address_of(call.ctx, number))


def _find(call: Call, address: Address) -> SubscriberView:
    """The same, by address."""
    return subscribers.show(call.ctx, address)


def _change(call: Call, number: Number, given: SubscriberChanges) -> SubscriberView:
    """Change a person's name, language or zone, or pause their mail."""
    address = subscribers.address_of(call.ctx, number)
    changed = subscribers.change(call.ctx, address, **given.model_dump())
    return subscribers.show(call.ctx, changed)


def _choose_topics(call: Call, number: Number, given: TopicChanges) -> SubscriberView:
    """Choose the topics of a list for a person."""
    address = subscribers.address_of(call.ctx, number)
    chosen = subscribers.change(call.ctx, address, mlist=_named(given.list), wanted=given.wanted, muted=given.muted)
    return subscribers.show(call.ctx, chosen)


def _leave(call: Call, number: Number, given: Leaving) -> SubscriberView:
    """Take a person off a list."""
    address = subscribers.address_of(call.ctx, number)
    return subscribers.show(call.ctx, subscribers.change(call.ctx, address, leave=_named(given.list)))


def _remove(call: Call, number: Number) -> None:
    """Forget a person, their subscriptions and evidence; the ledger of what was sent stays."""
    subscribers.remove(call.ctx, subscribers.address_of(call.ctx, number))


def _data(call: Call, number: Number) -> PersonalData:
    """Everything that is held about a person."""
    return personal.export(call.ctx, subscribers.address_of(call.ctx, number))


def _erase(call: Call, number: Number) -> None:
    """Erase everything that names a person, in the ledger too; a keyed hash stays, so that nobody mails them again. There is no way back."""
    personal.erase(call.ctx, subscribers.address_of(call.ctx, number))


# --- suppressions ----------------------------------------------------------------------------


def _suppressions(call: Call, after: After = "", limit: Limit = 50) -> Page[SuppressionView]:
    """Addresses that are never mailed, in the order of their keyed hashes."""
    found = suppressions.following(call.ctx, after=after, limit=limit + 1)
    return page(call, found, limit=limit, key=lambda entry: entry.address_hmac)


def _suppress(call: Call, given: NewSuppression) -> SuppressionView:
    """Never mail an address again, whatever list it is on."""
    return suppressions.show(call.ctx, suppressions.add(call.ctx, given.address, reason=given.reason))


def _suppression(call: Call, address: Address) -> SuppressionView:
    """Why an address is never mailed."""
    try:
        return suppressions.show(call.ctx, address)
    except NothingToDo as problem:
        raise NotFound("suppression", f"of {address}") from problem


def _lift(call: Call, address: Address) -> None:
    """Let an address be mailed again."""
    try:
        suppressions.remove(call.ctx, address)
    except NothingToDo as problem:
        raise NotFound("suppression", f"of {address}") from problem


ROUTES = (
    Route(method="GET", path="/subscribers", needs=LOOK, act=_every),
    Route(
        method="POST",
        path="/subscribers",
        needs=EDIT,
        act=_add,
        status=201,
        location="/subscribers/{id}",
        example={"address": "ann@example.org", "list": "readers", "name": "Ann", "consent": "ticked at the checkout, 2026-03-03"},
    ),
    Route(method="GET", path="/subscribers/{number}", needs=LOOK, act=_show),
    Route(method="PATCH", path="/subscribers/{number}", needs=EDIT, act=_change, example={"language": "de"}),
    Route(method="DELETE", path="/subscribers/{number}", needs=EDIT, act=_remove, status=204),
    Route(
        method="PUT",
        path="/subscribers/{number}/topics",
        needs=EDIT,
        act=_choose_topics,
        example={"list": "readers", "muted": ["Sport"]},
    ),
    Route(method="POST", path="/subscribers/{number}/leave", needs=EDIT, act=_leave, example={"list": "readers"}),
    Route(method="GET", path="/subscribers/{number}/data", needs=LOOK, act=_data),
    Route(method="POST", path="/subscribers/{number}/erase", needs=EDIT, act=_erase, status=204),
    Route(method="GET", path="/addresses/{address}", needs=LOOK, act=_find),
    Route(method="GET", path="/suppressions", needs=LOOK, act=_suppressions),
    Route(
        method="POST",
        path="/suppressions",
        needs=EDIT,
        act=_suppress,
        status=201,
        location="/suppressions/{address}",
        example={"address": "bob@example.org", "reason": "asked by telephone"},
    ),
    Route(method="GET", path="/suppressions/{address}", needs=LOOK, act=_suppression),
    Route(method="DELETE", path="/suppressions/{address}", needs=EDIT, act=_lift, status=204),
)
