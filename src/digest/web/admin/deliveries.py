"""The pages of deliveries: those of an issue, those to a person, and one with its mail, byte for byte."""

from fastapi.responses import Response

from digest.errors import BadAddress, NotFound
from digest.model.account import Permission
from digest.model.states import DeliveryState
from digest.services import bounce_pages, deliveries, messages, newsroom
from digest.web.admin import bounce_words, rendering, words
from digest.web.admin.issues import framed, number_after, shared
from digest.web.admin.visit import Route, Visit

LOOK = Permission.LOOK


def _of_issue(visit: Visit) -> Response:
    asked = visit.request.query_params.get("state", "")
    if asked and asked not in {state.value for state in DeliveryState}:
        raise NotFound("page", asked, code="no_page")
    state = DeliveryState(asked) if asked else None
    found = newsroom.issue_detail(visit.ctx, visit.tallies, visit.number())
    page = newsroom.delivery_page(visit.ctx, visit.number(), state=state, after=number_after(visit))
    title = words.issue_name(visit.spoken, found.issue, found.paper.title)
    return rendering.page(visit, "deliveries", title, found=found, page=page, state=state, **shared(visit))


def _search(visit: Visit) -> Response:
    """Show the mails to the person whose address is asked for."""
    asked = visit.request.query_params.get("address", "").strip()[:320]
    problem, found = "", None
    try:
        found = newsroom.mails_to(visit.ctx, asked) if asked else None
    except BadAddress as error:
        problem = words.problem(visit.spoken, error)
    title = visit.spoken.gettext("Deliveries")
    return rendering.page(visit, "delivery_search", title, asked=asked, problem=problem, found=found, **shared(visit))


def _show(visit: Visit) -> Response:
    found = newsroom.delivery(visit.ctx, visit.number())
    title = found.delivery.address or visit.spoken.gettext("an erased reader")
    reports = bounce_pages.of_delivery(visit.ctx, visit.number())
    reasons, effects = bounce_words.reasons(visit.spoken), bounce_words.effects(visit.spoken)
    return rendering.page(
        visit, "delivery", title, found=found, reports=reports, reasons=reasons, effects=effects, **shared(visit)
    )


def _mail(visit: Visit) -> Response:
    """Show the mail in a frame, without the links that act for its reader."""
    return framed(messages.page(visit.ctx, visit.number()))


def _source(visit: Visit) -> Response:
    """Answer with the mail byte for byte, its signature included."""
    content = deliveries.mail(visit.ctx, visit.number())
    headers = {**rendering.HEADERS, "Content-Disposition": f'attachment; filename="{visit.number()}.eml"'}
    return Response(content, media_type="message/rfc822", headers=headers)


ROUTES = (
    Route(method="GET", path="/admin/deliveries", needs=LOOK, act=_search),
    Route(method="GET", path="/admin/issues/{number}/deliveries", needs=LOOK, act=_of_issue),
    Route(method="GET", path="/admin/deliveries/{number}", needs=LOOK, act=_show),
    Route(method="GET", path="/admin/deliveries/{number}/mail", needs=LOOK, act=_mail),
    Route(method="GET", path="/admin/deliveries/{number}/mail.eml", needs=LOOK, act=_source),
)
