"""Views of what came back."""

from datetime import datetime

from digest.model.bounce import Effect, Proof
from digest.model.pause import PauseKind
from digest.services.views import View


class BounceLine(View):
    """Statement of one returned mail about one recipient."""

    id: int
    at: datetime
    address: str  #: empty once the person is erased
    domain: str
    verdict: str
    reason: str
    status: str
    reply: str
    action: str
    sentence: str
    proof: Proof
    effect: Effect
    delivery_id: int | None
    undone_at: datetime | None
    newsletter: str | None
    timezone: str | None


class BounceDetails(BounceLine):
    """Statement of one returned mail about one recipient, with how it came."""

    via: str  #: `mailbox`, or the mail provider whose webhook posted it


class ProcessedView(View):
    """Result of reading a mailbox of mails that came back."""

    mails: int
    known: int
    bounces: int
    complaints: int
    auto_replies: int
    requests: int  #: to unsubscribe, by a mail to the address of List-Unsubscribe
    others: int
    suppressed: int
    unsubscribed: int
    held_back: int


class UndoneView(View):
    """Result of taking back the effect of a report."""

    address: str
    mailed_again: bool
    subscribed_again: bool


class PostedView(View):
    """Result of what a mail provider posted."""

    events: int  #: that say something of a delivery
    taken: int
    known: int  #: posted before
    foreign: int  #: about no delivery of ours


class PauseView(View):
    """Pause of a recipient domain or a relay."""

    kind: PauseKind
    name: str
    began_at: datetime
    until: datetime
    times: int  #: pauses, one soon after another
    reason: str
