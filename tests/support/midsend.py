"""An issue in the middle of its send."""

from digest.model.delivery import Result
from digest.model.issue import Issue
from digest.model.ports import Reply
from digest.model.states import DeliveryState
from digest.services import deliveries as delivery_services
from digest.services import freezing, issues, sending
from digest.services.selection import prepare
from digest.store import claims, deliveries
from digest.store import issues as stored_issues
from tests.support.place import Place

GONE = "0123456789abcdef"  #: an owner
WRONG, RIGHT = "Three ships arrive", "Two ships arrive"


def queued(place: Place, *addresses: str) -> Issue:
    """An issue of two stories, the first of them wrong, that waits for these readers."""
    place.readers(*addresses)
    place.drop(WRONG, "Zoo opens")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    issue = issues.take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.clock()))
    return sending.queue(place.ctx, issue, place.daily)


def hand_over(place: Place, issue: Issue, *states: DeliveryState) -> list[int]:
    """Claim a delivery for each of these states, which is then its outcome; `sending`: it stays in hand. Return their numbers."""
    with place.ctx.db.begin() as tx:
        claimed, _ = claims.claim(tx, issue.id, owner=GONE, now=place.clock(), limit=len(states))
        reply = Reply(code=250, text="ok")
        claims.record(
            tx,
            [
                Result(delivery_id=c.delivery_id, state=state, reply=reply, at=place.clock(), next_at=place.clock())
                for c, state in zip(claimed, states, strict=True)
                if state is not DeliveryState.SENDING
            ],
            owner=GONE,
        )
    return [one.delivery_id for one in claimed]


def story(place: Place, issue: Issue, headline: str = WRONG) -> int:
    """The number of a story of an issue."""
    found = issues.details(place.ctx, issue.id).stories
    return next(int(one["story_id"]) for one in found if one["headline"] == headline)


def finish(place: Place, issue: Issue) -> None:
    """Send what is left of an issue."""
    with place.ctx.db.read() as tx:
        now = stored_issues.get(tx, issue.id)
    sending.finish(place.ctx, place.daily, now, resumed=True)


def mail(place: Place, number: int) -> str:
    """The mail of a delivery, soft line breaks undone."""
    return delivery_services.mail(place.ctx, number).decode().replace("=\r\n", "")


def by_address(place: Place, issue: Issue) -> dict[str, tuple[DeliveryState, int]]:
    """How the deliveries of an issue stand, and their versions, by the name in the address."""
    with place.ctx.db.read() as tx:
        found = deliveries.listed(tx, issue_id=issue.id, limit=None)
    return {one.address.partition("@")[0]: (one.state, one.version) for one in found}
