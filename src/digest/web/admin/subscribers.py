"""The pages of people: the search, one person with everything that happened to them, and what is changed for one or for many."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, Conflict, NotFound, NothingToDo
from digest.model.account import Permission
from digest.services import bulk, directory, lists, personal, subscribers, subscriptions, suppressions
from digest.services.bulk import Act, Change
from digest.services.directory import Search
from digest.services.views.people import SubscriberView
from digest.web.admin import charts, downloads, event_words, rendering, subscriber_words, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
REFUSED = (BadInput, Conflict, NotFound, NothingToDo)
_TEXT_MAX = 320  #: characters of a field
_FIELDS = ("text", "mlist", "state", "language", "topic", "domain", "since", "until")


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "day": partial(rendering.day, visit),
        "ties": subscriber_words.states(visit.spoken),
        "tie_tones": charts.TIE_TONES,
        "states": words.delivery_states(visit.spoken),
        "tones": charts.TONES,
        "reason_words": partial(words.reason, visit.spoken),
        "kinds": event_words.kinds(visit.spoken),
        "may_edit": EDIT in visit.me.permissions,
    }


# --- the search ------------------------------------------------------------------------------


def _search(given: Callable[[str], str]) -> Search:
    return Search(**{name: given(name).strip()[:_TEXT_MAX] for name in _FIELDS})


def _asked(visit: Visit) -> Search:
    return _search(lambda name: visit.request.query_params.get(name, ""))


def _query(search: Search) -> str:
    """Return a search as the end of an address."""
    return urlencode({name: value for name in _FIELDS if (value := getattr(search, name))})


def _list(visit: Visit) -> Response:
    search, problem = _asked(visit), ""
    try:
        found = directory.page(visit.ctx, search, before=_before(visit))
    except (BadInput, NotFound) as refused:
        problem = words.problem(visit.spoken, refused)
        found = directory.page(visit.ctx, Search())
    title = visit.spoken.gettext("Subscribers")
    return rendering.page(
        visit,
        "subscribers",
        title,
        status=422 if problem else 200,
        found=found,
        search=search,
        fields=_FIELDS,
        query=_query(search),
        is_filtered=any(getattr(search, name) for name in _FIELDS if name != "text"),
        everybody=None if _query(search) else visit.tallies.kept("everybody", lambda: directory.count(visit.ctx)),
        problem=problem,
        lists=lists.names(visit.ctx),
        acts=_acts(visit),
        **_shared(visit),
    )


def _before(visit: Visit) -> int | None:
    text = visit.request.query_params.get("before", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise NotFound("page", text, code="no_page")
    return int(text) if text else None


def _acts(visit: Visit) -> list[tuple[Act, str]]:
    return [(act, subscriber_words.bulk_act(visit.spoken, act)) for act in Act]


def _export(visit: Visit) -> Response:
    search = _asked(visit)
    directory.found(visit.ctx, search, limit=1)  # so that what is no filter is refused before the answer begins
    return downloads.csv(visit, "subscribers.csv", _parts(visit, search))


async def _parts(visit: Visit, search: Search) -> AsyncIterator[bytes]:
    text, before = await visit.threads.run(directory.csv_of, visit.ctx, search, before=None)
    yield text.encode()
    while before is not None:
        text, before = await visit.threads.run(directory.csv_of, visit.ctx, search, before=before)
        yield text.encode()


# --- many at once ----------------------------------------------------------------------------


def _ask_bulk(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Say what a change would do, and for how many people; the button does it."""
    search, numbers = _chosen(visit)
    act = _act_of(visit)
    title = subscriber_words.bulk_title(visit.spoken, act, len(numbers))
    return rendering.page(
        visit,
        "subscribers_act",
        title,
        status=status,
        act=act,
        count=len(numbers),
        chosen="" if search else ",".join(map(str, numbers)),
        query=_query(search) if search else "",
        is_all=search is not None,
        searched=[(name, getattr(search, name)) for name in _FIELDS] if search else [],
        said=subscriber_words.bulk_means(visit.spoken, act),
        problem=problem,
        given=defaultdict(str, visit.fields),
        lists=lists.names(visit.ctx),
        tomorrow=_tomorrow(visit),
        **_shared(visit),
    )


