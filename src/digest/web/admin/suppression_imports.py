"""The pages of an import of suppressions: a file, then what it would do, and a button that does it."""

from functools import partial
from typing import Any

from babel.numbers import format_decimal
from fastapi.responses import Response

from digest.errors import BadInput
from digest.model.account import Permission
from digest.services import imports, suppressions, uploads
from digest.services.imports import Options
from digest.services.views.people import SuppressionImport
from digest.web.admin import rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

EDIT = Permission.EDIT
PLACE = "/admin/suppressions/import"
_REJECTS_SHOWN = 100
_COLUMN_MAX, _REASON_MAX = 300, 300  #: characters


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    title = visit.spoken.gettext("Suppress the addresses of a file")
    most = uploads.MOST_BYTES // 1_000_000
    return rendering.page(visit, "suppressions_new", title, status=status, problem=problem, most=most)


def _upload(visit: Visit) -> Response:
    try:
        token = uploads.keep(visit.ctx, *visit.files.get("file", ("", b"")))
    except BadInput as refused:
        return _new(visit, problem=words.problem(visit.spoken, refused), status=422)
    return redirect(f"{PLACE}/{token}")


def _dry_run(visit: Visit) -> Response:
    """Show what the import would do; nothing is stored. The column of the addresses can be named."""
    query = visit.request.query_params
    column, reason = query.get("column", "")[:_COLUMN_MAX], query.get("reason", "").strip()[:_REASON_MAX]
    problem, reports = "", list[SuppressionImport]()
    files = uploads.files(visit.ctx, _token(visit))
    headers = [one.header for one in imports.columns_of(files[0], Options(columns=_mapped(column))).columns if one.header]
    try:
        reports = _import(visit, column, reason, dry_run=True)
    except BadInput as refused:
        problem = words.problem(visit.spoken, refused)
    return rendering.page(
        visit,
        "suppressions_dry_run",
        visit.spoken.gettext("What this import would do"),
        status=422 if problem else 200,
        reports=reports,
        count=sum(report.suppressed for report in reports),
        headers=headers,
        column=column,
        reason=reason,
        problem=problem,
        token=_token(visit),
        shown=_REJECTS_SHOWN,
        **_shared(visit),
    )


def _go(visit: Visit) -> Response:
    reports = _import(visit, visit.fields.get("column", "")[:_COLUMN_MAX], visit.fields.get("reason", "").strip()[:_REASON_MAX])
    uploads.discard(visit.ctx, _token(visit))
    count = sum(report.suppressed for report in reports)
    title = visit.spoken.count("%(num)d address is suppressed", "%(num)d addresses are suppressed", count)
    return rendering.page(visit, "suppressions_done", title, reports=reports, **_shared(visit))


def _import(visit: Visit, column: str, reason: str, *, dry_run: bool = False) -> list[SuppressionImport]:
    suppress = partial(suppressions.import_file, columns=_mapped(column), reason=reason, dry_run=dry_run)
    return [suppress(visit.ctx, file) for file in uploads.files(visit.ctx, _token(visit))]


def _discard(visit: Visit) -> Response:
    uploads.discard(visit.ctx, _token(visit))
    return redirect("/admin/suppressions")


def _mapped(column: str) -> dict[str, str]:
    return {column: "address"} if column else {}


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _shared(visit: Visit) -> dict[str, Any]:
    return {"number": lambda value: format_decimal(value, locale=visit.spoken.locale)}


ROUTES = (
    Route(method="GET", path=PLACE, needs=EDIT, act=_new),
    Route(method="POST", path=PLACE, needs=EDIT, act=_upload, most_bytes=uploads.MOST_BYTES + 10_000),
    Route(method="GET", path=f"{PLACE}/{{token}}", needs=EDIT, act=_dry_run),
    Route(method="POST", path=f"{PLACE}/{{token}}/go", needs=EDIT, act=_go),
    Route(method="POST", path=f"{PLACE}/{{token}}/discard", needs=EDIT, act=_discard),
)
