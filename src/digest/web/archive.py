"""
The front page and the archives of issues: pages, feeds, sitemap and robots.txt.

GET and HEAD only. A public archive may be kept by any cache that asks again each time; one for subscribers lies below
the address of a reader's own web view and is kept by none.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from digest.errors import ComposeError, Forbidden, Gone, NotFound
from digest.languages import Language, load
from digest.model.states import ArchiveAccess
from digest.services import archive, messages, themes
from digest.services.archive import Paper, Visitor
from digest.services.context import Context
from digest.services.offers import Offer
from digest.web import archive_pages, pages, syndication, visitors
from digest.web.caching import REVALIDATED, answer
from digest.web.threads import Threads

METHODS = ["GET", "HEAD"]
_SHARED = {name: value for name, value in pages.HEADERS.items() if name != "X-Robots-Tag"}
_PAGE_POLICY = pages.HEADERS["Content-Security-Policy"] + "; img-src https:"
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)

#: The lists that anybody may join at `/subscribe/{list}`, by name.
OpenLists = Callable[[Context], Mapping[str, Offer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request for a page of an archive."""

    ctx: Context
    request: Request
    open_lists: OpenLists

    def of(self, name: str) -> str:
        """Return a parameter of the path; empty where the path has no such parameter."""
        return str(self.request.path_params.get(name, ""))

    @property
    def visitor(self) -> Visitor:
        """Visitor who makes the request."""
        return Visitor(languages=visitors.languages(self.request), token=self.of("token"))

    @property
    def base(self) -> str:
        """Base of absolute URLs: as in the settings, whatever Host the request names."""
        return self.ctx.base_url

    def signup(self, paper: Paper) -> str:
        """Return the path of the newsletter's sign-up form; empty where only admins put people on its list."""
        return f"/subscribe/{paper.mlist}" if paper.mlist in self.open_lists(self.ctx) else ""

    def answer(
        self, body: bytes, paper: Paper, *, changed_at: datetime | None, media_type: str = "text/html", policy: str = _PAGE_POLICY
    ) -> Response:
        """Return a response, cacheable by any cache or by none."""
        public = paper.access is ArchiveAccess.PUBLIC
        kept = {"Cache-Control": REVALIDATED} if public else {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
        spoken = {"Content-Language": load(paper.language).tag, "Vary": "Accept-Language", "Content-Security-Policy": policy}
        return answer(self.request, body, media_type=media_type, changed_at=changed_at, headers={**_SHARED, **kept, **spoken})


Page = Callable[[Visit], Response]


def add_routes(app: FastAPI, ctx: Context, threads: Threads, *, open_lists: OpenLists = lambda _ctx: {}) -> None:
    """Add the pages to the application. `open_lists` says where visitors are offered to sign up."""

    def endpoint(make: Page) -> Callable[[Request], object]:
        async def handle(request: Request) -> Response:
            return await threads.run(_answered, make, Visit(ctx=ctx, request=request, open_lists=open_lists))

        return handle

    for path, make in ROUTES.items():
        app.add_api_route(path, endpoint(make), methods=METHODS)

    @app.api_route("/archive", methods=METHODS)
    @app.api_route("/archive/", methods=METHODS)
    async def archives() -> Response:
        return RedirectResponse("/", status_code=307)

    @app.api_route("/paper.css", methods=METHODS)
    async def paper_style() -> Response:
        return pages.stylesheet("paper.css")

    @app.api_route("/issue.css", methods=METHODS)
    async def issue_style() -> Response:
        return pages.stylesheet("issue.css")


def with_links(ctx: Context, page: str, delivery_id: int, *, token: str) -> str:
    """
    Add links above a delivery's web view: to the archive, where its newsletter has one, and to where readers get their own link.

    The page may be passed on, so it has no link that is the reader's.
    """
    paper = archive.of_delivery(ctx, delivery_id, token=token)
    style = pages.text_of("view_head", load(paper.language), theme=paper.theme)
    path = "" if paper.access is ArchiveAccess.OFF else paper.path
    values = {"paper": paper.title, "path": path, "signup": "", "preferences": "/p"}
    language, count, day = load(paper.language), messages.count_withdrawn(ctx, delivery_id), messages.amended_on(ctx, delivery_id)
    amended = language.date_of(day) if day else ""
    end = pages.text_of("view_end", language, hidden=count, amended=amended) if count or amended else ""
    return archive_pages.framed(page, head=style, bar=pages.text_of("issue_bar", load(paper.language), **values), end=end)


def _answered(make: Page, visit: Visit) -> Response:
    try:
        return make(visit)
    except Gone as problem:
        return _withdrawn(visitors.language(visit.request), title=str(problem.facts["title"]), path=str(problem.facts["archive"]))
    except Forbidden as problem:
        return _for_subscribers(visitors.language(visit.request), title=str(problem.facts["title"]))
    except NotFound:
        raise HTTPException(404) from None


def _withdrawn(language: Language, *, title: str, path: str) -> Response:
    said = language.gettext("%(title)s took this issue back. The others are in its archive.") % {"title": title}
    link, heading = language.gettext("Archive"), language.gettext("This issue was withdrawn")
    return pages.notice(language, heading, said, link=link, path=path, status=410)


def _for_subscribers(language: Language, *, title: str) -> Response:
    said = language.gettext(
        "Only subscribers read the archive of %(title)s. Open a mail that you got, press “View online”, then “Archive”."
    )
    return pages.plain(language, language.gettext("For subscribers"), said % {"title": title}, status=403)


def _front(visit: Visit) -> Response:
    lists = visit.open_lists(visit.ctx)
    found = archive.front(visit.ctx, visit.visitor, open_lists=lists)
    if not found:
        return visitors.nothing_public(visit.request)
    page = archive_pages.front(
        found,
        site=visit.ctx.sender[0],
        base=visit.base,
        postal_address=visit.ctx.settings.postal_address,
        offers=lists,
    )
    headers = {**_SHARED, "Cache-Control": REVALIDATED, "Content-Security-Policy": _PAGE_POLICY, "Vary": "Accept-Language"}
    headers["Content-Language"] = load(found[0].paper.language).tag
    # Without a date: the page also says when the next issue comes.
    return answer(visit.request, page.encode("utf-8", "replace"), media_type="text/html", changed_at=None, headers=headers)


def _index(visit: Visit) -> Response:
    return _index_of(visit, month="")


def _month_or_issue(visit: Visit) -> Response:
    return _index_of(visit, month=visit.of("key")) if _MONTH.fullmatch(visit.of("key")) else _issue(visit)


def _index_of(visit: Visit, *, month: str) -> Response:
    search = "" if month else visit.request.query_params.get("q", "")
    found = archive.index(visit.ctx, visit.of("name"), visit.visitor, month=month, search=search)
    address = visit.ctx.settings.postal_address
    page = archive_pages.index(found, base=visit.base, postal_address=address, signup=visit.signup(found.paper))
    answered = visit.answer(page.encode("utf-8", "replace"), found.paper, changed_at=None if found.words else found.changed_at)
    if found.words:
        answered.headers["X-Robots-Tag"] = "noindex"
    return answered


def _issue(visit: Visit) -> Response:
    found = archive.issue(visit.ctx, visit.of("name"), visit.of("key"), visit.visitor)
    page = archive_pages.issue(found, base=visit.base, signup=visit.signup(found.paper))
    return visit.answer(page.encode("utf-8", "replace"), found.paper, changed_at=found.changed_at, policy=pages.MAIL_POLICY)


def _story(visit: Visit) -> Response:
    article, paper = archive.story(visit.ctx, visit.of("name"), visit.of("key"), visit.of("place"), visit.visitor)
    whole = f"{paper.path}/{visit.of('key')}"
    page = pages.story(load(paper.language), article, paper=paper.title, whole=whole)
    return visit.answer(bytes(page.body), paper, changed_at=None)


def _rss(visit: Visit) -> Response:
    return _feed(visit, syndication.rss, media_type="application/rss+xml")


def _atom(visit: Visit) -> Response:
    return _feed(visit, syndication.atom, media_type="application/atom+xml")


def _json_feed(visit: Visit) -> Response:
    return _feed(visit, syndication.json_feed, media_type="application/feed+json")


def _feed(visit: Visit, make: Callable[..., bytes], *, media_type: str) -> Response:
    found = archive.index(visit.ctx, visit.of("name"), visit.visitor)
    return visit.answer(make(found, base=visit.base), found.paper, changed_at=found.changed_at, media_type=media_type)


def _sitemap(visit: Visit) -> Response:
    found = archive.addresses(visit.ctx)
    every = [("/", None), *found] if found else []
    body = syndication.sitemap(every, base=visit.base)
    changed_at = max((at for _, at in found if at), default=None)
    headers = {"Cache-Control": REVALIDATED, "X-Content-Type-Options": "nosniff"}
    return answer(visit.request, body, media_type="application/xml", changed_at=changed_at, headers=headers)


def _robots(visit: Visit) -> Response:
    text = syndication.robots(base=visit.base, any_public=archive.any_public(visit.ctx))
    return PlainTextResponse(text, headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"})


def _theme(visit: Visit) -> Response:
    try:
        return pages.as_stylesheet(archive_pages.stylesheet(themes.look(visit.ctx, visit.of("theme"))))
    except ComposeError:
        raise HTTPException(404) from None


#: Below a newsletter's archive.
_BELOW: dict[str, Page] = {
    "": _index,
    "/": _index,
    "/rss.xml": _rss,
    "/atom.xml": _atom,
    "/feed.json": _json_feed,
    "/{key}": _month_or_issue,
    "/{key}/{place}": _story,
}
ROUTES: dict[str, Page] = {
    "/": _front,
    "/robots.txt": _robots,
    "/sitemap.xml": _sitemap,
    "/themes/{theme}.css": _theme,
    **{f"/archive/{{name}}{path}": make for path, make in _BELOW.items()},
    **{f"/view/{{token}}/archive/{{name}}{path}": make for path, make in _BELOW.items()},
}
