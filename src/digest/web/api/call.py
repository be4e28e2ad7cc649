"""A request of a program, and the routes that answer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from digest.model.api import Scope
from digest.services.context import Context
from digest.services.views import View
from digest.web.visitors import address

PREFIX = "/api/v1"
MOST = 200  #: items of a page
MAX_NUMBER = 2**31 - 1  #: what a row of the database can have, on PostgreSQL too

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of a program. Where its route needs a scope, the context names the account and the token."""

    ctx: Context
    request: Request
    body: bytes = b""  #: as it came

    @property
    def ip(self) -> str:
        """IP address that it came from; empty where it is unknown."""
        return address(self.request, self.ctx.settings.proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path: the scope that it needs, None for anybody's, and the function that answers."""

    method: str
    path: str
    needs: Scope | None
    act: Callable[..., object]
    status: int = 200
    location: str = ""  #: of what was made: a path with fields of the answer
    media_type: str = "application/json"  #: of the answer
    takes: Sequence[str] = ("application/json",)  #: media types of a body
    max_bytes: int = 256_000  #: of a body
    example: Mapping[str, object] = field(default_factory=dict)  #: of a body

    @property
    def changes(self) -> bool:
        """True where it may change something."""
        return self.method != "GET"


# --- what a request holds --------------------------------------------------------------------


def _is_text(text: str) -> str:
    """Refuse what no database stores and no page shows: NUL and other controls, halves of surrogate pairs."""
    if any(not char.isprintable() and char not in "\n\r\t\u200c\u200d\u00ad" and not char.isspace() for char in text):
        raise ValueError("holds characters that cannot be printed")
    return text


Text = Annotated[str, StringConstraints(max_length=5_000), AfterValidator(_is_text)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_is_text)]
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="Name of a list or newsletter.", examples=["daily"])]
Number = Annotated[int, Path(ge=1, le=MAX_NUMBER, description="Number of the row.", examples=[12])]
Address = Annotated[str, Path(max_length=320, description="A mail address, percent-encoded.", examples=["ann@example.org"])]
After = Annotated[str, Query(max_length=320, description="Key of the item that the page follows; `next` has it.")]
AfterNumber = Annotated[
    int | None, Query(ge=0, le=MAX_NUMBER, description="Number of the item that the page follows; `next` has it.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items a page has at most.")]
OfNewsletter = Annotated[str, Query(max_length=41, description="Of this newsletter; empty: of all.")]


class Body(BaseModel):
    """Content of a request; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- pages -----------------------------------------------------------------------------------


class Page(View, Generic[T]):
    """Some items of a list, and where the following ones are."""

    items: tuple[T, ...]
    next: str | None = Field(description="Address of the next page; null: this is the last.")


def page(call: Call, found: Sequence[T], *, limit: int, key: Callable[[T], object]) -> Page[T]:
    """Return a page of at most `limit` items. `found` has one more where there is a next page; `key` of its last item is what that follows."""
    shown = tuple(found[:limit])
    return Page(items=shown, next=next_page(call, key(shown[-1]), limit=limit) if len(found) > limit else None)


def next_page(call: Call, after: object, *, limit: int) -> str:
    """Return the address of the page that follows an item."""
    given = [(name, value) for name, value in call.request.query_params.multi_items() if name not in ("after", "limit")]
    query = urlencode([*given, ("after", str(after)), ("limit", str(limit))])
    return f"{call.ctx.settings.base_url.rstrip('/')}{call.request.url.path}?{query}"


def page_of_all(call: Call, found: Sequence[T], *, after: str, limit: int, key: Callable[[T], str]) -> Page[T]:
    """Return a page of a list that is short enough to be read whole, in the order of its keys."""
    left = sorted((item for item in found if key(item) > after), key=key)
    return page(call, left[: limit + 1], limit=limit, key=key)
