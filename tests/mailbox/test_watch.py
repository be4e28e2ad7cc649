"""A mailbox says within seconds that mail has come, on a real Dovecot; and what a server may do instead."""

import threading
from collections.abc import Iterator

import pytest

from digest.errors import FetchError
from digest.mailbox import watch
from digest.mailbox.location import Account, parse
from tests.mailbox import dovecot
from tests.mailbox.dovecot import Dovecot
from tests.support.imap import Imap, imap_server
from tests.support.workers import until


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


class Listener:
    """What a thread hears of a mailbox."""

    def __init__(self, url: str, tls: object = None) -> None:
        self.heard, self.stop, self.problem = 0, threading.Event(), ""
        self._account, self._tls = parse(url), tls
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        assert isinstance(self._account, Account)
        try:
            for _ in watch.changes(self._account, tls=lambda: self._tls, token=None, until=self.stop.is_set):  # type: ignore[arg-type, return-value]
                self.heard += 1
        except FetchError as problem:
            self.problem = str(problem)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_new_mail_is_heard_on_a_real_server(server: Dovecot, scheme: str) -> None:
    listener = Listener(server.url(scheme), server.tls)
    until(lambda: listener.heard == 1)

    for count in (1, 2):
        server.deliver(b"Subject: new\n\nx\n")
        until(lambda count=count: listener.heard > count)  # type: ignore[misc]

    listener.end()
    assert listener.problem == ""


def url(server: Imap) -> str:
    return f"imap://bounces:secret@127.0.0.1:{server.port}"


def test_a_server_without_idle_ends_the_wait_at_once() -> None:
    with imap_server(Imap(capabilities="IMAP4rev1")) as server:
        listener = Listener(url(server))
        listener.thread.join(10)

    assert (listener.heard, listener.problem, server.waits) == (0, "", 0)


def test_idle_is_sent_again_before_the_server_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "IDLE_S", 0.05)
    with imap_server(Imap()) as server:
        listener = Listener(url(server))
        until(lambda: server.waits >= 3)
        listener.end()

    assert server.commands.count("DONE") >= 3
    assert (listener.heard, listener.problem) == (1, "")
    assert watch.IDLE_S < 29 * 60


def test_what_a_server_says_with_its_consent_is_heard() -> None:
    with imap_server(Imap(says=b"* 3 EXISTS\r\n")) as server:
        listener = Listener(url(server))
        until(lambda: listener.heard > 1)
        listener.end()

    assert listener.problem == ""


def test_a_server_that_says_only_that_it_is_there_wakes_nobody() -> None:
    with imap_server(Imap()) as server:
        listener = Listener(url(server))
        until(lambda: server.waits == 1)
        server.say(b"* OK Still here")
        server.say(b"* 7 EXISTS")
        until(lambda: listener.heard == 2)
        listener.end()

    assert server.waits <= 2


def test_a_connection_that_is_closed_is_an_error() -> None:
    with imap_server(Imap(hangs_up=1)) as server:
        listener = Listener(url(server))
        listener.thread.join(10)

    assert "IMAP failed: the connection was closed" in listener.problem
    assert "secret" not in listener.problem
