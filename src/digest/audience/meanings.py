"""Say in words how a file of people was read: what its columns hold, and what its name says of everybody."""

from collections.abc import Mapping

from digest.audience.columns import Layout
from digest.audience.standing import Says


def said_of_everybody(found: Layout) -> str:
    """Return the statement that the file's name makes, as a sentence; empty if it makes none."""
    return f"by its name, everybody in it is {found.everybody.name.lower()}" if found.everybody else ""


#: Meanings of fields in words; of others, their names.
_MEANINGS: Mapping[str, str] = {
    "first": "first name",
    "last": "last name",
    "zone": "time zone",
    "since": "evidence: when they joined",
    "origin": "evidence: from where",
    "confirmed": "evidence: when they confirmed",
    "confirmed_from": "evidence: from where they confirmed",
    "evidence": "evidence",
    "reason": "why the address is never mailed",
    "tags": "tags: topics of the newsletter are wanted ones",
    "wanted": "wanted topics",
    "muted": "topics that never come",
}


def meanings(found: Layout) -> Mapping[str, str]:
    """Return what the columns that are read hold, in words, by header."""
    fields = {place: _MEANINGS.get(field, field) for field, places in found.fields.items() for place in places}
    states = {column.place: _STATES[column.says] for column in found.states}
    data = {found.data: "JSON: name, language, zone and tags are read"} if found.data is not None else {}
    return {found.header[place].strip(): said for place, said in sorted({**fields, **states, **data}.items())}


_STATES: Mapping[Says, str] = {
    Says.WORD: "state",
    Says.SUBSCRIBED: "state: subscribed if true",
    Says.CONFIRMED: "state: unconfirmed unless true",
    Says.UNCONFIRMED: "state: unconfirmed if true",
    Says.LEFT: "state: left if true or a date",
    Says.SUPPRESSED: "state: never mailed if true, a date or a reason",
}
