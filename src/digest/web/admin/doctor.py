"""The page that examines the installation: everything that mail depends on, each fault with what to do."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

from fastapi.responses import Response

from digest.errors import BadInput
from digest.model.account import Permission
from digest.services import doctor
from digest.services.doctor import Examined
from digest.services.views.doctor import CheckView
from digest.web.admin import doctor_words, rendering, words
from digest.web.admin.visit import Route, Visit

_FIELD_MAX = 320
MOST_S = 90.0  #: name servers, relays and pages that do not answer are waited for, one after the other
#: Where on these pages a fault is mended, by the rule that found it.
_PAGES: Mapping[str, str] = {
    "newsletter": "/admin/newsletters/new",
    "theme": "/admin/newsletters",
    "timetable": "/admin/newsletters",
    "source": "/admin/sources",
    "sources": "/admin/sources/new",
    "readers": "/admin/imports",
}


def _ask(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show the form; examining asks name servers and relays, so a mere look at the page does not begin it."""
    return _shown(visit, found=None, problem=problem, status=status)


def _examine(visit: Visit) -> Response:
    given = visit.fields.get("sending", "").replace(",", " ").split()
    try:
        sending = doctor.addresses(given)
    except BadInput as refused:
        return _ask(visit, problem=words.problem(visit.spoken, refused), status=422)
    what = Examined(
        settings=visit.ctx.settings, clock=visit.ctx.clock, sending=sending, copy_to=visit.fields.get("copy_to", "").strip()
    )
    return _shown(visit, found=list(doctor.examine(what)))


def _shown(visit: Visit, *, found: list[CheckView] | None, problem: str = "", status: int = 200) -> Response:
    return rendering.page(
        visit,
        "doctor",
        visit.spoken.gettext("Installation check"),
        status=status,
        problem=problem,
        areas=[(area, list(checks)) for area, checks in groupby(found or [], key=lambda one: one.area)],
        counts=Counter(one.status for one in found) if found is not None else None,
        statuses=doctor_words.statuses(visit.spoken),
        names=doctor_words.areas(visit.spoken),
        pages=_PAGES,
        given={name: visit.fields.get(name, "")[:_FIELD_MAX] for name in ("sending", "copy_to")},
    )


ROUTES = (
    Route(method="GET", path="/admin/doctor", needs=Permission.EDIT, act=_ask),
    Route(method="POST", path="/admin/doctor", needs=Permission.EDIT, act=_examine, most_s=MOST_S),
)
