"""What a dead owner left is settled by its journal."""

import pytest

from digest.deliver.journal import Journal
from digest.deliver.recover import recover
from digest.model.states import DeliveryState
from digest.store import claims, deliveries
from tests.conftest import Place
from tests.store.test_deliveries import queued

D = DeliveryState


def abandoned(place: Place, lines: bytes, *, journal: bool = True) -> int:
    """An issue of four rows, claimed by an owner who died after writing `lines` (%d: the first row's number)."""
    issue = queued(place, *(f"r{i}@example.org" for i in range(4)))
    living = Journal(place.ctx.journals)
    with place.ctx.db.begin() as tx:
        claimed, _ = claims.claim(tx, issue.id or 0, owner="gone", now=place.clock(), limit=4)
    head = living.path.read_bytes()
    living.close(settled=True)
    if journal:
        first = claimed[0].delivery_id
        (place.ctx.journals / "gone").write_bytes(
            head + lines.replace(b"%d", str(first).encode()).replace(b"%e", str(first + 1).encode())
        )
    return issue.id or 0


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


def test_without_its_journal_everything_claimed_is_unsure(place: Place) -> None:
    issue_id = abandoned(place, b"", journal=False)

    recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock)

    assert states(place, issue_id) == {D.UNSURE: 4}


def test_a_living_owner_keeps_its_claims(place: Place) -> None:
    issue = queued(place, "a@example.org")
    living = Journal(place.ctx.journals)
    with place.ctx.db.begin() as tx:
        claims.claim(tx, issue.id or 0, owner=living.owner, now=place.clock(), limit=4)

    assert recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock) == 0
    assert states(place, issue.id or 0) == {D.SENDING: 1}
    living.close(settled=True)
