"""
The warm-up of a run's relays: what each may still be given today is reserved in the transaction of a claim.

So the limit of a day holds exactly, whichever processes send at the same time. What was reserved and is not used is given
back at the end; a process that is killed loses it for the day, at most a claim. A message counts on the day of its claim.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest.deliver.routes import Route, Routes
from digest.model.ports import Clock
from digest.model.warmup import Standing, day_of, shares
from digest.store import warmups
from digest.store.engine import Database


def warm_up(db: Database, routes: Routes, *, zone: ZoneInfo, clock: Clock) -> "WarmUp | None":
    """Return the warm-up of these relays, whose days are counted in a time zone; None where none has any, or has one left."""
    schedules = {route.transport.name: route.transport.limits.warmup for route in routes.all if route.transport.limits.warmup}
    if not schedules:
        return None
    with db.read() as tx:
        found = warmups.standings(tx, schedules, day=day_of(clock(), zone))
    left = {standing.relay for standing in found if not standing.is_over}
    return WarmUp(routes, left, zone) if left else None


class WarmUp:
    """The relays of a run that are in their warm-up."""

    def __init__(self, routes: Routes, names: Collection[str], zone: ZoneInfo) -> None:
        self._routes = routes
        self._zone = zone
        self._day = ""
        self._standings: Mapping[str, Standing] = {}
        self._reserved: Mapping[str, int] = {}  #: in the transaction that is open
        for route in routes.all:
            route.allowance = 0 if route.transport.name in names else None

    def reserve(self, tx: Session, wanted: int, now: datetime) -> int:
        """Reserve messages for a claim of so many rows; return how many may be claimed. `keep` them once that is committed."""
        self._begin_day(day_of(now, self._zone))
        usable = [route for route in self._routes.all if route.usable()]
        if not usable:
            return wanted  # nobody takes them, and they go back
        warm = {route.transport.name: route for route in usable if route.allowance is not None}
        schedules = {name: route.transport.limits.warmup for name, route in warm.items()}
        self._standings = {one.relay: one for one in warmups.locked(tx, schedules, day=self._day)} if warm else {}
        rest = sum(route.transport.limits.weight for route in usable if route.allowance is None)
        in_hand = {name: route.allowance or 0 for name, route in warm.items()}
        self._reserved = shares(
            wanted,
            in_hand=in_hand,
            left={name: one.left for name, one in self._standings.items()},
            weights={name: route.transport.limits.weight for name, route in warm.items()},
            rest=rest,
        )
        for name, count in self._reserved.items():
            if count:
                warmups.give(tx, name, day=self._day, count=count)
        return wanted if rest else min(wanted, sum(self._reserved.values()) + sum(in_hand.values()))

    def keep(self) -> None:
        """Use what was reserved: the transaction is committed. Called with the lock of the buffer held."""
        for route in self._warm():
            name = route.transport.name
            if name in self._reserved:
                route.allowance = (route.allowance or 0) + self._reserved[name]
                route.is_spent = self._standings[name].left <= self._reserved[name]
        self._reserved = {}

    def give_back(self, tx: Session) -> None:
        """Give back what no message was given."""
        for route in self._warm():
            if route.allowance:
                warmups.give(tx, route.transport.name, day=self._day, count=-route.allowance)
                route.allowance = 0

    def _warm(self) -> Sequence[Route]:
        return [route for route in self._routes.all if route.allowance is not None]

    def _begin_day(self, day: str) -> None:
        """Carry nothing over into another day."""
        if day != self._day:
            for route in self._warm():
                route.allowance, route.is_spent = 0, False
            self._day = day
