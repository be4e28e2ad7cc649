"""Mailing lists: who may get a newsletter."""

import re
from collections.abc import Sequence

from sqlmodel import Session

from digest.errors import BadInput, Conflict
from digest.model.event import EventKind
from digest.model.states import ListAccess, SubscriptionState
from digest.model.subscriber import MailingList
from digest.services import events
from digest.services.context import Place
from digest.services.views.people import ListView
from digest.store import newsletters, signups, subscribers

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")  #: what names a list or a newsletter


def check_name(noun: str, name: str) -> None:
    """Raise BadInput where `name` cannot name a list or a newsletter."""
    if not NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot name a {noun}; use lower-case letters, digits and hyphens", code="bad_name")


def add(ctx: Place, name: str, *, title: str = "", access: ListAccess = ListAccess.CLOSED) -> None:
    """Make a list. Raises BadInput, or Conflict where the name is taken."""
    check_name("list", name)
    with ctx.db.begin() as tx:
        made = MailingList(name=name, title=title or name, access=access, made_at=ctx.clock())
        events.record(ctx, tx, EventKind.LIST_ADDED, subscribers.add_list(tx, made), name=name)


def change(
    ctx: Place, name: str, *, title: str | None = None, access: ListAccess | None = None, goodbye: bool | None = None
) -> ListView:
    """Change what readers see of a list, who may join it, or whether it says goodbye; None leaves a value as it is. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = subscribers.get_list(tx, name)
        before = _audited(found)
        found.title = found.title if title is None else title
        found.access = access or found.access
        found.goodbye = found.goodbye if goodbye is None else goodbye
        changed = events.differences(before, _audited(found))
        events.record(
            ctx, tx, EventKind.LIST_CHANGED, found, name=found.name, access=found.access.value, goodbye=found.goodbye, **changed
        )
    return show(ctx, found.name)


def _audited(mlist: MailingList) -> dict[str, object]:
    """Return the values of a list whose changes are recorded."""
    return {"title": mlist.title, "access": mlist.access.value, "goodbye": mlist.goodbye}


def every(ctx: Place) -> Sequence[ListView]:
    """Return all lists, by name."""
    with ctx.db.read() as tx:
        return [_view(ctx, tx, mlist) for mlist in subscribers.lists(tx)]


def names(ctx: Place) -> Sequence[str]:
    """Return the names of all lists."""
    with ctx.db.read() as tx:
        return [mlist.name for mlist in subscribers.lists(tx)]


def show(ctx: Place, name: str) -> ListView:
    """Return a list; an empty name means the only one. Raises NotFound."""
    with ctx.db.read() as tx:
        return _view(ctx, tx, subscribers.get_list(tx, name))


def _view(ctx: Place, tx: Session, mlist: MailingList) -> ListView:
    return ListView(
        name=mlist.name,
        title=mlist.title,
        access=mlist.access,
        goodbye=mlist.goodbye,
        newsletters=tuple(paper.name for paper in newsletters.of_list(tx, mlist.id)),
        **_people(ctx, tx, mlist.id),
    )


def remove(ctx: Place, name: str) -> None:
    """Remove a list that has no subscriptions and no newsletter. Raises NotFound, or Conflict."""
    with ctx.db.begin() as tx:
        found = subscribers.get_list(tx, name)
        papers = [n.name for n in newsletters.of_list(tx, found.id)]
        if papers:
            raise Conflict(f"list {name} is read by {', '.join(papers)}; it stays", code="list_in_use")
        subscribers.remove_list(tx, found)
        events.record(ctx, tx, EventKind.LIST_REMOVED, found, name=found.name)


def _people(ctx: Place, tx: Session, mlist_id: int) -> dict[str, int]:
    """Count a list's people by what becomes of an issue for them: suppressed ones are active and never mailed, sign-ups are pending until they are confirmed."""
    counts = subscribers.count_by_state(tx, mlist_id)
    suppressed = subscribers.count_suppressed(tx, mlist_id)
    return {
        "readers": counts[SubscriptionState.ACTIVE] - suppressed,
        "suppressed": suppressed,
        **{state.value: counts.get(state, 0) for state in SubscriptionState},
        "pending": counts.get(SubscriptionState.PENDING, 0) + signups.count_open(tx, mlist_id, now=ctx.clock()),
    }
