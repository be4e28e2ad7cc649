"""
Every state, one true sentence each, and every move that is allowed, in one table.

`move` is the only way a state changes in Python; the ledger's grouped SQL repeats the old
state in its WHERE and is tested against the same table (tests/store/test_moves.py).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from digest.errors import Conflict


class SourceKind(StrEnum):
    """Kind of a source."""

    FEED = "feed"  #: RSS, Atom, RDF or JSON Feed
    PAGE = "page"  #: one web page that is an article
    FOLDER = "folder"  #: files that people drop


class RuleKind(StrEnum):
    """Effect of an editorial rule on the stories that it matches."""

    BOOST = "boost"  #: their score is raised by its weight
    REQUIRE = "require"  #: nothing else is printed
    MUTE = "mute"  #: they are not printed


class IssueState(StrEnum):
    """State of an issue."""

    DRAFT = "draft"  #: its slot is taken; what it prints is not yet decided
    READY = "ready"  #: picks and renditions are frozen, the number is given
    SENDING = "sending"  #: every reader of the issue has a delivery
    SENT = "sent"  #: no delivery is queued, sending, deferred or unsure
    SKIPPED = "skipped"  #: nothing was printed for this slot; the reason is kept
    HELD = "held"  #: a person must look; the reason is kept
    CANCELLED = "cancelled"  #: a person called it off


class DeliveryState(StrEnum):
    """State of a delivery: one issue to one subscriber."""

    QUEUED = "queued"  #: to be sent
    SENDING = "sending"  #: claimed by an owner
    SENT = "sent"  #: the next hop answered 250
    DEFERRED = "deferred"  #: the server said later; `next_at` says when
    BOUNCED = "bounced"  #: it came back or was refused for good
    UNSURE = "unsure"  #: the content was ended and no answer is on record (RFC 1047)
    SKIPPED = "skipped"  #: not to be sent to this reader; the reason is kept
    CANCELLED = "cancelled"  #: its issue was called off before it went


class SubscriptionState(StrEnum):
    """State of a subscription: one subscriber's membership of one list."""

    PENDING = "pending"  #: asked for, not yet confirmed
    ACTIVE = "active"  #: gets the list's issues
    UNSUBSCRIBED = "unsubscribed"  #: left; only the person can return


class ListAccess(StrEnum):
    """Access to a list: the people who may put an address on it."""

    CLOSED = "closed"  #: admins alone
    PUBLIC = "public"  #: anybody, who then confirms by mail (double opt-in)
    SINGLE = "single"  #: anybody, without a confirmation (single opt-in); who had left before confirms


class ArchiveAccess(StrEnum):
    """Access to a newsletter's archive: the people who may read it."""

    OFF = "off"  #: nobody: there is none
    SUBSCRIBERS = "subscribers"  #: active subscribers, by the link to the web view in any of their mails
    PUBLIC = "public"  #: everybody, and search engines


class ApprovalPolicy(StrEnum):
    """Approval that an issue of a newsletter needs before it goes out."""

    NONE = "none"  #: none
    OPTIONAL = "optional"  #: approvers are asked; it goes out unless one holds it
    REQUIRED = "required"  #: approvers are asked; without an answer it does as the newsletter says


class Silence(StrEnum):
    """Effect of silence where an approval is required."""

    HOLD = "hold"  #: the issue is held
    SEND = "send"  #: the issue goes out


class Skip(StrEnum):
    """Reason that a delivery was skipped."""

    SUPPRESSED = "suppressed"  #: the address must never be mailed
    LEFT = "left"  #: the subscription is no longer active
    PAUSED = "paused"  #: the reader wants no mail for some time
    TOPICS = "topics"  #: no story has a topic that the reader wants
    WITHDRAWN = "withdrawn"  #: every story that the reader would get was withdrawn
    ADDRESS = "address"  #: the address cannot stand in a mail
    NEWER = "newer"  #: it waited for the warm-up of a relay until the reader got a newer issue


class Form(StrEnum):
    """Form in which a story is published: how much of it."""

    TOP = "top"  #: the lead of the issue: large headline, picture, full summary
    FULL = "full"  #: headline, summary, publisher
    BRIEF = "brief"  #: headline and publisher on one line


_I, _D, _S = IssueState, DeliveryState, SubscriptionState

ISSUE_MOVES: Mapping[IssueState, frozenset[IssueState]] = {
    _I.DRAFT: frozenset({_I.READY, _I.SKIPPED, _I.HELD, _I.CANCELLED}),
    _I.SKIPPED: frozenset({_I.DRAFT}),  # a manual send
    _I.READY: frozenset({_I.SENDING, _I.HELD, _I.CANCELLED}),
    _I.SENDING: frozenset({_I.SENT, _I.HELD, _I.CANCELLED}),
    # draft: nothing was claimed yet, rendered anew; ready: it is approved as it was frozen
    _I.HELD: frozenset({_I.DRAFT, _I.READY, _I.SENDING, _I.CANCELLED}),
    _I.SENT: frozenset({_I.SENDING}),  # a person has what bounced sent again
    _I.CANCELLED: frozenset({_I.DRAFT, _I.SENDING}),  # a person reopens it; draft: nothing was queued yet
}
DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    # unsure: restored from a backup, after which it may have gone
    _D.QUEUED: frozenset({_D.SENDING, _D.SKIPPED, _D.BOUNCED, _D.CANCELLED, _D.UNSURE}),
    _D.SENDING: frozenset({_D.SENT, _D.DEFERRED, _D.BOUNCED, _D.UNSURE, _D.SKIPPED, _D.QUEUED}),
    _D.DEFERRED: frozenset({_D.SENDING, _D.BOUNCED, _D.SKIPPED, _D.CANCELLED, _D.UNSURE}),
    _D.UNSURE: frozenset({_D.SENT, _D.QUEUED}),  # settled by a person or the stated policy
    _D.SENT: frozenset({_D.BOUNCED}),  # a later report
    _D.BOUNCED: frozenset({_D.QUEUED}),  # a person has it sent again
    _D.SKIPPED: frozenset(),
    _D.CANCELLED: frozenset({_D.QUEUED}),  # its issue was reopened
}
SUBSCRIPTION_MOVES: Mapping[SubscriptionState, frozenset[SubscriptionState]] = {
    _S.PENDING: frozenset({_S.ACTIVE}),
    _S.ACTIVE: frozenset({_S.UNSUBSCRIBED}),
    _S.UNSUBSCRIBED: frozenset({_S.PENDING, _S.ACTIVE}),  # only the person; active: they take it back soon after
}
#: An issue in one of these has shown its picks to nobody: its stories count as not printed.
UNPRINTED = frozenset({_I.DRAFT, _I.SKIPPED, _I.CANCELLED})
#: A delivery in one of these still has its outcome to come.
OPEN = frozenset({_D.QUEUED, _D.SENDING, _D.DEFERRED, _D.UNSURE})

State = TypeVar("State", bound=StrEnum)  # PEP 695 needs 3.12

_MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    IssueState: ISSUE_MOVES,  # type: ignore[dict-item]  # Mapping is invariant in its key
    DeliveryState: DELIVERY_MOVES,  # type: ignore[dict-item]
    SubscriptionState: SUBSCRIPTION_MOVES,  # type: ignore[dict-item]
}


def move(old: State, new: State, *, what: str) -> State:
    """
    Return `new` if the table allows the move; `what` names the thing for the message.

    Raises:
        Conflict: the table does not allow it.
    """
    if new not in _MOVES[type(old)][old]:
        raise Conflict(f"{what} is {old}; it cannot become {new}")
    return new
