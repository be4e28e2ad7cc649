"""The ledger hands each row out once, and to nobody who left."""

from digest.model.delivery import Result
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState, Skip
from digest.model.subscriber import Suppression
from digest.services import freezing, sending
from digest.services import issues as issue_services
from digest.services.selection import prepare
from digest.store import claims, deliveries, subscribers
from tests.support.deliveries import queued
from tests.support.place import Place


def test_two_owners_never_claim_the_same_row(place: Place) -> None:
    issue = queued(place, *(f"r{i}@example.org" for i in range(10)))

    with place.ctx.db.begin() as tx:
        first, _ = claims.claim(tx, issue.id, owner="one", now=place.clock(), limit=6)
    with place.ctx.db.begin() as tx:
        second, _ = claims.claim(tx, issue.id, owner="two", now=place.clock(), limit=6)

    assert len(first) == 6
    assert len(second) == 4
    assert not {c.delivery_id for c in first} & {c.delivery_id for c in second}


def test_a_claim_passes_by_who_left_and_who_is_suppressed(place: Place) -> None:
    issue = queued(place, "stays@example.org", "leaves@example.org", "never@example.org")
    with place.ctx.db.begin() as tx:
        leaver = subscribers.get(tx, "leaves@example.org")
        mlist = subscribers.get_list(tx, "readers")
        tie = subscribers.subscription(tx, mlist.id, leaver.id)
        assert tie is not None
        subscribers.leave(tx, tie, at=place.clock())
        never = subscribers.get(tx, "never@example.org")
        subscribers.suppress(tx, Suppression(address_hmac=never.address_hmac, reason="a test", made_at=place.clock()))

    with place.ctx.db.begin() as tx:
        claimed, passed = claims.claim(tx, issue.id, owner="one", now=place.clock(), limit=64)

    assert [c.address for c in claimed] == ["stays@example.org"]
    assert passed == 2
    with place.ctx.db.read() as tx:
        assert dict(deliveries.reasons(tx, issue.id)) == {Skip.LEFT: 1, Skip.SUPPRESSED: 1}


def test_a_result_counts_only_from_the_owner_of_the_row(place: Place) -> None:
    issue = queued(place, "a@example.org")
    with place.ctx.db.begin() as tx:
        claimed, _ = claims.claim(tx, issue.id, owner="one", now=place.clock(), limit=1)
    ids = [c.delivery_id for c in claimed]

    with place.ctx.db.begin() as tx:
        sent = [Result(delivery_id=i, state=DeliveryState.SENT, reply="250", at=place.clock()) for i in ids]
        assert claims.record(tx, sent, owner="two") == 0
        assert claims.record(tx, sent, owner="one") == 1
        assert claims.record(tx, sent, owner="one") == 0


def test_queueing_again_writes_no_second_row(place: Place) -> None:
    issue = queued(place, "a@example.org", "b@example.org")
    with place.ctx.db.begin() as tx:
        stored = tx.get_one(Issue, issue.id)
        stored.state = IssueState.READY

    sending.queue(place.ctx, stored, place.daily)

    with place.ctx.db.read() as tx:
        assert deliveries.counts(tx, issue.id) == {DeliveryState.QUEUED: 2}


def test_who_joins_after_the_freeze_gets_the_next_issue(place: Place) -> None:
    place.readers("early@example.org")
    place.drop("Something happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    issue = issue_services.take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.clock()))
    place.clock.turn(seconds=1)
    place.readers("late@example.org")

    sending.queue(place.ctx, issue, place.daily)

    with place.ctx.db.read() as tx:
        assert [d.address for d in deliveries.listed(tx)] == ["early@example.org"]
