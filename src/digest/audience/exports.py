"""
Recognise the exports of other systems by their headers, and say what those columns hold that their headers do not tell.

The table is meant to be extended; headers are written as `standing.plain` normalises them. An export that
is not in it is read by the general tables of headers all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.audience.standing import plain, spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system whose exports are recognised."""

    name: str
    signatures: Sequence[frozenset[str]]  #: of each kind of export, headers that no other system's has together
    columns: Mapping[str, str] = field(default_factory=dict)  #: by header: a field, `state`, `data` (JSON) or `ignore`
    hint: str = ""  #: what the export does not say


OWN = System(
    name="digest",
    signatures=(frozenset(spellings("address, name, language, zone, list, state, since, evidence")),),
    columns={"list": "list", "state": "state", "suppressed": "reason", "wanted": "wanted", "muted": "muted"},
)
SYSTEMS: Sequence[System] = (
    OWN,
    System(
        name="listmonk",
        signatures=(frozenset(spellings("email, name, attributes, status")),),
        columns={"attributes": "data", "status": "state"},
        hint="its status is the person's, and says nothing of single lists: whoever left only this list is `enabled`. Export those "
        "with the subscription status `unsubscribed` too, and import that file as unsubscribed.csv",
    ),
    System(
        name="Mailchimp",
        signatures=(
            frozenset(spellings("member_rating, optin_time")),
            frozenset(spellings("email address, unsub_time")),
            frozenset(spellings("email address, clean_time")),
            frozenset(spellings("email address, leid, euid")),
        ),
    ),
    System(
        name="Substack",
        signatures=(
            frozenset(spellings("email, active_subscription, email_disabled")),
            frozenset(spellings("email, active_subscription, expiry")),
            frozenset(spellings("email, stripe plan, emails received")),
        ),
        # `Type` says what somebody pays; everybody in the export is subscribed, unless `email_disabled` denies it.
        columns={"type": "ignore", "start date": "since"},
    ),
    System(
        name="Ghost",
        signatures=(
            frozenset(spellings("email, subscribed_to_emails, complimentary_plan")),
            frozenset(spellings("email, subscribed_to_emails, labels")),
        ),
    ),
    System(
        name="Buttondown",
        signatures=(
            frozenset(spellings("email_address, creation_date, type")),
            frozenset(spellings("email_address, metadata, type")),
            frozenset(spellings("email, creation_date, subscriber_type")),
        ),
        columns={"metadata": "data", "type": "state", "subscriber type": "state"},
    ),
    System(
        name="Keila",
        signatures=(frozenset(spellings("email, first name, last name, data, status")),),
        columns={"data": "data", "status": "state"},
    ),
)


def recognise(header: Sequence[str]) -> System | None:
    """Return the system whose export has this header; None if it is none of the table."""
    names = set(map(plain, header))
    return next((system for system in SYSTEMS if any(signature <= names for signature in system.signatures)), None)
