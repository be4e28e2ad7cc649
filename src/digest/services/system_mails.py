"""System mails that are handed over one by one, outside the ledger: how a relay is asked, and when it is asked again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from digest.errors import DigestError, TransportError
from digest.model import replies
from digest.model.ports import Envelope
from digest.model.replies import judge
from digest.services.context import Context
from digest.smtp.blocking import hand_over as ask

T = TypeVar("T")
BATCH = 50  #: mails that one run takes
LEASE = timedelta(minutes=2)  #: no other run takes a mail that is being handed over
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)  #: until a mail that was not taken is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result of handing a mail over."""

    is_taken: bool | None  #: False: refused for good, because of the address; None: it is to be tried again
    said: str = ""  #: the reply


def hand_over(ctx: Context, envelope: Envelope) -> Outcome:
    """
    Hand a mail to the first relay that takes it; what the last one said counts where none does.

    Raises:
        TransportError: no relay answers.
    """
    outcome, down = Outcome(is_taken=None, said="there is no relay"), None
    for transport in ctx.transports:
        try:
            [answer] = ask(transport, [envelope])
        except TransportError as problem:
            down = down or problem
            continue
        verdict = judge(answer.stage, answer.reply).outcome
        is_taken = {replies.Outcome.SENT: True, replies.Outcome.BOUNCED: False}.get(verdict)
        outcome, down = Outcome(is_taken=is_taken, said=str(answer.reply or "no answer")), None
        if outcome.is_taken:
            break
    if down is not None:
        raise down
    return outcome


def hand_over_each(
    ctx: Context,
    ready: Sequence[T],
    *,
    make: Callable[[T], Envelope],
    record: Callable[[T, bool | None], None],
    log_unsent: Callable[[T, str], None],
) -> int:
    """
    Make mails, hand them over and record what became of each; return how many were taken.

    Once no relay answers, the others wait too. A mail that cannot be made is tried again: a person mends its template.
    """
    taken, is_down = 0, False
    for one in ready:
        is_taken: bool | None = None
        try:
            if not is_down:
                outcome = hand_over(ctx, make(one))
                is_taken = outcome.is_taken
                if not is_taken:
                    log_unsent(one, outcome.said)
        except DigestError as problem:
            log_unsent(one, str(problem))
            is_down = isinstance(problem, TransportError)
        record(one, is_taken)
        taken += bool(is_taken)
    return taken


def again_at(attempts: int, now: datetime) -> datetime:
    """Return the time of the next try of a mail that could not be handed over `attempts` times before."""
    return now + min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)
