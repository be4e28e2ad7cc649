"""The commands of a message, and messages in flight (RFC 5321 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from digest.model.ports import Envelope, Stage
from digest.smtp.handshake import OpenRelay


class Step(Enum):
    """A part of a message that the server replies to."""

    RESET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "the content's end"


STAGES = {Step.RESET: Stage.MAIL, Step.MAIL: Stage.MAIL, Step.RCPT: Stage.RCPT, Step.DATA: Stage.CONTENT}
NEEDS_250 = (Step.RESET, Step.MAIL, Step.RCPT)  #: a 250 to one of these changes nothing
LONE_DOT = b".\r\n"  #: ends a content
RSET, DATA = (Step.RESET, b"RSET\r\n"), (Step.DATA, b"DATA\r\n")


@dataclass(slots=True, eq=False)
class InFlight:
    """A message that has begun and has no answer yet."""

    envelope: Envelope
    began: float
    open: bool = False  #: the relay waits for its content
    ended: bool = False  #: its content's end may have left
    answered: bool = False  #: the first refusal counts, whatever is said behind it


def opening(relay: OpenRelay, envelope: Envelope) -> Sequence[tuple[Step, bytes]]:
    """Return MAIL and RCPT of a message."""
    mail = f"MAIL FROM:<{envelope.sender}>"
    if relay.offers("SIZE"):
        mail += f" SIZE={len(envelope.content)}"
    if not envelope.recipient.isascii():
        mail += " BODY=8BITMIME SMTPUTF8"  # its To has the address as it is (RFC 6531 3.6)
    return (Step.MAIL, f"{mail}\r\n".encode()), (Step.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode())
