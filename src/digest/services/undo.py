"""
The way back of an import or a sync: a plan first, then the same decisions, a batch a transaction.

Taken back is what the import made and changed. Kept is what was changed since or has been mailed, and who
arrived as left or suppressed. An undo that was interrupted is finished by the next one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlmodel import Session

from digest.errors import NothingToDo
from digest.model.event import EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import
from digest.services import events
from digest.services.context import Place
from digest.services.views.people import KeptRow, UndoPlan
from digest.store import imports, subscribers
from digest.store import undo as store
from digest.store.undo import Changed, Made

BATCH = 2_000  #: rows a transaction


def plan(ctx: Place, import_id: int) -> UndoPlan:
    """
    Return what an undo would take back, and what it would keep.

    Raises:
        NotFound: there is no such import.
        NothingToDo: it was undone already, or nothing of it can be taken back.
    """
    kept: list[KeptRow] = []
    removed = restored = 0
    with ctx.db.read() as tx:
        done = imports.get(tx, import_id)
        for ties in _made(tx, import_id):
            kept += [KeptRow(address=tie.address, why=why) for tie in ties if (why := _why_kept(tie))]
            removed += sum(not _why_kept(tie) for tie in ties)
        for changes in _changed(tx, import_id):
            kept += [KeptRow(address=change.address, why=why) for change in changes if (why := _why_not_restored(change))]
            restored += sum(not _why_not_restored(change) for change in changes)
        mlist = subscribers.list_by_id(tx, done.mlist_id).name
    found = UndoPlan(
        id=import_id,
        list=mlist,
        file=done.file,
        made_at=done.made_at,
        removed=removed,
        restored=restored,
        kept=dict(Counter(row.why for row in kept)),
        keeps=tuple(kept),
    )
    if not removed and not restored:
        raise NothingToDo(_nothing(done, found))
    return found


def _nothing(done: Import, found: UndoPlan) -> str:
    if done.undone_at:
        return f"import {done.id} was undone already"
    kept = ", ".join(f"{count} {why}" for why, count in found.kept.items())
    return f"nothing of import {done.id} can be taken back" + (f" (kept: {kept})" if kept else "")


def undo(ctx: Place, import_id: int) -> UndoPlan:
    """Take back an import; return what was taken back and what was kept. Raises as `plan`."""
    planned = plan(ctx, import_id)
    with ctx.db.begin() as tx:
        done = imports.get(tx, import_id)
        done.undone_at = done.undone_at or ctx.clock()
        kept = sum(planned.kept.values())
        events.record(
            ctx, tx, EventKind.IMPORT_UNDONE, done, file=done.file, removed=planned.removed, restored=planned.restored, kept=kept
        )
    after: int | None = 0
    while after is not None:
        with ctx.db.begin() as tx:
            after = _restore(tx, import_id, after)
    after = 0
    while after is not None:
        with ctx.db.begin() as tx:
            after = _remove(tx, import_id, after)
    return planned


def _remove(tx: Session, import_id: int, after: int) -> int | None:
    """Remove a batch of subscriptions; return the number that the next begins after, None at the end."""
    ties = store.made(tx, import_id, after=after, limit=BATCH)
    store.remove(tx, [tie for tie in ties if not _why_kept(tie)])
    return ties[-1].id if ties else None


def _restore(tx: Session, import_id: int, after: int) -> int | None:
    changes = store.changed(tx, import_id, after=after, limit=BATCH)
    store.restore(tx, [change for change in changes if not _why_not_restored(change)])
    return changes[-1].id if changes else None


def _made(tx: Session, import_id: int) -> Iterator[Sequence[Made]]:
    after = 0
    while ties := store.made(tx, import_id, after=after, limit=BATCH):
        yield ties
        after = ties[-1].id


def _changed(tx: Session, import_id: int) -> Iterator[Sequence[Changed]]:
    after = 0
    while changes := store.changed(tx, import_id, after=after, limit=BATCH):
        yield changes
        after = changes[-1].id


def _why_kept(tie: Made) -> str:
    """Return why a subscription stays; empty if it is taken back."""
    if tie.revision:
        return "changed"
    if tie.state is SubscriptionState.UNSUBSCRIBED:
        return "left"
    return "mailed" if tie.mailed else ""


def _why_not_restored(change: Changed) -> str:
    """Return why a changed row stays as it is; empty if it gets its former values back."""
    if not change.untouched:
        return "changed"
    made_active = change.before.get("state", "active") != SubscriptionState.ACTIVE
    return "mailed" if made_active and change.mailed else ""
