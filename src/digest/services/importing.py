"""A file's way into a list, a batch a transaction: what imports and syncs share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

from sqlmodel import Session

from digest.audience.fields import instant
from digest.audience.files import ListFile
from digest.audience.importer import (
    Opened,
    Outcome,
    Person,
    RejectsWriter,
    Report,
    Run,
    batches,
    describe,
    good_rows,
    judge,
)
from digest.audience.rows import Row, rows
from digest.model.event import EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import
from digest.model.tokens import address_hmac
from digest.services import events, topics
from digest.services.context import Place
from digest.store import imports, subscribers
from digest.store.imports import Change, Known, NewSubscriber, NewSubscription

Progress = Callable[[int, int], None]  #: called with the lines of a batch, and with all lines of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The lines of a file that go into one list."""

    file: ListFile
    mlist: str  #: name of the list; empty: the only one
    own: bool = False  #: only the lines that name this list, of digest's own export


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of reading files, and of what is done with them."""

    columns: Mapping[str, str] = field(default_factory=dict)  #: fields by header, beyond the tables
    encoding: str = ""  #: empty: detected
    consent: str = ""  #: kept as evidence where given
    dry_run: bool = False  #: only say what would happen
    overwrites: bool = False  #: change the names, languages and zones that are known; else only fill those that are empty


@dataclass(slots=True)
class Seen:
    """People of earlier batches, by the hash of their address key: 80 MB for a million of them."""

    #: of a dry run, all: their state, and whether they would be suppressed by now
    states: dict[int, tuple[SubscriptionState | None, bool]] = field(default_factory=dict)
    keys: set[int] = field(default_factory=set)  #: else: who was known before
    whole: bool = False  #: `keys` has everybody


def run(
    ctx: Place,
    opened: Opened,
    part: Part,
    options: Options,
    *,
    seen: Seen | None = None,
    rejects: TextIO | None = None,
    on_progress: Progress = lambda _count, _total: None,
) -> tuple[Run, Report]:
    """
    Import a file into a list, a batch a transaction; a dry run only reads. Rejected lines are written to `rejects`.

    The import is finished with `finish`.

    Raises:
        BadInput: the file was changed meanwhile and is no list any more.
        NotFound: there is no such list.
    """
    layout, only = opened.layout, part.mlist if part.own else ""
    report = describe(opened)
    this = _begin(ctx, part, options)
    report.import_id = this.made.id
    writer = RejectsWriter(rejects, layout) if rejects else None
    seen = seen or Seen()
    total = layout.lists[only] if only else layout.lines
    for batch, _ in batches(rows(opened.table, layout, mlist=only)):
        good = good_rows(batch, report, writer)
        hmacs = {row.address.key: address_hmac(row.address.key, ctx.settings.pepper) for row in good}
        if options.dry_run:
            _dry_run(ctx, this, good, hmacs, seen, report)
        else:
            _import_batch(ctx, this, good, hmacs, seen, report)
        on_progress(len(batch), total)
    return this, report


def finish(ctx: Place, this: Run, report: Report, *, ended: int = 0) -> None:
    """Store that an import came to its end, with the counts; `ended`: subscriptions that a sync ended."""
    with ctx.db.begin() as tx:
        made = _counted(tx, this, report)
        made.ended, made.finished_at = ended, ctx.clock()
        counts = {outcome.value: count for outcome, count in report.counts.items() if count} | ({"ended": ended} if ended else {})
        facts: dict[str, Any] = {"file": made.file, "lines": report.lines, "rejected": report.rejected, **counts}
        events.record(ctx, tx, EventKind.IMPORT_FINISHED, made, **facts)


def _begin(ctx: Place, part: Part, options: Options) -> Run:
    """Store that an import begins; a dry run only looks whether the list is there."""
    with ctx.db.read() if options.dry_run else ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, part.mlist)
        known = {topic.casefold(): topic for topic in topics.offered(tx, mlist.id)}
        made = Import(mlist_id=mlist.id, file=str(part.file), made_at=ctx.clock())
        if not options.dry_run:
            tx.add(made)
            tx.flush()
            events.record(ctx, tx, EventKind.IMPORT_STARTED, made, file=made.file)
    now = made.made_at
    at = f"{now:%Y-%m-%d %H:%M}"
    return Run(made=made, consent=options.consent, now=now, at=at, overwrites=options.overwrites, topics=known)


def _dry_run(ctx: Place, this: Run, good: Sequence[Row], hmacs: Mapping[str, str], seen: Seen, report: Report) -> None:
    """Decide one batch and store nothing."""
    with ctx.db.read() as tx:
        known = _known(tx, this, hmacs)
        never = imports.suppressed(tx, hmacs.values())
    for key, hmac in hmacs.items():
        if (earlier := seen.states.get(hash(key))) is not None:
            known[key] = Known(state=earlier[0])
            never |= {hmac: False} if earlier[1] else {}
    for key, person in judge(this, good, report, hmacs=hmacs, known=known, never=never).items():
        seen.states[hash(key)] = _SHARED[person.state, person.suppressing is not None or hmacs[key] in never]


#: One value for all people alike, so that a million of them take no memory.
_SHARED = {(state, never): (state, never) for state in (None, *SubscriptionState) for never in (False, True)}


def _known(tx: Session, this: Run, keys: Mapping[str, str]) -> dict[str, Known]:
    """Return the known people of a batch; whom a sync took off counts as never subscribed for the next one."""
    known = imports.known(tx, this.made.mlist_id, list(keys))
    if this.overwrites:
        ended = {k.subscription_id: key for key, k in known.items() if k.state is SubscriptionState.UNSUBSCRIBED}
        for number in imports.taken_off(tx, [number for number in ended if number is not None]):
            known[ended[number]] = known[ended[number]]._replace(state=None)
    return known


def _import_batch(ctx: Place, this: Run, good: Sequence[Row], hmacs: Mapping[str, str], seen: Seen, report: Report) -> None:
    """Decide and store one batch, and count in `report` what became of each line."""
    with ctx.db.begin() as tx:
        known = _known(tx, this, hmacs)
        never = imports.suppressed(tx, hmacs.values())
        named = {key for key, facts in known.items() if facts.import_id == this.made.id or hash(key) in seen.keys}
        seen.keys.update(map(hash, hmacs if seen.whole else known))
        people = judge(this, good, report, hmacs=hmacs, known=known, never=never, named=named)
        _store(tx, this, people, hmacs)
        _counted(tx, this, report)


def _counted(tx: Session, this: Run, report: Report) -> Import:
    """Return the stored import, with the counts so far."""
    made = tx.merge(this.made)
    made.added, made.changed = report.counts[Outcome.ADDED], report.counts[Outcome.CHANGED]
    made.rejected = report.rejected
    return made


def _store(tx: Session, run: Run, people: Mapping[str, Person], hmacs: Mapping[str, str]) -> None:
    moving = {key: person for key, person in people.items() if person.state is not person.known.state}
    new = [
        NewSubscriber(p.row.address.text, key, hmacs[key], p.row.name, p.row.language, p.row.zone)
        for key, p in moving.items()
        if p.known.subscriber_id is None
    ]
    numbers = imports.add_people(tx, new, run.made)
    added, moved = [], []
    for key, person in moving.items():
        if person.known.subscription_id is None:
            added.append(_new(person, person.known.subscriber_id or numbers[key], run))
        else:
            moved.append(_change(person, person.known.subscription_id, run))
    imports.add_subscriptions(tx, added, run.made)
    imports.change_subscriptions(tx, moved, run.made)
    imports.change_people(tx, [(p.known, p.facts) for p in people.values() if p.facts], run.made)
    imports.add_suppressions(tx, [_suppression(p.suppressing, hmacs[key], run) for key, p in people.items() if p.suppressing])


def _new(person: Person, number: int, run: Run) -> NewSubscription:
    assert person.state is not None
    made_at = min(person.row.since or run.now, run.now)
    active_at = made_at if person.state is SubscriptionState.ACTIVE else None
    left_at = _left_at(person, run) if person.state is SubscriptionState.UNSUBSCRIBED else None
    return NewSubscription(
        number, person.state, run.evidence(person.row), made_at, active_at, left_at, *run.choice(person.row).stored
    )


def _change(person: Person, number: int, run: Run) -> Change:
    assert person.state is not None
    left = person.state is SubscriptionState.UNSUBSCRIBED  # by their own will, there: an undo does not bring them back
    at = _left_at(person, run) if left else run.now
    return Change(number, person.state, at, run.evidence(person.row), reversible=not left)


def _suppression(row: Row, hmac: str, run: Run) -> dict[str, Any]:
    reason = row.reason if row.never else f"{row.statement} ({run.made.file}, line {row.line})"[:300]
    return {"address_hmac": hmac, "address": row.address.text, "reason": reason, "made_at": run.now}


def _left_at(person: Person, run: Run) -> datetime:
    """Return when the person left: the time that the file gives, unless it is still to come."""
    told = instant(person.row.statement.cell)
    return told if told and told <= run.now else run.now
