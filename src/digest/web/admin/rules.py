"""The page of a newsletter's sections and rules, with what a new rule would change before it is stored."""

from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, Conflict, NotFound
from digest.model.account import Permission
from digest.model.states import RuleKind
from digest.services import newsletters, sections, what_if
from digest.web.admin import rendering, source_words, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
_TEXT_MAX = 300  #: characters of a field
_FIELDS = ("kind", "words", "topic", "section", "weight")


def name_of(visit: Visit) -> str:
    """Return the name of the newsletter in the path. Raises NotFound where there is none."""
    return newsletters.get(visit.ctx, str(visit.request.path_params["name"])).name


def _page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show sections and rules; with a rule in the query, what it would change."""
    name = name_of(visit)
    given = {field: visit.request.query_params.get(field, "")[:_TEXT_MAX] for field in _FIELDS}
    effect = None
    if given["kind"]:
        try:
            effect = what_if.rule(visit.ctx, name, **_rule(given))
        except BadInput as refused:
            problem, status = words.problem(visit.spoken, refused), 422
    return rendering.page(
        visit,
        "rules",
        visit.spoken.gettext("Sections and rules"),
        status=status,
        paper=newsletters.show(visit.ctx, name),
        sections=sections.every(visit.ctx, name).sections,
        rules=sections.rules(visit.ctx, name).rules,
        kinds=source_words.rule_kinds(visit.spoken),
        given=given,
        effect=effect,
        problem=problem,
        **_shared(visit),
    )


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "may_edit": EDIT in visit.me.permissions,
    }


def _rule(given: dict[str, str]) -> dict[str, Any]:
    """Return a rule as a person typed it. Raises BadInput, or NotFound where its kind is none."""
    try:
        kind = RuleKind(given["kind"])
    except ValueError as problem:
        raise NotFound("page", given["kind"], code="no_page") from problem
    try:
        weight = float(given["weight"].replace(",", ".") or 0.5)
    except ValueError as problem:
        raise BadInput("the weight is no number", code="bad_weight") from problem
    if not 0 < weight <= 10:
        raise BadInput("the weight is no number up to 10", code="bad_weight")
    return {"kind": kind, "words": given["words"], "topic": given["topic"], "section": given["section"], "weight": weight}


def _add_rule(visit: Visit) -> Response:
    name = name_of(visit)
    given = {field: visit.fields.get(field, "")[:_TEXT_MAX] for field in _FIELDS}
    try:
        found = _rule(given)
        sections.add_rule(visit.ctx, found.pop("kind"), newsletter=name, **found)
    except BadInput as refused:
        return _page(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/newsletters/{name}/rules")


def _remove_rule(visit: Visit) -> Response:
    name = name_of(visit)
    if visit.number() not in {rule.id for rule in sections.rules(visit.ctx, name).rules}:
        raise NotFound("rule", visit.number())
    sections.remove_rule(visit.ctx, visit.number())
    return redirect(f"/admin/newsletters/{name}/rules")


def _add_section(visit: Visit) -> Response:
    name, fields = name_of(visit), visit.fields
    try:
        size, least = (int(fields.get(field, "") or usual) for field, usual in (("size", 5), ("least", 0)))
    except ValueError:
        return _page(visit, problem=words.sentence(visit.spoken, "bad_number"), status=422)
    try:
        if not 1 <= size <= 100 or not 0 <= least <= size:
            raise BadInput("a size is a number from 1 to 100", code="bad_number")
        sections.add(
            visit.ctx,
            fields.get("section", "").strip()[:_TEXT_MAX],
            newsletter=name,
            topic=fields.get("topic", "")[:_TEXT_MAX],
            words=fields.get("words", "")[:_TEXT_MAX],
            size=size,
            least=least,
            before=fields.get("before", ""),
        )
    except (BadInput, Conflict, NotFound) as refused:
        return _page(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/newsletters/{name}/rules")


def _remove_section(visit: Visit) -> Response:
    name = name_of(visit)
    sections.remove(visit.ctx, name, visit.fields.get("section", ""))
    return redirect(f"/admin/newsletters/{name}/rules")


ROUTES = (
    Route(method="GET", path="/admin/newsletters/{name}/rules", needs=LOOK, act=_page),
    Route(method="POST", path="/admin/newsletters/{name}/rules", needs=EDIT, act=_add_rule),
    Route(method="POST", path="/admin/newsletters/{name}/rules/{number}/remove", needs=EDIT, act=_remove_rule),
    Route(method="POST", path="/admin/newsletters/{name}/sections", needs=EDIT, act=_add_section),
    Route(method="POST", path="/admin/newsletters/{name}/sections/remove", needs=EDIT, act=_remove_section),
)
