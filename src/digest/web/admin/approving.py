"""The page that the mail to an approver leads to: what goes to whom and when, and two buttons. It needs no account."""

from functools import partial
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, Conflict, NothingToDo
from digest.model.account import Permission
from digest.model.states import IssueState
from digest.services import approvals, newsletters
from digest.services.approvals import Asked
from digest.web.admin import rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.issues import framed
from digest.web.admin.visit import Route, Visit

NOTE_MAX = approvals.NOTE_MAX


def _show(visit: Visit, *, status: int = 200) -> Response:
    return _page(visit, approvals.look(visit.ctx, _token(visit)), status=status)


def _answer(visit: Visit) -> Response:
    """Approve or hold, as the button says; any other form changes nothing."""
    wish = visit.fields.get("answer", "")
    if wish not in ("approve", "hold"):
        return _show(visit, status=400)
    note = visit.fields.get("note", "")
    try:
        found = approvals.answer(visit.ctx, _token(visit), approves=wish == "approve", note=note, ip=visit.visitor.ip)
    except Conflict:
        return _show(visit, status=409)
    return _page(visit, found)


def _page(visit: Visit, found: Asked, *, status: int = 200) -> Response:
    name = words.issue_name(visit.spoken, found.issue, found.paper.title)
    title = visit.spoken.gettext("Approve %(issue)s?") % {"issue": name} if found.can_answer else name
    return rendering.page(visit, "approve", title, status=status, found=found, token=_token(visit), **_shared(visit, found))


def _shared(visit: Visit, found: Asked) -> dict[str, Any]:
    locale, zone = visit.spoken.locale, found.paper.timetable.zone
    return {
        "number": partial(format_decimal, locale=locale),
        "local": lambda at: format_datetime(at, "EEE HH:mm", tzinfo=zone, locale=locale),
        "states": IssueState,
        "note_max": NOTE_MAX,
    }


def _issue(visit: Visit) -> Response:
    """Show the issue in a frame of its own, as readers will see it."""
    return framed(approvals.page(visit.ctx, _token(visit)))


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _approve(visit: Visit) -> Response:
    """Approve the coming issue at the desk."""
    name, revision = str(visit.request.path_params["name"]), visit.fields.get("revision", "")
    paper = newsletters.get(visit.ctx, name)
    if not (revision.isascii() and revision.isdecimal() and len(revision) < 10):
        raise BadInput("the form names no revision", code="foreign_form")
    try:
        approvals.approve(visit.ctx, paper, revision=int(revision))
    except NothingToDo as problem:
        raise Conflict(str(problem), code=problem.code) from problem
    return redirect(f"/admin/desk/{name}")


ROUTES = (
    Route(method="GET", path="/admin/approve/{token}", needs=None, act=_show),
    Route(method="POST", path="/admin/approve/{token}", needs=None, act=_answer),
    Route(method="GET", path="/admin/approve/{token}/issue", needs=None, act=_issue),
    Route(method="POST", path="/admin/desk/{name}/approve", needs=Permission.SEND, act=_approve),
)
