"""Issues with deliveries in the states that tests need."""

from sqlmodel import select

from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.services import freezing, sending
from digest.services import issues as issue_services
from digest.services.selection import prepare
from tests.support.place import Place


def queued(place: Place, *addresses: str) -> Issue:
    place.readers(*addresses)
    place.drop("Something happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    issue = issue_services.take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.clock()))
    return sending.queue(place.ctx, issue, place.daily)


def set_states(place: Place, **states: str) -> None:
    """Set states of issue 1 and of its deliveries, by hand."""
    with place.ctx.db.engine.begin() as connection:
        for number, state in enumerate(states.get("deliveries", "").split(), start=1):
            connection.exec_driver_sql(f"UPDATE delivery SET state = '{state}', owner = NULL WHERE id = {number}")
        connection.exec_driver_sql(f"UPDATE issue SET state = '{states.get('issue', 'sending')}' WHERE id = 1")


def rows_of(place: Place) -> dict[int, str]:
    with place.ctx.db.read() as tx:
        return {one.id: one.state.value for one in tx.exec(select(Delivery))}
