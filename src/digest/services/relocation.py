"""
Relocation: all rows of a place go into another database, of the other kind or the same, and are used there from then on.

1. The source is closed: no other process has it open, and a record in it turns away whoever comes later.
2. The target, which was empty, gets a record that it is unfinished, and then the rows, table by table, by their keys.
3. Both are read again and compared, row by row.
4. The source records that it was moved, and only then the target that it is whole.

So there is no instant at which both could be used. A process that is killed leaves both closed; the next one finds in the target
what is there already, and goes on behind it: nothing changes in a source that is closed.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest

from digest.errors import BadInput, Conflict, NothingToDo, StoreError
from digest.model.event import EventKind
from digest.model.relocation import Relocation, Side
from digest.model.states import DeliveryState
from digest.model.words import counted
from digest.services import events, sending, setup
from digest.services.backups import Progress, no_progress, refuse_filled
from digest.services.context import Context, Place, check_pepper
from digest.services.views.backups import MoveCancelledView, MovedView
from digest.settings import checks, variable
from digest.store import copying, deliveries, relocation, schema
from digest.store.engine import Database, resolve, shown

HELD_S = 5.0  #: how long a command that has the file open may still take
CLOSED = ("database_moving", "database_moved")  #: codes of a source that a relocation has closed
WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
RETURNED = "used again after its rows were moved to {other}: its mail may have gone from there"


def move(ctx: Context, *, to: str, on_progress: Progress = no_progress) -> MovedView:
    """
    Copy every row into an empty database, compare both, and close this one; or go on with what an earlier call began.

    Where the settings are those of `.env`, it names the new database afterwards. What a killed process had in hand is settled
    before. Deliveries that are queued stay so: nothing can go out meanwhile.

    Raises:
        BadInput: `to` is no URL of a database.
        NothingToDo: the rows are there already.
        Conflict: another process uses this database; the other one is not empty; or it is being moved elsewhere.
        StoreError: one of them cannot be used, has rows that the other cannot store, or they differ in the end.
    """
    url = _address(ctx, to)
    _settle(ctx)
    ctx.db.close()
    with _held(ctx.db.url) as source, _held(url) as target:
        _prepare(target)
        resumed, is_done = _begin(ctx, source, target)
        if not is_done:
            advance = _advance(source, on_progress)
            _copy(source, target, advance)
            _compare(source, target, advance)
            _end(ctx, source, target)
        with target.read() as tx:
            rows = sum(copying.count(tx, name) for name in copying.kept())
            waiting = sum(deliveries.count_in(tx, state) for state in WAITING)
            unsure = deliveries.count_in(tx, DeliveryState.UNSURE)
    return MovedView(
        source=shown(ctx.db.url),
        target=shown(url),
        rows=rows,
        waiting=waiting,
        unsure=unsure,
        resumed=resumed,
        settings_written=setup.write_setting(ctx.settings.home, variable("database_url"), to),
    )


def cancel(ctx: Place) -> MoveCancelledView:
    """
    Use a database again that a relocation has closed; what was copied is left where it is.

    If its rows were moved, mail may have gone from the other database since: the open deliveries of issues that were being sent
    become unsure, as after a restore.

    Raises:
        NothingToDo: no relocation has closed it.
        Conflict: another process is moving it.
        StoreError: it cannot be used.
    """
    try:
        schema.check(ctx.db)
    except StoreError as problem:
        if problem.code not in CLOSED:
            raise
    ctx.db.close()
    with _held(ctx.db.url) as source:
        with source.read() as tx:
            found = relocation.find(tx, Side.SOURCE)
        if found is None:
            raise NothingToDo("this database is not being moved, and was not")
        _refuse_used(source)
        with source.begin() as tx:
            unsure = copying.doubt(tx, RETURNED.format(other=found.other)) if found.ended_at else 0
            relocation.forget(tx, Side.SOURCE)
            if found.ended_at:
                events.record(ctx, tx, EventKind.MOVED, Relocation, source=found.other, unsure=unsure)
    return MoveCancelledView(target=found.other, was_moved=found.ended_at is not None, unsure=unsure)


# --- before the first row ---------------------------------------------------------------------


def _address(ctx: Place, to: str) -> str:
    """Return the URL of the other database, with an absolute path."""
    try:
        url = resolve(checks.database(to), ctx.settings.home)
    except ValueError as problem:
        raise BadInput(f"the URL of the new database {problem}") from problem  # it may hold a password, and is not repeated
    if url == ctx.db.url:
        raise NothingToDo(f"the rows are in {shown(url)} already")
    return url


def _settle(ctx: Context) -> None:
    """Settle what killed processes had in hand, by their journals; where an earlier call has closed the source, it did so."""
    try:
        schema.check(ctx.db)
    except StoreError as problem:
        if problem.code not in CLOSED:
            raise
        schema.check_revision(ctx.db)
        return
    check_pepper(ctx.db, ctx.settings.pepper)
    sending.recover(ctx)


@contextmanager
def _held(url: str) -> Iterator[Database]:
    """Open a database; a file so that no other process can open it. Raises Conflict where one has it open."""
    db = Database(url, timeout_s=HELD_S if url.startswith("sqlite") else None, alone=True)
    try:
        try:
            with db.read() as tx:
                tx.connection()  # which takes the lock of a file
        except StoreError as problem:
            if problem.code == "database_locked":
                raise Conflict(f"another process uses {shown(url)}", code="database_in_use") from problem
            raise
        yield db
    finally:
        db.close()


def _refuse_used(source: Database) -> None:
    """Raise Conflict where somebody else keeps a session in the source; a file is held alone."""
    if not source.shared:
        return
    source.close()  # idle connections of our own, which the server may still show for a moment
    until = time.monotonic() + HELD_S
    while others := _others(source):
        if time.monotonic() >= until:
            said = f"others use {shown(source.url)}: {counted(others, 'session')} more open there"
            raise Conflict(said, code="database_in_use")
        time.sleep(0.1)


def _others(source: Database) -> int:
    with source.read() as tx:
        return relocation.other_sessions(tx)


def _prepare(target: Database) -> None:
    """Bring an empty target up; one that a relocation has filled is left as it is."""
    try:
        schema.check(target)
    except StoreError as problem:
        if problem.code == "database_unfinished":
            return
        if problem.code not in ("no_database", "no_tables", "database_older"):
            raise
        refuse_filled(target)
        schema.upgrade(target)


def _begin(ctx: Place, source: Database, target: Database) -> tuple[bool, bool]:
    """Record the relocation in both databases, in the source first; return whether it had begun before, and whether it is done."""
    with source.read() as tx:
        ours = relocation.find(tx, Side.SOURCE)
    with target.read() as tx:
        theirs = relocation.find(tx, Side.TARGET)
    is_same = ours is not None and theirs is not None and ours.token == theirs.token
    if is_same and theirs is not None and theirs.ended_at:
        return True, True
    if ours is not None and not is_same and (ours.ended_at or ours.other != shown(target.url)):
        raise Conflict(f"this database is being moved to {ours.other}, or was", code="database_moving")
    if theirs is not None and not is_same and not theirs.ended_at:
        raise Conflict(f"{shown(target.url)} holds an unfinished copy of {theirs.other}", code="not_empty")
    if not is_same:
        refuse_filled(target)
    _refuse_used(source)
    token = ours.token if ours else secrets.token_hex(8)
    if ours is None:
        _close(ctx, source, token, shown(target.url))
    if not is_same:
        with target.begin() as tx:
            relocation.begin(tx, Side.TARGET, token=token, other=shown(source.url), now=ctx.clock())
    return ours is not None, False


def _close(ctx: Place, source: Database, token: str, other: str) -> None:
    """Turn away whoever opens the source from now on; who came before and is still there is seen after it."""
    with source.begin() as tx:
        relocation.begin(tx, Side.SOURCE, token=token, other=other, now=ctx.clock())
    try:
        _refuse_used(source)
    except Conflict:
        with source.begin() as tx:
            relocation.forget(tx, Side.SOURCE)
        raise


# --- the rows ---------------------------------------------------------------------------------


def _advance(source: Database, on_progress: Progress) -> Callable[[int], None]:
    """Return what reports rows: each is copied, and each is compared."""
    with source.read() as tx:
        total = 2 * sum(copying.count(tx, name) for name in copying.kept())
    return lambda count: on_progress(count, total)


def _copy(source: Database, target: Database, advance: Callable[[int], None]) -> None:
    with source.read() as ours:
        for name in copying.kept():
            with target.read() as theirs:
                last = copying.last(theirs, name)
                advance(copying.count(theirs, name) if last else 0)
            for batch in copying.batches(ours, name, after=last):
                with target.begin() as theirs:
                    copying.insert(theirs, name, batch)
                advance(len(batch))
        with target.begin() as theirs:
            copying.set_sequences(theirs, copying.sequences(ours))


def _compare(source: Database, target: Database, advance: Callable[[int], None]) -> None:
    """Raise StoreError where a row, or the number that a table gives next, is another one in the target."""
    with source.read() as ours, target.read() as theirs:
        for name in copying.kept():
            for batch, copied in zip_longest(copying.batches(ours, name), copying.batches(theirs, name)):
                if batch != copied:
                    raise _differs(name, target)
                advance(len(batch))
        given, numbers = copying.sequences(theirs), copying.sequences(ours)
        if behind := [name for name in copying.kept() if given.get(name, 0) < numbers.get(name, 0)]:
            raise _differs(behind[0], target)


def _differs(name: str, target: Database) -> StoreError:
    said = f"the table {name} in {shown(target.url)} is not what was copied: something else has written there, or it loses data"
    return StoreError(said, code="copy_differs")


def _end(ctx: Place, source: Database, target: Database) -> None:
    """Record the end, in the source first."""
    with target.read() as tx:
        unsure = deliveries.count_in(tx, DeliveryState.UNSURE)
    with source.begin() as tx:
        relocation.end(tx, Side.SOURCE, now=ctx.clock())
    with target.begin() as tx:
        relocation.end(tx, Side.TARGET, now=ctx.clock())
        events.record(ctx, tx, EventKind.MOVED, Relocation, source=shown(source.url), unsure=unsure)
