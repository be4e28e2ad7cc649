"""Deliveries, answers and relays for unit tests of the parts of a run."""

from collections.abc import Sequence
from typing import Any

from digest.deliver.buffer import ClaimBuffer
from digest.deliver.pace import Pace
from digest.deliver.results import Finished, Judged, Rules, judged
from digest.deliver.routes import Route, Routes
from digest.deliver.run import RunState
from digest.model.delivery import Claimed
from digest.model.issue import GIVE_UP
from digest.model.ports import Answer, Limits, Reply, Stage
from digest.services import freezing, sending
from digest.services.issues import take_slot
from digest.services.selection import prepare
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import subscribers
from tests.support.place import TUESDAY, Place

RULES = Rules(repeatable=False, resend=False, give_up_at=TUESDAY + GIVE_UP)


def claimed(number: int, *, domain: str = "example.org", tries: int = 0, relay: str = "") -> Claimed:
    return Claimed(
        delivery_id=number,
        subscription_id=number,
        rendition_id=1,
        address=f"r{number}@{domain}",
        name="",
        key_id="k",
        picks=b"",
        dated_at=TUESDAY,
        tries=tries,
        relay=relay,
    )


def some(count: int, *, first: int = 1) -> Sequence[Claimed]:
    return [claimed(number) for number in range(first, first + count)]


def answered(delivery: Claimed, text: str, stage: Stage = Stage.RCPT) -> Finished:
    """A delivery whose message got this reply: `550 5.1.1 no such user`."""
    code, enhanced, words = text.split(" ", 2)
    reply = Reply(code=int(code), enhanced=enhanced, text=words)
    return Finished(
        delivery=delivery, answer=Answer(delivery_id=delivery.delivery_id, stage=stage, reply=reply, relay="a:25", seconds=0.5)
    )


def silent(delivery: Claimed, stage: Stage) -> Finished:
    """A delivery whose message got no reply."""
    return Finished(delivery=delivery, answer=Answer(delivery_id=delivery.delivery_id, stage=stage, reply=None))


def decided(finished: Finished) -> Judged:
    return judged(finished, RULES, now=TUESDAY)


def transport(host: str = "a", **limits: Any) -> Smtp:
    """A relay that nobody connects to."""
    return Smtp(Relay(scheme="smtp", host=host, port=25, limits=Limits(**limits)), helo="test")


def buffer_of(
    *transports: Smtp, run: RunState | None = None, pace: Pace | None = None
) -> tuple[ClaimBuffer, list[Route], list[str]]:
    """A buffer, its routes, and a list that grows with each wake-up of the workers."""
    woken: list[str] = []
    routes = Routes(transports or (transport(),))
    buffer = ClaimBuffer(routes, pace or Pace(), run or RunState(), clock=lambda: TUESDAY, wake=lambda: woken.append("woken"))
    return buffer, list(routes.all), woken


def queued(place: Place, *addresses: str) -> int:
    """A queued issue for these readers; its number in the database."""
    place.readers(*addresses)
    place.drop("Something happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    taken = take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, taken, prepare(place.ctx, place.daily, slot, now=place.clock()))
    sending.queue(place.ctx, issue, place.daily)
    return issue.id or 0


def leave(place: Place, address: str) -> None:
    """A reader leaves all lists."""
    with place.ctx.db.begin() as tx:
        person = subscribers.get(tx, address)
        for subscription, _ in subscribers.subscriptions_of(tx, person.id or 0):
            subscribers.leave(tx, subscription, at=place.clock())
