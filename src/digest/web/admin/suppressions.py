"""The pages of suppressions: addresses that are never mailed, why, and how that is undone."""

from datetime import UTC, datetime
from typing import Any

from fastapi.responses import Response

from digest.errors import BadInput, NotFound, NothingToDo
from digest.model.account import Permission
from digest.services import suppressions
from digest.web.admin import rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
_REFUSED = (BadInput, NothingToDo)
_ADDRESS_MAX, _REASON_MAX = 320, 300


def _list(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show the newest, or the one of an address that is asked for."""
    asked = visit.request.query_params.get("address", "").strip()[:_ADDRESS_MAX]
    found = suppressions.page(visit.ctx, after=_after(visit))
    one = None
    if asked:
        try:
            one = suppressions.show(visit.ctx, asked)
        except _REFUSED as refused:
            problem = problem or words.problem(visit.spoken, refused)
    return rendering.page(
        visit,
        "suppressions",
        visit.spoken.gettext("Suppressions"),
        status=status,
        found=found,
        one=one,
        asked=asked,
        problem=problem,
        given={name: visit.fields.get(name, "")[:_ADDRESS_MAX] for name in ("address", "reason")},
        **_shared(visit),
    )


def _shared(visit: Visit) -> dict[str, Any]:
    return {"may_edit": EDIT in visit.me.permissions}


def _after(visit: Visit) -> tuple[datetime, str] | None:
    """Return time and keyed hash of the entry that the page follows. Raises NotFound where it is none."""
    text = visit.request.query_params.get("after", "")
    if not text:
        return None
    at, _, hmac = text.partition("_")
    try:
        return datetime.fromtimestamp(int(at) / 1_000_000, UTC), hmac
    except (ValueError, OverflowError, OSError) as problem:
        raise NotFound("page", text, code="no_page") from problem


def _add(visit: Visit) -> Response:
    fields = visit.fields
    reason = fields.get("reason", "").strip()[:_REASON_MAX] or f"by {visit.me.name}"
    try:
        suppressions.add(visit.ctx, fields.get("address", ""), reason=reason)
    except _REFUSED as refused:
        return _list(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect("/admin/suppressions")


def _ask_remove(visit: Visit) -> Response:
    address = visit.fields.get("address", "") or visit.request.query_params.get("address", "")
    try:
        found = suppressions.show(visit.ctx, address)
    except NothingToDo as refused:
        raise NotFound("suppression", address, code="not_suppressed") from refused
    title = visit.spoken.gettext("Let %(address)s be mailed again?") % {"address": found.address or address}
    return rendering.page(visit, "suppression_remove", title, found=found, address=address)


def _remove(visit: Visit) -> Response:
    address = visit.fields.get("address", "")
    try:
        suppressions.remove(visit.ctx, address)
    except NothingToDo as refused:
        raise NotFound("suppression", address, code="not_suppressed") from refused
    return redirect("/admin/suppressions")


ROUTES = (
    Route(method="GET", path="/admin/suppressions", needs=LOOK, act=_list),
    Route(method="POST", path="/admin/suppressions", needs=EDIT, act=_add),
    Route(method="GET", path="/admin/suppressions/remove", needs=EDIT, act=_ask_remove),
    Route(method="POST", path="/admin/suppressions/remove", needs=EDIT, act=_remove),
)
