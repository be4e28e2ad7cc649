"""The directory of people, as the admin pages show it: who is found, a page at a time, and what is done with all of them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from digest.audience import exporter
from digest.errors import BadInput
from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscriber
from digest.services import newsletters, topics
from digest.services.context import Place
from digest.services.subscribers import Selection, understood
from digest.store import directory, exports, subscribers
from digest.store.directory import Query, Wanted

SHOWN = 50  #: people on a page
PART = 2_000  #: people of a part of an export
SUPPRESSED = "suppressed"  #: beside the states of subscriptions: the address is never mailed
STATES = (*(state.value for state in SubscriptionState), SUPPRESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Selection):
    """Choice of people, as a person types it; `state` may be `suppressed`, too."""

    text: str = ""  #: how an address, a name or a last name begins; after an @, how a domain begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A person with their subscriptions."""

    person: Subscriber
    ties: Sequence[tuple[str, SubscriptionState]]  #: the list's name and the state
    is_suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of people, newest first."""

    entries: Sequence[Entry]
    count: int | None  #: of all who are found; None: too many to count at each look
    is_cut: bool  #: so many begin with the text that only some of them are looked at
    more_before: int | None  #: the number before which the next page begins; None: this is the last one
    languages: Sequence[str]  #: that people have
    topics: Sequence[str]  #: that lists offer to choose


def page(ctx: Place, search: Search, *, before: int | None = None) -> Page:
    """Return the people who are found, those with a number below `before`. Raises NotFound, or BadInput."""
    with ctx.db.read() as tx:
        query = _query(ctx, tx, search)
        found = directory.page(tx, query, before=before, limit=SHOWN + 1)
        shown = found[:SHOWN]
        return Page(
            entries=_entries(tx, shown),
            count=directory.count(tx, query) if query.is_counted else None,
            is_cut=query.is_cut,
            more_before=shown[-1].id if len(found) > SHOWN else None,
            languages=directory.languages(tx),
            topics=_topics(tx),
        )


def count(ctx: Place) -> int:
    """Return how many people there are, on whatever list."""
    with ctx.db.read() as tx:
        return subscribers.count(tx)


def _topics(tx: Session) -> Sequence[str]:
    """Return the topics of all lists, each in its first spelling, in order."""
    found = {topic.casefold(): topic for mlist in subscribers.lists(tx) for topic in topics.offered(tx, mlist.id)}
    return [found[key] for key in sorted(found)]


def _entries(tx: Session, people: Sequence[Subscriber]) -> Sequence[Entry]:
    ties: dict[int, list[tuple[str, SubscriptionState]]] = {person.id: [] for person in people}
    for number, mlist, state in directory.ties(tx, list(ties)):
        ties[number].append((mlist, state))
    never = directory.suppressed(tx, [person.address_hmac for person in people])
    return [Entry(person=p, ties=ties[p.id], is_suppressed=p.address_hmac in never) for p in people]


def found(ctx: Place, search: Search, *, limit: int) -> Sequence[int]:
    """Return the numbers of the people who are found, newest first; `limit` of them at most. Raises NotFound, or BadInput."""
    with ctx.db.read() as tx:
        return directory.ids(tx, _query(ctx, tx, search), limit=limit)


def csv_of(ctx: Place, search: Search, *, before: int | None) -> tuple[str, int | None]:
    """
    Return a part of an export of the people who are found, and the number before which the next one begins; None at the end.

    It begins with the names of the columns where `before` is None. Raises NotFound, or BadInput.
    """
    text = io.StringIO()
    with ctx.db.read() as tx:
        numbers = directory.ids(tx, _query(ctx, tx, search), before=before, limit=PART)
        # Of each person only the subscriptions that were asked for, as `subscribers export` does it.
        chosen = replace(understood(tx, _without_suppressed(search), newsletters.zone_of_all(ctx)), numbers=numbers)
        exporter.write(exports.exported(tx, chosen), text, has_header=before is None)
    return text.getvalue(), numbers[-1] if len(numbers) == PART else None


def _without_suppressed(search: Search) -> Search:
    return replace(search, state="") if search.state == SUPPRESSED else search


def _query(ctx: Place, tx: Session, search: Search) -> Query:
    if search.state and search.state not in STATES:
        raise BadInput(f"{search.state!r} is no state; there are {', '.join(STATES)}", code="bad_state")
    chosen = understood(tx, _without_suppressed(search), newsletters.zone_of_all(ctx))
    wanted = Wanted(
        text=" ".join(search.text.split()),
        mlist_id=chosen.mlist_id,
        state=chosen.state,
        is_suppressed=search.state == SUPPRESSED,
        languages=_with_regions(tx, chosen.language),
        domain=chosen.domain,
        topic=chosen.topic,
        since=chosen.since,
        until=chosen.until,
    )
    return directory.plan(tx, wanted)


def _with_regions(tx: Session, language: str) -> Sequence[str]:
    """Return a language as people have it: `pt` with `pt-BR`."""
    if not language:
        return ()
    return [language, *(tag for tag in directory.languages(tx) if tag.startswith(f"{language}-"))]
