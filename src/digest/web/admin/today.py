"""The dashboard: what is due and what needs a hand; while an issue is being sent, how far it is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from babel.dates import format_time, format_timedelta
from babel.numbers import format_decimal
from fastapi.responses import Response, StreamingResponse

from digest.errors import DigestError
from digest.model.account import Permission
from digest.services import dashboard, login
from digest.services.dashboard import Progress
from digest.web.admin import charts, rendering, words
from digest.web.admin.visit import Route, Visit

TICK_S = 2.0
STREAM_S = 24.0  #: then the browser opens the next one: the server ends an exchange after 30 seconds


def _page(visit: Visit) -> Response:
    found = dashboard.dashboard(visit.ctx, visit.tallies)
    return rendering.page(
        visit,
        "today",
        words.greeting(visit.spoken, found.now.astimezone(visit.ctx.settings.zone).hour, visit.me.name),
        found=found,
        day=visit.spoken.day(found.now.astimezone(visit.ctx.settings.zone).date()),
        to_do_words=partial(words.to_do, visit.spoken),
        to_do_more=partial(words.to_do_more, visit.spoken),
        movement=charts.movement(found.movement.days),
        may_edit=Permission.EDIT in visit.me.permissions,
        **_shared(visit, found.now),
    )


def _shared(visit: Visit, now: datetime) -> dict[str, Any]:
    """Return the functions that the templates of this page format with."""
    locale = visit.spoken.locale
    return {
        "number": lambda value: format_decimal(value, locale=locale),
        "time_of": lambda at, zone: format_time(at, "short", tzinfo=zone, locale=locale),
        "in_time": lambda at: format_timedelta(at - now, add_direction=True, locale=locale),
        "weekday": lambda at, zone: visit.spoken.weekday_and_day(at.astimezone(zone).date()),
        "is_today": lambda at, zone: at.astimezone(zone).date() == now.astimezone(zone).date(),
        "bar": charts.accounting_bar,
        "states": words.delivery_states(visit.spoken),
        "issue_states": words.issue_states(visit.spoken),
        "tones": charts.TONES,
        "order": charts.ORDER,
    }


# --- live ------------------------------------------------------------------------------------


def _live(visit: Visit) -> Response:
    """Answer with server-sent events: the card of what is being sent, again and again."""
    return StreamingResponse(_events(visit), media_type="text/event-stream", headers=rendering.HEADERS)


async def _events(visit: Visit) -> AsyncIterator[str]:
    before: Sequence[Progress] = ()
    for _ in range(int(STREAM_S / TICK_S)):
        try:
            text, before = await visit.threads.run(_card, visit, before)
        except DigestError:  # logged out meanwhile, or the database is busy: the next stream says so
            return
        yield "".join(f"data: {line}\n" for line in text.strip().splitlines() or [""]) + "\n"
        await asyncio.sleep(TICK_S)


def _card(visit: Visit, before: Sequence[Progress]) -> tuple[str, Sequence[Progress]]:
    """Return the card as it is now. Raises Forbidden once the log-in is over."""
    login.admit(visit.ctx, visit.token, needs=Permission.LOOK, ip=visit.visitor.ip)
    found = dashboard.sending(visit.ctx, visit.tallies, before)
    return rendering.text_of(visit, "sending", "", sending=found, **_shared(visit, visit.ctx.clock())), found


ROUTES = (
    Route(method="GET", path="/admin/", needs=Permission.LOOK, act=_page),
    Route(method="GET", path="/admin/live", needs=Permission.LOOK, act=_live),
)
