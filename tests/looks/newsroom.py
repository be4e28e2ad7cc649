"""
An owner's, an editor's and a viewer's way through the admin pages in a real browser: `./run looks`.

`LOOKS_READERS=20000 ./run looks -n0 -s tests/looks/newsroom.py` sends to as many readers, and prints the figures.
"""

import csv
import io
import os
import re
import ssl
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme

pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed; `./run looks` installs it")
from standardwebhooks import Webhook

from digest.languages import ADMIN_DOMAIN, load
from tests.support import loopback
from tests.support.bounced import BOUNCES, returned
from tests.support.receiver import Receiver, receiving
from tests.support.servers import PIPELINING, Mailbox, Site, http_server, smtp_server
from tests.support.signups import plain, read
from tests.support.staff import Staff, headlines, staff
from tests.support.walking import BASE, DIGEST, HEADLINES, Installation, browsing, served, until

READERS = int(os.environ.get("LOOKS_READERS", "2000"))
OWNER, EDITOR, APPROVER = "mara@ledger.example.org", "jonas@ledger.example.org", "ann@council.example"
PAPER = "The Harbour Paper"
LINKED = "A ferry for the outer islands"
MISTAKES = ("not-an-address;Bo", "two@@many.example;Cy", ";Di", "r1@many.example;Ann again")
#: What the walk does, in the words of the audit.
DONE = (
    "account made", "logged in", "source added", "source changed", "list made", "import done", "import undone",
    "newsletter made", "newsletter changed", "address suppressed", "draft edited", "webhook added", "issue approved",
)  # fmt: skip


class Kept(list[bytes]):
    """Mails, but of those to the many readers only the first ones."""

    def append(self, content: bytes) -> None:
        many = re.search(rb"^To:.*r(\d+)@many\.example", content[:4_000], re.MULTILINE)
        if many is None or int(many[1]) < 10:
            super().append(content)


@dataclass
class Newsroom(Installation):
    """An installation in which nobody has an account yet, with a site to read, and a program that receives webhooks."""

    site: Site = field(default_factory=Site)
    receiver: Receiver = field(default_factory=Receiver)


def site() -> Site:
    """A site whose front page names its feed, with an article that is not in the feed."""
    now = datetime.now(UTC)
    items = "".join(
        f"<item><guid>{i}</guid><title>{headline}</title><link>https://wire.example.org/{i}</link>"
        f"<pubDate>{format_datetime(now - timedelta(hours=2 + i))}</pubDate><description>{headline}: so it was told at the quay this"
        f" morning, and number {i} of our wire has all that is known of it so far.</description></item>"
        for i, headline in enumerate(HEADLINES)
    )
    feed = f"<rss version='2.0'><channel><title>Harbour Wire</title><link>https://wire.example.org</link>{items}</channel></rss>"
    front = '<!DOCTYPE html><title>Harbour Wire</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"><p>News'
    text = "".join(
        f"<p>The council votes on Thursday about a ferry, part {i} of the plan, which costs less than the bridge.</p>"
        for i in range(6)
    )
    article = f"<!DOCTYPE html><title>{LINKED}</title><article><h1>{LINKED}</h1>{text}</article>"
    html = {"Content-Type": "text/html; charset=utf-8"}
    return Site(
        pages={
            "/": (200, html, front.encode()),
            "/feed.xml": (200, {"Content-Type": "application/rss+xml"}, feed.encode()),
            "/ferry": (200, html, article.encode()),
        }
    )


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("newsroom")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(trusted)
    with ExitStack() as stack:
        # One reader of the many has no mailbox. Each answer takes its time until somebody has watched.
        mailbox = Mailbox(
            contents=Kept(), extensions=PIPELINING, delay_s=0.2, answers={"RCPT r7@many.example": "550 5.1.1 no such mailbox"}
        )
        made = Newsroom(
            folder,
            stack.enter_context(smtp_server(mailbox)),
            more={"DIGEST_TIMEZONE": noon(), "DIGEST_CA_FILE": "ca.pem", "DIGEST_BOUNCE_ADDRESS": BOUNCES},
            site=stack.enter_context(http_server(site())),
            receiver=stack.enter_context(receiving(trusted)),
        )
        made.digest("init")
        stack.enter_context(served(made, (*DIGEST[:1], "-P", loopback.__file__)))
        yield made


