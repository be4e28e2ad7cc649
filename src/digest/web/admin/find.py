"""The page of what was found by the field that stands on every page."""

from functools import partial

from fastapi.responses import Response

from digest.model.account import Permission
from digest.services import find
from digest.web.admin import charts, rendering, subscriber_words
from digest.web.admin.issues import shared
from digest.web.admin.visit import Route, Visit

TEXT_MAX = 320  #: characters


def _show(visit: Visit) -> Response:
    text = visit.request.query_params.get("text", "").strip()[:TEXT_MAX]
    return rendering.page(
        visit,
        "find",
        visit.spoken.gettext("Find"),
        text=text,
        found=find.find(visit.ctx, text),
        ties=subscriber_words.states(visit.spoken),
        tie_tones=charts.TIE_TONES,
        day=partial(rendering.day, visit),
        **shared(visit),
    )


ROUTES = (Route(method="GET", path="/admin/find", needs=Permission.LOOK, act=_show),)
