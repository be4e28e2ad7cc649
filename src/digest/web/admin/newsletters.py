"""The pages of newsletters: timetable with the next due times, look with a preview, sender, list, archive and languages; and the settings."""

from collections.abc import Callable
from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, ComposeError, Conflict, DigestError, NotFound
from digest.languages import shipped
from digest.model.account import Permission
from digest.model.states import ApprovalPolicy, ArchiveAccess, Silence
from digest.services import lists, newsletters, proofs, shown_settings
from digest.services.newsletters import Changes
from digest.services.views.newsletters import NewsletterDetails
from digest.web.admin import newsletter_words, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.issues import framed
from digest.web.admin.lists import COUNTED
from digest.web.admin.rules import name_of
from digest.web.admin.visit import Route, Visit

LOOK, EDIT, SEND = Permission.LOOK, Permission.EDIT, Permission.SEND
TABS = ("timetable", "title", "look", "approval", "bounces")
DUE_SHOWN = 10
MINUTES_MOST = 1_440  #: before its hour, until which approvers answer
_TEXT_MAX = 200  #: characters of a field
_APPROVERS_MAX = 2_000  #: characters of their addresses
_RULE = "bounces-"  #: how the names of fields begin that hold a rule for bounces
_TEXTS = ("title", "mlist", "at", "days", "zone", "language", "template", "theme")
_REFUSED = (BadInput, ComposeError, Conflict, NotFound)


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "archives": newsletter_words.archives(visit.spoken),
        "may_edit": EDIT in visit.me.permissions,
        "may_send": SEND in visit.me.permissions,
    }


def _list(visit: Visit) -> Response:
    title = visit.spoken.gettext("Newsletters")
    audiences = {name: one for one in visit.tallies.kept(COUNTED, lambda: lists.every(visit.ctx)) for name in one.newsletters}
    found = newsletters.every(visit.ctx)
    return rendering.page(visit, "newsletters", title, found=found, audiences=audiences, **_shared(visit))


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
    visit.tallies.forget(COUNTED)
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
        tab=_tab(visit),
        given={**found.model_dump(mode="json"), **{name: visit.fields[name] for name in visit.fields if problem}},
        due=[slot for slot in due if slot.newsletter == found.name],
        look=(template, theme),
        templates=templates,
        themes=themes,
        languages=shipped(),
        lists=lists.names(visit.ctx),
        sender=visit.ctx.settings.sender,
        here_zone=str(visit.ctx.settings.zone),
        policies=newsletter_words.policies(visit.spoken),
        silences=newsletter_words.silences(visit.spoken),
        admins=visit.ctx.settings.admin_addresses,
        bounce_rules=newsletter_words.bounce_rules(
            visit.spoken, {**newsletter_words.rules_of(found.bounce_rules), **_rules_given(visit)}
        ),
        problem=problem,
        **_shared(visit),
    )


def _tab(visit: Visit) -> str:
    """Return the tab that is asked for, or whose form was sent; without one, that of a look that is asked for."""
    query = visit.request.query_params
    asked = visit.fields.get("tab") or query.get("tab") or ("look" if "template" in query or "theme" in query else TABS[0])
    if asked not in TABS:
        raise NotFound("page", asked, code="no_page")
    return asked


def _change(visit: Visit) -> Response:
    """Change what one form of the page has; what a form does not have stays."""
    return _changed(visit, _changes)


def _change_approval(visit: Visit) -> Response:
    """Change who approves an issue, which is for those who may send it."""
    return _changed(visit, _approval)


def _changed(visit: Visit, changes: Callable[[Visit], Changes]) -> Response:
    name, tab = name_of(visit), _tab(visit)
    try:
        newsletters.change(visit.ctx, name, changes(visit))
    except _REFUSED as refused:
        return _show(visit, problem=_said(visit, refused), status=422)
    visit.tallies.forget(COUNTED)  # its list may be another
    return redirect(f"/admin/newsletters/{name}" + (f"?tab={tab}" if tab != TABS[0] else ""))


def _said(visit: Visit, refused: DigestError) -> str:
    if refused.code == "bad_bounce_rule":
        return newsletter_words.rule_problem(visit.spoken, str(refused.facts["rule"]))
    return words.problem(visit.spoken, refused)


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
    if fields.get("tab") == "bounces":
        given["bounces"] = fields.get("bounces") or ",".join(f"{rule}={value}" for rule, value in _rules_given(visit).items())
    return Changes(**given)


def _approval(visit: Visit) -> Changes:
    """Return what a person chose. Raises BadInput, or NotFound."""
    fields = visit.fields
    try:
        policy, silence = ApprovalPolicy(fields.get("approval", "")), Silence(fields.get("approval_silence", ""))
    except ValueError as problem:
        raise NotFound("page", "", code="no_page") from problem
    return Changes(
        approval=policy,
        approval_silence=silence,
        approval_min=_number(fields.get("approval_min", ""), most=MINUTES_MOST, code="bad_minutes"),
        approvers=fields.get("approvers", "").replace("\n", ",")[:_APPROVERS_MAX],
    )


def _number(text: str, *, most: int = 200, code: str = "bad_count") -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= most):
        raise BadInput(f"{text[:20]!r} is no number up to {most}", code=code)
    return int(text)


def _rules_given(visit: Visit) -> dict[str, str]:
    """Return the rules of the form; a comma of a number is a point."""
    fields = visit.fields
    names = newsletter_words.USUAL
    return {name: fields[_RULE + name].strip()[:20].replace(",", ".") for name in names if _RULE + name in fields}


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
    visit.tallies.forget(COUNTED)
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
    Route(method="POST", path="/admin/newsletters/{name}/approval", needs=SEND, act=_change_approval),
    Route(method="GET", path="/admin/newsletters/{name}/preview", needs=LOOK, act=_preview),
    Route(method="POST", path="/admin/newsletters/{name}/pause", needs=EDIT, act=_pause),
    Route(method="POST", path="/admin/newsletters/{name}/remove", needs=EDIT, act=_remove),
    Route(method="GET", path="/admin/settings", needs=EDIT, act=_settings),
)