def _bulk(visit: Visit) -> Response:
    _, numbers = _chosen(visit)
    if str(len(numbers)) != visit.fields.get("count"):
        raise Conflict("their number is another by now", code="count_changed")
    fields = visit.fields
    change = Change(
        act=_act_of(visit),
        mlist=fields.get("mlist", ""),
        words=fields.get("words", "")[:1_000],
        until=_day(fields.get("until", "")),
    )
    try:
        done = bulk.apply(visit.ctx, change, numbers)
    except (BadInput, NotFound) as refused:
        return _ask_bulk(visit, problem=words.problem(visit.spoken, refused), status=422)
    left_out = [(count, subscriber_words.left_out(visit.spoken, code)) for code, count in done.left_out.items()]
    title = subscriber_words.bulk_done(visit.spoken, change.act, done.done)
    return rendering.page(visit, "subscribers_done", title, done=done, left_out=left_out, **_shared(visit))


def _chosen(visit: Visit) -> tuple[Search | None, list[int]]:
    """Return the people whom a change is for: those who were ticked, or all of a search. Raises BadInput."""
    given = visit.fields.get if visit.request.method == "POST" else visit.request.query_params.get
    if given("all", ""):
        search = _search(lambda name: given(f"of-{name}", "") or "")
        numbers = list(directory.found(visit.ctx, search, limit=bulk.MOST + 1))
        if len(numbers) > bulk.MOST:
            raise BadInput(f"a change is for {bulk.MOST} people at most", code="too_many_people")
    else:
        search = None
        ticked = given("chosen", "") if visit.request.method == "POST" else ",".join(visit.request.query_params.getlist("id"))
        numbers = [int(text) for text in (ticked or "").split(",") if text.isascii() and text.isdecimal() and len(text) < 18]
    if not numbers:
        raise BadInput("nobody is chosen", code="nobody_chosen")
    return search, sorted(set(numbers), reverse=True)[: bulk.MOST]


def _act_of(visit: Visit) -> Act:
    given = visit.fields.get("act", "") or visit.request.query_params.get("act", "")
    try:
        return Act(given)
    except ValueError as problem:
        raise NotFound("page", given, code="no_page") from problem


def _day(text: str) -> date | None:
    """Return a typed day; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _tomorrow(visit: Visit) -> str:
    today = visit.ctx.clock().astimezone(visit.ctx.settings.zone).date()
    return date.fromordinal(today.toordinal() + 1).isoformat()


# --- one person ------------------------------------------------------------------------------


def _person(visit: Visit) -> SubscriberView:
    return subscribers.show(visit.ctx, subscribers.address_of(visit.ctx, visit.number()))


def _show(visit: Visit) -> Response:
    found = _person(visit)
    on = {tie.list for tie in found.subscriptions}
    return rendering.page(
        visit,
        "subscriber",
        found.name or found.address,
        found=found,
        now=visit.ctx.clock(),
        actors=event_words.actors(visit.spoken),
        others=[name for name in lists.names(visit.ctx) if name not in on],
        **_shared(visit),
    )


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:_TEXT_MAX] for name in ("address", "name", "language", "zone", "mlist", "consent")}
    title = visit.spoken.gettext("Add a subscriber")
    return rendering.page(
        visit, "subscriber_new", title, status=status, given=given, problem=problem, lists=lists.names(visit.ctx)
    )


def _add(visit: Visit) -> Response:
    fields = visit.fields
    try:
        if not fields.get("consent", "").strip():
            raise BadInput("say how they agreed; it is kept as evidence", code="no_consent")
        made = subscriptions.add(
            visit.ctx,
            fields.get("address", ""),
            mlist=fields.get("mlist", ""),
            **{name: fields.get(name, "")[:_TEXT_MAX] for name in ("name", "language", "zone")},
            consent=fields.get("consent", "")[:1_000],
        )
    except REFUSED as refused:
        return _new(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/subscribers/{subscribers.show(visit.ctx, made.address).id}")


def _ask(act: str, visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show the form of a change of one person, with what it does."""
    found = _person(visit)
    mlist = visit.fields.get("mlist", "") or visit.request.query_params.get("list", "")
    return rendering.page(
        visit,
        "subscriber_act",
        subscriber_words.person_act(visit.spoken, act, mlist),
        status=status,
        act=act,
        found=found,
        mlist=mlist,
        others=[name for name in lists.names(visit.ctx) if name not in {tie.list for tie in found.subscriptions}],
        plan=personal.plan_erasure(visit.ctx, found.address) if act == "erase" else None,
        said=subscriber_words.person_act_means(visit.spoken, act),
        problem=problem,
        given=defaultdict(str, visit.fields),
        tomorrow=_tomorrow(visit),
        **_shared(visit),
    )


