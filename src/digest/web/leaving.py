"""
The page on which a reader leaves: what it means, the button, and what would be less; then why, and the way back.

GET and HEAD only show; a POST with the one-click body or a form's own field acts (RFC 8058).
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import Response
from markupsafe import escape

from digest.languages import Language
from digest.model.leaving import TEXT_MAX, Reason
from digest.model.states import SubscriptionState
from digest.model.subscriber import RETURN_DAYS
from digest.model.tokens import Purpose, verify
from digest.services import data_requests, leaving, subscriptions
from digest.services.context import Context
from digest.services.subscriptions import Standing
from digest.web import pages
from digest.web.one_click import ReaderRequest, asked_for
from digest.web.threads import Threads
from digest.web.visitors import language, nothing_here


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the page to the application."""

    @app.api_route("/u/{token}", methods=["GET", "HEAD", "POST"])
    @app.api_route("/u/{token}/", methods=["GET", "HEAD", "POST"])
    async def unsubscribe(token: str, request: Request) -> Response:
        number = verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys)
        if number is None:
            return nothing_here(request)  # before a byte of the body is read
        if request.method != "POST":
            return await threads.run(_show, ctx, number, request)
        return await threads.run(_act, ctx, number, request, *await asked_for(request))


def _show(ctx: Context, number: int, request: Request) -> Response:
    return _page(ctx, request, subscriptions.standing(ctx, number))


def _act(ctx: Context, number: int, request: Request, asked: ReaderRequest, fields: Mapping[str, str]) -> Response:
    """Do what a form or a mail program asks for."""
    if asked is ReaderRequest.LEAVE:
        return _page(ctx, request, subscriptions.unsubscribe(ctx, number, by="reader"), acted=True)
    if asked is ReaderRequest.RETURN:
        return _page(ctx, request, subscriptions.resume(ctx, number), acted=True)
    if asked is ReaderRequest.PAUSE:
        found = subscriptions.pause(ctx, number)
        return _pauses(language(request, found.language), found, ctx) if found else nothing_here(request)
    if asked is ReaderRequest.EXPLAIN:
        known = {reason.value: reason for reason in Reason}
        leaving.explain(ctx, number, known.get(fields.get("reason", ""), Reason.OTHER), fields.get("text", ""))
        return _page(ctx, request, subscriptions.standing(ctx, number))
    return _page(ctx, request, subscriptions.standing(ctx, number), status=400)


def _page(ctx: Context, request: Request, found: Standing | None, *, acted: bool = False, status: int = 200) -> Response:
    """Return the page of a subscription: how it stands after what was done, else what can be done."""
    if found is None:
        return nothing_here(request)
    spoken, postal_address = language(request, found.language), ctx.settings.postal_address
    own_data = f"/data/{data_requests.link(ctx, found.id)}"
    if found.state is SubscriptionState.UNSUBSCRIBED:
        return _has_left(spoken, found, postal_address, own_data=own_data)
    if acted:
        return _is_back(spoken, found, postal_address)
    return _asks(spoken, found, postal_address, own_data=own_data, status=status)


def _asks(spoken: Language, found: Standing, postal_address: str, *, own_data: str, status: int) -> Response:
    """Render what leaving means, the button, and what would be less."""
    paper = _paper(spoken, found)
    return pages.render(
        "leave",
        spoken,
        status=status,
        title=spoken.gettext("Leave %(title)s?") % {"title": paper},
        paper=paper,
        found=found,
        own_data=own_data,
        pause_day=spoken.day(found.pause_day),
        postal_address=postal_address,
        days=RETURN_DAYS,
    )


def _has_left(spoken: Language, found: Standing, postal_address: str, *, own_data: str) -> Response:
    """Render that the reader has left; while it can be undone, the button for it; and the question why."""
    paper, until = _paper(spoken, found), found.returns_until
    return pages.render(
        "left",
        spoken,
        title=spoken.gettext("You have left %(title)s.") % {"title": paper},
        label=spoken.gettext("Done"),
        paper=paper,
        found=found,
        own_data=own_data,
        postal_address=postal_address,
        until=spoken.date_of(until.date()) if until else "",
        reasons=_reasons(spoken),
        longest=TEXT_MAX,
    )


def _reasons(spoken: Language) -> Mapping[Reason, str]:
    """Return the reasons that can be chosen, each in words."""
    _ = spoken.gettext
    return {
        Reason.TOO_MUCH: _("Too much mail"),
        Reason.NOT_FOR_ME: _("Not what I want to read"),
        Reason.NEVER_ASKED: _("I never asked for it"),
        Reason.OTHER: _("Another reason"),
    }


def _is_back(spoken: Language, found: Standing, postal_address: str) -> Response:
    _, paper = spoken.gettext, _paper(spoken, found)
    told = escape(_("%(address)s gets %(title)s again.")) % {"address": pages.strong(found.address), "title": paper}
    return pages.render(
        "page", spoken, title=_("You are back."), said=told, paper=paper, postal_address=postal_address, label=_("Done")
    )


def _pauses(spoken: Language, found: Standing, ctx: Context) -> Response:
    _ = spoken.gettext
    told = _("Nothing is mailed to %(address)s until then. You can end the pause at any time.")
    return pages.render(
        "notice",
        spoken,
        title=_("Paused, back on %(day)s") % {"day": spoken.day(found.pause_day)},
        said=escape(told) % {"address": pages.strong(found.address)},
        label=_("Done"),
        paper=_paper(spoken, found),
        link=_("Preferences"),
        path=f"/p/{found.preferences}",
        postal_address=ctx.settings.postal_address,
    )


def _paper(spoken: Language, found: Standing) -> str:
    return spoken.gettext(", ").join(found.newsletters)
