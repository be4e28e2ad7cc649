"""The pages of issues: the list, one issue with its stories and how everybody was served, and what a person decides about it."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from fastapi.responses import HTMLResponse, Response

from digest.errors import Conflict, NotFound
from digest.model.account import Permission
from digest.model.states import DeliveryState, IssueState
from digest.services import deliveries, issues, newsletters, newsroom
from digest.services.newsroom import IssueDetail
from digest.web.admin import charts, downloads, rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit
from digest.web.pages import MAIL_POLICY

LOOK, EDIT, SEND = Permission.LOOK, Permission.EDIT, Permission.SEND
REASON_MAX = 200  #: characters of what is typed


def number_after(visit: Visit) -> int | None:
    """Return the number that the next rows of a list follow; None for the first. Raises NotFound."""
    text = visit.request.query_params.get("after", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise NotFound("page", text, code="no_page")
    return int(text) if text else None


def shared(visit: Visit) -> dict[str, Any]:
    """Return what the templates of issues and deliveries format with."""
    return {
        "number": lambda value: format_decimal(value, locale=visit.spoken.locale),
        "issue_name": partial(words.issue_name, visit.spoken),
        "reason_words": partial(words.reason, visit.spoken),
        "bar": charts.accounting_bar,
        "states": words.delivery_states(visit.spoken),
        "issue_states": words.issue_states(visit.spoken),
        "tones": charts.TONES,
        "order": charts.ORDER,
    }


def _list(visit: Visit) -> Response:
    asked = {name: visit.request.query_params.get(name, "") for name in ("newsletter", "state")}
    if asked["state"] and asked["state"] not in set(IssueState):
        raise NotFound("page", asked["state"], code="no_page")
    state = IssueState(asked["state"]) if asked["state"] else None
    lines, more_after = newsroom.issue_lines(visit.ctx, newsletter=asked["newsletter"], state=state, after=number_after(visit))
    query = urlencode({name: value for name, value in asked.items() if value})
    papers = newsletters.rows(visit.ctx)
    title = visit.spoken.gettext("Issues")
    return rendering.page(
        visit, "issues", title, lines=lines, more_after=more_after, asked=asked, query=query, papers=papers, **shared(visit)
    )


def _issue(visit: Visit) -> IssueDetail:
    return newsroom.issue_detail(visit.ctx, visit.tallies, visit.number())


def _show(visit: Visit) -> Response:
    found = _issue(visit)
    title = words.issue_name(visit.spoken, found.issue, found.paper.title)
    acts = [(act, words.act(visit.spoken, act, _count(found, act))) for act in found.acts if SEND in visit.me.permissions]
    skipped = newsroom.skipped(visit.ctx, found.issue.id) if found.counts.get(DeliveryState.SKIPPED) else {}
    may_send, is_out = SEND in visit.me.permissions, found.issue.queued_at is not None
    return rendering.page(
        visit,
        "issue",
        title,
        found=found,
        acts=acts,
        skipped=skipped,
        may_withdraw=may_send and is_out,
        may_amend=EDIT in visit.me.permissions and found.can_amend,
        may_correct=may_send and found.has_wrong,
        **shared(visit),
    )


def _preview(visit: Visit) -> Response:
    """Show the issue in a frame of its own, where nothing of it can run or reach our pages."""
    return framed(newsroom.preview(visit.ctx, visit.number()))


def framed(page: str) -> Response:
    """Answer with a page made of a mail, for a frame."""
    policy = MAIL_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return HTMLResponse(page, headers={**rendering.HEADERS, "Content-Security-Policy": f"{policy}; sandbox"})


# --- everybody, as a file --------------------------------------------------------------------


def _csv(visit: Visit) -> Response:
    found = _issue(visit)
    name = f"{found.paper.name}-{found.issue.number or found.issue.slot}.csv"
    return downloads.csv(visit, name, _lines(visit, found.issue.id))


async def _lines(visit: Visit, issue_id: int) -> AsyncIterator[bytes]:
    text, after = await visit.threads.run(newsroom.csv_of, visit.ctx, issue_id, after=0)
    yield text.encode()
    while after:
        text, after = await visit.threads.run(newsroom.csv_of, visit.ctx, issue_id, after=after)
        yield text.encode()


# --- to decide -------------------------------------------------------------------------------


def _count(found: IssueDetail, act: str) -> int:
    """Return how many deliveries an act is about."""
    states = {"settle": DeliveryState.UNSURE, "retry": DeliveryState.BOUNCED, "reopen": DeliveryState.CANCELLED}
    return found.counts.get(states[act], 0) if act in states else found.waiting


def _ask(act: str, visit: Visit) -> Response:
    """Say what an act will do, and to how many; the button does it."""
    found = _issue(visit)
    if act not in found.acts:
        raise Conflict(f"the issue is {found.issue.state}", code="issue_moved_on")
    count = _count(found, act)
    title = words.act(visit.spoken, act, count)
    said = words.act_means(visit.spoken, act, count)
    return rendering.page(visit, "issue_act", title, found=found, act=act, count=count, said=said, **shared(visit))


def _act(act: str, visit: Visit) -> Response:
    found = _issue(visit)
    issue, fields = found.issue, visit.fields
    reason = " ".join(fields.get("reason", "").split())[:REASON_MAX] or f"by {visit.me.name}"
    if act == "hold":
        issues.hold(visit.ctx, issue.id, reason=reason)
    elif act == "resume":
        issues.resume(visit.ctx, issue.id)
    elif act == "cancel":
        issues.cancel(visit.ctx, issue.id, reason=reason)
    elif act == "reopen":
        issues.reopen(visit.ctx, issue.id)
    elif act == "settle":
        deliveries.settle(visit.ctx, _shown(visit, issue.id, DeliveryState.UNSURE), as_sent=fields.get("how") == "sent")
    else:
        deliveries.retry(visit.ctx, issue.id, _shown(visit, issue.id, DeliveryState.BOUNCED))
    visit.tallies.forget(issue.id)
    return redirect(f"/admin/issues/{issue.id}")


def _shown(visit: Visit, issue_id: int, state: DeliveryState) -> list[int]:
    """Return the numbers of the deliveries that the page spoke of. Raises Conflict where they are more or fewer by now."""
    found = newsroom.numbers(visit.ctx, issue_id, state)
    if str(len(found)) != visit.fields.get("count"):
        visit.tallies.forget(issue_id)
        raise Conflict("their number is another by now", code="count_changed")
    return list(found)


# --- one story -------------------------------------------------------------------------------


def _ask_story(visit: Visit) -> Response:
    """Say what withdrawing a story does; the button does it."""
    found = _issue(visit)
    pick = next((pick for pick in found.picks if pick.story_id == visit.number("story")), None)
    if pick is None:
        raise NotFound("story", visit.number("story"), code="no_story_in_issue")
    title = visit.spoken.gettext("Withdraw this story?")
    return rendering.page(visit, "story_withdraw", title, found=found, pick=pick, **shared(visit))


def _withdraw_story(visit: Visit) -> Response:
    issues.withdraw_story(visit.ctx, visit.number(), visit.number("story"))
    visit.tallies.forget(visit.number())
    return redirect(f"/admin/issues/{visit.number()}")


ROUTES = (
    Route(method="GET", path="/admin/issues/{number}/stories/{story}/withdraw", needs=SEND, act=_ask_story),
    Route(method="POST", path="/admin/issues/{number}/stories/{story}/withdraw", needs=SEND, act=_withdraw_story),
    Route(method="GET", path="/admin/issues", needs=LOOK, act=_list),
    Route(method="GET", path="/admin/issues/{number}", needs=LOOK, act=_show),
    Route(method="GET", path="/admin/issues/{number}/preview", needs=LOOK, act=_preview),
    Route(method="GET", path="/admin/issues/{number}/everybody.csv", needs=LOOK, act=_csv),
    *(
        Route(method=method, path=f"/admin/issues/{{number}}/{act}", needs=SEND, act=partial(handler, act))
        for act in ("hold", "resume", "settle", "retry", "cancel", "reopen")
        for method, handler in (("GET", _ask), ("POST", _act))
    ),
)
