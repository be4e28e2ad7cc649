"""The page of charts: pictures drawn by the server, each with its figures as a table."""

from fastapi.responses import Response

from digest.model.account import Permission
from digest.services import statistics
from digest.web.admin import charts, rendering, words
from digest.web.admin.issues import shared
from digest.web.admin.visit import Route, Visit


def _page(visit: Visit) -> Response:
    found = statistics.statistics(visit.ctx, visit.tallies)
    names = [words.issue_name(visit.spoken, one.issue, one.paper.title) for one in found.issues]
    return rendering.page(
        visit,
        "charts",
        visit.spoken.gettext("Charts"),
        found=found,
        names=names,
        date_of=visit.spoken.date_of,
        readers=charts.line([count for _, count in found.readers]),
        movement=charts.movement(found.movement.days),
        sends=charts.columns([float(one.sent) for one in found.issues], tone="ok"),
        minutes=charts.columns([one.minutes or 0.0 for one in found.issues], tone="busy"),
        share=charts.share,
        **shared(visit),
    )


ROUTES = (Route(method="GET", path="/admin/charts", needs=Permission.LOOK, act=_page),)
