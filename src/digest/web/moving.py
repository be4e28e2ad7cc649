"""The page that the mails about a move to another address lead to: it confirms or stops the move, by a POST of its form."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from digest.languages import Language
from digest.services import moving
from digest.services.context import Context
from digest.services.moving import Asked, Step
from digest.web import pages
from digest.web.threads import Threads
from digest.web.visitors import language
from digest.web.visits import METHODS, Visit, answering


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the page to the application."""
    answer = answering(ctx, threads)

    @app.api_route("/address/{token}", methods=METHODS)
    async def move(token: str, request: Request) -> Response:
        return await answer(_act if request.method == "POST" else _show, request, token)


def _show(visit: Visit, token: str) -> Response:
    return _page(visit, moving.show(visit.ctx, token))


def _act(visit: Visit, token: str) -> Response:
    """Do what our form asks for; any other body, such as a scanner's, changes nothing."""
    if visit.fields.get("confirm") == "yes":
        return _page(visit, moving.confirm(visit.ctx, token))
    if visit.fields.get("stop") == "yes":
        return _page(visit, moving.stop(visit.ctx, token))
    return _page(visit, moving.show(visit.ctx, token), status=400)


def _page(visit: Visit, found: Asked, *, status: int = 200) -> Response:
    spoken = language(visit.request, found.language)
    return pages.render(
        "move",
        spoken,
        status=status,
        title=spoken.gettext("Another address"),
        label="" if found.step is Step.ASKED else spoken.gettext("Done"),
        found=found,
        said=_said(spoken, found),
        asks=found.step is Step.ASKED,
        can_stop=found.step in (Step.ASKED, Step.HALF),
        postal_address=visit.ctx.settings.postal_address,
    )


def _said(spoken: Language, found: Asked) -> str:
    """Return where the move stands."""
    _ = spoken.gettext
    return {
        Step.ASKED: "",
        Step.HALF: _("Confirmed. The other address has to confirm it too; nothing changes before."),
        Step.MADE: _("The mail goes to the new address from now on."),
        Step.STOPPED: _("It is stopped. Nothing was changed."),
        Step.IMPOSSIBLE: _("This address cannot be used. Nothing was changed."),
    }[found.step]
