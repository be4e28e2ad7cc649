"""The issue desk: the coming issue in order, what editors want of its stories, and how it will look."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, Conflict, DigestError, NotFound, NothingToDo
from digest.model.account import Permission
from digest.model.draft import HEADLINE_MAX, SUMMARY_MAX
from digest.model.issue import Note
from digest.model.newsletter import Newsletter
from digest.model.states import Form
from digest.services import approvals, contributions, draft_proofs, drafts, editing, newsletters
from digest.services.editing import Seen, Target
from digest.services.notes import NOTE_MAX
from digest.services.views.issues import DraftStory, DraftView
from digest.web.admin import charts, desk_words, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.issues import framed
from digest.web.admin.visit import Route, Visit

LOOK, EDIT, SEND = Permission.LOOK, Permission.EDIT, Permission.SEND
VIEWS = ("phone", "desktop", "text")
PARTS = ("issue", "preview", "out", "checks")  #: of the desk; a phone shows one at a time
KEPT_FIELDS = 40  #: fields of a form that a refused change keeps


# --- to look ---------------------------------------------------------------------------------


def _choose(visit: Visit) -> Response:
    """Lead to the desk of the only newsletter, or list them."""
    papers = newsletters.rows(visit.ctx)
    if len(papers) == 1:
        return redirect(f"/admin/desk/{papers[0].name}")
    return rendering.page(visit, "desks", visit.spoken.gettext("The coming issues"), papers=papers)


def _desk(visit: Visit, *, said: str = "") -> Response:
    paper = _paper(visit)
    try:
        found = drafts.draft(visit.ctx, paper, visit.tallies)
    except NothingToDo:
        return rendering.page(visit, "desk_empty", paper.title, paper=paper)
    chosen = _chosen(visit)
    return rendering.page(
        visit,
        "desk",
        paper.title,
        paper=paper,
        found=found,
        groups=_groups(visit, found),
        part=_part(visit),
        chosen=chosen,
        views=desk_words.desk_views(visit.spoken),
        approval=approvals.state(visit.ctx, paper, found),
        languages=draft_proofs.languages(visit.ctx, paper),
        frame=f"/admin/desk/{paper.name}/preview?{urlencode(chosen)}",
        said=said,
        **_shared(visit, paper),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Stories that share section and form, under one heading: a story is moved among them by its place."""

    heading: str
    form: str
    section: str  #: empty: a story that is put here stays in its own
    is_open: bool  #: stories of other groups can be put here
    stories: Sequence[DraftStory]


def _groups(visit: Visit, found: DraftView) -> Sequence[Group]:
    groups: dict[tuple[str, str], list[DraftStory]] = {}
    for story in found.stories:
        groups.setdefault(drafts.group(story), []).append(story)
    return [
        Group(
            heading=desk_words.desk_group(visit.spoken, form, section),
            form=form,
            section=section,
            is_open=bool(section) or form == Form.TOP or not found.sections,
            stories=stories,
        )
        for (form, section), stories in groups.items()
    ]


def _part(visit: Visit) -> str:
    asked = visit.request.query_params.get("part", "")
    return asked if asked in PARTS else PARTS[0]


def _shared(visit: Visit, paper: Newsletter) -> dict[str, Any]:
    """Return what the templates of the desk format with."""
    locale, zone, now = visit.spoken.locale, paper.timetable.zone, visit.ctx.clock()
    return {
        "may_edit": EDIT in visit.me.permissions,
        "may_send": SEND in visit.me.permissions,
        "number": lambda value: format_decimal(value, locale=locale),
        "score_of": lambda value: format_decimal(value, format="0.00", locale=locale),
        "local": lambda at: format_datetime(at, "EEE HH:mm", tzinfo=zone, locale=locale),
        "in_time": lambda at: format_timedelta(at - now, add_direction=True, locale=locale),
        "parts_of": partial(desk_words.score_parts, visit.spoken),
        "acts": desk_words.draft_acts(visit.spoken),
        "forms": desk_words.forms(visit.spoken),
        "issue_states": words.issue_states(visit.spoken),
        "tones": charts.TONES,
        "limits": {"headline": HEADLINE_MAX, "summary": SUMMARY_MAX, "note": NOTE_MAX},
    }


def _paper(visit: Visit) -> Newsletter:
    """Return the newsletter of the path. Raises NotFound."""
    return newsletters.get(visit.ctx, str(visit.request.path_params["name"]))


# --- how it looks ----------------------------------------------------------------------------


def _chosen(visit: Visit) -> dict[str, str]:
    """Return what of the mail is to be shown, and to whom."""
    asked = visit.request.query_params
    view, scheme = asked.get("view", ""), asked.get("scheme", "")
    return {
        "view": view if view in VIEWS else VIEWS[0],
        "scheme": scheme if scheme in draft_proofs.SCHEMES else draft_proofs.SCHEMES[0],
        "as": asked.get("as", "").strip()[:320],
        "language": asked.get("language", "")[:20],
    }


