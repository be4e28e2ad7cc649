"""
Rates of sending: to each relay as its URL says, to each family of recipient domains as its replies allow.

A family that says "too fast" is given nothing for a while and half as much afterwards; a tenth
comes back an hour. What cannot go now goes back to the queue with its own time: nothing waits in
a thread for a domain. Shared by all runs of a process, and divided by the processes that live.
"""

import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.model.metric import OTHER
from digest.model.pause import FIRST, LONGEST
from digest.model.ports import Reply
from digest.model.replies import Cause, Verdict

#: Domains whose mail the same servers take; `*` stands for any ending.
FAMILIES: Mapping[str, str] = {
    "gmail.com": "gmail",
    "googlemail.com": "gmail",
    "yahoo.*": "yahoo",
    "ymail.com": "yahoo",
    "rocketmail.com": "yahoo",
    "aol.*": "yahoo",
    "outlook.*": "outlook",
    "hotmail.*": "outlook",
    "live.*": "outlook",
    "msn.com": "outlook",
    "icloud.com": "apple",
    "me.com": "apple",
    "mac.com": "apple",
    "gmx.*": "gmx",
    "web.de": "gmx",
}
BURST = timedelta(seconds=1)  #: so much earlier than its turn a message may go
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  #: doubling while it goes on
BLOCKS = 5  #: a family refuses us when it has so many times, and taken nothing in between
FIRST_BLOCK, LONGEST_BLOCK = FIRST, LONGEST
#: Providers that say how long (Yahoo's error codes).
NAMED_PAUSE = ((re.compile(r"\bTSS04\b"), timedelta(hours=2)), (re.compile(r"\bTSS05\b"), timedelta(hours=4)))
LEAST, RECOVERY = 0.02, 0.1  #: of the pace: what is always left, what comes back in an hour
SEEN = timedelta(seconds=60)  #: the pace of a family without a limit is what it took in the last minute
KEPT = 1_000  #: domains that may be known before idle ones are forgotten


@dataclass(slots=True)
class _Gcra:
    """Rate limiter with a gap between messages (GCRA)."""

    next_at: datetime | None = None
    reserved_to: datetime | None = None

    def take_or_reserve(self, gap: timedelta, now: datetime) -> datetime | None:
        """Take the next slot and return None if a message may go now; else reserve a later slot and return its time."""
        if self.next_at is None or self.next_at <= now + BURST:
            self.next_at = max(self.next_at or now, now) + gap
            return None
        self.reserved_to = max(self.reserved_to or self.next_at, self.next_at) + gap
        return self.reserved_to


@dataclass(slots=True)
class _Family:
    """The pace of one family of domains."""

    limit: float  #: messages a second as configured; 0 = none
    turn: _Gcra = field(default_factory=_Gcra)
    taken: deque[datetime] = field(default_factory=lambda: deque(maxlen=10_000))
    factor: float = 1.0
    base: float = 0.0  #: what `factor` is a part of, where there is no limit
    recovered_at: datetime | None = None
    paused_until: datetime | None = None
    pauses: int = 0
    blocks: int = 0  #: refusals of us, one after another

    def rate(self, now: datetime) -> float:
        """Messages a second; 0 = as many as there are."""
        if self.recovered_at is not None and self.factor < 1.0:
            self.factor = min(1.0, self.factor + RECOVERY * (now - self.recovered_at) / timedelta(hours=1))
            self.recovered_at = now
        return (self.limit or self.base) * self.factor if self.limit or self.factor < 1.0 else 0.0

    def take(self, now: datetime) -> None:
        """Count a message; only those of the last minute are kept."""
        self._drop_old(now)
        self.taken.append(now)

    def is_idle(self, now: datetime) -> bool:
        """Return whether a new one would be the same: no pause, no complaint, nothing taken in the last minute."""
        self._drop_old(now)
        times = (self.paused_until, self.turn.next_at, self.turn.reserved_to)
        is_free = all(time is None or time <= now for time in times)
        return is_free and not self.taken and self.factor == 1.0 and not self.pauses and not self.blocks

    def _drop_old(self, now: datetime) -> None:
        while self.taken and self.taken[0] < now - SEEN:
            self.taken.popleft()

    def slow_down(self, now: datetime, pause: timedelta) -> None:
        self._drop_old(now)
        if not self.limit and self.factor == 1.0:
            self.base = max(len(self.taken) / SEEN.total_seconds(), 0.1)
        self.factor = max(LEAST, self.factor / 2)
        self.recovered_at = now
        self.paused_until = max(self.paused_until or now, now + pause)