def noon() -> str:
    """A zone in which it is about noon, so that a day does not end while a test runs."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def soon(zone: str) -> str:
    """A full minute 20 to 80 seconds ahead, as a newsletter's hour."""
    at = datetime.now(ZoneInfo(zone)) + timedelta(seconds=80)
    return f"{at:%H:%M}"


# --- the owner's walk ------------------------------------------------------------------------


def test_an_owner_goes_from_the_first_link_to_the_last_delivery(newsroom: Newsroom, launch: Any, axe: str) -> None:
    seen: set[tuple[str, str]] = set()
    with browsing(launch, newsroom) as running, staff(running, newsroom, axe, seen) as mara:
        make_the_first_account(mara, newsroom)
        log_in_by_each_way(mara)
        add_a_source(mara, newsroom)
        make_a_list(mara)
        import_readers(mara)
        take_an_import_back(mara)
        make_a_newsletter(mara)
        suppress(mara, "r3@many.example")
        secret = add_a_webhook(mara, newsroom)
        wait_for_articles(mara)
        edit_the_issue(mara, newsroom)
        order = headlines(mara)
        newsroom.digest("newsletters", "set", "harbour", "--approval", "required", "--approvers", APPROVER)
        set_the_hour(mara, soon(noon()))
        with staff(running, newsroom, axe, seen) as approver:
            approve_by_mail(approver, newsroom, order)
        with staff(running, newsroom, axe, seen) as jonas:
            let_in(mara, jonas)
        watch_the_send(mara, newsroom)
        account_for_everybody(mara, newsroom)
        show_her_mail(mara, newsroom, "r5@many.example")
        read_a_bounce(mara, newsroom, "r9@many.example")
        receive_webhooks(newsroom, secret)
        read_the_audit(mara)
        mara.crawl()
        speak_german(running, newsroom, axe, mara)
        mara.visit("/admin/")
        mara.log_out()
        mara.visit("/admin/audit")

        assert "/admin/login" in mara.page.url


def make_the_first_account(mara: Staff, place: Newsroom) -> None:
    mara.authenticator()
    printed = until(lambda: re.search(rf"{BASE}/admin/welcome/[\w-]+", place.log), "no link was printed")
    mara.visit(printed[0])
    mara.look()
    mara.fill("Your name", "Mara Quinn")
    mara.fill("Your address", OWNER)
    mara.press("Make a passkey and go on")
    mara.look("empty")

    assert "Mara" in mara.text()
    assert mara.visit(printed[0]).status == 404
    mara.complaints.clear()  # of the 404


def log_in_by_each_way(mara: Staff) -> None:
    mara.visit("/admin/")
    mara.go_to("Your account")
    mara.follow("Set a password")
    mara.look()
    mara.pair()
    mara.press("Set the password")
    mara.look("codes")
    mara.follow("I have kept them")
    mara.log_out()
    mara.look()
    mara.log_in(OWNER)
    mara.log_out()
    mara.press("Log in with a passkey")

    assert mara.page.url == f"{BASE}/admin/"


def add_a_source(mara: Staff, place: Newsroom) -> None:
    mara.go_to("Sources")
    mara.look("empty")
    mara.fill("The address of a site or a feed", place.site.url("/"))
    mara.press("Add a source")
    mara.look()
    mara.fill("Topic", "harbour")
    mara.press("Add a source")

    def is_listed() -> bool:  # a site that answers late is added after its page has given up
        mara.visit("/admin/sources")
        return "Harbour Wire" in mara.text()

    until(is_listed, "the source was not added")
    mara.complaints.clear()
    mara.follow("Harbour Wire")
    assert place.site.url("/feed.xml") in mara.text()
    mara.press("Try it")
    mara.look()
    assert HEADLINES[0] in mara.text()


def make_a_list(mara: Staff) -> None:
    mara.go_to("Lists")
    mara.follow("Make a list")
    mara.fill("Name", "harbour")
    mara.fill("Title", "Friends of the harbour")
    mara.press("Make the list")

    assert "Friends of the harbour" in mara.text()


def upload(mara: Staff, name: str, lines: Sequence[str]) -> None:
    """Go through the first two steps of an import."""
    mara.go_to("Imports")
    mara.follow("Import a file")
    mara.look()
    content = "\n".join(["Kontakt;Rufname", *lines]).encode()
    mara.main.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    mara.press("Go on")
    mara.look()
    mara.choose("What Kontakt holds", "Address")
    mara.choose("What Rufname holds", "First name")
    mara.choose("Into the list", "harbour")
    mara.fill("How they agreed", "signed at the harbour festival")
    mara.press("Dry run: nothing is stored")


