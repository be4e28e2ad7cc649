"""The pages of an issue whose mails have begun to go: other words for the rest, and a correction for those who got the others."""

from typing import Any

from fastapi.responses import Response

from digest.errors import BadInput, Conflict, DigestError, NotFound, NothingToDo, UnfitToSend
from digest.model.account import Permission
from digest.model.draft import HEADLINE_MAX, SUMMARY_MAX
from digest.model.issue import CandidateRow, Note
from digest.services import amending, corrections, newsroom
from digest.services.newsroom import IssueDetail
from digest.services.notes import NOTE_MAX
from digest.web.admin import issues, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

EDIT, SEND = Permission.EDIT, Permission.SEND
LIMITS = {"headline": HEADLINE_MAX, "summary": SUMMARY_MAX, "note": NOTE_MAX}


def _issue(visit: Visit) -> IssueDetail:
    """Return the issue of the path. Raises Conflict where it cannot be changed as it stands."""
    found = newsroom.issue_detail(visit.ctx, visit.tallies, visit.number())
    if not found.can_amend:
        code = "hold_first" if found.issue.queued_at else "not_published"
        raise Conflict(f"the issue is {found.issue.state}", code=code)
    return found


def _pick(visit: Visit, found: IssueDetail) -> CandidateRow:
    pick = next((pick for pick in found.picks if pick.story_id == visit.number("story")), None)
    if pick is None:
        raise NotFound("story", visit.number("story"), code="no_story_in_issue")
    return pick


def _form(visit: Visit, template: str, title: str, found: IssueDetail, problem: str, **values: Any) -> Response:
    shown: dict[str, Any] = {**issues.shared(visit), "found": found, "limits": LIMITS, "problem": problem, **values}
    return rendering.page(visit, template, title, status=422 if problem else 200, **shown)


def _seen(visit: Visit) -> int:
    """Return the version that the form shows. Raises BadInput."""
    text = visit.fields.get("version", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput("the form names no version", code="foreign_form")
    return int(text)


# --- other words -----------------------------------------------------------------------------


def _story(visit: Visit, *, problem: str = "") -> Response:
    found = _issue(visit)
    pick = _pick(visit, found)
    stored = {"headline": pick.headline, "summary": (pick.snapshot or {}).get("summary", "")}
    given = {name: visit.fields.get(name, value) for name, value in stored.items()}
    return _form(visit, "issue_story", visit.spoken.gettext("Correct a story"), found, problem, pick=pick, given=given)


def _change_story(visit: Visit) -> Response:
    given = {name: visit.fields.get(name, "") for name in ("headline", "summary")}
    try:
        amending.rewrite(visit.ctx, visit.number(), visit.number("story"), seen=_seen(visit), **given)
    except DigestError as error:
        return _story(visit, problem=_trouble(visit, error))
    return redirect(f"/admin/issues/{visit.number()}")


def _introduction(visit: Visit, *, problem: str = "") -> Response:
    found = _issue(visit)
    given = {
        "note": visit.fields.get("note", found.issue.note),
        "by": visit.fields.get("by", found.issue.note_by or visit.me.name),
    }
    return _form(visit, "issue_introduction", visit.spoken.gettext("Correct the introduction"), found, problem, given=given)


def _change_introduction(visit: Visit) -> Response:
    text = visit.fields.get("note", "").replace("\r\n", "\n").strip()
    by = " ".join(visit.fields.get("by", "").split())
    try:
        note = Note(text=text, by=(by or visit.me.name) if text else "")
        amending.introduce(visit.ctx, visit.number(), note, seen=_seen(visit))
    except DigestError as error:
        return _introduction(visit, problem=_trouble(visit, error))
    return redirect(f"/admin/issues/{visit.number()}")


def _trouble(visit: Visit, error: DigestError) -> str:
    """Word what is wrong with a form, which is shown again with what was typed; other errors have a page of their own."""
    if isinstance(error, BadInput | NothingToDo | UnfitToSend) or error.code == "issue_amended":
        return words.problem(visit.spoken, error)
    raise error


# --- a correction ----------------------------------------------------------------------------


def _ask(visit: Visit, *, problem: str = "") -> Response:
    """Say what was wrong, what is right, and how many readers are told; the button mails it."""
    found = newsroom.issue_detail(visit.ctx, visit.tallies, visit.number())
    try:
        planned = corrections.plan(visit.ctx, found.issue.id)
    except NothingToDo as nothing:
        raise Conflict(str(nothing), code=nothing.code) from nothing
    if not planned.stories:
        raise Conflict(f"correction {planned.unfinished} is on its way", code="correction_on_its_way")
    count = visit.spoken.count
    return _form(
        visit,
        "issue_correct",
        visit.spoken.gettext("Send a correction?"),
        found,
        problem,
        planned=planned,
        sentence=visit.fields.get("sentence", ""),
        said=count("Mail it to %(num)d reader", "Mail it to %(num)d readers", planned.readers),
    )


def _correct(visit: Visit) -> Response:
    chosen = [
        int(value) for name, value in visit.fields.items() if name.startswith("story-") and value.isdecimal() and len(value) < 6
    ]
    try:
        if not chosen:
            raise BadInput("no story is chosen", code="no_story_chosen")
        made, _ = corrections.correct(
            visit.ctx, visit.number(), places=chosen, sentence=visit.fields.get("sentence", ""), seen=_seen(visit)
        )
    except NothingToDo as nothing:
        raise Conflict(str(nothing), code=nothing.code) from nothing
    except DigestError as error:
        return _ask(visit, problem=_trouble(visit, error))
    return redirect(f"/admin/issues/{made.id}")


STORY, INTRODUCTION = "/admin/issues/{number}/stories/{story}/correct", "/admin/issues/{number}/introduction"
ROUTES = (
    Route(method="GET", path=STORY, needs=EDIT, act=_story),
    Route(method="POST", path=STORY, needs=EDIT, act=_change_story),
    Route(method="GET", path=INTRODUCTION, needs=EDIT, act=_introduction),
    Route(method="POST", path=INTRODUCTION, needs=EDIT, act=_change_introduction),
    Route(method="GET", path="/admin/issues/{number}/correct", needs=SEND, act=_ask),
    Route(method="POST", path="/admin/issues/{number}/correct", needs=SEND, act=_correct),
)
