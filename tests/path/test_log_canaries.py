"""
Known addresses, tokens and passwords go through everything that logs, and none of them is in the log, in either format.

Each line of the JSON log is an object that says when, how bad, by whom and what; and of which request, job and issue.
"""

import json
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from urllib.parse import quote

import pytest

from digest import log
from digest.errors import DigestError
from digest.model.states import SourceKind
from digest.runtime import jobs
from digest.services import collecting, signup_mails
from digest.services import sources as source_services
from tests.support import bounced
from tests.support.api import programs, secret_of
from tests.support.newsroom import PASSWORD, browsers, person
from tests.support.place import Place
from tests.support.servers import Mailbox
from tests.support.signups import ask, opened

pytestmark = pytest.mark.any_database

ANN, BOB, CY, GONE = (f"{name}.canary@example.org" for name in ("ann", "bob", "cy", "gone"))
QUOTED = '"dee canary"@example.org'
METRICS_TOKEN = "metrics-canary-0123456789abcdef"
FEED_KEY = "feedcanary0123456789"


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[str]:
    log.setup(verbose=True)
    if request.param == "json":
        log.use_json()
    yield str(request.param)
    log.setup()


def test_no_address_token_or_password_is_in_any_line(
    relayed: Place, mailbox: Mailbox, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"bounce_address": "bounces@paper.example", "metrics_token": METRICS_TOKEN, "admins": "boss.canary@example.org"}
    relayed.ctx = replace(relayed.ctx, settings=relayed.ctx.settings.model_copy(update=told))
    secrets = [ANN, BOB, CY, GONE, QUOTED, "boss.canary@example.org", METRICS_TOKEN, FEED_KEY, PASSWORD]
    mailbox.answers |= {
        f"RCPT {GONE}": f"550 5.1.1 <{GONE}>: no such user gone.canary. See https://x.example/?to={quote(GONE)}",
        f"RCPT {CY}": f"451 4.7.1 {CY} try later",
    }

    signed_up = sign_up(relayed, mailbox)
    mails = publish(relayed, mailbox)
    visit(relayed, mails, signed_up)
    secrets += staff(relayed)
    secrets += program(relayed)
    fail(relayed, signed_up)

    lines = capsys.readouterr().err
    links = re.findall(r"/(?:u|view|p|confirm)/([\w-]{20,})", mails + signed_up)
    codes = re.findall(r"^(\d{6})\r?$", mails, re.MULTILINE)
    canaries = {*secrets, *links, *codes, *map(quote, (ANN, GONE)), "gone.canary", "dee canary"}
    assert len(links) > 5
    assert {canary for canary in canaries if canary in lines} == set()
    assert {
        "delivery.bounced",
        "subscription.ended",
        "login.refused",
        "bounce.read",
        "library.logged",
        "thread.failed",
    } <= events(lines)
    if written == "json":
        check_objects([json.loads(line) for line in lines.splitlines()])


def sign_up(place: Place, mailbox: Mailbox) -> str:
    """Ask for the list by the form and again by the service, and confirm; return the mails and the token of the waiting page."""
    waiting = ask(opened(place), ANN)
    signup_mails.send_due(place.ctx)
    mail = b"".join(mailbox.contents).replace(b"=\r\n", b"").decode()
    found = re.search(r"/confirm/([\w-]+)", mail)
    assert found
    with browsers(place) as [browser, *_]:
        browser.client.get(f"/waiting/{waiting}")
        browser.client.post("/subscribe/readers", data={"address": f"not an address {BOB}"})
        browser.client.get(f"/confirm/{found[1]}")
        browser.client.post(f"/confirm/{found[1]}", data={"confirm": "yes"})
        browser.client.post(f"/confirm/{found[1]}x", data={"confirm": "yes"})
    return f"{mail} /confirm/{waiting}"


def publish(place: Place, mailbox: Mailbox) -> str:
    """Send an issue to readers that the server takes, defers and refuses; one report comes back, which names its reader."""
    before = len(mailbox.contents)
    bounced.publish(place, BOB, CY, GONE)
    sent = bounced.rows(place)[BOB]
    bounced.process(place, bounced.dsn(sent, text=f"550 5.1.1 <{BOB}> bob.canary unknown"))
    return b"".join(mailbox.contents[before:]).replace(b"=\r\n", b"").decode()


def visit(place: Place, mails: str, signed_up: str) -> None:
    """Leave by one click, and open what the mails link to, genuine and forged."""
    with browsers(place) as [browser, *_]:
        for kind, token in set(re.findall(r"ledger\.example\.org/(u|view|p)/([\w-]+)", mails)):
            browser.client.get(f"/{kind}/{token}")
            browser.client.get(f"/{kind}/{token[:-2]}xx")
            if kind == "u":
                browser.client.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})
        browser.client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        browser.client.post("/hooks/postmark", content=json.dumps({"Email": BOB}))


