"""What a dead owner left is settled by its journal."""

from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from digest.deliver import heartbeat
from digest.deliver.journal import Journal
from digest.deliver.recover import recover
from digest.model.delivery import Attempt
from digest.model.ports import Reply, Stage
from digest.model.states import DeliveryState
from digest.store import claims, deliveries, owners
from tests.support.deliveries import queued
from tests.support.place import Place

D = DeliveryState


GONE = "0123456789abcdef"


def abandoned(place: Place, lines: bytes, *, journal: bool = True) -> int:
    """An issue of four rows, claimed by an owner who died after writing `lines` (%d: the first row's number)."""
    issue = queued(place, *(f"r{i}@example.org" for i in range(4)))
    living = Journal(place.ctx.journals)
    with place.ctx.db.begin() as tx:
        claimed, _ = claims.claim(tx, issue.id, owner=GONE, now=place.clock(), limit=4)
    head = living.path.read_bytes()
    living.close(settled=True)
    if journal:
        first = claimed[0].delivery_id
        (place.ctx.journals / GONE).write_bytes(
            head + lines.replace(b"%d", str(first).encode()).replace(b"%e", str(first + 1).encode())
        )
    return issue.id


def states(place: Place, issue_id: int) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issue_id))


@pytest.mark.parametrize(
    ("repeatable", "expected"), [(False, {D.SENT: 1, D.UNSURE: 1, D.QUEUED: 2}), (True, {D.SENT: 1, D.QUEUED: 3})]
)
def test_answered_is_sent_ended_is_unsure_the_rest_goes_back(
    place: Place, repeatable: bool, expected: dict[DeliveryState, int]
) -> None:
    issue_id = abandoned(place, b"i %d\na %d end 250 2.0.0 ok\ni %e\n")

    assert recover(place.ctx.db, place.ctx.journals, repeatable=repeatable, clock=place.clock) == 4
    assert states(place, issue_id) == expected
    assert not list(place.ctx.journals.iterdir())


def test_what_is_resent_though_it_may_have_arrived_stays_on_record(place: Place) -> None:
    issue_id = abandoned(place, b"i %d\na %d end 250 2.0.0 ok\ni %e\n")

    recover(place.ctx.db, place.ctx.journals, repeatable=False, resend=True, clock=place.clock)

    assert states(place, issue_id) == {D.SENT: 1, D.QUEUED: 3}
    with place.ctx.db.read() as tx:
        [attempt] = tx.exec(select(Attempt)).all()
        tries = {row.id: row.tries for row in deliveries.listed(tx)}
    assert (attempt.stage, attempt.code) == (Stage.END, None)
    assert set(tries.values()) == {0}, "who was perhaps never tried is a first try still: such hold an issue that all refuse"


def test_without_its_journal_everything_claimed_is_unsure(place: Place) -> None:
    issue_id = abandoned(place, b"", journal=False)

    recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock)

    assert states(place, issue_id) == {D.UNSURE: 4}


def test_a_living_owner_keeps_its_claims(place: Place) -> None:
    issue = queued(place, "a@example.org")
    living = Journal(place.ctx.journals)
    with place.ctx.db.begin() as tx:
        claims.claim(tx, issue.id, owner=living.owner, now=place.clock(), limit=4)

    assert recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock) == 0
    assert states(place, issue.id) == {D.SENDING: 1}
    living.close(settled=True)


def test_another_machines_owner_is_lost_when_it_is_silent_and_its_journal_still_tells_when_it_comes_back(
    place: Place, tmp_path: Path
) -> None:
    elsewhere = Journal(tmp_path / "elsewhere")
    issue = queued(place, *(f"r{i}@example.org" for i in range(4)))
    with place.ctx.db.begin() as tx:
        owners.begin(tx, elsewhere.owner, place=elsewhere.place, now=place.clock())
        claimed, _ = claims.claim(tx, issue.id, owner=elsewhere.owner, now=place.clock(), limit=4)
    pen = elsewhere.writer()
    pen.intent(claimed[0].delivery_id)
    pen.answer(claimed[0].delivery_id, Stage.END, Reply(code=250, text="ok"))
    pen.intent(claimed[1].delivery_id)
    here = partial(recover, place.ctx.db, repeatable=False, clock=place.clock)

    assert here(place.ctx.journals) == 0  # it may well live
    place.clock.turn(seconds=61)
    assert here(place.ctx.journals) == 4
    assert states(place, issue.id) == {D.UNSURE: 4}
    assert here(place.ctx.journals) == 0
    elsewhere.close(settled=False)
    assert here(tmp_path / "elsewhere") == 4

    assert states(place, issue.id) == {D.SENT: 1, D.UNSURE: 1, D.QUEUED: 2}


def test_what_a_person_settled_is_not_changed_by_a_journal_that_comes_back(place: Place, tmp_path: Path) -> None:
    elsewhere = Journal(tmp_path / "elsewhere")
    issue = queued(place, "a@example.org")
    with place.ctx.db.begin() as tx:
        owners.begin(tx, elsewhere.owner, place=elsewhere.place, now=place.clock())
        [claimed], _ = claims.claim(tx, issue.id, owner=elsewhere.owner, now=place.clock(), limit=4)
    place.clock.turn(seconds=61)
    recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock)
    with place.ctx.db.begin() as tx:
        deliveries.settle_unsure(tx, [claimed.delivery_id], as_sent=True, at=place.clock())
    elsewhere.close(settled=False)

    assert recover(place.ctx.db, tmp_path / "elsewhere", repeatable=False, clock=place.clock) == 0
    assert states(place, issue.id) == {D.SENT: 1}


def test_a_process_that_was_suspended_ends_no_content(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(place.ctx.journals)
    beating = heartbeat.Heartbeat(place.ctx.db, journal.owner, place=journal.place, clock=place.clock)
    assert beating.fresh()
    monkeypatch.setattr(heartbeat, "LIMIT_S", 0.0)

    assert not beating.fresh()
    journal.close(settled=True)
