"""The page of pauses: who is given no mail for a while since they refuse us, and by which numbers newsletters read what came back."""

from fastapi.responses import Response

from digest.errors import Conflict, NothingToDo
from digest.model.account import Permission
from digest.services import newsletters, pauses
from digest.web.admin import newsletter_words, rendering
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

LOOK, SEND = Permission.LOOK, Permission.SEND


def _show(visit: Visit) -> Response:
    return rendering.page(
        visit,
        "pauses",
        visit.spoken.gettext("Pauses and rules"),
        pauses=pauses.listed(visit.ctx),
        papers=newsletters.every(visit.ctx),
        rules_of=lambda text: newsletter_words.bounce_rules(visit.spoken, newsletter_words.rules_of(text)),
        may_send=SEND in visit.me.permissions,
    )


def _end(visit: Visit) -> Response:
    try:
        pauses.resume(visit.ctx, visit.fields.get("name", ""))
    except NothingToDo as problem:  # it ended by itself, or somebody else was quicker
        raise Conflict(str(problem), code="not_paused") from problem
    return redirect("/admin/bounces/pauses")


ROUTES = (
    Route(method="GET", path="/admin/bounces/pauses", needs=LOOK, act=_show),
    Route(method="POST", path="/admin/bounces/pauses/end", needs=SEND, act=_end),
)