def staff(place: Place) -> list[str]:
    """Log in with a wrong password, a wrong code, and right; return the secrets of it."""
    who = person(place, "mara.canary@example.org")
    with browsers(place) as [browser, *_]:
        browser.log_in(place, who, password=f"wrong {PASSWORD}")
        browser.send("/admin/login", address=who.address, password=PASSWORD)
        browser.send("/admin/login/code", code="000000")
        browser.log_in(place, who)
        return [who.address, who.secret, browser.token, *who.recovery_codes]


def program(place: Place) -> list[str]:
    """Use the API with a good token and bad ones, and with bodies that name people; return the secrets of it."""
    secret = secret_of(place, "mara.canary@example.org")
    from digest.web import public

    with programs(public.app(place.ctx), secret, secret[:-1] + "x") as [good, forged]:
        good.get(f"/lists/readers/subscribers/{quote(ANN)}")
        forged.get(f"/lists/readers/subscribers/{quote(ANN)}")
        good.ask("POST", "/lists/readers/subscribers", json={"address": f"{ANN} {ANN}", "consent": 7})
        good.ask("POST", f"/lists/readers/{quote(BOB)}", content=b"{" + BOB.encode())
    return [secret]


def fail(place: Place, signed_up: str) -> None:
    """Have jobs, libraries, threads and sources fail with words that name people."""
    location = f"http://user:{FEED_KEY}@127.0.0.1:9/feed?key={FEED_KEY}&to={quote(ANN)}"
    with suppress(DigestError):
        source = source_services.new_source(
            place.ctx, kind=SourceKind.FEED, location=location, name=f"News for {ANN}", allow_private=True
        )
        source_services.add_source(place.ctx, source)
        collecting.collect(place.ctx, collecting.active_sources(place.ctx))
    jobs.safely("collect", partial(wrong, f"KeyError: {ANN} at {signed_up[-90:]}"))
    logging.getLogger("a.library").error("SMTP %s RCPT TO:<%s> Authorization: Bearer %s", QUOTED, BOB, METRICS_TOKEN)
    with log.all_caught():
        thread = threading.Thread(target=wrong, args=(f"cannot mail {ANN}",))
        thread.start()
        thread.join()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"odd: {ANN}", stacklevel=1)


def wrong(text: str) -> None:
    raise RuntimeError(text)


def events(lines: str) -> set[str]:
    return set(re.findall(r"\"?event\"?[=:] ?['\"]([a-z._]+)['\"]", lines))


def check_objects(objects: list[dict[str, object]]) -> None:
    """Each has what a program looks for, and what is logged of a request, a job or an issue says of which."""
    for one in objects:
        assert list(one)[:5] == ["time", "level", "logger", "event", "message"], one
    by_event = {str(one["event"]): one for one in objects}
    assert re.fullmatch(r"[0-9a-f]{16}", str(by_event["login.refused"]["request"]))
    assert by_event["job.failed"]["job"] == "collect"
    assert (by_event["delivery.bounced"]["issue"], isinstance(by_event["delivery.bounced"]["delivery"], int)) == (1, True)
    assert by_event["library.logged"]["logger"] in ("a.library", "py.warnings")
    refused = {one["request"] for one in objects if one["event"] == "login.refused"}
    assert len(refused) > 1


def test_the_answer_has_the_id_that_the_log_has_and_a_trusted_proxy_may_give_it(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    from fastapi.testclient import TestClient

    from digest.web import public

    log.setup(verbose=True)
    trusting = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"}))
    given = {"X-Request-ID": "proxy-4711.abc"}
    with TestClient(public.app(trusting), client=("10.0.0.2", 1)) as proxy:
        through = proxy.post("/hooks/postmark", headers=given)
        odd = proxy.get("/healthz", headers={"X-Request-ID": "two words\t"})
    with TestClient(public.app(trusting), client=("192.0.2.7", 1)) as stranger:
        direct = stranger.get("/healthz", headers=given)
    log.setup()

    assert through.headers["X-Request-ID"] == "proxy-4711.abc"
    assert re.fullmatch(r"[0-9a-f]{16}", odd.headers["X-Request-ID"])
    assert re.fullmatch(r"[0-9a-f]{16}", direct.headers["X-Request-ID"])
    assert "two words" not in capsys.readouterr().err


def test_the_same_fault_of_many_requests_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(verbose=True)
    for number in range(100):
        with log.bound(request=f"request{number}"):
            log.get().warning("page.unavailable", error="locked")
    log.setup()

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "request='request0'" in lines[0]
