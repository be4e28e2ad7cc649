"""The pages of mailing lists: how many are on each, who may join, and why people left."""

from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, Conflict, NotFound
from digest.model.account import Permission
from digest.model.states import ListAccess
from digest.services import leaving, lists
from digest.services.views.people import ListView
from digest.web.admin import list_words, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
COUNTED = "lists"  #: what the counts are kept as
WORDS_SHOWN = 20
TITLE_MAX = 200  #: characters


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "access": list_words.access(visit.spoken),
        "may_edit": EDIT in visit.me.permissions,
    }


def _list(visit: Visit) -> Response:
    found = visit.tallies.kept(COUNTED, lambda: lists.every(visit.ctx))
    return rendering.page(visit, "lists", visit.spoken.gettext("Lists"), found=found, **_shared(visit))


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:TITLE_MAX] for name in ("name", "title", "access")}
    title = visit.spoken.gettext("Make a list")
    return rendering.page(
        visit,
        "list_new",
        title,
        status=status,
        given=given,
        problem=problem,
        means=list_words.access_means(visit.spoken),
        **_shared(visit),
    )


def _add(visit: Visit) -> Response:
    fields = visit.fields
    try:
        lists.add(visit.ctx, fields.get("name", ""), title=fields.get("title", "")[:TITLE_MAX].strip(), access=_access(visit))
    except (BadInput, Conflict) as refused:
        return _new(visit, problem=words.problem(visit.spoken, refused), status=422)
    visit.tallies.forget(COUNTED)
    return redirect("/admin/lists")


def _details(visit: Visit) -> ListView:
    name = str(visit.request.path_params["name"])
    return visit.tallies.kept(f"list {name}", lambda: lists.show(visit.ctx, name))


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    found = _details(visit)
    return rendering.page(
        visit,
        "list",
        found.title,
        status=status,
        found=found,
        problem=problem,
        why=leaving.why(visit.ctx, found.name, limit=WORDS_SHOWN),
        reasons=list_words.reasons(visit.spoken),
        means=list_words.access_means(visit.spoken),
        **_shared(visit),
    )


def _change(visit: Visit) -> Response:
    found, fields = _details(visit), visit.fields
    try:
        title = fields.get("title", "")[:TITLE_MAX].strip()
        lists.change(visit.ctx, found.name, title=title or None, access=_access(visit), goodbye="goodbye" in fields)
    except BadInput as refused:
        return _show(visit, problem=words.problem(visit.spoken, refused), status=422)
    return _changed(visit, found.name)


def _remove(visit: Visit) -> Response:
    found = _details(visit)
    try:
        lists.remove(visit.ctx, found.name)
    except Conflict as refused:
        return _show(visit, problem=words.problem(visit.spoken, refused), status=409)
    return _changed(visit, found.name)


def _changed(visit: Visit, name: str) -> Response:
    visit.tallies.forget(COUNTED)
    visit.tallies.forget(f"list {name}")
    return redirect("/admin/lists")


def _access(visit: Visit) -> ListAccess:
    given = visit.fields.get("access", "")
    try:
        return ListAccess(given)
    except ValueError as problem:
        raise NotFound("page", given, code="no_page") from problem


ROUTES = (
    Route(method="GET", path="/admin/lists", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/lists/new", needs=EDIT, act=_new),
    Route(method="POST", path="/admin/lists/new", needs=EDIT, act=_add),
    Route(method="GET", path="/admin/lists/{name}", needs=LOOK, act=_show),
    Route(method="POST", path="/admin/lists/{name}", needs=EDIT, act=_change),
    Route(method="POST", path="/admin/lists/{name}/remove", needs=EDIT, act=_remove),
)