def import_readers(mara: Staff) -> None:
    people = [f"r{i}@many.example;Reader" for i in range(1, READERS + 1)]
    upload(mara, "festival.csv", [*people[:10], *MISTAKES, *people[10:]])
    mara.look()
    rejects = list(csv.reader(io.StringIO(mara.file("Download them as CSV").decode())))
    total = READERS + len(MISTAKES)
    assert f"= {total:,} lines" in mara.text()
    assert len(rejects) - 1 == 3
    mara.press(f"Import {READERS:,}")
    mara.look()

    assert f"added\n{READERS:,}" in mara.text()


def take_an_import_back(mara: Staff) -> None:
    upload(mara, "wrong.csv", [f"w{i}@wrong.example;Wrong" for i in range(3)])
    mara.press("Import 3")
    mara.follow("Take back …")
    mara.look()
    mara.press("Take back 3")

    assert "taken back" in mara.text()


def make_a_newsletter(mara: Staff) -> None:
    mara.go_to("Newsletters")
    mara.follow("Make a newsletter")
    mara.look()
    mara.fill("Name", "harbour")
    mara.fill("Title", PAPER)
    mara.choose("List", "harbour")
    mara.fill("Days", "daily")
    mara.fill("Hours", "23:00")
    mara.press("Make a newsletter")
    mara.follow("Sections and rules")
    mara.main.get_by_text("Add a section").first.click()
    mara.fill("Name", "At the quay")
    mara.fill("Topics", "harbour")
    mara.press("Add a section")
    assert "At the quay" in mara.text()
    mara.go_to("Sources")
    mara.follow("Harbour Wire")
    mara.main.get_by_label(PAPER).check()
    mara.press("Save")

    assert mara.main.get_by_label(PAPER).is_checked()


def suppress(mara: Staff, address: str) -> None:
    mara.go_to("Suppressions")
    mara.fill("Never mail an address again", address)
    mara.fill("Why", "asked by telephone")
    mara.press("Suppress it")

    assert address in mara.text()


def add_a_webhook(mara: Staff, place: Newsroom) -> str:
    """Add one and try it; return its secret."""
    mara.go_to("Webhooks")
    mara.follow("Send events to a program")
    mara.look()
    mara.fill("Address", place.receiver.url)
    mara.press("Add the webhook")
    mara.look("secret")
    secret = mara.main.get_by_label("Secret").input_value()
    mara.follow("Done")
    mara.press("Send a test")
    mara.look()

    assert "It took the test message." in mara.text()
    return str(secret)


def wait_for_articles(mara: Staff) -> None:
    """A new source is read within a minute."""
    mara.go_to("Sources")
    mara.follow("Harbour Wire")

    def read_now() -> bool:
        mara.page.reload()
        return HEADLINES[-1] in mara.text()

    until(read_now, "the source was not read", within_s=90)


# --- the desk --------------------------------------------------------------------------------


def open_the_desk(person: Staff) -> None:
    person.go_to("Issues")
    person.follow("The coming issue")
    if PAPER in person.text() and person.page.url == f"{BASE}/admin/desk":
        person.look()
        person.follow(PAPER)


def edit_the_issue(mara: Staff, place: Newsroom) -> None:
    """Reorder, rewrite, pin, take out and put in, introduce, add a story by its link, and look at it all."""
    open_the_desk(mara)
    mara.look()
    _, first, second, *_, last = headlines(mara)
    mara.press(f"Move down: {first}")
    assert headlines(mara).index(first) > headlines(mara).index(second)

    mara.follow(f"Edit: {second}")
    mara.look()
    mara.fill("Headline", "Written anew by Mara")
    mara.press("Save the words")
    assert f"Original: {second}" in mara.text()

    mara.follow(f"Edit: {last}")
    mara.fill("Place in the section", "1")
    mara.press("Move it there")
    assert headlines(mara).index(last) == 1

    mara.press(f"Take out: {first}")
    assert first not in headlines(mara)

    mara.follow("Write it")
    mara.look()
    mara.fill("What you say at its top", "Good morning from the quay.")
    mara.press("Save")

    mara.follow("Add a story")
    mara.look()
    mara.fill("Address of the page", place.site.url("/ferry"))
    mara.press("Add it")
    assert LINKED in headlines(mara)

    mail = mara.page.frame_locator("iframe[title='The mail as it would go']")
    for words in ("Written anew by Mara", "Good morning from the quay.", LINKED):
        mail.get_by_text(words).first.wait_for()
    assert mail.get_by_text(first).count() == 0
    mara.press("Send me a test copy")
    assert "Written anew by Mara" in plain(place.mail(OWNER))
    put_in_and_leave(mara)
    mara.look("edited")