def _act(act: str, visit: Visit) -> Response:
    number = visit.number()
    address = subscribers.address_of(visit.ctx, number)
    try:
        DOES[act](visit, address)
    except REFUSED as refused:
        return _ask(act, visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect("/admin/subscribers" if act == "erase" else f"/admin/subscribers/{number}")


def _change(visit: Visit, address: str) -> None:
    name, language, zone = (visit.fields.get(field, "")[:_TEXT_MAX] for field in ("name", "language", "zone"))
    subscribers.change(visit.ctx, address, name=name, language=language, zone=zone)


def _pause(visit: Visit, address: str) -> None:
    until = _day(visit.fields.get("until", ""))
    if until is None:
        raise BadInput("say until which day nothing is mailed", code="bad_pause")
    subscribers.change(visit.ctx, address, pause_until=until)


def _wake(visit: Visit, address: str) -> None:
    subscribers.change(visit.ctx, address, ends_pause=True)


def _join(visit: Visit, address: str) -> None:
    consent = visit.fields.get("words", "").strip()[:1_000]
    if not consent:
        raise BadInput("say how they agreed; it is kept as evidence", code="no_consent")
    subscriptions.add(visit.ctx, address, mlist=visit.fields.get("mlist", ""), consent=consent)


def _leave(visit: Visit, address: str) -> None:
    subscribers.change(visit.ctx, address, leave=visit.fields.get("mlist", ""))


def _move(visit: Visit, address: str) -> None:
    fields = visit.fields
    subscriptions.move(
        visit.ctx, address, of=fields.get("mlist", ""), to=fields.get("to", ""), consent=fields.get("words", "")[:1_000]
    )


def _suppress(visit: Visit, address: str) -> None:
    suppressions.add(visit.ctx, address, reason=visit.fields.get("words", "").strip()[:300] or f"by {visit.me.name}")


def _unsuppress(visit: Visit, address: str) -> None:
    suppressions.remove(visit.ctx, address)


def _erase(visit: Visit, address: str) -> None:
    if visit.fields.get("address", "").strip().casefold() != address.casefold():
        raise BadInput("the address is typed as it stands here", code="not_typed")
    personal.erase(visit.ctx, address)


DOES: dict[str, Callable[[Visit, str], None]] = {
    "change": _change,
    "pause": _pause,
    "wake": _wake,
    "join": _join,
    "leave": _leave,
    "move": _move,
    "suppress": _suppress,
    "unsuppress": _unsuppress,
    "erase": _erase,
}

ROUTES = (
    Route(method="GET", path="/admin/subscribers", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/subscribers/export.csv", needs=EDIT, act=_export),
    Route(method="GET", path="/admin/subscribers/new", needs=EDIT, act=_new),
    Route(method="POST", path="/admin/subscribers/new", needs=EDIT, act=_add),
    Route(method="GET", path="/admin/subscribers/bulk", needs=EDIT, act=_ask_bulk),
    Route(method="POST", path="/admin/subscribers/bulk", needs=EDIT, act=_bulk),
    Route(method="GET", path="/admin/subscribers/{number}", needs=LOOK, act=_show),
    *(
        Route(method=method, path=f"/admin/subscribers/{{number}}/{act}", needs=EDIT, act=partial(handler, act))
        for act in DOES
        for method, handler in (("GET", _ask), ("POST", _act))
    ),
)
