"""The pages of what came back: how much, from where and why; lists; one report beside the mail that it is about, and the way back."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from digest.errors import BadAddress, BadInput, Conflict, NotFound, NothingToDo
from digest.model.account import Permission
from digest.model.bounce import Chosen, Effect
from digest.services import bounce_pages, bounces, held_bounces
from digest.services.bounce_pages import REASONS, SPANS, VERDICTS, ReportDetail
from digest.web.admin import bounce_words, charts, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.issues import number_after, shared
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
TYPED = 320  #: characters of what is typed


def _shared(visit: Visit) -> dict[str, Any]:
    """Return what the templates of these pages format with."""
    spoken = visit.spoken
    return {
        **shared(visit),
        "verdicts": bounce_words.verdicts(spoken),
        "reasons": bounce_words.reasons(spoken),
        "effects": bounce_words.effects(spoken),
        "verdict_tones": charts.VERDICT_TONES,
        "query": lambda **more: urlencode({name: value for name, value in more.items() if value}),
    }


def _overview(visit: Visit) -> Response:
    asked = visit.request.query_params.get("days", str(SPANS[1]))
    if asked not in map(str, SPANS):
        raise NotFound("page", asked, code="no_page")
    found = bounce_pages.overview(visit.ctx, visit.tallies, days=int(asked))
    stacks = charts.stacks([counts for _, counts in found.days], charts.VERDICT_TONES)
    title = visit.spoken.gettext("Bounces")
    day = visit.spoken.day
    return rendering.page(
        visit, "bounces", title, found=found, span=int(asked), spans=SPANS, stacks=stacks, day=day, **_shared(visit)
    )


# --- lists -----------------------------------------------------------------------------------


def _list(visit: Visit) -> Response:
    asked = _asked(visit.request.query_params)
    chosen = Chosen(
        verdict=_one_of(asked["verdict"], VERDICTS),
        reason=_one_of(asked["reason"], REASONS),
        domain=asked["domain"].lower().lstrip("@"),
        newsletter_id=_number(asked["newsletter"]),
        effect=Effect(_one_of(asked["effect"], list(Effect))) if asked["effect"] else None,
    )
    problem, page = "", None
    try:
        page = bounce_pages.report_page(visit.ctx, chosen, address=asked["address"], after=number_after(visit))
    except BadAddress as error:
        problem = words.problem(visit.spoken, error)
    papers = bounce_pages.papers(visit.ctx)
    title = visit.spoken.gettext("Reports")
    return rendering.page(visit, "bounce_list", title, asked=asked, page=page, papers=papers, problem=problem, **_shared(visit))


def _asked(query: Mapping[str, str]) -> dict[str, str]:
    names = ("verdict", "reason", "newsletter", "effect", "domain", "address")
    return {name: query.get(name, "").strip()[:TYPED] for name in names}


def _one_of(asked: str, known: Sequence[str]) -> str:
    if asked and asked not in known:
        raise NotFound("page", asked, code="no_page")
    return asked


def _number(asked: str) -> int | None:
    if asked and not (asked.isascii() and asked.isdecimal() and len(asked) < 18):
        raise NotFound("page", asked, code="no_page")
    return int(asked) if asked else None


# --- one report ------------------------------------------------------------------------------


def _show(visit: Visit) -> Response:
    found = bounce_pages.report(visit.ctx, visit.number())
    return rendering.page(visit, "bounce", _name(visit, found), **_of_report(visit, found))


def _of_report(visit: Visit, found: ReportDetail) -> dict[str, Any]:
    spoken = visit.spoken
    return {
        "found": found,
        "verdict_means": partial(bounce_words.verdict_means, spoken),
        "effect_means": partial(bounce_words.effect_means, spoken),
        "proofs": bounce_words.proofs(spoken),
        "way": bounce_words.way(spoken, found.via),
        "may_edit": EDIT in visit.me.permissions,
        **_shared(visit),
    }


def _name(visit: Visit, found: ReportDetail) -> str:
    return found.bounce.address or visit.spoken.gettext("an erased reader")


def _mail(visit: Visit) -> Response:
    """Answer with the mail that came back, as far as it is kept."""
    try:
        content = bounces.original(visit.ctx, visit.number())
    except NothingToDo as problem:
        raise NotFound("mail", visit.number(), code="no_page") from problem
    headers = {**rendering.HEADERS, "Content-Disposition": f'attachment; filename="returned-{visit.number()}.eml"'}
    return Response(content, media_type="message/rfc822", headers=headers)


def _ask_undo(visit: Visit) -> Response:
    """Say what to take a report back will do; the button does it."""
    found = bounce_pages.report(visit.ctx, visit.number())
    title = visit.spoken.gettext("Take back what this report did")
    return rendering.page(visit, "bounce_undo", title, **_of_report(visit, found))


def _undo(visit: Visit) -> Response:
    try:
        bounces.undo(visit.ctx, visit.number())
    except NothingToDo as problem:  # somebody else was quicker
        raise Conflict(str(problem), code="nothing_undone") from problem
    return redirect(f"/admin/bounces/{visit.number()}")


# --- held back -------------------------------------------------------------------------------


def _held(visit: Visit) -> Response:
    """Say of how many reports a person must decide, and what either way will do; the button does it."""
    found = bounce_pages.held_of(visit.ctx, visit.number())
    domain = visit.request.query_params.get("domain", "")
    if domain and domain not in found.domains:
        raise NotFound("page", domain, code="no_page")
    count = found.domains[domain] if domain else found.total
    title = visit.spoken.count("Decide about %(num)d report", "Decide about %(num)d reports", count)
    return rendering.page(visit, "bounce_held", title, found=found, domain=domain, count=count, **_shared(visit))


def _decide(visit: Visit) -> Response:
    how, count = visit.fields.get("how"), _number(visit.fields.get("count", "")) or 0
    if how not in ("release", "discard"):
        raise BadInput("choose what becomes of them", code="no_choice")
    decide = held_bounces.release if how == "release" else held_bounces.discard
    decide(visit.ctx, visit.number(), domain=visit.fields.get("domain", ""), count=count)
    return redirect("/admin/bounces")


ROUTES = (
    Route(method="GET", path="/admin/bounces", needs=LOOK, act=_overview),
    Route(method="GET", path="/admin/bounces/reports", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/bounces/held/{number}", needs=EDIT, act=_held),
    Route(method="POST", path="/admin/bounces/held/{number}", needs=EDIT, act=_decide),
    Route(method="GET", path="/admin/bounces/{number}", needs=LOOK, act=_show),
    Route(method="GET", path="/admin/bounces/{number}/mail.eml", needs=LOOK, act=_mail),
    Route(method="GET", path="/admin/bounces/{number}/undo", needs=EDIT, act=_ask_undo),
    Route(method="POST", path="/admin/bounces/{number}/undo", needs=EDIT, act=_undo),
)
