"""
Pressure on the sign-up forms: once half of a limit is used, a request must have cost its sender something.

A browser with script solves a proof of work (ALTCHA) in some seconds; one without waits a minute. Both are bound to
the list and to a time, and count once. So a flood uses up what is left for those who did neither, and turns away
nobody who did.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import altcha

from digest import log
from digest.audience import signup as rules
from digest.errors import BadInput
from digest.model.rate import Limit, parse_limit
from digest.model.tokens import challenge_key
from digest.services.context import Place
from digest.services.limiting import Counted, count_request
from digest.store.rates import Counters

ALGORITHM, COST = "PBKDF2/SHA-256", 5_000  #: iterations of one try; 256 tries on average: a second or two of a phone
CHALLENGE_LASTS = timedelta(minutes=30)
PATIENCE = timedelta(minutes=1)  #: that a visitor without script waits
PATIENT = Limit(amount=1, window=timedelta(hours=1))  #: requests without script from one network, under pressure
WITH_PROOF = 10  #: times the limits, for requests with a proof of work
LONGEST_PROOF = 4_000  #: characters; the widget's have some 700


class Paid(Enum):
    """Price that a request has cost its sender."""

    NOTHING = "nothing"
    PATIENCE = "patience"  #: the form was open for a minute
    PROOF = "proof"  #: a proof of work


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Price that a request has paid, and the key by which it counts once."""

    paid: Paid
    key: str = ""


# --- what a visitor is asked for --------------------------------------------------------------


def is_high(ctx: Place, ip: str) -> bool:
    """Return whether a visitor from this IP address is asked for a proof of work."""
    with ctx.db.read() as tx:
        return _is_high(ctx, Counters(tx, ctx.clock()), Counted(network=rules.network(ip)))


def challenge(ctx: Place, mlist: str) -> str:
    """Return a challenge for the form of a list, as JSON for the widget."""
    until = int((ctx.clock() + CHALLENGE_LASTS).timestamp())
    made = altcha.create_challenge(
        ALGORITHM, COST, data={"list": mlist, "until": until}, hmac_secret=challenge_key(ctx.settings.secret_keys[0])
    )
    return json.dumps(made.to_dict())


def effort(ctx: Place, mlist: str, proof: str, *, stamp: str, shown: datetime | None) -> Effort:
    """Return what a request for a list has paid: by a valid proof, else by the age of its form."""
    if proof and (key := _proven(ctx, mlist, proof)):
        return Effort(paid=Paid.PROOF, key=key)
    if shown is not None and ctx.clock() - shown >= PATIENCE:
        return Effort(paid=Paid.PATIENCE, key=stamp)
    return Effort(paid=Paid.NOTHING)


def _proven(ctx: Place, mlist: str, proof: str) -> str:
    """Return the signature of a solved challenge for this list; empty where it is forged, unsolved, for another list or too old."""
    if len(proof) > LONGEST_PROOF:
        return ""
    for key in ctx.settings.secret_keys:
        try:
            if not altcha.verify_solution(proof, challenge_key(key)).verified:
                continue
            solved = altcha.Payload.from_base64(proof).challenge
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):  # what the library does not foresee is no proof
            return ""
        bound = solved.parameters.data or {}
        is_fresh = bound.get("until", 0) > ctx.clock().timestamp()
        return str(solved.signature) if is_fresh and bound.get("list") == mlist else ""
    return ""


# --- what a request counts --------------------------------------------------------------------


def check(ctx: Place, counted: Counted, made: Effort) -> None:
    """Refuse a request that has paid nothing under pressure, before it takes a lock. Raises BadInput (`proof_needed`)."""
    if made.paid is not Paid.NOTHING:
        return
    with ctx.db.read() as tx:
        if _is_high(ctx, Counters(tx, ctx.clock()), counted):
            raise _needed()


def count(ctx: Place, counters: Counters, counted: Counted, made: Effort) -> None:
    """
    Count a request against the limits, within its transaction; where it raises, the transaction keeps no count.

    Raises:
        BadInput: it must have paid, and has not, or not for itself (`proof_needed`).
        TooMany: the network, the domain, or all together ask too often.
    """
    if not _is_high(ctx, counters, counted):
        count_request(ctx, counters, counted)
        return
    if made.paid is Paid.NOTHING or counters.add(f"paid/{made.key}", rules.SLOWEST) > 1:
        raise _needed()
    if made.paid is Paid.PROOF:
        count_request(ctx, counters, counted, times=WITH_PROOF)
        return
    if not counters.hit(PATIENT, "patient", counted.network or "unknown"):
        raise _needed()
    count_request(ctx, counters, counted)


def _needed() -> BadInput:
    log.get().warning("signup.pressed")
    return BadInput("a proof of work is asked for at the moment", code="proof_needed")


def _is_high(ctx: Place, counters: Counters, counted: Counted) -> bool:
    """Return whether half of a limit is used."""
    chosen = ctx.settings.limits_of_signups
    counts = [(parse_limit(chosen[name]), name, key) for name, key in counted.keys.items() if key and name in chosen]
    return any(counters.count(limit, name, key) * 2 >= limit.amount for limit, name, key in counts)
