"""Every state is reachable, and only the moves of the table are allowed."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from digest.errors import Conflict
from digest.model.states import DELIVERY_MOVES, ISSUE_MOVES, SUBSCRIPTION_MOVES, DeliveryState, IssueState, move

TABLES = [ISSUE_MOVES, DELIVERY_MOVES, SUBSCRIPTION_MOVES]


@pytest.mark.parametrize("table", TABLES)
def test_every_state_has_its_row_and_can_be_reached(table: Mapping[StrEnum, frozenset[StrEnum]]) -> None:
    enum = type(next(iter(table)))
    states = set(enum)
    reached = {next(iter(enum))} | {target for targets in table.values() for target in targets}

    assert set(table) == states
    assert reached == states


def test_a_move_of_the_table_is_made() -> None:
    assert move(IssueState.DRAFT, IssueState.READY, what="issue 1") is IssueState.READY


def test_a_move_outside_the_table_names_the_thing_and_both_states() -> None:
    with pytest.raises(Conflict, match="delivery 9 is bounced; it cannot become sent"):
        move(DeliveryState.BOUNCED, DeliveryState.SENT, what="delivery 9")
