"""
Make the pictures of the admin pages from the demo.

    uv run --group looks python -m docs.pictures.newsroom

Lets some days of a newsletter with a few hundred readers pass, with a mail server that refuses some of them, serves the
pages, and opens each one in Chromium. Nothing but this machine is asked for anything.
"""

import base64
import random
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyotp
from docs.pictures.pages import EARLIER, Clock, in_another_thread, served
from playwright.sync_api import sync_playwright
from tests.support.bounced import BOUNCES, returned
from tests.support.servers import Mailbox, smtp_server

from digest.audience.files import ListFile
from digest.model.account import Role
from digest.model.event import Actor, EventKind, Person
from digest.model.issue import Note
from digest.model.states import ApprovalPolicy, ArchiveAccess, ListAccess, RuleKind, SourceKind
from digest.services import (
    accounts,
    approvals,
    bounces,
    collecting,
    context,
    demo,
    drafts,
    editing,
    imports,
    lists,
    newsletters,
    sections,
    sending,
    setup,
    sources,
    subscribers,
    suppressions,
    uploads,
    webhooks,
    welcome,
)
from digest.services.context import Context
from digest.services.editing import Seen
from digest.services.login import Visitor
from digest.services.newsletters import Changes
from digest.services.proofs import browser
from digest.services.tallies import Tallies
from digest.services.welcome import App, Applicant

HERE = Path(__file__).parent / "newsroom"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
QUALITY = {"desktop": 55, "phone": 50}  #: of WebP, so that all pictures together take less than 3 MB
READERS = 640
FIRST = "Ines Ada Jörg Mei Bolá Nora Tomás Aoife Pelle Sana Yuki Rosa Emil Clara Hugo Lena Omar Greta Ivo Maud".split()
LAST = "Aalto Lindgren Müller Okafor Silva Byrne Novak Haddad Sato Rossi Dubois Weber Jensen Kaya Moreau Quinn Berg Costa".split()
DOMAINS = ("gmail.example", "mail.example", "post.example", "council.example", "harbour.example", "university.example")
WRONG = ("ann@@example.org,Ann", "no address here,Bert", ",Cora")
OWNER, PASSWORD = "mara@ledger.example.org", "a long and good enough one"
NUMBERS = count(1)


# --- some days of a newsletter ---------------------------------------------------------------


def people() -> list[tuple[str, str]]:
    """Addresses and names that nobody has, always the same ones."""
    dice = random.Random(7)
    names = [f"{dice.choice(FIRST)} {dice.choice(LAST)}" for _ in range(READERS)]
    return [(f"{name.split()[0].lower()}.{i}@{dice.choice(DOMAINS)}", name) for i, name in enumerate(names)]


def bring(ctx: Context, who: Sequence[tuple[str, str]], file: str, *, mlist: str = setup.LIST) -> None:
    """Import some people from a file."""
    path = ctx.settings.home / file
    path.write_text("address,name\n" + "".join(f"{address},{name}\n" for address, name in who), encoding="utf-8")
    options = imports.Options(consent="signed up at the town library")
    imports.import_file(ctx, imports.Part(file=ListFile(path), mlist=mlist), options)


