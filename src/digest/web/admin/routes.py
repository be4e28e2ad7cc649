"""All routes of the admin pages, with the permission that each needs."""

from fastapi import FastAPI
from fastapi.responses import Response

from digest.model.account import Permission
from digest.services.context import Context
from digest.web.admin import (
    amending,
    approving,
    audit,
    bounces,
    chart_pages,
    deliveries,
    desk,
    doctor,
    entrance,
    find,
    gate,
    imports,
    issues,
    lists,
    newsletters,
    own,
    pauses,
    people,
    provider,
    rendering,
    rules,
    sources,
    subscribers,
    suppression_imports,
    suppressions,
    today,
    tokens,
    webhooks,
)
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit
from digest.web.threads import Threads


def _start(_visit: Visit) -> Response:
    return redirect("/admin/")


def _more(visit: Visit) -> Response:
    """Show the places for which the bar of a phone has no room."""
    return rendering.page(visit, "more", visit.spoken.gettext("More"))


def _file(visit: Visit) -> Response:
    return rendering.static(str(visit.request.path_params["name"]))


ROUTES = (
    Route(method="GET", path="/admin", needs=Permission.LOOK, act=_start),
    Route(method="GET", path="/admin/more", needs=Permission.LOOK, act=_more),
    Route(method="GET", path="/admin/static/{name}", needs=None, act=_file),
    *today.ROUTES,
    *find.ROUTES,
    *issues.ROUTES,
    *amending.ROUTES,
    *desk.ROUTES,
    *approving.ROUTES,
    *deliveries.ROUTES,
    *pauses.ROUTES,  # before a report by its number
    *bounces.ROUTES,
    *audit.ROUTES,
    *chart_pages.ROUTES,
    *sources.ROUTES,
    *newsletters.ROUTES,
    *rules.ROUTES,
    *subscribers.ROUTES,
    *lists.ROUTES,
    *imports.ROUTES,
    *suppressions.ROUTES,
    *suppression_imports.ROUTES,
    *entrance.ROUTES,
    *own.ROUTES,
    *provider.ROUTES,
    *people.ROUTES,
    *tokens.ROUTES,
    *webhooks.ROUTES,
    *doctor.ROUTES,
)


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the admin pages to the application."""
    gate.add_routes(app, ctx, threads, ROUTES)
