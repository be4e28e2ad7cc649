"""System mails that are handed over one by one, outside the ledger: how a relay is asked, and when it is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import TransportError
from digest.model.ports import Envelope
from digest.services.context import Context
from digest.smtp.blocking import hand_over as ask

BATCH = 50  #: mails that one run takes
LEASE = timedelta(minutes=2)  #: no other run takes a mail that is being handed over
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)  #: until a mail that was not taken is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result of handing a mail over."""

    is_taken: bool | None  #: False: refused for good; None: it is to be tried again
    said: str = ""  #: the reply


def hand_over(ctx: Context, envelope: Envelope) -> Outcome:
    """
    Hand a mail to the first relay that answers.

    Raises:
        TransportError: no relay answers.
    """
    down: TransportError | None = None
    for transport in ctx.transports:
        try:
            [answer] = ask(transport, [envelope])
        except TransportError as problem:
            down = problem
            continue
        if answer.reply is not None and answer.reply.code // 100 in (2, 5):
            return Outcome(is_taken=answer.reply.code // 100 == 2, said=str(answer.reply))
        return Outcome(is_taken=None, said=str(answer.reply or "no answer"))
    if down is not None:
        raise down
    return Outcome(is_taken=None, said="there is no relay")


def again_at(attempts: int, now: datetime) -> datetime:
    """Return the time of the next try of a mail that could not be handed over `attempts` times before."""
    return now + min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)
