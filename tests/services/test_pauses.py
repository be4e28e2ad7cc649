"""What refuses us is paused for a while, by a row that outlives the process; no reader is touched, and it goes on by itself."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.deliver.pace import Pace
from digest.errors import NothingToDo
from digest.model.pause import PauseKind
from digest.model.states import DeliveryState, IssueState
from digest.services import events, notifications, pauses, sending, suppressions
from digest.services.views.bounces import PauseView
from digest.store import pauses as store
from tests.support.bounced import dsn, process, publish, rows
from tests.support.place import Place

GMAIL = [f"r{n}@gmail.com" for n in range(12)]
BLOCKED = {"status": "5.7.1", "text": "550 5.7.1 blocked using zen.spamhaus.org"}


@pytest.fixture
def sent(place: Place) -> Iterator[Place]:
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", "admins": "admin@ledger.example.org"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, *GMAIL, "ann@example.org", "bob@example.net", "eve@example.com")
    return place


def block(place: Place, *addresses: str) -> None:
    process(place, *(dsn(rows(place)[address], **BLOCKED) for address in addresses))


def restarted(place: Place) -> Place:
    """The place as another process finds it."""
    place.ctx = replace(place.ctx, pace=Pace())
    return place


def paused(place: Place) -> list[tuple[str, str, int]]:
    found = pauses.listed(place.ctx)
    return [(one.kind.value, one.name, int((one.until - one.began_at).total_seconds()) // 60) for one in found]


def states(place: Place) -> dict[str, DeliveryState]:
    return {address: row.state for address, row in rows(place).items()}


def last_until(place: Place, kind: PauseKind, name: str, *, minutes: int) -> None:
    """Let a pause last from now on for so long."""
    with place.ctx.db.begin() as tx:
        found = store.find(tx, kind, name)
        assert found is not None
        found.until = place.clock() + timedelta(minutes=minutes)
        store.save(tx, found)


def kinds(place: Place) -> list[str]:
    return [event.kind.value for event in events.since(place.ctx, 0, limit=1_000)]


def test_a_domain_is_paused_when_it_refuses_several_mails_or_most_of_them(sent: Place) -> None:
    block(sent, *GMAIL[:4])
    assert paused(sent) == []

    block(sent, GMAIL[4])
    block(sent, *GMAIL[5:])
    block(sent, "ann@example.org")

    assert paused(sent) == [("domain", "gmail", 10), ("domain", "example.org", 10)]
    assert suppressions.every(sent.ctx) == []
    assert (kinds(sent).count("issue.refused"), kinds(sent).count("issue.paused")) == (1, 2)
    notifications.tell_due(sent.ctx)
    mails = [re.sub(r"=\n|\n ", "", path.read_text()) for path in sent.mails()]
    assert any("mail to gmail is paused until 2026-03-03 06:10 UTC: 5 mails to gmail.com came back" in mail for mail in mails)


def test_what_waits_for_a_paused_domain_is_deferred_and_goes_by_itself_after_a_restart_too(sent: Place) -> None:
    block(sent, *GMAIL[:5])
    sent.clock.turn(days=1)
    last_until(sent, PauseKind.DOMAIN, "gmail", minutes=30)

    publish(restarted(sent))

    waiting = {address for address, state in states(sent).items() if state is DeliveryState.QUEUED}
    assert waiting == set(GMAIL)
    assert states(sent)["ann@example.org"] is DeliveryState.SENT

    sent.clock.turn(minutes=31)
    sent.send()

    assert set(states(sent).values()) == {DeliveryState.SENT}


def test_a_person_ends_a_pause_and_what_waits_goes_at_once(sent: Place) -> None:
    block(sent, *GMAIL[:5])
    sent.clock.turn(days=1)
    last_until(sent, PauseKind.DOMAIN, "gmail", minutes=30)
    publish(sent)
    assert states(sent)[GMAIL[0]] is DeliveryState.QUEUED

    ended: list[PauseView] = list(pauses.resume(sent.ctx, "gmail"))
    sent.send()

    assert [one.name for one in ended] == ["gmail"]
    assert set(states(sent).values()) == {DeliveryState.SENT}
    assert "pause.ended" in kinds(sent)
    with pytest.raises(NothingToDo, match="gmail is not paused"):
        pauses.resume(sent.ctx, "gmail")


def test_late_reports_do_not_prolong_a_pause_and_new_refusals_double_it(sent: Place) -> None:
    block(sent, *GMAIL[:5])
    sent.clock.turn(minutes=11)
    block(sent, *GMAIL[5:8])  # of mails that were sent before it
    assert paused(sent) == []
    lengths = []
    for _ in range(3):
        sent.clock.turn(days=1)
        publish(sent)
        block(sent, *GMAIL[:5])
        lengths += paused(sent)

    assert lengths == [("domain", "gmail", 20), ("domain", "gmail", 40), ("domain", "gmail", 80)]


def test_the_relay_is_paused_when_several_domains_refuse_what_came_by_it(sent: Place) -> None:
    name = rows(sent)["ann@example.org"].relay

    block(sent, "ann@example.org", "bob@example.net", "eve@example.com")

    assert ("relay", name, 10) in paused(sent)
    sent.clock.turn(days=1)
    last_until(sent, PauseKind.RELAY, name, minutes=5)
    sent.drop("Bridge closes for a week")
    sent.collect()

    first: sending.Sent = restarted(sent).send()

    assert f"relay {name} is paused until 2026-03-04 06:05 UTC" in first.tally.down
    assert (first.issue.state, set(states(sent).values())) == (IssueState.SENDING, {DeliveryState.QUEUED})
    sent.clock.turn(minutes=6)
    assert sent.send().issue.state is IssueState.SENT