def put_in_and_leave(mara: Staff) -> None:
    """Put in the first story that is out, and leave it as it was."""
    mara.open_part("Out")
    button = mara.main.get_by_role("button", name=re.compile("^Put in: ")).first
    story = str(button.get_attribute("aria-label")).removeprefix("Put in: ")
    mara.press(f"Put in: {story}")
    mara.open_part("In")
    assert story in headlines(mara)
    mara.press(f"Leave as it was: {story}")
    assert story not in headlines(mara)


def set_the_hour(mara: Staff, hour: str) -> None:
    mara.go_to("Newsletters")
    mara.follow(PAPER)
    mara.open_part("Timetable")
    mara.fill("Hours", hour)
    mara.press("Save the timetable")


def approve_by_mail(approver: Staff, place: Newsroom, order: Sequence[str]) -> None:
    asked = place.mail(APPROVER)
    link = re.search(rf"{BASE}/admin/approve/[\w-]+", plain(asked))
    assert link is not None, plain(asked)
    text = " ".join(plain(asked).split())
    assert [headline for headline in order if headline not in text] == []
    approver.visit(link[0])
    approver.look()
    approver.press(re.compile(f"^Approve it for {READERS - 1:,}"))
    approver.look("approved")

    assert "You have approved it." in approver.text()


def let_in(mara: Staff, jonas: Staff) -> None:
    mara.go_to("Accounts")
    mara.follow("Let somebody in")
    mara.look()
    mara.fill("Name", "Jonas Weld")
    mara.fill("Address", EDITOR)
    mara.press("Make the account")
    mara.look("link")
    link = mara.main.get_by_label("Link").input_value()
    mara.follow("Done")
    jonas.visit(link)
    jonas.look("invited")
    jonas.follow("Use a password and a code from an app instead")
    jonas.look("password")
    jonas.accept(link)

    assert jonas.page.url == f"{BASE}/admin/"


# --- the send --------------------------------------------------------------------------------


def watch_the_send(mara: Staff, place: Newsroom) -> None:
    """The dashboard counts while mails go out; once that is seen, the server answers at once."""
    card = mara.page.get_by_role("region", name="Sending now")

    def is_sending() -> bool:
        mara.visit("/admin/")
        return bool(card.count())

    until(is_sending, "the issue did not go out", within_s=180)
    mara.look("sending")
    figures = [sent(card)]
    while len(figures) < 3:
        mara.page.wait_for_function(
            "last => Number(document.querySelector('[data-live] p b').textContent.replace(/\\D/g, '')) > last", arg=figures[-1]
        )
        figures.append(sent(card))
    place.mailbox.delay_s, begun, before = 0.0, time.monotonic(), sum(place.mailbox.taken.values())
    card.wait_for(state="detached", timeout=240_000)  # the page loads itself anew when nothing is left to watch
    took, mails = time.monotonic() - begun, sum(place.mailbox.taken.values()) - before
    print(f"\nwatched {figures}, then {mails:,} mails in {took:.0f} s")
    mara.look("sent")

    assert PAPER in mara.page.get_by_role("region", name="Last issue").inner_text()
    assert set(place.mailbox.taken) >= {f"r{i}@many.example" for i in range(1, READERS + 1) if i not in (3, 7)}
    assert {count for reader, count in place.mailbox.taken.items() if "@many." in reader} == {1}


def sent(card: Any) -> int:
    return int(re.sub(r"\D", "", card.locator("p b").first.inner_text()))