class Pace:
    """The pace of one process."""

    def __init__(self, rates: Mapping[str, float] | None = None, families: Mapping[str, str] | None = None) -> None:
        """`rates`: messages a second by family or domain. `families`: domain → family, before those that are built in."""
        self.workers = 1  #: processes that share the limits
        self._rates = rates or {}
        self._families = {**FAMILIES, **(families or {})}
        self.labels = (*sorted({*self._families.values(), *self._rates}), OTHER)  #: all that `label` returns
        self._known: dict[str, _Family] = {}  #: by family, and by domain
        self._most = KEPT  #: of them, before idle ones are forgotten
        self._relays: dict[str, float] = {}  #: when each takes its next message
        self._held: Mapping[str, datetime] = {}  #: until when a family is given nothing, for what came back
        self._lock = threading.Lock()

    def family(self, domain: str) -> str:
        """Return the family of a domain; a domain without one is its own."""
        domain = domain.lower()
        return self._families.get(domain) or self._families.get(f"{domain.partition('.')[0]}.*") or domain

    def label(self, domain: str) -> str:
        """Return the family of a domain, or the domain where a rate is set for it; OTHER for all others, so that metrics know few."""
        family = self.family(domain)
        return family if family in self.labels else OTHER

    def admit(self, domain: str, now: datetime) -> datetime | None:
        """Return None if a message to this domain may go now, else the time at which it may."""
        with self._lock:
            if self._held and (until := self._held.get(self.family(domain))):
                return until
            if len(self._known) >= self._most:
                self._known = {name: family for name, family in self._known.items() if not family.is_idle(now)}
                self._most = max(KEPT, 2 * len(self._known))  # so that a sweep costs each message next to nothing
            family = self._of(domain)
            if family.paused_until is not None and now < family.paused_until:
                return family.paused_until
            rate = family.rate(now)
            later = family.turn.take_or_reserve(timedelta(seconds=self.workers / rate), now) if rate else None
            if later is None:
                family.take(now)
            return later

    def record_reply(self, domain: str, verdict: Verdict, reply: Reply, now: datetime) -> bool:
        """Slow down where a reply says that we are too fast; return whether the domain is paused for it."""
        if verdict.cause not in (Cause.RATE, Cause.BLOCKED):
            return False
        with self._lock:
            family = self._of(domain)
            if family.paused_until is not None and now < family.paused_until:
                return True  # it answers what was in flight when the first one came
            family.blocks += verdict.cause is Cause.BLOCKED
            if verdict.cause is Cause.BLOCKED and family.blocks < BLOCKS:
                return False  # a few readers' own servers may have something against us
            named = next((pause for sign, pause in NAMED_PAUSE if sign.search(reply.text)), None)
            first, longest = (FIRST_BLOCK, LONGEST_BLOCK) if verdict.cause is Cause.BLOCKED else (FIRST_PAUSE, LONGEST_PAUSE)
            usual = min(first * (1 << family.pauses), longest)
            family.pauses = min(family.pauses + 1, 10)
            family.slow_down(now, named or usual)
            return True

    def record_acceptance(self, domain: str) -> None:
        """Forget earlier complaints of a domain, since it took a message."""
        with self._lock:
            family = self._of(domain)
            family.pauses = family.blocks = 0

    def hold(self, until: Mapping[str, datetime]) -> None:
        """Give these families nothing until then, and all others what they are given otherwise."""
        with self._lock:
            self._held = until

    def forget(self) -> None:
        """End all pauses: a person has corrected the cause of the complaints."""
        with self._lock:
            self._known.clear()

    def relay(self, name: str, rate: int, now: float) -> float:
        """Return how many seconds from `now` (monotonic) a message has to wait for a relay that takes `rate` a second."""
        with self._lock:
            mine = max(self._relays.get(name, now), now)
            self._relays[name] = mine + self.workers / rate
            return mine - now

    def _of(self, domain: str) -> _Family:
        found = self._known.get(domain)
        if found is None:
            name = self.family(domain)
            limit = self._rates.get(domain.lower(), self._rates.get(name, 0.0))
            found = self._known[domain] = self._known.setdefault(name, _Family(limit))
        return found
