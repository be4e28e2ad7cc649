"""
Rendering of the admin pages: templates in `templates/`, style and script as files in `static/`.

The policy of the pages allows nothing inline, so that what an article, an import or a visitor brought is shown and never run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from babel.dates import format_date
from fastapi.responses import HTMLResponse, Response

from digest.errors import DigestError, NotFound, TooMany
from digest.model.account import Permission
from digest.services import dashboard
from digest.web.admin import words
from digest.web.admin.visit import Visit
from digest.web.pages import environment

FOLDER = Path(__file__).parent
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
        " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # with `no-referrer` browsers hide the origin of our own forms from us
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".md": "text/plain", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of the navigation."""

    path: str
    icon: str
    needs: Permission
    group: str = ""
    on_phone: bool = False  #: in the bar of a phone, which has room for five


PLACES = (
    Place(path="/admin/", icon="today", needs=Permission.LOOK, on_phone=True),
    Place(path="/admin/issues", icon="issue", needs=Permission.LOOK, on_phone=True),
    Place(path="/admin/deliveries", icon="delivery", needs=Permission.LOOK, on_phone=True),
    Place(path="/admin/bounces", icon="bounce", needs=Permission.LOOK),
    Place(path="/admin/newsletters", icon="paper", needs=Permission.LOOK, group="paper"),
    Place(path="/admin/sources", icon="source", needs=Permission.LOOK, group="paper"),
    Place(path="/admin/subscribers", icon="people", needs=Permission.LOOK, group="people", on_phone=True),
    Place(path="/admin/lists", icon="list", needs=Permission.LOOK, group="people"),
    Place(path="/admin/imports", icon="import", needs=Permission.LOOK, group="people"),
    Place(path="/admin/suppressions", icon="stop", needs=Permission.LOOK, group="people"),
    Place(path="/admin/charts", icon="chart", needs=Permission.LOOK, group="house"),
    Place(path="/admin/me", icon="person", needs=Permission.LOOK, group="house"),
    Place(path="/admin/accounts", icon="key", needs=Permission.ACCOUNTS, group="house"),
    Place(path="/admin/audit", icon="audit", needs=Permission.LOOK, group="house"),
    Place(path="/admin/webhooks", icon="hook", needs=Permission.ACCOUNTS, group="house"),
    Place(path="/admin/tokens", icon="code", needs=Permission.ACCOUNTS, group="house"),
    Place(path="/admin/doctor", icon="ok", needs=Permission.EDIT, group="house"),
    Place(path="/admin/settings", icon="gear", needs=Permission.EDIT, group="house"),
)


def page(visit: Visit, template: str, title: str, *, status: int = 200, **values: object) -> Response:
    """Make a page of a template in `templates/`; `values` is what the template names."""
    return HTMLResponse(text_of(visit, template, title, **values), status_code=status, headers=_headers(visit))


def text_of(visit: Visit, template: str, title: str, **values: object) -> str:
    """The text of a template, or of a part of a page."""
    spoken, who = visit.spoken, visit.who
    shared = {
        "lang": spoken.tag,
        "dir": spoken.direction,
        "title": title,
        "form_token": visit.form_token,
        "who": who,
        "role": words.role(spoken, who.role) if who else "",
        "places": [place for place in PLACES if who and place.needs in who.permissions],
        "place_names": words.places(spoken),
        "here": partial(_is_here, visit.request.url.path),
        "when": lambda at: when(visit, at),
        "waiting_at": partial(_waiting, visit),
    }
    return environment(spoken, FOLDER / "templates").get_template(f"{template}.html.j2").render({**shared, **values})


def _waiting(visit: Visit) -> Mapping[str, int]:
    """Return at which places of the navigation how much waits for a person."""
    found = dashboard.needs(visit.ctx, visit.tallies)
    return {"/admin/": found.to_dos, "/admin/sources": found.failing, "/admin/bounces": found.held}


def message(visit: Visit, code: str, *, status: int, problem: DigestError | None = None) -> Response:
    """Make a page of one sentence: why there is nothing else to see."""
    title = words.heading(visit.spoken, code)
    said = words.problem(visit.spoken, problem) if problem else words.sentence(visit.spoken, code)
    if isinstance(problem, NotFound):
        title = words.heading(visit.spoken, "no_page")
    answer = page(visit, "message", title, status=status, said=said, code=code)
    if isinstance(problem, TooMany):
        answer.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    return answer


def static(name: str) -> Response:
    """Return a file of `static/`. Raises NotFound."""
    path = FOLDER / "static" / name
    if "/" in name or name not in _names():
        raise NotFound("page", name, code="no_page")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
    return Response(_file(path), media_type=TYPES[path.suffix], headers=headers)


def when(visit: Visit, at: datetime | None) -> str:
    """Format an instant in the time zone of the place; empty where there is none."""
    if at is None:
        return ""
    here = at.astimezone(visit.ctx.settings.zone)
    return f"{format_date(here, 'medium', locale=visit.spoken.locale)}, {here:%H:%M} {here:%Z}"


def day(visit: Visit, at: datetime | None) -> str:
    """Format the day of an instant in the time zone of the place; empty where there is none."""
    return format_date(at.astimezone(visit.ctx.settings.zone), "medium", locale=visit.spoken.locale) if at else ""


def _is_here(path: str, place: str) -> bool:
    return path == place or (place != "/admin/" and path.startswith(f"{place}/"))


def _headers(visit: Visit) -> dict[str, str]:
    return {**HEADERS, "Content-Language": visit.spoken.tag, "Vary": "Accept-Language, Cookie"}


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in (FOLDER / "static").iterdir())


@cache
def _file(path: Path) -> bytes:
    return path.read_bytes()
