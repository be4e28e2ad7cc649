"""Signing up: what a form must show, and what a visitor filled in; with the limits of the page, and without a token."""

import json
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from digest.languages import SOURCE, best, load, shipped
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess
from digest.services import offers, pressure, signup
from digest.services.signup import Application, Origin
from digest.services.views import View
from digest.web.api.call import Body, Call, Line, Name, Route

Language = Annotated[str, Query(max_length=35, description="Language of the form, such as `de`.")]


class OfferView(View):
    """A list that anybody may join, and what its form must show."""

    list: str
    title: str
    access: ListAccess
    consent: str  #: what the form must show beside its button
    version: str  #: of that text
    language: str  #: of that text
    stamp: str  #: when this was shown, signed
    challenge: dict[str, Any] | None = Field(description="What a request must solve now (ALTCHA); null: nothing.")


class NewSignUp(Body):
    """Form as a visitor filled it in."""

    address: Line
    name: Line = ""
    language: Line = ""
    version: Line
    stamp: Line = ""
    proof: Annotated[str, Field(max_length=4_000)] = ""


class WaitingView(View):
    """Page on which the visitor types the code of the mail, or reads that it is on its way."""

    waiting: str


def _offer(call: Call, mlist: Name, language: Language = "") -> OfferView:
    """Content that the form of an open list must show."""
    offer, spoken = offers.get(call.ctx, mlist), _spoken(language)
    text, version = offers.wording(offer, spoken, step=ConsentStep.ASKED)
    asked = json.loads(pressure.challenge(call.ctx, mlist)) if pressure.is_high(call.ctx, call.ip) else None
    return OfferView(
        list=offer.list,
        title=offer.title,
        access=offer.access,
        consent=text,
        version=version,
        language=load(spoken).tag,
        stamp=offers.stamp(call.ctx),
        challenge=asked,
    )


def _spoken(language: str) -> str:
    return best(language, shipped()) or SOURCE if language else SOURCE


def _ask(call: Call, mlist: Name, given: NewSignUp) -> WaitingView:
    """Ask for a list; the owner of the address confirms by the mail that follows. The answer never tells who is known."""
    filled = Application(address=given.address, name=given.name, version=given.version, stamp=given.stamp, proof=given.proof)
    origin = Origin(how=How.API, ip=call.ip, language=load(_spoken(given.language)).tag)
    token = signup.ask(call.ctx, mlist, filled, origin)
    return WaitingView(waiting=f"{call.ctx.base_url.rstrip('/')}/waiting/{token}")


ROUTES = (
    Route(method="GET", path="/signups/{mlist}", needs=None, act=_offer),
    Route(
        method="POST",
        path="/signups/{mlist}",
        needs=None,
        act=_ask,
        status=202,
        example={"address": "ann@example.org", "version": "3f2a9c1d", "stamp": "MTc3…"},
    ),
)
