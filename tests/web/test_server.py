"""The HTTP server before clients that are slow, silent, many, rude or gone: real sockets, real server."""

import json
import re
import resource
import socket
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from digest import log
from digest.model.states import IssueState, SubscriptionState
from digest.runtime import open_files
from digest.services import context
from digest.store.engine import Database
from digest.web import connections, outbox, public, server
from tests.support.http import ONE_CLICK, URLENCODED, ask, connect, post, rest, serving, statuses, until_answers
from tests.support.pages import links, send_first, subscription_states
from tests.support.place import Hands, Place, new_place
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.serving import digest_serve
from tests.support.workers import queued, state, until

pytestmark = pytest.mark.any_database


PART = b'--xyz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xyz--\r\n'
U = SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def sent(place: Place) -> Place:
    return send_first(place, "ann@example.org", "bob@example.org")


@pytest.fixture
def port(sent: Place) -> Iterator[int]:
    with serving(public.app(sent.ctx)) as made:
        yield made


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


CHUNKED = URLENCODED + b"Transfer-Encoding: chunked\r\n"
MULTIPART = b"Content-Type: Multipart/Form-Data; Boundary=xyz\r\n"


@pytest.mark.parametrize(
    ("head", "body", "length"),
    [
        pytest.param(URLENCODED, ONE_CLICK, True, id="urlencoded"),
        pytest.param(CHUNKED, chunked(ONE_CLICK), False, id="chunked"),
        pytest.param(CHUNKED, chunked(*(bytes([c]) for c in ONE_CLICK)), False, id="byte-by-byte"),
        pytest.param(CHUNKED, chunked(ONE_CLICK)[:-2] + b"X-Trailer: 1\r\n\r\n", False, id="with-a-trailer"),
        pytest.param(CHUNKED, chunked(ONE_CLICK) + b"and more", False, id="with-data-behind"),
        pytest.param(MULTIPART, PART, True, id="multipart"),
        pytest.param(MULTIPART + b"Transfer-Encoding: chunked\r\n", chunked(PART[:30], PART[30:]), False, id="multipart-chunked"),
        pytest.param(b'Content-Type: multipart/form-data; charset=utf-8; boundary="xyz"\r\n', PART, True, id="quoted-boundary"),
        pytest.param(b"CONTENT-TYPE: Application/X-WWW-Form-URLEncoded; Charset=UTF-8\r\n", ONE_CLICK, True, id="charset"),
        pytest.param(b"", ONE_CLICK, True, id="no-type"),
        pytest.param(b"Content-Type:\r\n", ONE_CLICK, True, id="empty-type"),
        pytest.param(URLENCODED, ONE_CLICK.lower() + b"\r\n", True, id="lower-case"),
        pytest.param(URLENCODED, b"List%2DUnsubscribe=One%2DClick", True, id="percent-encoded"),
        pytest.param(URLENCODED, b"x=1&List-Unsubscribe=no&" + ONE_CLICK + b"&" + ONE_CLICK, True, id="twice"),
        pytest.param(URLENCODED + b"Expect: 100-continue\r\n", ONE_CLICK, True, id="expect"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_one_click_pair_acts_however_it_is_framed(
    sent: Place, port: int, head: bytes, body: bytes, length: bool, slash: str
) -> None:
    answer = ask(port, post(links(sent, "u")[0] + slash, body, head, length=length))

    assert 200 in statuses(answer)
    assert U in subscription_states(sent).values()


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        pytest.param(URLENCODED, b"", 400, id="empty"),
        pytest.param(URLENCODED, b"List-Unsubscribe=", 400, id="no-value"),
        pytest.param(b"Content-Type: application/json\r\n", b'{"List-Unsubscribe":"One-Click"}', 400, id="json"),
        pytest.param(MULTIPART.replace(b"xyz", b"other"), PART, 400, id="another-boundary"),
        pytest.param(b"Content-Type: multipart/form-data\r\n", PART, 400, id="no-boundary"),
        pytest.param(MULTIPART, PART[:40], 400, id="multipart-cut"),
        pytest.param(URLENCODED, b"&".join(b"a%d=" % n for n in range(40)) + b"&" + ONE_CLICK, 400, id="forty-fields"),
        pytest.param(URLENCODED, b"x" * 64_001, 413, id="large"),
    ],
)
def test_a_post_without_the_pair_changes_nothing(sent: Place, port: int, head: bytes, body: bytes, status: int) -> None:
    assert statuses(ask(port, post(links(sent, "u")[0], body, head))) == [status]
    assert U not in subscription_states(sent).values()


def test_a_body_without_a_length_is_counted_while_it_is_read(sent: Place, port: int) -> None:
    endless = post(links(sent, "u")[0], b"".join(b"1000\r\n%s\r\n" % (b"x" * 4096) for _ in range(100)), CHUNKED, length=False)

    with connect(port) as connection:
        connection.sendall(endless)

        assert statuses(rest(connection)) == [413]
    assert U not in subscription_states(sent).values()


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(HEAD + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431, id="huge-header"),
        pytest.param(HEAD + b"X: a\r\n" * 20_000 + b"\r\n", 431, id="many-headers"),
        pytest.param(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431, id="huge-address"),
        pytest.param(HEAD.replace(b"GET", b"POST") + b"Content-Length: abc\r\n\r\n", 400, id="length-abc"),
        pytest.param(HEAD.replace(b"GET", b"POST") + b"Content-Length: -1\r\n\r\n", 400, id="length-negative"),
        pytest.param(HEAD.replace(b"GET", b"POST") + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, id="two-lengths"),
        pytest.param(HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: gzip\r\n\r\n", 501, id="unknown-encoding"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no-host"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300, 400, id="tls"),
        pytest.param(b"GET /u/%00%ff HTTP/1.1\r\nHost: x\r\nAccept-Language: \xff\r\n\r\n", 404, id="odd-bytes"),
        pytest.param(HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 404, id="upgrade"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404, id="options-of-all"),
    ],
)
def test_odd_requests_get_the_status_that_fits(
    port: int, request_: bytes, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert statuses(ask(port, request_)) == [status]
    assert "Traceback" not in capsys.readouterr().err


def test_a_broken_chunk_is_refused_and_acts_on_nothing(sent: Place, port: int) -> None:
    assert statuses(ask(port, post(links(sent, "u")[0], b"zz\r\n" + ONE_CLICK, CHUNKED, length=False))) == [400]
    assert U not in subscription_states(sent).values()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"])
def test_other_methods_are_refused_with_those_there_are(sent: Place, port: int, method: str) -> None:
    answer = ask(port, post(links(sent, "u")[0]).replace(b"POST", method.encode(), 1))

    assert statuses(answer) == [405]
    [allowed] = re.findall(rb"(?i)\r\nallow: ([^\r]*)", answer)
    assert set(allowed.split(b", ")) == {b"GET", b"HEAD", b"POST"}
    assert U not in subscription_states(sent).values()


@pytest.mark.parametrize("query", ["", "?", "?List-Unsubscribe=One-Click"])
def test_looking_shows_and_never_acts_nor_names_the_host_of_the_request(sent: Place, port: int, query: str) -> None:
    for path in (links(sent, "u")[0], links(sent, "u")[0] + "/", "/view/x/", "/healthz/"):
        answer = ask(port, f"GET {path}{query} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())

        assert statuses(answer)[0] in (200, 404)
        assert b"evil.example" not in answer
    assert U not in subscription_states(sent).values()


def fin(connection: socket.socket) -> None:
    connection.close()


def rst(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("hang_up", [fin, rst])
def test_clients_that_hang_up_in_any_phase_leave_no_trace(
    sent: Place, port: int, hang_up: Callable[[socket.socket], None], capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup()
    view = f"GET {links(sent, 'view')[0]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    requests = [
        post(links(sent, "u")[0]),
        view * 10,
        post(links(sent, "u")[0], b"5\r\nabcde\r\n", CHUNKED, length=False),
        post(links(sent, "u")[0], ONE_CLICK, URLENCODED + b"Expect: 100-continue\r\n"),
    ]
    for request in requests:
        for end in range(0, len(request) + 1, max(1, len(request) // 12)):
            connection = connect(port)
            connection.sendall(request[:end])
            hang_up(connection)
    until_answers(port)

    assert capsys.readouterr().err == ""


def test_who_posts_and_closes_without_waiting_has_left(sent: Place, port: int) -> None:
    with connect(port) as connection:
        connection.sendall(post(links(sent, "u")[0]))

    end = time.monotonic() + 30
    while U not in subscription_states(sent).values():
        assert time.monotonic() < end, "the request was lost"
        time.sleep(0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_S", "BODY_S", "EXCHANGE_S", "LINGER_S", "SWEEP_S"):
        monkeypatch.setattr(connections, name, getattr(connections, name) / 40)
    monkeypatch.setattr(server, "KEEP_ALIVE_S", 0.2)


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        pytest.param(b"", b"", id="silent"),
        pytest.param(b"", b"GET / HTTP/1.1\r\n" * 40, id="request-line"),
        pytest.param(HEAD, b"X: 1\r\n" * 100, id="headers"),
        pytest.param(
            HEAD.replace(b"GET /", b"POST /u/x") + b"Content-Length: 9999\r\n\r\n", b"a" * 600, id="body-that-nobody-wants"
        ),
        pytest.param(b"POST", b"a" * 600, id="body"),
        pytest.param(b"POST chunked", b"1\r\na\r\n" * 100, id="chunks"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"", id="idle"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n" * 40, id="second-request"),
        pytest.param(b"nonsense\r\n\r\n", b"a" * 600, id="after-a-refusal"),
    ],
)
def test_a_client_that_takes_its_time_is_cut_off(impatient: None, sent: Place, first: bytes, drip: bytes) -> None:
    path = links(sent, "u")[0]
    opening = {
        b"POST": post(path).replace(b"Length: 26", b"Length: 9999"),
        b"POST chunked": post(path, b"", CHUNKED, length=False),
    }.get(first, first)
    with serving(public.app(sent.ctx)) as port, connect(port) as connection:
        connection.sendall(opening)
        with suppress(ConnectionError):
            for byte in drip:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)

        rest(connection)  # raises TimeoutError where the server waits on
    assert U not in subscription_states(sent).values()


def test_a_client_that_reads_nothing_is_cut_off(impatient: None) -> None:
    pages = FastAPI()
    pages.get("/large")(lambda: "x" * 20_000_000)
    pages.get("/healthz")(lambda: "")

    with serving(pages) as port, connect(port) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        end = time.monotonic() + 30
        with pytest.raises(ConnectionError):
            while time.monotonic() < end:
                time.sleep(0.05)
                connection.sendall(b"x")


def test_where_there_is_no_room_the_longest_waited_for_makes_some(
    sent: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(open_files, "MOST", 5)
    monkeypatch.setattr(open_files, "FEWEST", 5)
    log.setup()
    with serving(public.app(sent.ctx)) as port:
        silent = [connect(port) for _ in range(20)]
        for connection in silent:
            connection.sendall(b"GET / HTTP/1.1\r\n")

        assert statuses(ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")) == [200]
        assert rest(silent[0]) == b""
        for connection in silent:
            connection.close()
    crowded = [line for line in capsys.readouterr().err.splitlines() if "pages.crowded" in line]
    assert len(crowded) == 1


def test_every_page_is_bounded_alike(sent: Place, impatient: None) -> None:
    with serving(outbox.app(sent.outbox)) as port, connect(port) as connection:
        assert rest(connection) == b""


@pytest.mark.file_only
def test_a_locked_database_is_a_503_and_health_answers_meanwhile(
    sent: Place, port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup()
    holder = sqlite3.connect(sent.ctx.db.file or "", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(60) as clients:
        posts = [clients.submit(ask, port, post(links(sent, "u")[0])) for _ in range(60)]
        healthy = ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        unfinished = [answer for answer in posts if not answer.done()]
        answers = [answer.result() for answer in posts]
    holder.execute("ROLLBACK")
    holder.close()

    assert statuses(healthy) == [200]
    assert unfinished, "health answered before the posts did"
    assert {code for answer in answers for code in statuses(answer)} == {503}
    assert all(b"\r\nretry-after: 60\r\n" in answer.lower() for answer in answers)
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    assert printed.count("page.unavailable") <= 2
    assert statuses(ask(port, post(links(sent, "u")[0]))) == [200]


def test_a_database_that_cannot_be_read_is_a_503_that_says_nothing_of_it(sent: Place, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is not a database" * 100)
    broken = replace(sent.ctx, db=Database(f"sqlite:///{tmp_path}/broken.db"))

    with serving(public.app(broken)) as port:
        for path in ("/healthz", links(sent, "u")[0], links(sent, "view")[0]):
            answer = ask(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

            assert statuses(answer) == [503]
            assert b"\r\nretry-after: 60\r\n" in answer.lower()
            assert b"broken.db" not in answer
    broken.db.close()


@pytest.fixture
def place_now(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """A place whose clock is the real one."""
    made = new_place(tmp_path, Hands(context.now()), database_url, ticking=context.now)
    yield made
    made.ctx.db.close()


def test_eleven_hundred_half_open_connections_do_not_starve_the_senders(place_now: Place) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < 2_000:
        pytest.skip("too few open files for this test")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with smtp_server(Mailbox()) as mailbox, digest_serve(place_now, mailbox, files=1_024) as (port, written):
        half_open = []
        for _ in range(1_100):
            half_open.append(connect(port))
            half_open[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")

        issue = queued(place_now, 20)
        until(lambda: state(place_now, issue) is IssueState.SENT)
        healthy = ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for connection in half_open:
            connection.close()

    assert statuses(healthy) == [200]
    assert len(mailbox.taken) == 20
    assert written.stat().st_size < 10_000
    assert "Traceback" not in written.read_text("utf-8")


def test_a_process_without_open_files_refuses_pages_quietly_and_comes_back(place_now: Place) -> None:
    with smtp_server(Mailbox()) as mailbox, digest_serve(place_now, mailbox, files=1_024) as (port, written):
        [pid] = [int(line) for line in (place_now.folder / "pid").read_text().split()]
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, hard))
        waiting = [connect(port) for _ in range(10)]
        until(lambda: "pages.unreachable" in written.read_text("utf-8"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))

        assert statuses(ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")) == [200]
        for connection in waiting:
            connection.close()
    assert written.read_text("utf-8").count("pages.unreachable") == 1


def test_the_log_of_serve_says_what_was_done_and_by_whom_in_json_without_addresses_or_tokens(place_now: Place) -> None:
    place_now.drop("The harbour opens again")
    mailbox = Mailbox(extensions=PIPELINING, answers={"RCPT gone@example.org": "550 5.1.1 <gone@example.org> is unknown here"})
    with (
        smtp_server(mailbox),
        digest_serve(place_now, mailbox, files=1_024, DIGEST_LOG_FORMAT="json") as (port, written),
    ):
        until(lambda: "sources.collected" in written.read_text("utf-8"))
        issue = queued(place_now, 2, "gone@example.org")
        until(lambda: state(place_now, issue) is IssueState.SENT)
        token = re.search(rb"/u/([\w-]+)", b"".join(mailbox.contents).replace(b"=\r\n", b""))
        assert token
        ask(port, post(f"/u/{token[1].decode()}"))
        until(lambda: "subscription.ended" in written.read_text("utf-8"))

    text = written.read_text("utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    by_name = {event["event"]: event for event in events}
    assert {"serve.started", "sources.collected", "issue.delivered", "issue.sent", "serve.stopped"} <= set(by_name)
    assert by_name["issue.delivered"]["sent"] == 2
    assert by_name["delivery.bounced"]["address"] == "g***@example.org"
    assert "5.1.1" in by_name["delivery.bounced"]["reply"]
    assert (by_name["subscription.ended"]["address"], by_name["subscription.ended"]["by"]) == ("r***@example.org", "reader")
    assert "gone@" not in text
    assert token[1].decode() not in text
