"""The pages of imports: from a file to a list in four steps, of which the last one alone stores something; and the way back."""

import csv
import io
import json
from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput, NotFound, NothingToDo
from digest.model.account import Permission
from digest.services import imports, lists, undo, uploads
from digest.services.imports import FIELDS, Options, Part
from digest.services.views.people import ImportView
from digest.web.admin import import_words, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, EDIT = Permission.LOOK, Permission.EDIT
_REJECTS_SHOWN = 100
_CONSENT_MAX = 1_000
_MOST_COLUMNS = 200  #: that a form names


def _shared(visit: Visit) -> dict[str, Any]:
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "may_edit": EDIT in visit.me.permissions,
    }


# --- what was imported -----------------------------------------------------------------------


def _list(visit: Visit) -> Response:
    found = imports.listed(visit.ctx)
    return rendering.page(visit, "imports", visit.spoken.gettext("Imports"), found=found, **_shared(visit))


def _show(visit: Visit) -> Response:
    found = imports.show(visit.ctx, visit.number())
    title = visit.spoken.gettext("Import No. %(number)s") % {"number": found.id}
    return rendering.page(visit, "import", title, found=found, **_shared(visit))


def _ask_undo(visit: Visit) -> Response:
    try:
        plan = undo.plan(visit.ctx, visit.number())
    except NothingToDo as refused:
        return rendering.page(visit, "import_nothing", visit.spoken.gettext("Nothing to take back"), said=str(refused))
    title = visit.spoken.gettext("Take back import No. %(number)s?") % {"number": plan.id}
    whys = import_words.kept(visit.spoken)
    return rendering.page(visit, "import_undo", title, plan=plan, whys=whys, **_shared(visit))


def _undo(visit: Visit) -> Response:
    try:
        undo.undo(visit.ctx, visit.number())
    except NothingToDo as refused:
        return rendering.page(visit, "import_nothing", visit.spoken.gettext("Nothing to take back"), said=str(refused))
    return redirect(f"/admin/imports/{visit.number()}")


# --- four steps ------------------------------------------------------------------------------


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    title = visit.spoken.gettext("Import a file")
    most = uploads.MOST_BYTES // 1_000_000
    return rendering.page(visit, "import_new", title, status=status, problem=problem, most=most, **_shared(visit))


def _upload(visit: Visit) -> Response:
    try:
        token = uploads.keep(visit.ctx, *visit.files.get("file", ("", b"")))
    except BadInput as refused:
        return _new(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"/admin/imports/new/{token}")


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _columns(visit: Visit) -> Response:
    """Show the columns, what they seem to hold, and into which list the people go."""
    files = uploads.files(visit.ctx, _token(visit))
    mapped = _mapped(visit)
    found = imports.columns_of(files[0], Options(columns=mapped))
    return rendering.page(
        visit,
        "import_columns",
        visit.spoken.gettext("Which column is what?"),
        found=found,
        files=files,
        mapped=mapped,
        fields=import_words.fields(visit.spoken),
        lists=lists.names(visit.ctx),
        query=visit.request.query_params,
        token=_token(visit),
        **_shared(visit),
    )


def _mapped(visit: Visit) -> dict[str, str]:
    """Return the fields by header that the person chose."""
    given = visit.request.query_params
    pairs = list(zip(given.getlist("column"), given.getlist("field"), strict=False))[:_MOST_COLUMNS]
    return {column: field for column, field in pairs if field in FIELDS}


def _parts(visit: Visit, mlist: str, options: Options) -> list[Part]:
    files = uploads.files(visit.ctx, _token(visit))
    if mlist:
        return [Part(file=file, mlist=mlist) for file in files]
    return [part for file in files for part in imports.parts_of_file(file, options)]


