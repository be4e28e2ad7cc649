"""
Stored markup in every field that an article, an import, a mail or a visitor can fill, and every page in a real browser:
`./run looks`. Nothing of it runs, and nothing is asked of another host, with the pages' own policy and without any.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from digest.model.account import Role
from digest.model.api import Scope
from digest.model.bounce import Bounce, Effect
from digest.model.delivery import Delivery
from digest.model.event import Actor, Event, EventKind
from digest.model.issue import Issue
from digest.model.leaving import Reason
from digest.model.signup import How
from digest.model.states import ApprovalPolicy, ArchiveAccess, DeliveryState, IssueState, RuleKind
from digest.services import (
    accounts,
    amending,
    api_tokens,
    approvals,
    data_requests,
    imports,
    leaving,
    newsletters,
    preferences,
    sections,
    signup_mails,
    subscribers,
    subscriptions,
    suppressions,
    uploads,
    webhooks,
)
from digest.services.importing import Options, Part
from digest.services.newsletters import Changes
from digest.services.preferences import Wanted
from digest.store import approvals as approval_rows
from digest.web import public
from digest.web.admin.routes import ROUTES
from tests.support.bounced import dsn, process, rows
from tests.support.http import serving
from tests.support.newsroom import enter, person
from tests.support.pages import links
from tests.support.place import Hands, Place, new_place
from tests.support.signups import ask, by, opened
from tests.support.walking import OVERFLOW

MARK = "Zq7"  #: stands in every piece, to see that the pages show it
NASTY = (
    f"{MARK}\"'></textarea></title></style></script>"
    "<script>ran('script')</script><img src=x onerror=\"ran('img')\"><svg/onload=ran('svg')>"
    "<iframe srcdoc=\"<script>parent.ran('frame')</script>\"></iframe><a href=\"javascript:ran('link')\">a</a>"
    "<link rel=stylesheet href=https://evil.example/s><meta http-equiv=refresh content='0;url=https://evil.example/m'>"
    "<base href=https://evil.example/><p style='background:url(https://evil.example/p)'>{{7*7}}${7*7}"
)
LINK = f"javascript:ran('{MARK}')"

#: Columns that somebody else fills, or an editor or a program, and that a page may show.
HOSTILE = {
    "account": "name",
    "amendment": "headline summary by",
    "api_token": "name",
    "approval_request": "address",
    "article": "headline standfirst text author publisher topic tags file url canonical_url image",
    "attempt": "stage enhanced text cause relay",
    "bounce": "address domain reason status reply action sentence",
    "candidate": "headline reason section",
    "consent": "mlist text choices version ip",
    "delivery": "reason address name reply relay",
    "identity": "issuer subject address",
    "import": "file",
    "issue": "reason note note_by approved_by",
    "leave_reason": "text",
    "login": "ip browser",
    "mlist": "title",
    "move": "address",
    "newsletter": "title next_note next_note_by approvers",
    "passkey": "name",
    "returned_mail": "via kind",
    "editorial_rule": "words topic",
    "section": "topic words",
    "sending_pause": "name reason relay",
    "signup": "address name wanted muted",
    "source": "location name topic etag last_modified error standing user_agent headers",
    "story_edit": "headline summary by",
    "subscriber": "address name",
    "subscription": "evidence wanted muted",
    "suppression": "address reason",
    "webhook": "url",
    "webhook_message": "said",
}
LINKS = {("article", "url"), ("article", "canonical_url"), ("article", "image"), ("source", "location"), ("webhook", "url")}
#: Names, keys, hashes and values from a short list, which a program compares and nobody else chooses.
STRUCTURE = {
    "account": "address address_key password_hash code_secret",
    "api_answer": "key request_hash body",
    "api_token": "token_hash",
    "article": "guid fingerprint language",
    "attempt": "address_hmac",
    "bounce": "address_hmac verdict",
    "consent": "address_hmac language",
    "data_request": "code_hash",
    "delivery": "period address_hmac key_id owner",
    "event": "actor person ip noun",
    "issue": "slot nonce",
    "lease": "name holder",
    "login": "token_hash",
    "metric_count": "series labels holder",
    "mlist": "name",
    "move": "address_key address_hmac old_hmac",
    "newsletter": "name template theme language zone days at bounce_rules",
    "notice": "address_hmac",
    "owner": "id place",
    "passkey": "credential",
    "rate_count": "key",
    "recovery_code": "code_hash",
    "relay_day": "relay day",
    "relay_limits": "name",
    "relocation": "token other",
    "rendition": "language theme format",
    "returned_mail": "digest sender_hmac",
    "editorial_rule": "section",
    "section": "name sources",
    "signup": "address_key address_hmac code_hash language",
    "source": "body_hash basic_auth cookie",
    "story_edit": "section",
    "subscriber": "address_key address_hmac language zone",
    "suppression": "address_hmac",
    "webhook": "secret",
    "welcome_link": "token_hash",
}
#: Columns of addresses that a page is found by; one row keeps its own.
ADDRESSES = {("subscriber", "address"), ("delivery", "address"), ("suppression", "address")}
#: Routes of which the test has no page: files, the stream of a send, steps in the middle of a log-in, and what leads to another page.
ELSEWHERE = re.compile(
    r".*\.(csv|eml|opml)|/admin/static/\{name\}|/admin/live|/admin/login/code|/admin/(login|me)/provider/back|/admin|/admin/desk"
)
#: Pages that are there in one state alone: where it stands, the state, and their paths.
STATES = (
    (Bounce.effect, Effect.HELD, "/admin/bounces/held/1"),
    (Issue.state, IssueState.HELD, "/admin/issues/1/resume"),
    (Issue.state, IssueState.CANCELLED, "/admin/issues/2/reopen"),  # counts of issue 1 are kept for some milliseconds
    (Delivery.state, DeliveryState.UNSURE, "/admin/issues/1/settle"),
)


def columns(named: dict[str, str]) -> set[tuple[str, str]]:
    return {(table, column) for table, text in named.items() for column in text.split()}


def test_every_column_of_text_is_known_as_filled_by_others_or_not() -> None:
    texts = {
        (name, column.name)
        for name, table in SQLModel.metadata.tables.items()
        for column in table.columns
        if isinstance(column.type, sa.String | AutoString) and not isinstance(column.type, sa.Enum)
    }

    assert texts == columns(HOSTILE) | columns(STRUCTURE)
    assert not columns(HOSTILE) & columns(STRUCTURE)


# --- a place in which everything is hostile --------------------------------------------------


@dataclass
class Filled:
    """A place, the cookie of an owner, and the paths of all pages but those of STATES."""

    place: Place
    token: str
    paths: list[str]

    def change(self, column: Any, state: StrEnum) -> None:
        with self.place.ctx.db.engine.begin() as connection:
            connection.execute(sa.update(column.class_).values({column: state}))


def fill(folder: Path, clock: Hands) -> Filled:
    """Let hostile things come in by every way that there is, then write them into every column, where a way in may clean them."""
    place = opened(new_place(folder, clock, "sqlite:///var/digest.db"))
    place = replace(
        place, ctx=replace(place.ctx, settings=place.ctx.settings.model_copy(update={"bounce_address": "b@ledger.example.org"}))
    )
    owner = person(place)
    tokens = come_in(place)
    token = enter(place, owner)
    overwrite(place)
    here = place.ctx.settings.model_copy(update={"base_url": ""})
    place = replace(place, ctx=replace(place.ctx, settings=here))
    return Filled(place, token, [*admin_paths(tokens), *reader_paths(place, tokens)])


def come_in(place: Place) -> dict[str, str]:
    """Articles, people, mails, visitors and programs, each with all that they may say. Returns tokens, by the path they are of."""
    ctx, clock = place.ctx, place.clock
    sections.add(ctx, "Harbour", words=f"harbour, another, {MARK}")
    sections.add_rule(ctx, RuleKind.BOOST, words="harbour")
    newsletters.change(ctx, "daily", Changes(archive=ArchiveAccess.PUBLIC))
    place.readers("ann@example.org", "bob@example.org", "eve@example.org")
    (place.folder / "a.txt").write_text(f"{NASTY} opens\n\nBy {NASTY}\n\n{NASTY} {NASTY}\n", encoding="utf-8")
    place.drop(escape(NASTY), "The harbour opens")
    place.collect()
    place.send()
    found = rows(place)
    clock.turn(minutes=5)
    process(place, dsn(found["eve@example.org"], text=f"550 5.1.1 user unknown {NASTY}"))
    left = subscribers.show(ctx, "bob@example.org").subscriptions[0].id
    subscriptions.unsubscribe(ctx, left, by="reader")
    leaving.explain(ctx, left, Reason.OTHER, NASTY)
    file = f"address,name\nzoe@example.org,{NASTY.replace(',', ' ')}\n{NASTY.replace(',', ' ')},x\n".encode()
    upload = uploads.keep(ctx, f"{NASTY}.csv".replace("/", ""), file)
    imports.import_file(ctx, Part(file=uploads.files(ctx, upload)[0], mlist="readers"), Options(consent=NASTY))
    suppressions.add(ctx, "gone@example.org", reason=NASTY)
    waiting = ask(place, "new@example.org", name=f"{MARK} \"'")  # the form refuses markup in a name
    signup_mails.send_due(ctx)
    own = data_requests.link(ctx, subscribers.show(ctx, "ann@example.org").subscriptions[0].id)
    data_requests.ask(ctx, own)
    preferences.save(ctx, links(place, "p")[0].rpartition("/")[2], Wanted(address="moved@example.org"), by(How.EMBEDDED))
    amending.rewrite(ctx, 1, 1, headline=MARK)  # so that it can be corrected
    suppressed = uploads.keep(ctx, "gone.csv", f"address\nleft@example.org\n{NASTY}\n".encode())
    webhooks.add(ctx, "https://program.example/")
    api_tokens.add(ctx, "mara@ledger.example.org", name=MARK, scopes=[Scope.PEOPLE_LOOK])
    invited = accounts.add(ctx, "jonas@example.org", name="Jonas", role=Role.EDITOR).link
    clock.turn(hours=23)
    place.drop(escape(f"Second {NASTY}"), "Another one")
    place.collect()
    newsletters.change(ctx, "daily", Changes(approval=ApprovalPolicy.REQUIRED, approvers="jonas@example.org"))
    approvals.tick(ctx)
    with ctx.db.read() as tx:
        [request, *_] = [one for number in range(1, 4) for one in approval_rows.of_issue(tx, number)]
    return {
        "/admin/approve/": approvals.link(ctx, request).rpartition("/")[2],
        "/admin/imports/new/": upload,
        "/admin/suppressions/import/": suppressed,
        "/admin/welcome/": invited.rpartition("/")[2],
        "/waiting/": waiting,
        "/data/": own,
    }


def overwrite(place: Place) -> None:
    """Write hostile text into every column of HOSTILE, past every check, and into the facts of events."""
    with place.ctx.db.engine.begin() as connection:
        for name in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(sa.text(f"DROP TRIGGER {name}"))  # which refuse to change evidence
    for table, column in sorted(columns(HOSTILE)):
        one = SQLModel.metadata.tables[table]
        text = LINK if (table, column) in LINKS else NASTY
        unique = any(column in index.columns for index in [*one.indexes, *one.constraints] if getattr(index, "unique", True))
        value = (
            sa.literal(text) + sa.cast(one.c.id, sa.String) if unique and column in one.c and "id" in one.c else sa.literal(text)
        )
        with place.ctx.db.engine.begin() as connection:
            change = one.update().values({column: value})
            if (table, column) in ADDRESSES:
                change = change.where(one.c.address_hmac != sa.select(one.c.address_hmac).limit(1).scalar_subquery())
            connection.execute(change)
    with place.ctx.db.begin() as tx:
        for kind in EventKind:
            noun = kind.value.partition(".")[0]
            facts = {"before": {NASTY: NASTY}, "after": {NASTY: LINK}, "reason": NASTY}
            tx.add(
                Event(at=place.clock(), kind=kind, actor=Actor.ACCOUNT, person=NASTY, ip=NASTY, noun=noun, noun_id=1, facts=facts)
            )


def admin_paths(tokens: dict[str, str]) -> list[str]:
    """Every page of the table of routes, with the numbers 1 and 2 and the names and tokens that are there, and hostile searches."""
    found = []
    for route in ROUTES:
        if route.method != "GET" or ELSEWHERE.fullmatch(route.path):
            continue
        path = next(
            (route.path.replace("{token}", token) for of, token in tokens.items() if route.path.startswith(of)), route.path
        )
        path = path.replace("{name}", "readers" if path.startswith("/admin/lists") else "daily")
        found += [path.replace("{number}", str(n)).replace("{story}", str(n)) for n in ((1, 2) if "{" in path else (1,))]
    searches = (
        "subscribers?text=",
        "deliveries?address=",
        "deliveries?text=",
        "audit?person=",
        "suppressions?text=",
        "login?next=",
    )
    found += [f"/admin/{search}{quote(NASTY)}" for search in searches]
    found += ["/admin/subscribers/bulk?id=1&id=2&act=suppress", "/admin/suppressions/remove?address=gone@example.org"]
    return found


def reader_paths(place: Place, tokens: dict[str, str]) -> list[str]:
    """Every page that a mail leads to, and those that anybody may open."""
    kinds = ("u", "p", "view", "confirm", "address", "waiting", "data")
    mailed = [path for kind in kinds for path in links(place, kind)]
    view = next(path for path in mailed if path.startswith("/view/"))
    return [
        *mailed,
        *(f"{of}{tokens[of]}" for of in ("/waiting/", "/data/")),
        *("/", "/archive/daily", "/archive/daily/1", "/archive/daily/1/1", f"/archive/daily?search={quote(NASTY)}"),
        *(f"{view}/{number}" for number in (1, 2)),
        *("/subscribe", "/subscribe/readers"),
    ]


# --- before a browser ------------------------------------------------------------------------


@dataclass
class Seen:
    """What pages did that they must not do, and what they showed."""

    ran: list[str]
    asked: list[str]
    shown: set[str]  #: paths on which the mark stands
    opened: set[str]
    wide: list[str]  #: paths and elements that reach beyond a small phone's screen


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop runs in this thread
        made = pool.submit(fill, tmp_path, Hands()).result()
    yield made
    made.place.ctx.db.close()


PUBLISHER = "news.example.com"  #: of the articles
#: Where pictures of articles come from their publishers: mails as readers get them, and previews of them.
PICTURES = (
    "/view/",
    "/archive/",
    "/admin/approve/",
    "/admin/issues/",
    "/admin/deliveries/",
    "/admin/desk/",
    "/admin/bounces/",
    "/admin/newsletters/",
)


def look(chromium: Any, filled: Filled, *, bypass_csp: bool) -> Seen:
    """Open every page, and look for handlers and addresses that would run something when they are clicked."""
    seen = Seen([], [], set(), set(), [])
    with serving(public.app(filled.place.ctx)) as port:
        here = f"http://127.0.0.1:{port}"
        context = chromium.new_context(bypass_csp=bypass_csp, viewport={"width": 320, "height": 800})
        context.add_cookies([{"name": "digest", "value": filled.token, "url": here}])
        context.expose_function("ran", lambda what: seen.ran.append(f"{page.url}: {what}"))

        def pass_on(route: Any) -> None:
            asked, on = route.request, urlsplit(page.url).path
            if asked.url.startswith((here, "data:")):
                route.continue_()
            elif asked.resource_type == "image" and on.startswith(PICTURES) and urlsplit(asked.url).hostname == PUBLISHER:
                route.abort()
            else:
                seen.asked.append(f"{page.url} asked for {route.request.url}")
                route.abort()

        context.route("**/*", pass_on)
        page = context.new_page()
        page.on("dialog", lambda dialog: (seen.ran.append(f"{page.url}: dialog"), dialog.dismiss()))
        for path in steps(filled):
            answer = context.request.get(here + path, max_redirects=0)
            assert answer.status < 500, (path, answer.status)
            if answer.status != 200 or "attachment" in answer.headers.get("content-disposition", ""):
                continue
            assert answer.headers.get("x-content-type-options") == "nosniff", path
            page.goto(here + path, wait_until="load")
            seen.opened.add(path)
            seen.ran += [f"{path}: {what}" for what in page.evaluate(CLICKABLE)]
            seen.wide += [f"{path}: {element}" for element in page.evaluate(OVERFLOW)]
            if MARK in page.content():
                seen.shown.add(path)
        context.close()
    return seen


def steps(filled: Filled) -> Iterator[str]:
    """Every path, each while the place is as its page needs it."""
    yield from filled.paths
    for column, state, path in STATES:
        filled.change(column, state)
        yield path


#: Attributes that run something sooner or later, in the page and in frames of our own.
CLICKABLE = """() => {
  const found = [];
  const look = (root) => {
    for (const one of root.querySelectorAll('*')) {
      for (const {name, value} of one.attributes) {
        if (name.startsWith('on')) found.push(name + '=' + value);
        if (['href', 'src', 'action', 'formaction', 'xlink:href', 'srcdoc', 'data'].includes(name)
            && /^\\s*(javascript|vbscript|data:text)/i.test(value)) found.push(name + '=' + value.slice(0, 60));
      }
      if (one.tagName === 'IFRAME' && one.contentDocument) look(one.contentDocument);
    }
    for (const one of root.querySelectorAll('base, meta[http-equiv=refresh i], object, embed')) found.push(one.outerHTML);
  };
  look(document);
  return found;
}"""


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["with its policy", "without"])
def test_nothing_that_is_stored_runs_asks_another_host_or_breaks_a_page(chromium: Any, filled: Filled, bypass_csp: bool) -> None:
    seen = look(chromium, filled, bypass_csp=bypass_csp)

    assert seen.ran == []
    assert seen.asked == []
    assert seen.wide == []
    missing = [
        route.path
        for route in ROUTES
        if route.method == "GET"
        and not ELSEWHERE.fullmatch(route.path)
        and not any(
            re.fullmatch(re.sub(r"\\?\{\w+\\?\}", r"[^/]+", re.escape(route.path)), urlsplit(path).path) for path in seen.opened
        )
    ]
    assert not missing, "pages that were not looked at: " + " ".join(missing)
    assert len(seen.shown) > 60, sorted(seen.opened - seen.shown)
