"""Visit and Route: a request of a browser to an admin page, and the function that answers it with what that needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from digest.errors import NotFound
from digest.languages import Language
from digest.model.account import Permission, browser_of
from digest.services import secrets
from digest.services.context import Context
from digest.services.login import Admitted, Visitor
from digest.services.tallies import Tallies
from digest.web.one_click import MAX_BODY
from digest.web.threads import Threads
from digest.web.visitors import address


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of a browser. Once it is admitted, `who` asks, and the context names them."""

    ctx: Context
    request: Request
    spoken: Language
    token: str  #: of its cookie; made for it where it brought none
    fields: Mapping[str, str]  #: of its form
    files: Mapping[str, tuple[str, bytes]]  #: of its form: name and content by the name of the field
    threads: Threads  #: what a page runs in that goes on after its first answer
    tallies: Tallies
    who: Admitted | None = None

    @property
    def me(self) -> Admitted:
        """Account that asks, on a page that needs a permission."""
        assert self.who is not None
        return self.who

    @property
    def visitor(self) -> Visitor:
        """The browser, as log-ins are recorded."""
        ip = address(self.request, self.ctx.settings.proxies)
        return Visitor(ip=ip, browser=browser_of(self.request.headers.get("user-agent", "")))

    @property
    def form_token(self) -> str:
        """Token that the forms of the page carry."""
        return secrets.form_token(self.token, self.ctx.settings.secret_keys[0])

    def number(self, name: str = "number") -> int:
        """Return a number of the path. Raises NotFound where it is none."""
        text = str(self.request.path_params[name])
        if not (text.isascii() and text.isdecimal() and len(text) < 18):
            raise NotFound("page", text, code="no_page")
        return int(text)


FETCHED_S = 60.0  #: seconds for a page that asks another server: more than a fetch may take, and to find a feed takes several


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path: the permission that it needs, None for anybody's, and the function that answers."""

    method: str
    path: str
    needs: Permission | None
    act: Callable[[Visit], Response]
    is_json: bool = False  #: a script asks
    is_fresh: bool = False  #: only soon after logging in: it changes who may log in, or how
    most_s: float | None = None  #: seconds that its answer may take, where it asks other servers; None: as any page
    most_bytes: int = MAX_BODY  #: of its form; where it may be larger, the log-in is checked before it is read