def _preview(visit: Visit) -> Response:
    """Show the mail in a frame, or why there is none."""
    chosen = _chosen(visit)
    try:
        proof = draft_proofs.proof(visit.ctx, _paper(visit), visit.tallies, address=chosen["as"], language=chosen["language"])
    except NotFound:
        raise
    except DigestError as problem:
        return framed(_plain(words.problem(visit.spoken, problem)))
    if chosen["view"] == "text":
        return framed(_plain(proof.plain))
    return framed(draft_proofs.in_scheme(proof.html, chosen["scheme"]))


def _plain(text: str) -> str:
    head = '<!DOCTYPE html><meta charset="utf-8"><style>pre{white-space:pre-wrap;font:14px/1.5 monospace;margin:16px}</style>'
    return f"{head}<pre>{html.escape(text)}</pre>"


def _checks(visit: Visit) -> Response:
    """Show size and findings in a frame: they take a second, and the desk does not wait for them."""
    title, problem, found = visit.spoken.gettext("Checks"), "", None
    try:
        found = draft_proofs.check(visit.ctx, _paper(visit), visit.tallies)
    except NotFound:
        raise
    except DigestError as error:
        problem = words.problem(visit.spoken, error)
    answer = rendering.page(visit, "desk_checks", title, found=found, problem=problem, **_shared(visit, _paper(visit)))
    policy = answer.headers["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _test(visit: Visit) -> Response:
    """Mail a copy to the address of the account that asks."""
    copy = draft_proofs.test_copy(visit.ctx, _paper(visit), visit.me.address, visit.tallies)
    return _desk(visit, said=desk_words.test_copy(visit.spoken, copy))


# --- to change -------------------------------------------------------------------------------


def _story(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    paper = _paper(visit)
    found = drafts.draft(visit.ctx, paper, visit.tallies)
    story = next((one for one in (*found.stories, *found.out) if one.story == visit.number()), None)
    if story is None:
        raise NotFound("story", visit.number(), code="no_story")
    given = {name: visit.fields.get(name, getattr(story, name)) for name in ("headline", "summary", "section", "form")}
    return rendering.page(
        visit,
        "desk_story",
        visit.spoken.gettext("Edit a story"),
        status=status,
        paper=paper,
        found=found,
        story=story,
        given=given,
        problem=problem,
        **_shared(visit, paper),
    )


def _change_story(visit: Visit) -> Response:
    ctx, paper, number, fields = visit.ctx, _paper(visit), visit.number(), visit.fields
    changes: dict[str, Callable[[Seen], object]] = {
        "out": lambda seen: editing.take_out(ctx, paper, number, seen),
        "in": lambda seen: editing.put_in(ctx, paper, number, seen),
        "leave": lambda seen: editing.leave(ctx, paper, number, seen),
        "up": lambda seen: editing.move(ctx, paper, number, seen, Target(step=-1)),
        "down": lambda seen: editing.move(ctx, paper, number, seen, Target(step=1)),
        "move": lambda seen: editing.move(ctx, paper, number, seen, _target(visit)),
        "rewrite": lambda seen: _rewritten(visit, paper, seen),
    }
    act = fields.get("act", "")
    if act not in changes:
        raise BadInput(f"there is no act {act[:40]}", code="foreign_form")
    part = "?part=out" if fields.get("part") == "out" else ""  # whoever puts in one story may put in another
    shown = f"{part}#s{number}"
    return _changed(visit, paper, changes[act], lambda problem: _story(visit, problem=problem, status=422), shown=shown)


def _rewritten(visit: Visit, paper: Newsletter, seen: Seen) -> int:
    """Store what differs from the original; what is the same is the source's, and goes on with it."""
    found = drafts.draft(visit.ctx, paper, visit.tallies)
    story = next((one for one in (*found.stories, *found.out) if one.story == visit.number()), None)
    given = {name: " ".join(visit.fields.get(name, "").split()) for name in ("headline", "summary")}
    if story is not None:
        original = {"headline": story.original_headline, "summary": " ".join(story.original_summary.split())}
        given = {name: "" if text == original[name] else text for name, text in given.items()}
    return editing.rewrite(visit.ctx, paper, visit.number(), seen, **given)


def _target(visit: Visit) -> Target:
    fields = visit.fields
    place = fields.get("place", "")
    return Target(
        section=fields.get("section") or None,
        form=Form(fields["as"]) if fields.get("as") in set(Form) else None,
        place=int(place) if place.isascii() and place.isdecimal() and 0 < len(place) < 5 else None,
    )


def _introduction(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    paper = _paper(visit)
    found = drafts.draft(visit.ctx, paper, visit.tallies)
    given = {
        "note": visit.fields.get("note", found.note),
        "by": visit.fields.get("by", found.note_by or visit.me.name),
    }
    title = visit.spoken.gettext("Introduction")
    shared = _shared(visit, paper)
    return rendering.page(
        visit, "desk_introduction", title, status=status, paper=paper, found=found, given=given, problem=problem, **shared
    )


def _introduce(visit: Visit) -> Response:
    paper = _paper(visit)
    text = visit.fields.get("note", "").replace("\r\n", "\n").strip()
    by = " ".join(visit.fields.get("by", "").split())
    note = Note(text=text, by=(by or visit.me.name) if text else "")

    def change(seen: Seen) -> object:
        return editing.introduce(visit.ctx, paper, seen, note)

    return _changed(visit, paper, change, lambda problem: _introduction(visit, problem=problem, status=422))


def _new_story(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    paper = _paper(visit)
    found = drafts.draft(visit.ctx, paper, visit.tallies)
    given = {name: visit.fields.get(name, "") for name in ("link", "headline", "summary", "url", "publisher", "section")}
    title = visit.spoken.gettext("Add a story")
    shared = _shared(visit, paper)
    return rendering.page(
        visit, "desk_add", title, status=status, paper=paper, found=found, given=given, problem=problem, **shared
    )


def _add_story(visit: Visit) -> Response:
    paper, fields = _paper(visit), visit.fields
    section = fields.get("section", "")

    def change(seen: Seen) -> object:
        if fields.get("link"):
            return contributions.from_link(visit.ctx, paper, seen, fields["link"], section=section)
        return contributions.by_hand(
            visit.ctx,
            paper,
            seen,
            headline=fields.get("headline", ""),
            summary=fields.get("summary", ""),
            url=fields.get("url", ""),
            publisher=fields.get("publisher", ""),
            section=section,
        )

    return _changed(visit, paper, change, lambda problem: _new_story(visit, problem=problem, status=422))


def _changed(
    visit: Visit, paper: Newsletter, change: Callable[[Seen], object], again: Callable[[str], Response], *, shown: str = ""
) -> Response:
    """Make a change of the draft that its form shows; a form that is wrong is shown again, and what another has changed meanwhile beside it."""
    revision = visit.fields.get("revision", "")
    if not (revision.isascii() and revision.isdecimal() and len(revision) < 10):
        raise BadInput("the form names no revision", code="foreign_form")
    try:
        change(Seen(slot=visit.fields.get("slot", ""), revision=int(revision)))
    except BadInput as problem:
        return again(words.problem(visit.spoken, problem))
    except Conflict as problem:
        if problem.code != "draft_changed":
            raise
        return _conflict(visit, paper, problem)
    return redirect(f"/admin/desk/{paper.name}{shown}")


def _conflict(visit: Visit, paper: Newsletter, problem: Conflict) -> Response:
    """Show what the others have changed beside what was to be changed; one button makes the change all the same."""
    hidden = {name: value for name, value in list(visit.fields.items())[:KEPT_FIELDS] if name not in ("form", "revision")}
    mine = {**hidden, "form": hidden.get("as", "")} if hidden.get("act") == "move" else hidden
    return rendering.page(
        visit,
        "desk_conflict",
        visit.spoken.gettext("Your change is not saved yet"),
        status=409,
        paper=paper,
        path=visit.request.url.path,
        changes=problem.facts["changes"],
        revision=problem.facts["revision"],
        kept=hidden,
        mine=desk_words.own_change(visit.spoken, hidden),
        mine_facts=desk_words.draft_facts(visit.spoken, mine),
        headline=_headline(visit, paper),
        facts_of=partial(desk_words.draft_facts, visit.spoken),
        **_shared(visit, paper),
    )


def _headline(visit: Visit, paper: Newsletter) -> str:
    """Return the headline of the story that a form is about; empty where it is about none."""
    number = str(visit.request.path_params.get("number", ""))
    found = drafts.draft(visit.ctx, paper, visit.tallies)
    return next((one.headline for one in (*found.stories, *found.out) if str(one.story) == number), "")


ROUTES = (
    Route(method="GET", path="/admin/desk", needs=LOOK, act=_choose),
    Route(method="GET", path="/admin/desk/{name}", needs=LOOK, act=_desk),
    Route(method="GET", path="/admin/desk/{name}/preview", needs=LOOK, act=_preview),
    Route(method="GET", path="/admin/desk/{name}/checks", needs=LOOK, act=_checks),
    Route(method="POST", path="/admin/desk/{name}/test", needs=EDIT, act=_test),
    Route(method="GET", path="/admin/desk/{name}/stories/{number}", needs=EDIT, act=_story),
    Route(method="POST", path="/admin/desk/{name}/stories/{number}", needs=EDIT, act=_change_story),
    Route(method="GET", path="/admin/desk/{name}/introduction", needs=EDIT, act=_introduction),
    Route(method="POST", path="/admin/desk/{name}/introduction", needs=EDIT, act=_introduce),
    Route(method="GET", path="/admin/desk/{name}/add", needs=EDIT, act=_new_story),
    Route(method="POST", path="/admin/desk/{name}/add", needs=EDIT, act=_add_story),
)
