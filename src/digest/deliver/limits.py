"""Observed limits of relays: connections at a time, messages a connection. Remembered for two days, then probed again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest import log
from digest.deliver.routes import Route, Routes
from digest.model.relay import RelayLimits
from digest.store import relays
from digest.store.engine import Database

REMEMBERED = timedelta(days=2)
Seen = tuple[int, int]  #: connections, messages a connection (0 = any number)


def recall(db: Database, routes: Routes, *, connections: int, now: datetime) -> Sequence[Seen]:
    """
    Set the limits of each relay in a run, and return them: as in its URL (else `connections`), or as observed lately, if that is less.
    """
    with db.read() as tx:
        for route in routes.all:
            limits, known = route.transport.limits, relays.known(tx, route.transport.name, since=now - REMEMBERED)
            route.connections = _least(limits.connections or connections, known.connections if known else 0)
            route.transport.messages = _least(limits.messages, known.messages if known else 0)
    return [_seen(route) for route in routes.all]


def remember(db: Database, routes: Routes, before: Sequence[Seen], *, now: datetime) -> None:
    """Store and log the limits that this run has observed beyond `before`, except those of a relay that then failed."""
    for route, old in zip(routes.all, before, strict=True):
        if route.down or _seen(route) == old:
            continue
        connections, messages = _seen(route)
        name = route.transport.name
        log.get().warning(
            "relay.limited",
            relay=name,
            connections=connections,
            messages=messages or "any number",
            remedy=f"?connections={connections}{f'&messages={messages}' if messages else ''} in its URL says so from the start",
        )
        with db.begin() as tx:
            relays.keep(tx, RelayLimits(name=name, connections=connections, messages=messages, seen_at=now))


def _seen(route: Route) -> Seen:
    return route.connections, route.transport.messages


def _least(*limits: int) -> int:
    """Return the least of several limits; 0 = no limit."""
    return min((limit for limit in limits if limit), default=0)
