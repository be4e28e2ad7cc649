"""Kinds of personal data that are kept for a stated time, and no longer."""

from enum import StrEnum


class Kind(StrEnum):
    """Kind of data that is removed when its time is over."""

    ATTEMPTS = "attempts"  #: failed tries of deliveries, with what the server said
    IPS = "ips"  #: IP addresses in evidence of consent; the evidence stays
    PENDING = "pending"  #: people who were imported unconfirmed and never confirmed
    DEPARTED = "departed"  #: people who have left every list; a keyed hash stays
    EVENTS = "events"  #: recorded events that no person is behind
    AUDIT = "audit"  #: those that a person is behind
