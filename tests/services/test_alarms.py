"""Reports that were held back for an alarm wait for a person, who releases or discards them; each newsletter has its own numbers."""

from dataclasses import replace

import pytest

from digest.errors import BadInput, NothingToDo
from digest.model.bounce import Effect
from digest.model.states import SubscriptionState
from digest.model.tokens import Purpose, sign
from digest.services import bounces, events, held_bounces, newsletters, notifications, subscribers, suppressions
from digest.services.newsletters import Changes
from tests.services.test_bounces import complaint
from tests.support.bounced import KEY, dsn, newest, process, publish, rows
from tests.support.place import Place

READERS = [f"r{n:02}@example.org" for n in range(24)]


@pytest.fixture
def alarmed(place: Place) -> Place:
    """A place with an alarm: of 24 mails 22 came back."""
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", "admins": "admin@ledger.example.org"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, *READERS)
    process(place, *(dsn(rows(place)[address]) for address in READERS[:22]))
    return place


def suppressed(place: Place) -> list[str]:
    return sorted(str(entry.address) for entry in suppressions.every(place.ctx))


def effects(place: Place) -> set[Effect]:
    return {line.effect for line in bounces.listed(place.ctx)}


def test_an_alarm_is_told_once_and_what_was_held_back_can_be_released(alarmed: Place) -> None:
    assert (suppressed(alarmed), effects(alarmed)) == ([], {Effect.HELD})
    notifications.tell_due(alarmed.ctx)
    mails = [path.read_text().replace("=\n", "") for path in alarmed.mails()]
    [told] = [mail for mail in mails if "came back as undeliverable" in mail and "<report." in mail]
    assert "digest bounces release 1 --newsletter daily" in told

    done = held_bounces.release(alarmed.ctx, 1, count=held_bounces.waiting(alarmed.ctx, "1").reports)
    process(alarmed, dsn(rows(alarmed)[READERS[22]]))  # one that comes later

    assert done == 22
    assert (suppressed(alarmed), effects(alarmed)) == (READERS[:23], {Effect.SUPPRESSED})
    assert [e.kind.value for e in events.since(alarmed.ctx, 0, limit=1_000)].count("issue.released") == 1
    bounces.undo(alarmed.ctx, newest(alarmed).id)
    assert suppressed(alarmed) == READERS[:22]
    with pytest.raises(NothingToDo, match="held back"):
        held_bounces.waiting(alarmed.ctx, "1")


def test_what_was_held_back_can_be_discarded_and_counts_for_nothing(alarmed: Place) -> None:
    done = held_bounces.discard(alarmed.ctx, 1, count=22)
    process(alarmed, dsn(rows(alarmed)[READERS[0]]))

    assert done == 22
    assert (suppressed(alarmed), effects(alarmed)) == ([], {Effect.UNDONE, Effect.REPEATED})
    with pytest.raises(NothingToDo):
        held_bounces.waiting(alarmed.ctx, "1")


def test_a_newsletter_has_its_own_numbers(alarmed: Place) -> None:
    newsletters.change(alarmed.ctx, "daily", Changes(bounces="alarm=1000"))
    alarmed.clock.turn(days=1)
    publish(alarmed)

    process(alarmed, *(dsn(rows(alarmed)[address]) for address in READERS[:22]))

    assert suppressed(alarmed) == READERS[:22]


def test_after_a_complaint_a_newsletter_may_let_the_address_stay_good(place: Place) -> None:
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example"}))
    publish(place, "ann@example.org", "bob@example.org")
    newsletters.change(place.ctx, "daily", Changes(bounces="complaint=leave,hard=record"))
    ann, bob = rows(place)["ann@example.org"], rows(place)["bob@example.org"]

    process(place, dsn(bob), complaint(f"https://ledger.example.org/u/{sign(ann.subscription_id, Purpose.UNSUBSCRIBE, KEY)}"))

    assert suppressed(place) == []
    tie = subscribers.show(place.ctx, "ann@example.org").subscriptions[0]
    assert (tie.state, newest(place).effect) == (SubscriptionState.UNSUBSCRIBED, Effect.LEFT)
    undone = bounces.undo(place.ctx, newest(place).id)
    assert (undone.mailed_again, undone.subscribed_again) == (False, True)


def test_rules_are_checked_kept_and_shown(place: Place) -> None:
    with pytest.raises(BadInput, match="is no rule for bounces"):
        newsletters.change(place.ctx, "daily", Changes(bounces="scores=3"))

    newsletters.change(place.ctx, "daily", Changes(bounces="share=5%, score=2.5"))
    shown = newsletters.show(place.ctx, "daily")
    assert shown.bounce_rules == "share=5%"
    assert shown.bounce_rules_are.startswith("score=2.5,half-life=30d,span=7d,unsigned=2,alarm=20,share=5%,domain-share=20%,")

    newsletters.change(place.ctx, "daily", Changes(bounces="default"))
    assert newsletters.show(place.ctx, "daily").bounce_rules == ""
