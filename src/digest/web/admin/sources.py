"""The pages of sources: how each does, what it gave and how much of it was published; to add, try, pause and remove one."""

from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, CollectError, Conflict, DigestError, NotFound
from digest.model.account import Permission
from digest.services import newsletters, sources, supply
from digest.services.sources import Changes, Wanted
from digest.services.supply import Health, Supplier
from digest.web.admin import charts, rendering, source_words, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import FETCHED_S, Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
OPML_BYTES = 1_000_000
_TEXT_MAX = 300  #: characters of a field
_URL_MAX = 2_000
_NAME = "name"


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "healths": source_words.healths(visit.spoken),
        "health_tones": charts.HEALTH_TONES,
        "may_edit": EDIT in visit.me.permissions,
    }


def _list(visit: Visit, *, note: str = "") -> Response:
    found = supply.every(visit.ctx)
    asked = visit.request.query_params.get("health", "")
    if asked and asked not in {health.value for health in Health}:
        raise NotFound("page", asked, code="no_page")
    counts = {health: sum(one.health is health for one in found) for health in Health}
    return rendering.page(
        visit,
        "sources",
        visit.spoken.gettext("Sources"),
        found=[one for one in found if not asked or one.health == asked],
        total=len(found),
        counts=counts,
        asked=asked,
        most=max((one.gave for one in found), default=0),
        share=charts.share,
        note=note,
        **_shared(visit),
    )


def _new(visit: Visit, *, problem: DigestError | None = None, status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:_URL_MAX] for name in ("address", _NAME, "topic", "newsletter")}
    given["address"] = given["address"] or visit.request.query_params.get("address", "")[:_URL_MAX]
    return rendering.page(
        visit,
        "source_new",
        visit.spoken.gettext("Add a source"),
        status=status,
        given=given,
        problem=words.problem(visit.spoken, problem) if problem else "",
        feeds=problem.facts.get("feeds", ()) if problem else (),
        papers=newsletters.every(visit.ctx),
        **_shared(visit),
    )


def _add(visit: Visit) -> Response:
    fields = visit.fields
    paper = fields.get("newsletter", "")
    wanted = Wanted(
        name=fields.get(_NAME, "").strip()[:_TEXT_MAX],
        topic=fields.get("topic", "").strip()[:_TEXT_MAX],
        newsletters=[paper] if paper else [],
    )
    try:
        added = sources.add_address(visit.ctx, fields.get("address", "").strip()[:_URL_MAX], wanted)
    except (BadInput, NotFound) as refused:
        return _new(visit, problem=refused, status=422)
    if added.source is None:
        return _new(visit, problem=added.problem, status=422)
    return redirect(f"/admin/sources/{added.source.id}")


def _one(visit: Visit) -> Supplier:
    return supply.show(visit.ctx, visit.number()).supplier


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    found = supply.show(visit.ctx, visit.number())
    return rendering.page(
        visit,
        "source",
        found.supplier.source.name,
        status=status,
        found=found.supplier,
        articles=found.articles,
        papers=newsletters.every(visit.ctx),
        problem=problem,
        **_shared(visit),
    )


def _change(visit: Visit) -> Response:
    fields, found = visit.fields, _one(visit)
    chosen = [paper.name for paper in newsletters.every(visit.ctx) if f"in-{paper.name}" in fields]
    try:
        weight = float(fields.get("weight", "").replace(",", "."))
        if not 0 < weight <= 10:
            raise ValueError(weight)
        name = fields.get(_NAME, "").strip()[:_TEXT_MAX] or found.source.name
        given = Changes(name=name, topic=fields.get("topic", "").strip()[:_TEXT_MAX], weight=weight, newsletters=chosen)
        sources.change(visit.ctx, str(found.source.id), given)
    except ValueError:
        return _show(visit, problem=words.sentence(visit.spoken, "bad_weight"), status=422)
    return redirect(f"/admin/sources/{found.source.id}")


def _pause(visit: Visit) -> Response:
    found = _one(visit).source
    sources.pause(visit.ctx, str(found.id), paused=visit.fields.get("paused") == "yes")
    return redirect(f"/admin/sources/{found.id}")


def _test(visit: Visit) -> Response:
    """Read the source now, and store nothing."""
    found = _one(visit).source
    problem, tried = "", None
    try:
        tried = sources.test_again(visit.ctx, found.id)
    except (BadInput, CollectError) as refused:
        problem = str(refused)
    title = visit.spoken.gettext("What %(name)s gives now") % {"name": found.name}
    return rendering.page(visit, "source_test", title, found=found, tried=tried, problem=problem, **_shared(visit))


def _ask_remove(visit: Visit) -> Response:
    found = _one(visit)
    title = visit.spoken.gettext("Remove %(name)s?") % {"name": found.source.name}
    return rendering.page(visit, "source_remove", title, found=found, **_shared(visit))


def _remove(visit: Visit) -> Response:
    sources.remove(visit.ctx, _one(visit).source.id)
    return redirect("/admin/sources")


# --- other feed readers ----------------------------------------------------------------------


def _opml(visit: Visit) -> Response:
    headers = {**rendering.HEADERS, "Content-Disposition": 'attachment; filename="sources.opml"'}
    return Response(sources.export_opml(visit.ctx).encode(), media_type="text/x-opml; charset=utf-8", headers=headers)


def _ask_opml(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    title = visit.spoken.gettext("Bring sources from another reader")
    papers = newsletters.every(visit.ctx)
    return rendering.page(visit, "source_opml", title, status=status, problem=problem, papers=papers, **_shared(visit))


def _add_opml(visit: Visit) -> Response:
    name, content = visit.files.get("file", ("", b""))
    paper = visit.fields.get("newsletter", "")
    try:
        if not content.strip():
            raise BadInput("the file is empty", code="empty_file")
        done = sources.add_opml(visit.ctx, content, name[:100] or "OPML", [paper] if paper else [])
    except (BadInput, NotFound, CollectError, Conflict) as refused:
        return _ask_opml(visit, problem=words.problem(visit.spoken, refused), status=422)
    note = visit.spoken.gettext("%(added)s of %(all)s feeds were added; the others are sources already.")
    return _list(visit, note=note % {"added": done.added, "all": done.total})


ROUTES = (
    Route(method="GET", path="/admin/sources", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/sources/new", needs=EDIT, act=_new),
    Route(method="POST", path="/admin/sources/new", needs=EDIT, act=_add, most_s=FETCHED_S),
    Route(method="GET", path="/admin/sources.opml", needs=LOOK, act=_opml),
    Route(method="GET", path="/admin/sources/opml", needs=EDIT, act=_ask_opml),
    Route(method="POST", path="/admin/sources/opml", needs=EDIT, act=_add_opml, most_bytes=OPML_BYTES),
    Route(method="GET", path="/admin/sources/{number}", needs=LOOK, act=_show),
    Route(method="POST", path="/admin/sources/{number}", needs=EDIT, act=_change),
    Route(method="POST", path="/admin/sources/{number}/pause", needs=EDIT, act=_pause),
    Route(method="POST", path="/admin/sources/{number}/test", needs=EDIT, act=_test, most_s=FETCHED_S),
    Route(method="GET", path="/admin/sources/{number}/remove", needs=EDIT, act=_ask_remove),
    Route(method="POST", path="/admin/sources/{number}/remove", needs=EDIT, act=_remove),
)
