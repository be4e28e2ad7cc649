"""The watcher wakes the reading of a mailbox, outlives closed connections, and leaves the rest to the tick of every minute."""

from dataclasses import replace
from functools import partial

import pytest

from digest.runtime import jobs, schedule, watch
from digest.runtime.watch import Watcher
from digest.services import bounces, context
from digest.services.context import Context
from tests.mailbox import dovecot
from tests.support.bounced import dsn, publish, rows
from tests.support.imap import Imap, imap_server
from tests.support.place import Place
from tests.support.workers import until

pytestmark = pytest.mark.any_database


def reading(place: Place, location: str, **more: str) -> Context:
    told = {"bounce_mailbox": location, "bounce_address": "bounces@paper.example", **more}
    return replace(place.ctx, settings=place.ctx.settings.model_copy(update=told))


def test_a_closed_connection_is_made_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "REST_S", 0.01)
    woken: list[int] = []
    with imap_server(Imap(hangs_up=3)) as server:
        ctx = reading(place, f"imap://bounces:secret@127.0.0.1:{server.port}")
        watcher = Watcher(ctx, wake=lambda: woken.append(1), leads=lambda: True)
        until(lambda: server.waits == 4)
        watcher.end()

    assert len(woken) == 4  # once for each connection, since mail may have come between
    assert not watcher.is_alive


@pytest.mark.parametrize("location", ["", "maildir:Maildir", "pop3://a:b@127.0.0.1:1"])
def test_where_nothing_says_when_mail_comes_nobody_waits(place: Place, location: str) -> None:
    (place.folder / "Maildir" / "new").mkdir(parents=True)
    woken: list[int] = []
    watcher = Watcher(reading(place, location), wake=lambda: woken.append(1), leads=lambda: True)

    until(lambda: not watcher.is_alive)

    assert woken == []


def test_a_server_without_idle_is_left_to_the_tick(place: Place) -> None:
    with imap_server(Imap(capabilities="IMAP4rev1")) as server:
        watcher = Watcher(reading(place, f"imap://a:b@127.0.0.1:{server.port}"), wake=list, leads=lambda: True)
        until(lambda: not watcher.is_alive)


def test_a_process_that_does_not_lead_asks_no_server(place: Place) -> None:
    with imap_server(Imap()) as server:
        watcher = Watcher(reading(place, f"imap://a:b@127.0.0.1:{server.port}"), wake=list, leads=lambda: False)
        watcher.end()

    assert server.commands == []


def test_the_scheduler_reads_a_report_as_soon_as_it_has_come(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BOUNCES_S", 3_600)
    with dovecot.running() as server:
        publish(place, "ann@example.org")
        ctx = reading(place, server.url("imaps"), ca_file=str(server.root / "ca.pem"))
        ctx = replace(ctx, clock=context.now)  # by which the scheduler goes
        ticking = schedule.start(ctx, jobs.ThreadDispatcher(1, partial(print)))
        try:
            until(lambda: (server.root / "mail" / "Maildir" / "dovecot.index.log").exists())
            server.deliver(dsn(rows(place)["ann@example.org"]))
            until(lambda: len(bounces.listed(place.ctx)) == 1)
        finally:
            ticking.end()

    assert not ticking.watcher.is_alive
