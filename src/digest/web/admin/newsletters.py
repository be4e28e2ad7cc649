"""The pages of newsletters: timetable with the next due times, look with a preview, sender, list, archive and languages; and the settings."""

from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, ComposeError, Conflict, NotFound
from digest.languages import shipped
from digest.model.account import Permission
from digest.model.states import ArchiveAccess
from digest.services import lists, newsletters, proofs, shown_settings
from digest.services.newsletters import Changes
from digest.services.views.newsletters import NewsletterDetails
from digest.web.admin import newsletter_words, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.issues import framed
from digest.web.admin.rules import name_of
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
DUE_SHOWN = 10
_TEXT_MAX = 200  #: characters of a field
_TEXTS = ("title", "mlist", "at", "days", "zone", "language", "template", "theme")
_REFUSED = (BadInput, ComposeError, Conflict, NotFound)


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "archives": newsletter_words.archives(visit.spoken),
        "may_edit": EDIT in visit.me.permissions,
    }


def _list(visit: Visit) -> Response:
    title = visit.spoken.gettext("Newsletters")
    return rendering.page(visit, "newsletters", title, found=newsletters.every(visit.ctx), **_shared(visit))


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:_TEXT_MAX] for name in ("name", "title", "mlist", "at", "days")}
    title = visit.spoken.gettext("Make a newsletter")
    return rendering.page(
        visit,
        "newsletter_new",
        title,
        status=status,
        given=given,
        problem=problem,
        lists=lists.names(visit.ctx),
        **_shared(visit),
    )


def _add(visit: Visit) -> Response:
    fields = visit.fields
    given = Changes(
        title=fields.get("title", "").strip()[:_TEXT_MAX] or None,
        mlist=fields.get("mlist", ""),
        at=fields.get("at", "").strip() or None,
        days=fields.get("days", "").strip() or None,
    )
    try:
        made = newsletters.add(visit.ctx, fields.get("name", ""), given)
    except _REFUSED as refused:
        return _new(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/newsletters/{made.newsletter.name}")


def _details(visit: Visit) -> NewsletterDetails:
    return newsletters.show(visit.ctx, name_of(visit))


def _look(visit: Visit, found: NewsletterDetails) -> tuple[str, str]:
    """Return the template and the theme that are asked for, else the newsletter's. Raises NotFound where there are none such."""
    given = visit.request.query_params
    template, theme = given.get("template") or found.template, given.get("theme") or found.theme
    templates, themes = proofs.looks(visit.ctx)
    if template not in templates or theme not in themes:
        raise NotFound("page", f"{template}, {theme}", code="no_page")
    return template, theme


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    found = _details(visit)
    template, theme = _look(visit, found)
    templates, themes = proofs.looks(visit.ctx)
    due = newsletters.schedule(visit.ctx, count=DUE_SHOWN, on_paused=lambda _name: None)
    return rendering.page(
        visit,
        "newsletter",
        found.title,
        status=status,
        found=found,
        given={**found.model_dump(mode="json"), **{name: visit.fields[name] for name in visit.fields if problem}},
        due=[slot for slot in due if slot.newsletter == found.name],
        look=(template, theme),
        templates=templates,
        themes=themes,
        languages=shipped(),
        lists=lists.names(visit.ctx),
        sender=visit.ctx.settings.sender,
        here_zone=str(visit.ctx.settings.zone),
        problem=problem,
        **_shared(visit),
    )


def _change(visit: Visit) -> Response:
    """Change what one form of the page has; what a form does not have stays."""
    name = name_of(visit)
    try:
        newsletters.change(visit.ctx, name, _changes(visit))
    except _REFUSED as refused:
        return _show(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/newsletters/{name}")


def _changes(visit: Visit) -> Changes:
    """Return what a person typed. Raises BadInput, or NotFound."""
    fields = visit.fields
    given: dict[str, Any] = {name: text.strip()[:_TEXT_MAX] for name in _TEXTS if (text := fields.get(name))}
    given |= {name: _number(fields[name]) for name in ("max_stories", "min_stories") if name in fields}
    if "archive" in fields:
        try:
            given["archive"] = ArchiveAccess(fields["archive"])
        except ValueError as problem:
            raise NotFound("page", fields["archive"], code="no_page") from problem
        given["welcome_issue"] = "welcome_issue" in fields
    return Changes(**given)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 <= int(text[:4]) <= 200 and len(text) < 4):
        raise BadInput(f"{text[:20]!r} is no number up to 200", code="bad_count")
    return int(text)


def _pause(visit: Visit) -> Response:
    name, fields = name_of(visit), visit.fields
    on = fields.get("paused") == "yes"
    try:
        newsletters.change(visit.ctx, name, Changes(pause=on, until=(fields.get("until") or None) if on else None))
    except BadInput:
        return _show(visit, problem=words.sentence(visit.spoken, "bad_pause"), status=422)
    return redirect(f"/admin/newsletters/{name}")


def _remove(visit: Visit) -> Response:
    name = name_of(visit)
    try:
        newsletters.remove(visit.ctx, name)
    except Conflict as refused:
        return _show(visit, problem=words.problem(visit.spoken, refused), status=409)
    return redirect("/admin/newsletters")


def _preview(visit: Visit) -> Response:
    """Show the stories of now in a template and a theme, in a frame where nothing of it can run."""
    found = _details(visit)
    template, theme = _look(visit, found)
    paper, now = newsletters.get(visit.ctx, found.name), visit.ctx.clock()
    given = proofs.proof_input(visit.ctx, paper, now=now, drawn=True, template=template, theme_name=theme)
    return framed(proofs.proof(given, template, theme).html)


def _settings(visit: Visit) -> Response:
    title = visit.spoken.gettext("Settings")
    found = shown_settings.every(visit.ctx)
    return rendering.page(visit, "settings", title, found=found, origins=newsletter_words.origins(visit.spoken))


ROUTES = (
    Route(method="GET", path="/admin/newsletters", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/newsletters/new", needs=EDIT, act=_new),
    Route(method="POST", path="/admin/newsletters/new", needs=EDIT, act=_add),
    Route(method="GET", path="/admin/newsletters/{name}", needs=LOOK, act=_show),
    Route(method="POST", path="/admin/newsletters/{name}", needs=EDIT, act=_change),
    Route(method="GET", path="/admin/newsletters/{name}/preview", needs=LOOK, act=_preview),
    Route(method="POST", path="/admin/newsletters/{name}/pause", needs=EDIT, act=_pause),
    Route(method="POST", path="/admin/newsletters/{name}/remove", needs=EDIT, act=_remove),
    Route(method="GET", path="/admin/settings", needs=EDIT, act=_settings),
)
