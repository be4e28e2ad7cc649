"""A person decides about reports that an alarm has held back: all that were shown or none, and each can be taken back."""

from dataclasses import replace

import pytest

from digest.errors import Conflict
from digest.model.bounce import Effect
from digest.model.states import DeliveryState
from digest.services import bounce_pages, bounces, events, held_bounces, suppressions
from tests.support.bounced import dsn, process, publish, rows
from tests.support.events import Stopped, nothing_committed
from tests.support.place import Place

ADDRESSES = [f"r{n}@{'old' if n % 5 else 'new'}.example" for n in range(30)]


@pytest.fixture
def held(place: Place) -> Place:
    """A place of whose 30 mails all came back."""
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, *ADDRESSES)
    process(place, *(dsn(row) for row in rows(place).values()))
    return place


def effects(place: Place) -> dict[Effect, int]:
    found = [line.effect for line in bounces.listed(place.ctx)]
    return {effect: found.count(effect) for effect in set(found)}


def suppressed(place: Place) -> list[str]:
    return sorted(str(entry.address) for entry in suppressions.every(place.ctx))


def test_what_waits_is_counted_by_domain(held: Place) -> None:
    assert bounce_pages.held_of(held.ctx, 1).domains == {"new.example": 6, "old.example": 24}
    assert suppressed(held) == []


def test_addresses_that_a_person_believes_to_be_gone_are_suppressed_and_can_be_taken_back(held: Place) -> None:
    assert held_bounces.release(held.ctx, 1, count=30) == 30

    assert effects(held) == {Effect.SUPPRESSED: 30}
    assert suppressed(held) == sorted(ADDRESSES)
    first = bounces.listed(held.ctx)[-1]
    assert bounces.undo(held.ctx, first.id).mailed_again
    assert suppressed(held) == sorted(set(ADDRESSES) - {first.address})


def test_reports_that_a_person_dismisses_blame_nobody_later(held: Place) -> None:
    assert held_bounces.discard(held.ctx, 1, count=30) == 30

    assert effects(held) == {Effect.UNDONE: 30}
    assert suppressed(held) == []
    held.clock.turn(days=1)
    publish(held)
    assert {row.state for row in rows(held).values()} == {DeliveryState.SENT}


def test_one_domain_alone_can_be_decided_about(held: Place) -> None:
    held_bounces.release(held.ctx, 1, domain="old.example", count=24)

    assert bounce_pages.held_of(held.ctx, 1).domains == {"new.example": 6}
    assert effects(held) == {Effect.SUPPRESSED: 24, Effect.HELD: 6}


@pytest.mark.parametrize(("domain", "count"), [("", 29), ("old.example", 30), ("nowhere.example", 30)])
def test_another_number_than_was_shown_changes_nothing(held: Place, domain: str, count: int) -> None:
    with pytest.raises(Conflict):
        held_bounces.release(held.ctx, 1, domain=domain, count=count)

    assert effects(held) == {Effect.HELD: 30}


def test_batches_that_a_kill_interrupts_go_on_where_they_were(held: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_bounces, "BATCH", 7)
    with nothing_committed(held.ctx.db), pytest.raises(Stopped):
        held_bounces.discard(held.ctx, 1, count=30)

    assert effects(held) == {Effect.HELD: 30}
    held_bounces.discard(held.ctx, 1, count=30)
    assert effects(held) == {Effect.UNDONE: 30}


def test_who_decided_stands_in_the_events(held: Place) -> None:
    before = events.since(held.ctx, 0, limit=1_000)[-1].id
    held_bounces.release(held.ctx, 1, domain="new.example", count=6)

    found = events.since(held.ctx, before, limit=1_000)
    assert [(event.kind.value, event.actor) for event in found] == [("suppression.added", held.ctx.actor)] * 6 + [
        ("issue.released", held.ctx.actor)
    ]
