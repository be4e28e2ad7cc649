"""The ledger's grouped statements move deliveries as the table of moves allows, from every state to every other."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from digest.model.delivery import Attempt, Delivery, Result
from digest.model.ports import Reply, Stage
from digest.model.states import DELIVERY_MOVES, DeliveryState
from digest.services import freezing, sending
from digest.services.issues import take_slot
from digest.services.selection import prepare
from digest.store import choices, claims, deliveries
from tests.support.place import Place

D = DeliveryState
States = Mapping[int, DeliveryState]
OWNER = "0123456789abcdef"


@pytest.fixture
def rows(place: Place) -> States:
    """A queued issue whose readers' deliveries are one in each state; all of them are the owner's."""
    place.readers(*(f"{state}@example.org" for state in D))
    place.drop("Something happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    issue = freezing.freeze(
        place.ctx, take_slot(place.ctx, place.daily, slot), prepare(place.ctx, place.daily, slot, now=place.clock())
    )
    sending.queue(place.ctx, issue, place.daily)
    with place.ctx.db.begin() as tx:
        for row in deliveries.listed(tx):
            row.state, row.owner, row.dated_at = D(row.address.partition("@")[0]), OWNER, place.clock()
            tx.add(row)
    return states(place)


def states(place: Place) -> States:
    with place.ctx.db.read() as tx:
        return {row.id or 0: row.state for row in deliveries.listed(tx)}


def moved(place: Place, before: States, change: Callable[[Session], object]) -> set[tuple[DeliveryState, DeliveryState]]:
    """What a change moved: (from, to)."""
    with place.ctx.db.begin() as tx:
        change(tx)
    after = states(place)
    return {(before[number], after[number]) for number in before if before[number] is not after[number]}


def allowed(moves: set[tuple[DeliveryState, DeliveryState]]) -> bool:
    return all(new in DELIVERY_MOVES[old] for old, new in moves)


@pytest.mark.parametrize("new", D)
def test_a_result_is_recorded_where_the_table_allows_it(place: Place, rows: States, new: DeliveryState) -> None:
    reply = Reply(code=250, text="x")
    results = [Result(delivery_id=number, state=new, reply=reply, at=place.clock(), relay="r") for number in rows]

    moves = moved(place, rows, lambda tx: claims.record(tx, results, owner=OWNER))

    assert moves == {(old, new) for old in (D.SENDING, D.UNSURE) if new in DELIVERY_MOVES[old]}


@pytest.mark.parametrize("new", [D.DEFERRED, D.BOUNCED, D.SKIPPED])
def test_a_result_that_cannot_be_recorded_leaves_nothing_behind(place: Place, rows: States, new: DeliveryState) -> None:
    """Its owner was taken for lost: the journal tells what became of the row when it is replayed."""
    [unsure] = [number for number, state in rows.items() if state is D.UNSURE]
    result = Result(
        delivery_id=unsure,
        state=new,
        reply=Reply(code=550, text="no"),
        at=place.clock(),
        stage=Stage.RCPT,
        attempt=True,
        suppresses=True,
    )

    with place.ctx.db.begin() as tx:
        assert claims.record(tx, [result], owner=OWNER) == 0
        assert tx.execute(sa.select(sa.func.count()).select_from(Attempt)).scalar_one() == 0
        assert sorted(claims.owned(tx, OWNER)) == sorted(n for n, state in rows.items() if state in (D.SENDING, D.UNSURE))


def test_nothing_is_recorded_for_another_owner(place: Place, rows: States) -> None:
    results = [Result(delivery_id=number, state=D.SENT, at=place.clock()) for number in rows]
    results += [replace(result, state=D.QUEUED) for result in results]

    assert moved(place, rows, lambda tx: claims.record(tx, results, owner="another")) == set()


def test_a_claim_takes_what_waits_alone(place: Place, rows: States) -> None:
    with place.ctx.db.read() as tx:
        issue_id = deliveries.listed(tx)[0].issue_id

    moves = moved(place, rows, lambda tx: claims.claim(tx, issue_id, owner="me", now=place.clock(), limit=100))

    assert moves == {(D.QUEUED, D.SENDING), (D.DEFERRED, D.SENDING)}
    assert allowed(moves)


def test_a_claim_passes_by_what_waits_alone(place: Place, rows: States) -> None:
    with place.ctx.db.begin() as tx:
        issue_id = deliveries.listed(tx)[0].issue_id
        tx.execute(sa.text("UPDATE subscription SET state = 'unsubscribed'"))

    moves = moved(place, rows, lambda tx: claims.claim(tx, issue_id, owner="me", now=place.clock(), limit=100))

    assert moves == {(D.QUEUED, D.SKIPPED), (D.DEFERRED, D.SKIPPED)}
    assert allowed(moves)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda tx, issue, ids, now: deliveries.settle_unsure(tx, ids, as_sent=True, at=now), {(D.UNSURE, D.SENT)}),
        (lambda tx, issue, ids, now: deliveries.settle_unsure(tx, ids, as_sent=False, at=now), {(D.UNSURE, D.QUEUED)}),
        (lambda tx, issue, ids, now: deliveries.retry_bounced(tx, issue, now=now), {(D.BOUNCED, D.QUEUED)}),
        (lambda tx, issue, ids, now: deliveries.retry_bounced(tx, issue, ids, now=now), {(D.BOUNCED, D.QUEUED)}),
        (lambda tx, issue, ids, now: deliveries.cancel_waiting(tx, issue), {(D.QUEUED, D.CANCELLED), (D.DEFERRED, D.CANCELLED)}),
        (lambda tx, issue, ids, now: deliveries.queue_cancelled(tx, issue, now=now), {(D.CANCELLED, D.QUEUED)}),
        (lambda tx, issue, ids, now: deliveries.give_up(tx, issue, at=now), {(D.QUEUED, D.BOUNCED), (D.DEFERRED, D.BOUNCED)}),
        (lambda tx, issue, ids, now: deliveries.try_at_once(tx, issue), set()),
    ],
    ids=[
        "settled as sent",
        "settled to be sent",
        "retried",
        "some retried",
        "cancelled",
        "reopened",
        "given up",
        "tried at once",
    ],
)
def test_a_statement_moves_what_the_table_allows(
    place: Place,
    rows: States,
    change: Callable[..., object],
    expected: set[tuple[DeliveryState, DeliveryState]],
) -> None:
    with place.ctx.db.read() as tx:
        issue_id = tx.execute(sa.select(col(Delivery.issue_id)).limit(1)).scalar_one()

    moves = moved(place, rows, lambda tx: change(tx, issue_id, list(rows), place.clock()))

    assert moves == expected
    assert allowed(moves)


@pytest.mark.parametrize("is_claimed", [True, False])
def test_no_story_of_a_wanted_topic_skips_what_was_never_claimed(place: Place, rows: States, is_claimed: bool) -> None:
    with place.ctx.db.begin() as tx:
        readers = tx.execute(sa.select(col(Delivery.subscriber_id))).scalars().all()
        issue_id = deliveries.listed(tx)[0].issue_id
        if not is_claimed:
            tx.execute(sa.update(Delivery).values(dated_at=None))

    kept = moved(place, rows, lambda tx: choices.narrow(tx, issue_id, readers, b"\x80"))
    moves = moved(place, rows, lambda tx: choices.narrow(tx, issue_id, readers, bytes(1)))

    assert kept == set()
    assert moves == (set() if is_claimed else {(D.QUEUED, D.SKIPPED)})
    assert allowed(moves)
