"""The time of the next try of a deferred message."""

import hashlib
from datetime import datetime, timedelta

from digest.model.replies import Cause

FIRST = timedelta(minutes=10)  #: greylisting lets the same message in after 5 to 15 minutes
LONGEST = timedelta(hours=4)


def next_try(*, tries: int, cause: Cause, delivery_id: int, now: datetime) -> datetime:
    """
    Return the time after a wait that doubles from ten minutes to four hours (RFC 5321 4.5.4.1), with a tenth of jitter;
    greylisting is given three short ones first.

    The spread comes from the delivery's number, so that a thousand deferred at once do not
    return at once, and the same delivery always gets the same answer.
    """
    doublings = min(max(0, tries - 2) if cause is Cause.GREYLIST else tries, 10)
    wait = min(FIRST * (1 << doublings), LONGEST)
    spread = hashlib.sha256(f"{delivery_id} {tries}".encode()).digest()[0] / 255  # 0 … 1
    return now + wait * (0.9 + 0.2 * spread)
