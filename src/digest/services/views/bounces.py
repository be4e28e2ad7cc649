"""Views of what came back."""

from datetime import datetime

from digest.model.bounce import Effect, Proof
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