def _dry_run(visit: Visit) -> Response:
    """Show what the import would do; nothing is stored."""
    given = visit.request.query_params
    mlist, consent = given.get("mlist", ""), given.get("consent", "").strip()[:_CONSENT_MAX]
    mapped = _mapped(visit)
    options = Options(columns=mapped, consent=consent, dry_run=True)
    try:
        reports = [imports.import_file(visit.ctx, part, options) for part in _parts(visit, mlist, options)]
    except (BadInput, NotFound) as refused:
        if refused.code == "no_upload":
            raise
        return rendering.page(
            visit,
            "import_refused",
            visit.spoken.gettext("This cannot be imported like that"),
            status=422,
            said=words.problem(visit.spoken, refused),
            back=f"/admin/imports/new/{_token(visit)}?{visit.request.url.query}",
        )
    return rendering.page(
        visit,
        "import_dry_run",
        visit.spoken.gettext("What this import would do"),
        reports=reports,
        outcomes=import_words.outcomes(visit.spoken),
        changes=sum(_changes(report) for report in reports),
        mlist=mlist,
        consent=consent,
        mapping=json.dumps(mapped),
        query=visit.request.url.query,
        token=_token(visit),
        shown=_REJECTS_SHOWN,
        **_shared(visit),
    )


def _changes(report: ImportView) -> int:
    """Return how many lines would change something."""
    return report.added + report.changed + report.left + report.suppressed + report.unconfirmed


def _rejects(visit: Visit) -> Response:
    """Answer with the lines that would be rejected, to be corrected and imported again."""
    given = visit.request.query_params
    options = Options(columns=_mapped(visit), dry_run=True)
    text = io.StringIO()
    for part in _parts(visit, given.get("mlist", ""), options):
        imports.import_file(visit.ctx, part, options, rejects=text)
    if not text.getvalue():
        csv.writer(text).writerow(["line", "field", "reason"])
    headers = {**rendering.HEADERS, "Content-Disposition": 'attachment; filename="rejects.csv"'}
    return Response(text.getvalue().encode("utf-8", "replace"), media_type="text/csv; charset=utf-8", headers=headers)


def _go(visit: Visit) -> Response:
    fields = visit.fields
    options = Options(
        columns=_stored_mapping(fields.get("mapping", "")), consent=fields.get("consent", "").strip()[:_CONSENT_MAX]
    )
    reports = [imports.import_file(visit.ctx, part, options) for part in _parts(visit, fields.get("mlist", ""), options)]
    uploads.discard(visit.ctx, _token(visit))
    visit.tallies.forget("lists")
    only = reports[0].import_id if len(reports) == 1 else None
    return redirect(f"/admin/imports/{only}" if only else "/admin/imports")


def _stored_mapping(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput("the form is broken", code="foreign_form")
    return {str(column): field for column, field in found.items() if field in FIELDS}


def _discard(visit: Visit) -> Response:
    uploads.discard(visit.ctx, _token(visit))
    return redirect("/admin/imports")


ROUTES = (
    Route(method="GET", path="/admin/imports", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/imports/new", needs=EDIT, act=_new),
    Route(method="POST", path="/admin/imports/new", needs=EDIT, act=_upload, most_bytes=uploads.MOST_BYTES + 10_000),
    Route(method="GET", path="/admin/imports/new/{token}", needs=EDIT, act=_columns),
    Route(method="GET", path="/admin/imports/new/{token}/dry-run", needs=EDIT, act=_dry_run),
    Route(method="GET", path="/admin/imports/new/{token}/rejects.csv", needs=EDIT, act=_rejects),
    Route(method="POST", path="/admin/imports/new/{token}/go", needs=EDIT, act=_go),
    Route(method="POST", path="/admin/imports/new/{token}/discard", needs=EDIT, act=_discard),
    Route(method="GET", path="/admin/imports/{number}", needs=LOOK, act=_show),
    Route(method="GET", path="/admin/imports/{number}/undo", needs=EDIT, act=_ask_undo),
    Route(method="POST", path="/admin/imports/{number}/undo", needs=EDIT, act=_undo),
)
