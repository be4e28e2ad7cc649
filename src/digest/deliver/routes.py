"""
Several relays: each gets its share of the deliveries, and those of one that fails go to the others.

A relay that takes nothing has its circuit breaker opened: it is tried again after a back-off that doubles from five seconds to
five minutes, with one message first (half-open).
"""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.errors import TransportDown, TransportRefused
from digest.model.delivery import Claimed
from digest.model.ports import Transport

#: Where there are several relays: deliveries that wait for one, and nothing more is claimed for it; at twice as many it
#: gets none of what others want.
ROOM = 64
REST_S, LONGEST_REST_S = 5.0, 300.0


@dataclass(slots=True, eq=False)
class Route:
    """One relay in a run: its waiting deliveries, and its circuit breaker."""

    transport: Transport
    waiting: deque[Claimed] = field(default_factory=deque)
    failures: int = 0
    rests_until: float = 0.0  #: monotonic
    throttled: int = 0  #: messages in a row, over all its workers, that it answered with 4xx at MAIL
    half_open: bool = False  #: its rest is over, and one message finds out
    down: str = ""  #: what it said when it took nothing
    refused: bool = False  #: and a person must mend something before it will
    paused: bool = False  #: it is given nothing for now, since mails came back
    credit: float = 0.0
    connections: int = 1  #: that it may be given at a time: as the settings say, or fewer where it took no more
    workers: int = 0  #: that were begun and are not over
    open: int = 0  #: of those, which have a connection
    reconnecting: int = 0  #: of those, which had one that mail went over, and ask for another
    left_today: int | None = None  #: messages that its daily limit leaves; None: it has none
    allowance: int | None = None  #: messages that are reserved for it while it is in its warm-up; None: it is not
    is_spent: bool = False  #: nothing more can be reserved today

    def usable(self) -> bool:
        """Return whether it may be given a message now."""
        if self.paused or (self.left_today is not None and self.left_today <= 0) or (self.is_spent and not self.allowance):
            return False
        return not self.refused and (not self.down or (not self.half_open and time.monotonic() >= self.rests_until))

    @property
    def rests(self) -> bool:
        """True while its workers should begin nothing: the circuit breaker is open, and no message probes the relay."""
        return bool(self.down) and not self.half_open

    def take_back(self) -> Sequence[Claimed]:
        """Remove and return what waits for it: it was not given that."""
        taken = list(self.waiting)
        self.waiting.clear()
        self.refund(len(taken))
        return taken

    def refund(self, count: int) -> None:
        """Count so many messages as not given to it after all."""
        if self.allowance is not None:
            self.allowance += count

    def record_connection(self) -> None:
        """Count a connection that one of its workers has opened."""
        self.open += 1
        self.connections = max(self.connections, self.open)

    def record_success(self) -> None:
        """Close the circuit breaker: the relay answered."""
        self.throttled = 0
        if self.down:
            self.failures, self.down, self.half_open = 0, "", False

    def record_undecided(self) -> None:
        """Let another message probe the relay: the one that did got no answer."""
        self.half_open = False

    def record_failure(self, problem: TransportDown) -> None:
        """Open the circuit breaker: the relay is unavailable."""
        resting = bool(self.down) and not self.half_open and time.monotonic() < self.rests_until
        self.down, self.half_open, self.throttled = str(problem), False, 0
        self.refused = self.refused or isinstance(problem, TransportRefused)
        if resting:
            return  # other workers find out what the first one did
        self.rests_until = time.monotonic() + min(REST_S * (1 << min(self.failures, 10)), LONGEST_REST_S)
        self.failures += 1


class Routes:
    """The relays of a run. Not for two threads at once."""

    def __init__(self, transports: Sequence[Transport]) -> None:
        self.all = [Route(transport) for transport in transports]

    def assign(self, delivery: Claimed) -> bool:
        """Give a delivery to a relay, by weight; one that it was handed to before keeps it. False: none takes anything now."""
        usable = [route for route in self.all if route.usable() and route.allowance != 0]
        if not usable:
            return False
        before = delivery.relay and next((r for r in usable if r.transport.name == delivery.relay), None)
        # A relay that is stuck with what it has gets no more: it would keep all from the others.
        roomy = [route for route in usable if len(route.waiting) < 2 * ROOM] or [
            min(usable, key=lambda route: len(route.waiting))
        ]
        route = before or self._next(roomy)
        route.half_open = bool(route.down)
        if route.left_today is not None:
            route.left_today -= 1
        if route.allowance is not None:
            route.allowance -= 1
        route.waiting.append(delivery)
        return True

    def _next(self, usable: Sequence[Route]) -> Route:
        """Choose the next relay by smooth weighted round-robin."""
        if len(usable) == 1:
            return usable[0]
        for route in usable:
            route.credit += route.transport.limits.weight
        best = max(usable, key=lambda route: route.credit)
        best.credit -= sum(route.transport.limits.weight for route in usable)
        return best

    @property
    def waiting(self) -> int:
        """Deliveries that wait for a worker."""
        return sum(len(route.waiting) for route in self.all)

    def spent(self) -> bool:
        """Return whether every relay has reached its daily limit."""
        return all(route.left_today is not None and route.left_today <= 0 for route in self.all)

    def used_up(self) -> bool:
        """Return whether the warm-up of every relay leaves nothing today."""
        return all(route.is_spent and not route.allowance for route in self.all)

    def wanted(self, claim: int, low: float) -> int:
        """Return how many rows of a claim the relays want that may be given a message now and have fewer than `low` left."""
        if len(self.all) == 1:
            return claim if self.waiting < low and self.all[0].usable() else 0
        hungry = sum(len(route.waiting) < min(low, ROOM) and route.usable() for route in self.all)
        return min(claim, ROOM * hungry)

    def all_down(self) -> bool:
        """Return whether every relay is unavailable now."""
        return not any(route.usable() or route.half_open for route in self.all)
