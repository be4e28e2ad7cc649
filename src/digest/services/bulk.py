"""One change for many people at once: a batch a transaction, each person as by themselves, and how many it was made for."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from sqlmodel import Session

from digest.audience import pauses
from digest.audience.fields import one_line
from digest.errors import BadInput, Conflict, NotFound, NothingToDo
from digest.model.subscriber import Subscriber
from digest.services import pausing, subscriptions, suppressions
from digest.services.context import Place
from digest.store import directory, subscribers

MOST = 2_000  #: people of one change
BATCH = 100  #: people a transaction


class Act(StrEnum):
    """Change that can be made for many people."""

    JOIN = "join"  #: they get on a list
    LEAVE = "leave"  #: they get off a list
    PAUSE = "pause"  #: nothing is mailed to them before a day
    SUPPRESS = "suppress"  #: they are never mailed again


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change with what it needs."""

    act: Act
    mlist: str = ""  #: of `join` and `leave`
    words: str = ""  #: how they agreed (`join`), or why (`suppress`)
    until: date | None = None  #: of `pause`


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome of a change: for how many people it was made, and why it was not for the others."""

    done: int
    left_out: Mapping[str, int]  #: by the code of the reason

    @property
    def total(self) -> int:
        """Number of the people."""
        return self.done + sum(self.left_out.values())


def apply(ctx: Place, change: Change, numbers: Sequence[int]) -> Outcome:
    """
    Make a change for people by number. Whom it cannot be made for stays as they are, and is counted.

    Raises:
        BadInput: the change lacks something or has something wrong, or they are more than MOST.
        NotFound: there is no such list.
    """
    if len(numbers) > MOST:
        raise BadInput(f"a change is for {MOST} people at most", code="too_many_people")
    one = _change_of(ctx, change)
    left_out: Counter[str] = Counter()
    done = 0
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        with ctx.db.begin() as tx:
            people = directory.by_ids(tx, batch)
            left_out["gone"] += len(batch) - len(people)
            for person in people:
                try:
                    one(tx, person)
                    done += 1
                except (BadInput, Conflict, NothingToDo, NotFound) as problem:
                    left_out[problem.code] += 1
    return Outcome(done=done, left_out={code: count for code, count in left_out.items() if count})


def _change_of(ctx: Place, change: Change) -> Callable[[Session, Subscriber], None]:
    """Return what changes one person. Raises BadInput, or NotFound."""
    words = one_line(change.words)
    if change.act in (Act.JOIN, Act.LEAVE):
        with ctx.db.read() as tx:
            mlist = subscribers.get_list(tx, change.mlist).name
        if change.act is Act.LEAVE:
            return partial(_leave, ctx, mlist)
        if not words:
            raise BadInput("say how these people agreed; it is kept as evidence", code="no_consent")
        return partial(_join, ctx, mlist, words)
    if change.act is Act.SUPPRESS:
        return partial(_suppress, ctx, words or "by an admin")
    if change.until is None or pauses.problem(change.until, today=ctx.clock().astimezone(ctx.settings.zone).date()):
        raise BadInput("the day until which nothing is mailed is after today, and within a year", code="bad_pause")
    return partial(_pause, ctx, change.until)


def _join(ctx: Place, mlist: str, consent: str, tx: Session, person: Subscriber) -> None:
    subscriptions.join(ctx, tx, person, mlist, consent=consent)


def _leave(ctx: Place, mlist: str, tx: Session, person: Subscriber) -> None:
    if subscriptions.end(ctx, tx, person, mlist) is None:
        raise NothingToDo(f"they had left {mlist}", code="had_left")


def _suppress(ctx: Place, reason: str, tx: Session, person: Subscriber) -> None:
    suppressions.suppress(ctx, tx, person, reason=reason)


def _pause(ctx: Place, until: date, tx: Session, person: Subscriber) -> None:
    pausing.pause(ctx, tx, person, until)
