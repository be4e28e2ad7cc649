"""Webhooks: each event reaches whoever wants it, signed, at least once, and no private network is reached."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from standardwebhooks import WebhookVerificationError

from digest.errors import BadInput, NotFound, NothingToDo
from digest.model.event import EventKind
from digest.model.webhook import KEPT, LEASE, PAUSES, MessageState
from digest.services import context, events, lists, personal, suppressions, webhooks
from tests.support.commands import Run
from tests.support.dumps import naming
from tests.support.events import Stopped, nothing_committed
from tests.support.place import Place
from tests.support.receiver import Receiver, receiving

KILLS = 40


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def hook(place: Place, receiver: Receiver, *kinds: EventKind) -> str:
    """Add a webhook; return its secret."""
    return webhooks.add(place.ctx, receiver.url, kinds=kinds, allow_private=True).secret


def happen(place: Place, *names: str) -> list[str]:
    """Have lists made; return the ids of the messages that tell of it."""
    for name in names:
        lists.add(place.ctx, name)
    found = [event for event in events.listed(place.ctx) if event.facts.get("name") in names]
    return sorted((f"evt_{event.id}" for event in found), key=lambda text: int(text[4:]))


# --- what is sent ----------------------------------------------------------------------------


def test_an_event_is_sent_signed_and_an_independent_library_verifies_it(place: Place, receiver: Receiver) -> None:
    secret = hook(place, receiver)
    [message] = happen(place, "weekend")

    assert webhooks.deliver_due(place.ctx) == 1

    [said] = receiver.verified(secret, place.clock.now)
    [view] = [event for event in events.listed(place.ctx) if event.kind == "list.added" and event.facts["name"] == "weekend"]
    assert receiver.ids == [message]
    assert (said["type"], said["timestamp"], said["data"]["id"]) == ("list.added", view.at.isoformat(), view.id)
    assert said["data"]["facts"] == {"name": "weekend"}
    assert "ip" not in said["data"]
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_" + "A" * 44, place.clock.now)


def test_only_events_from_then_on_and_of_the_kinds_that_are_wanted_are_sent(place: Place, receiver: Receiver) -> None:
    happen(place, "before")
    hook(place, receiver, EventKind.LIST_REMOVED)
    happen(place, "after")
    lists.remove(place.ctx, "after")

    assert webhooks.deliver_due(place.ctx) == 1
    assert b'"type":"list.removed"' in receiver.came[0][1]


def test_nothing_about_webhooks_themselves_is_sent(place: Place, receiver: Receiver) -> None:
    hook(place, receiver)
    hook(place, receiver)

    assert webhooks.deliver_due(place.ctx) == 0


def test_many_events_at_once_are_all_sent(place: Place, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "SPREAD", 7)
    monkeypatch.setattr(webhooks, "BATCH", 4)
    hook(place, receiver)
    expected = happen(place, *(f"list-{number}" for number in range(30)))

    assert webhooks.deliver_due(place.ctx) == 30
    assert sorted(receiver.ids) == sorted(expected)
    assert webhooks.deliver_due(place.ctx) == 0


def test_words_that_an_erasure_took_are_not_sent_later(place: Place, receiver: Receiver) -> None:
    place.readers("ann@example.org")
    receiver.statuses = [503]
    hook(place, receiver, EventKind.SUPPRESSED)
    suppressions.add(place.ctx, "ann@example.org", reason="Annabel wrote us")
    webhooks.deliver_due(place.ctx)
    personal.erase(place.ctx, "ann@example.org")
    receiver.statuses = [200]
    place.clock.turn(minutes=1)

    assert webhooks.deliver_due(place.ctx) == 1
    assert b"Annabel" in receiver.came[0][1]
    assert b"Annabel" not in receiver.came[1][1]


# --- what goes wrong -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_what_is_not_taken_is_tried_again_with_longer_pauses_under_the_same_id(
    place: Place, receiver: Receiver, status: int
) -> None:
    receiver.statuses = [status]
    hook(place, receiver)
    [message] = happen(place, "weekend")
    for tries, pause in enumerate(PAUSES, 1):
        assert webhooks.deliver_due(place.ctx) == 0
        assert len(receiver.came) == tries
        place.clock.turn(seconds=pause.total_seconds() - 1)
        webhooks.deliver_due(place.ctx)
        assert len(receiver.came) == tries  # not before its time
        place.clock.turn(seconds=1)
    webhooks.deliver_due(place.ctx)

    [last] = webhooks.messages(place.ctx, 1)
    assert (last.state, last.tries, last.status, last.said) == (MessageState.FAILED, 10, status, f"answers {status}")
    assert set(receiver.ids) == {message}
    assert timedelta(days=2, hours=20) < sum(PAUSES, timedelta()) <= timedelta(days=3)
    assert events.listed(place.ctx, limit=1)[0].kind == "webhook.failed"


def test_failed_messages_are_sent_again_when_a_person_wants_it(place: Place, receiver: Receiver) -> None:
    receiver.statuses = [410]
    hook(place, receiver)
    first = happen(place, "one")
    webhooks.deliver_due(place.ctx)
    assert webhooks.show(place.ctx, 1).paused_at == place.clock.now
    assert webhooks.messages(place.ctx, 1)[0].status == 410
    assert events.listed(place.ctx, limit=1)[0].kind == "webhook.failed"
    happen(place, "while-paused")
    assert webhooks.deliver_due(place.ctx) == 0

    receiver.statuses = [200]
    assert webhooks.replay(place.ctx, 1) == 1
    assert webhooks.deliver_due(place.ctx) == 1
    assert receiver.ids == first * 2
    assert webhooks.replay(place.ctx, 1, [1]) == 1  # one that was delivered, by its number
    webhooks.deliver_due(place.ctx)
    assert receiver.ids == first * 3
    with pytest.raises(NothingToDo):
        webhooks.replay(place.ctx, 1)


def test_an_address_that_does_not_answer_keeps_nothing_from_others(place: Place, receiver: Receiver) -> None:
    webhooks.add(place.ctx, "http://127.0.0.1:1/", allow_private=True)
    hook(place, receiver)
    happen(place, "weekend")

    assert webhooks.deliver_due(place.ctx) == 1
    assert "cannot be reached" in webhooks.messages(place.ctx, 1)[0].said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "http://localhost/", "http://0x7f000001/"]
)
def test_no_private_address_is_reached(place: Place, url: str) -> None:
    with pytest.raises(BadInput):
        webhooks.add(place.ctx, url)
    webhooks.add(place.ctx, url.replace("http:", "https:"))
    happen(place, "weekend")

    assert webhooks.deliver_due(place.ctx) == 0
    assert "is private" in webhooks.messages(place.ctx, 1)[0].said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://example.org/",
        "https://",
        "https://user:pw@example.org/",
        "https://example.org/#x",
        "https://[::1/",
        "https://ex\nample.org",
    ],
)
def test_what_is_no_address_is_refused(place: Place, url: str) -> None:
    with pytest.raises(BadInput):
        webhooks.add(place.ctx, url, allow_private=True)


def test_a_secret_stands_nowhere_in_clear(place: Place, receiver: Receiver) -> None:
    secret = hook(place, receiver)

    assert secret.startswith("whsec_")
    assert naming(place.ctx, secret.removeprefix("whsec_")) == []


def test_messages_that_are_long_done_with_are_forgotten(place: Place, receiver: Receiver) -> None:
    hook(place, receiver)
    happen(place, "weekend")
    webhooks.deliver_due(place.ctx)

    assert webhooks.forget_done(place.ctx) == 0
    place.clock.turn(days=KEPT.days)
    assert webhooks.forget_done(place.ctx) == 1


# --- processes that end ----------------------------------------------------------------------


def test_a_process_that_ends_before_it_knows_sends_again_under_the_same_id(place: Place, receiver: Receiver) -> None:
    hook(place, receiver)
    happen(place, "weekend")
    webhooks._spread(place.ctx)
    claimed = webhooks._claimed(place.ctx)
    with nothing_committed(place.ctx.db), pytest.raises(Stopped):
        webhooks._send(place.ctx, claimed)
    assert webhooks.deliver_due(place.ctx) == 0  # another process may be at it

    place.clock.turn(seconds=LEASE.total_seconds())
    assert webhooks.deliver_due(place.ctx) == 1
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 2


@pytest.mark.file_only
def test_through_many_kills_every_event_arrives_at_least_once_under_its_id(place: Place, receiver: Receiver) -> None:
    """Every second process is killed between a message and its answer, the others at any instant of the time that they would take."""
    dice = random.Random(7)
    hook(place, receiver)
    expected = happen(place, "first")
    begun = time.monotonic()
    os.waitpid(sender(place), 0)
    whole_s = time.monotonic() - begun
    for number in range(KILLS):
        expected += happen(place, f"list-{number}")
        child = sender(place)
        if number % 2:
            time.sleep(dice.uniform(0, whole_s))
            os.kill(child, signal.SIGKILL)
        else:
            receiver.before_answer = partial(os.kill, child, signal.SIGKILL)
        os.waitpid(child, 0)
        receiver.before_answer = lambda: None
        place.clock.turn(seconds=LEASE.total_seconds())
    webhooks.deliver_due(place.ctx)

    assert set(receiver.ids) == set(expected)
    assert len(receiver.ids) >= len(expected) + KILLS // 2  # those whose answer nobody got came again
    counts = webhooks.show(place.ctx, 1)
    assert (counts.delivered, counts.waiting, counts.failed) == (KILLS + 1, 0, 0)
    bodies: dict[str, bytes] = {}
    assert all(bodies.setdefault(headers["webhook-id"], body) == body for headers, body in receiver.came)


def sender(place: Place) -> int:
    """Start a process that sends what is due; return its number."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            webhooks.deliver_due(context.with_short_waits(place.ctx, timeout_s=5))
        os._exit(0)
    return child