def live(ctx: Context, clock: Clock, mailbox: Mailbox) -> None:
    """Let the days before today pass: people come and go, each morning an issue goes out, and some of it comes back."""
    today, readers = clock.at, people()
    shares = [readers[i * READERS // len(EARLIER) : (i + 1) * READERS // len(EARLIER)] for i in range(len(EARLIER))]
    folder = ctx.settings.home / "texts"
    folder.mkdir()
    clock.at = today - timedelta(days=len(EARLIER) + 1)
    setup.set_up(ctx, title=demo.TITLE)
    newsletters.change(ctx, setup.NEWSLETTER, Changes(days="daily", archive=ArchiveAccess.PUBLIC))
    sources.add_source(ctx, sources.new_source(ctx, kind=SourceKind.FOLDER, location=str(folder), name="Letterbox of the desk"))
    for day, (headlines, share) in enumerate(zip(EARLIER, shares, strict=True)):
        clock.at = today - timedelta(days=len(EARLIER) - day)
        bring(ctx, share, f"library-{day + 1}.csv")
        for headline in headlines:
            text = f"{headline}\n\n{headline}, and the town talks of it. Who was there says that it took all morning.\n"
            (folder / f"{headline}.txt").write_text(text, encoding="utf-8")
        collecting.collect(ctx, collecting.active_sources(ctx))
        _refuse(mailbox, share, last=day == len(EARLIER) - 1)
        sending.send(ctx, newsletters.get(ctx, setup.NEWSLETTER))
        _come_back(ctx, mailbox, readers[day::97])
        for address, _ in share[7::40]:
            subscribers.change(ctx, address, leave=setup.LIST)
        mailbox.contents.clear()
    clock.at = today


def _refuse(mailbox: Mailbox, share: Sequence[tuple[str, str]], *, last: bool) -> None:
    """Have the server refuse some readers for good; of the last issue some for now, and hang up on one."""
    mailbox.answers = {f"RCPT {share[3][0]}": "550 5.1.1 no such user here"}
    if last:
        mailbox.answers |= {f"RCPT {address}": "451 4.7.1 greylisted, try again in five minutes" for address, _ in share[10:16]}
        mailbox.drop, mailbox.only = f"END {share[20][0]}", 1


def _come_back(ctx: Context, mailbox: Mailbox, who: Sequence[tuple[str, str]]) -> None:
    """Have reports about some readers' mails come back."""
    said = ("550 5.1.1 mailbox is gone", "452 4.2.2 mailbox is full", "550 5.7.1 blocked by policy")
    folder = ctx.settings.home / f"back-{next(NUMBERS)}"
    folder.mkdir()
    for number, (address, _) in enumerate(who):
        mail = next((content for content in mailbox.contents if address.encode() in content[:4_000]), None)
        if mail is not None:
            (folder / f"{number}.eml").write_bytes(
                returned(mail, address, said[number % len(said)], key=ctx.settings.secret_keys[0])
            )
    bounces.process(ctx, [str(folder)])


# --- today -----------------------------------------------------------------------------------


def prepare(ctx: Context, clock: Clock) -> None:
    """Fill the newsroom with what a morning has: sources and rules, edits, an approval, people, webhooks, accounts."""
    demo.fill(ctx, on_progress=lambda _: None)
    broken = sources.new_source(ctx, kind=SourceKind.FEED, location=str(ctx.settings.home / "old.rss"), name="Old Town Gazette")
    sources.add_source(ctx, broken)
    collecting.collect(ctx, [broken])
    for kind, words in ((RuleKind.BOOST, "harbour, ferry"), (RuleKind.MUTE, "horoscope")):
        sections.add_rule(ctx, kind, newsletter=setup.NEWSLETTER, words=words)
    lists.change(ctx, setup.LIST, access=ListAccess.PUBLIC)
    lists.add(ctx, "weekend", title="Weekend readers", access=ListAccess.PUBLIC)
    lists.add(ctx, "friends", title="Friends of the paper")
    newsletters.add(
        ctx, "weekend", Changes(title="The Weekend Ledger", mlist="weekend", days="sat", at="09:00", join=("Bench Notes",))
    )
    bring(ctx, people()[::2], "weekend.csv", mlist="weekend")
    send_a_part(ctx, "weekend")
    suppressions.add(ctx, "never@mail.example", reason="asked by telephone, 3 March")
    webhooks.add(ctx, "https://shop.example.org/hooks", kinds=[EventKind.SUBSCRIBED, EventKind.UNSUBSCRIBED])
    accounts.add(ctx, "jonas@ledger.example.org", name="Jonas Weld", role=Role.EDITOR, sends=True)
    accounts.add(ctx, "lea@ledger.example.org", name="Lea Brandt", role=Role.VIEWER)
    edit(ctx)
    newsletters.change(
        ctx, setup.NEWSLETTER, Changes(approval=ApprovalPolicy.REQUIRED, approvers="ann@council.example, lea@ledger.example.org")
    )
    clock.at += timedelta(minutes=2)


def send_a_part(ctx: Context, newsletter: str) -> None:
    """Begin to send an issue, and stop half-way."""
    stop, sent = threading.Event(), count(1)
    sending.send(
        ctx, newsletters.get(ctx, newsletter), on_sent=lambda done: stop.set() if done and next(sent) > 2 else None, stop=stop
    )


def edit(ctx: Context) -> None:
    """Do at the desk what an editor does of a morning."""
    paper = newsletters.get(ctx, setup.NEWSLETTER)
    found = drafts.draft(ctx, paper, Tallies())
    editing.introduce(ctx, paper, Seen(), Note(text="Good morning. The harbour is open again, and so is the bakery.", by="Mara"))
    editing.take_out(ctx, paper, found.stories[-1].story, Seen())
    second = found.stories[1]
    editing.rewrite(ctx, paper, second.story, Seen(), headline=f"{second.headline}: what we know", summary="")


def log_in(ctx: Context) -> str:
    """Make the owner's account, and return the token of their log-in."""
    made = accounts.add(ctx, OWNER, name="Mara Quinn", role=Role.OWNER)
    secret = pyotp.random_base32()
    app = App(secret=secret, code=str(pyotp.TOTP(secret).at(ctx.clock())))
    visitor = Visitor(ip="203.0.113.7", browser="Firefox, Linux")
    token = made.link.rpartition("/")[2]
    return welcome.by_password(ctx, token, Applicant(), password=PASSWORD, app=app, visitor=visitor).entered.token


def ask_approvers(ctx: Context, clock: Clock) -> None:
    """Let it be the time at which approvers are asked."""
    clock.at = clock.at.replace(hour=6, minute=5)
    approvals.tick(ctx)


def approver_link(ctx: Context) -> str:
    """The path of the page that an approver was mailed."""
    paper = newsletters.get(ctx, setup.NEWSLETTER)
    [request, *_] = approvals.state(ctx, paper, drafts.draft(ctx, paper, Tallies())).requests
    return approvals.link(ctx, request).removeprefix(ctx.base_url)


# --- the camera ------------------------------------------------------------------------------


class Camera:
    """Opens pages as the owner, or as nobody, and takes their pictures."""

    def __init__(self, chromium: Any, address: str, token: str) -> None:
        self._chromium = chromium
        self._address = address
        self._cookie = {"name": "__Host-digest", "value": token, "url": address.replace("http:", "https:"), "secure": True}

    def open(self, path: str, size: tuple[int, int], scheme: str = "light", *, known: bool = True) -> Any:
        """Open a page in a window of its own; pictures come from the samples."""
        window = self._chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en")
        if known:
            window.add_cookies([self._cookie])
        window.route(
            f"{demo.PICTURES}*",
            lambda route: route.fulfill(path=demo.samples() / "pictures" / route.request.url.rpartition("/")[2]),
        )
        page = window.new_page()
        page.goto(self._address + path, wait_until="load")
        page.wait_for_load_state("networkidle") if "data-live" not in page.content() else page.wait_for_timeout(500)
        return page

    def shoot(self, path: str, name: str, *, schemes: Sequence[str] = ("light",), known: bool = True) -> None:
        """Take the pictures of a page: on a desktop and a phone, and on a dark desktop where `schemes` has it."""
        for size, shape in SIZES.items():
            for scheme in schemes if size == "desktop" else ("light",):
                page = self.open(path, shape, scheme, known=known)
                how = {"format": "webp", "quality": QUALITY[size]}
                taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", how)
                dark = "-dark" if scheme == "dark" else ""
                (HERE / f"{name}{dark}-{size}.webp").write_bytes(base64.b64decode(taken["data"]))
                page.context.close()

    def first(self, path: str, selector: str) -> str:
        """The address of the first link of a page that a selector finds."""
        page = self.open(path, SIZES["desktop"])
        found = str(page.get_attribute(selector, "href"))
        page.context.close()
        return found


def photograph(camera: Camera, ctx: Context, clock: Clock) -> None:
    """Take all pictures."""
    both = ("light", "dark")
    issue = camera.first("/admin/issues", "tbody tr:has-text('Morning Ledger No. 5') a")
    upload = uploads.keep(
        ctx, "library.csv", "\n".join(["E-mail,Reader", *(f"new{i}@mail.example,New Reader" for i in range(40)), *WRONG]).encode()
    )
    wizard = f"/admin/imports/new/{upload}"
    mapped = "dry-run?column=E-mail&field=address&column=Reader&field=name&mlist=readers"
    rule = "rules?kind=boost&words=bakery&topic=&weight=0.5&section="
    for path, name, schemes in (
        ("/admin/", "today", both),
        ("/admin/issues", "issues", ("light",)),
        (issue, "issue", both),
        (f"{issue}/deliveries", "issue-deliveries", ("light",)),
        ("/admin/desk/daily", "desk", both),
        (
            camera.first(
                "/admin/desk/daily", "main ol.picks li:nth-child(2) a[href*='/stories/'], main ol.picks a[href*='/stories/']"
            ),
            "desk-story",
            ("light",),
        ),
        ("/admin/desk/daily/introduction", "desk-introduction", ("light",)),
        ("/admin/desk/daily/add", "desk-add", ("light",)),
        ("/admin/deliveries?address=" + people()[5][0], "deliveries", ("light",)),
        (camera.first(f"{issue}/deliveries?state=sent", "tbody a"), "delivery", ("light",)),
        ("/admin/bounces", "bounces", ("light",)),
        ("/admin/bounces/reports", "bounce-reports", ("light",)),
        (camera.first("/admin/bounces/reports", "tbody a"), "bounce", ("light",)),
        ("/admin/newsletters", "newsletters", ("light",)),
        ("/admin/newsletters/daily", "newsletter", ("light",)),
        (f"/admin/newsletters/daily/{rule}", "rules", ("light",)),
        ("/admin/sources", "sources", both),
        (camera.first("/admin/sources", "tbody tr:nth-child(3) a"), "source", ("light",)),
        ("/admin/subscribers", "subscribers", both),
        (camera.first("/admin/subscribers?text=" + people()[READERS // 5 - 1][0], "tbody a"), "subscriber", ("light",)),
        ("/admin/lists", "lists", ("light",)),
        ("/admin/lists/readers", "list", ("light",)),
        ("/admin/imports", "imports", ("light",)),
        (wizard, "import-columns", ("light",)),
        (f"{wizard}/{mapped}", "import-dry-run", both),
        ("/admin/imports/1", "import", ("light",)),
        ("/admin/suppressions", "suppressions", ("light",)),
        ("/admin/charts", "charts", both),
        ("/admin/me", "account", ("light",)),
        ("/admin/accounts", "accounts", ("light",)),
        ("/admin/audit", "audit", ("light",)),
        ("/admin/webhooks", "webhooks", ("light",)),
        ("/admin/webhooks/1", "webhook", ("light",)),
        ("/admin/settings", "settings", ("light",)),
    ):
        camera.shoot(path, name, schemes=schemes)
    camera.shoot("/admin/login", "log-in", known=False)
    in_another_thread(lambda: ask_approvers(ctx, clock))
    camera.shoot(approver_link(ctx), "approve", known=False)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, smtp_server(Mailbox()) as mailbox:
        clock = Clock()
        clock.at = clock.at.replace(hour=5, minute=30)
        settings = demo.settings_of(Path(place)).model_copy(
            update={"smtp_url": f"smtp://127.0.0.1:{mailbox.port}", "bounce_address": BOUNCES}
        )
        ctx = context.build(settings, checked=False, clock=clock)
        mara = replace(ctx, actor=Actor.ACCOUNT, person=Person(name="Mara Quinn", ip="203.0.113.7"))
        live(mara, clock, mailbox)
        prepare(mara, clock)
        token = log_in(ctx)
        with served(ctx) as address, sync_playwright() as started:
            chromium = started.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--hide-scrollbars"])
            photograph(Camera(chromium, address.replace("127.0.0.1", "localhost"), token), ctx, clock)
            chromium.close()


if __name__ == "__main__":
    main()
