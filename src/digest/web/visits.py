"""A request for one of the pages that have a form, and how it is answered: in a thread, within a time, whatever is wrong with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, Protocol

from fastapi import Request
from fastapi.responses import Response

from digest.errors import NotFound, TooMany
from digest.languages import Language
from digest.model.signup import How
from digest.services.context import Context
from digest.services.signup import Origin
from digest.web import pages
from digest.web.one_click import MAX_FIELDS, NotAForm, form_pairs
from digest.web.threads import Threads
from digest.web.visitors import address, language, nothing_here

P = ParamSpec("P")
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request, and the fields of its form; none for a GET."""

    ctx: Context
    request: Request
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def ip(self) -> str:
        """The visitor's IP address; empty where it is unknown."""
        return address(self.request, self.ctx.settings.proxies)

    def origin(self, how: How, spoken: Language) -> Origin:
        """Return the origin of the request."""
        return Origin(how=how, ip=self.ip, language=spoken.tag)


class Answer(Protocol):
    """Answer a request with a page; further arguments go to the function that makes it."""

    def __call__(  # noqa: D102  # the class says it
        self, act: Callable[Concatenate[Visit, P], Response], request: Request, *args: P.args, **kw: P.kwargs
    ) -> Awaitable[Response]: ...


def answering(
    ctx: Context, threads: Threads, *, missing: Callable[[Request], Response] = nothing_here, most_fields: int = MAX_FIELDS
) -> Answer:
    """Return the function that answers requests; `missing` is the page for a link that leads nowhere."""

    async def answer(act: Callable[Concatenate[Visit, P], Response], request: Request, *args: P.args, **kw: P.kwargs) -> Response:
        try:
            fields = dict(await form_pairs(request, most=most_fields)) if request.method == "POST" else {}
            return await threads.run(act, Visit(ctx=ctx, request=request, fields=fields), *args, **kw)
        except NotFound:
            return missing(request)
        except NotAForm:
            return _not_a_form(request)

    return answer


def _not_a_form(request: Request) -> Response:
    spoken = language(request)
    return pages.plain(spoken, spoken.gettext("There is nothing here"), spoken.gettext("Nothing was changed."), status=400)


def too_many(spoken: Language, problem: TooMany) -> Response:
    """Return the page for a visitor who asks more often than a limit allows."""
    said = spoken.gettext("Too many sign-ups have come from there. Please try again later; nothing was changed.")
    headers = {"Retry-After": str(int(problem.wait.total_seconds()))}
    return pages.plain(spoken, spoken.gettext("Not now"), said, status=429, headers=headers)