# --- commands --------------------------------------------------------------------------------


def test_the_commands_add_show_test_replay_and_remove(paper: Run, receiver: Receiver) -> None:
    made = paper("webhooks", "add", receiver.url, "--kind", "list.added", "--allow-private")
    assert (made.code, made.out.startswith("whsec_")) == (0, True)
    refused = paper("webhooks", "add", receiver.url)
    assert (refused.code, "--allow-private" in refused.err) == (2, True)
    assert "list.added" in paper("webhooks", "list").out
    assert (paper("webhooks", "test", "1").code, len(receiver.came)) == (0, 1)
    receiver.statuses = [500]
    told = paper("webhooks", "test", "1")
    assert (told.code, "answers 500" in told.err) == (1, True)
    assert paper("webhooks", "deliveries", "1", "--json").json == []
    assert paper("webhooks", "replay", "1").code == 3
    assert paper("webhooks", "remove", "1", "--yes").code == 0
    assert "digest webhooks list" in paper("webhooks", "test", "1").err


def test_a_webhook_that_is_not_there_is_not_found(place: Place) -> None:
    for ask in (webhooks.show, webhooks.remove, webhooks.replay, webhooks.messages):
        with pytest.raises(NotFound):
            ask(place.ctx, 7)  # type: ignore[operator]