def account_for_everybody(mara: Staff, place: Newsroom) -> None:
    mara.go_to("Issues")
    mara.page.get_by_role("row").filter(has_text=PAPER).get_by_role("link").first.click()
    mara.main.get_by_role("heading", name="Accounting for everybody").wait_for()
    mara.look()
    figures = [int(re.sub(r"\D", "", text)) for text in mara.main.locator(".eq dd").all_inner_texts()]
    assert sum(figures) == READERS
    assert f"= {READERS:,} deliveries: one for each reader." in mara.text()
    assert "Skipped: 1 suppressed." in mara.text()
    everybody = list(csv.DictReader(io.StringIO(mara.file(f"Download all {READERS:,}").decode())))

    assert len(everybody) == READERS
    assert {line["state"] for line in everybody} == {"sent", "bounced", "skipped"}
    correct_after_it_was_sent(mara, place, got={line["address"] for line in everybody if line["state"] == "sent"})


def correct_after_it_was_sent(mara: Staff, place: Newsroom, *, got: set[str]) -> None:
    """A story is withdrawn from an issue that went out; those who got it are told, each once, and nobody else."""
    mara.follow(re.compile("^Withdraw: "))
    mara.look()
    mara.press("Withdraw the story")

    assert "withdrawn" in mara.text()
    before = Counter(place.mailbox.taken)
    mara.follow("Send a correction …")
    mara.look()
    mara.press(re.compile("^Mail it to "))
    until(lambda: got <= (place.mailbox.taken - before).keys(), "the correction did not go out", within_s=120)
    mara.look("corrected")
    told = {reader: count for reader, count in (place.mailbox.taken - before).items() if "@many." in reader}

    assert told == dict.fromkeys(got, 1)


def show_her_mail(mara: Staff, place: Newsroom, address: str) -> None:
    mara.go_to("Deliveries")
    mara.fill("Did she get it?", address)
    mara.press("Look")
    mara.look("found")
    mara.page.get_by_role("row").filter(has_text=PAPER).get_by_role("link").first.click()
    mara.main.get_by_role("heading", name="Tries that failed").wait_for()

    assert mara.file("The mail, byte for byte") in [bytes(content) for content in place.mailbox.contents]


def read_a_bounce(mara: Staff, place: Newsroom, address: str) -> None:
    """A report of another server comes back; the reader is suppressed, and the page says why."""
    mail = next(content for content in place.mailbox.contents if address in str(read(content)["To"]))
    (place.folder / "back").mkdir()
    (place.folder / "back" / "1.eml").write_bytes(returned(mail, address, "550 5.1.1 mailbox is gone", key=secret_key(place)))
    place.digest("bounces", "process", "--mailbox", "back")
    mara.go_to("Bounces")
    mara.look()
    mara.follow("All reports")
    mara.look()
    mara.follow(address)
    mara.look()
    assert "550 5.1.1 mailbox is gone" in mara.text()
    mara.go_to("Suppressions")

    assert address in mara.text()


def secret_key(place: Newsroom) -> str:
    found = re.search(r"^DIGEST_SECRET_KEY=(\S+)$", (place.folder / ".env").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def receive_webhooks(place: Newsroom, secret: str) -> None:
    """Each message is verified by the library that receivers use."""

    def kinds() -> set[str]:
        return {Webhook(secret).verify(body, headers)["type"] for headers, body in list(place.receiver.came)}

    until(lambda: {"webhook.test", "issue.frozen", "issue.approved", "issue.sent"} <= kinds(), "an event did not come")


def read_the_audit(mara: Staff) -> None:
    """Every act of the walk is there, with who did it."""
    mara.go_to("Audit")
    mara.look()
    rows: list[str] = []
    while True:
        rows += mara.main.locator("tbody tr").all_inner_texts()
        if not mara.main.get_by_role("link", name="Older").count():
            break
        mara.follow("Older")

    for act in DONE:
        who = APPROVER if act == "issue approved" else "Mara Quinn"
        assert any(act in row and who in row for row in rows), (act, rows)


def speak_german(running: Any, place: Newsroom, axe: str, mara: Staff) -> None:
    """Every page again in German, which takes more room; and an act by its German name."""
    said = load("de", ADMIN_DOMAIN).gettext
    with staff(running, place, axe, mara.seen, language="de", state=mara.page.context.storage_state()) as german:
        german.crawl(looks=((390, "light"),))
        assert german.page.get_attribute("html", "lang") == "de"
        german.visit("/admin/suppressions")
        german.fill(said("Never mail an address again"), "k@wrong.example")
        german.press(said("Suppress it"))
        assert "k@wrong.example" in german.text()
