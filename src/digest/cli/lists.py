"""`digest lists`."""

import re
from typing import TYPE_CHECKING

import click

from digest.cli.output import as_json, confirm, emit, facts, note, open_place, table, yes_option
from digest.errors import BadInput

if TYPE_CHECKING:
    from sqlmodel import Session


@click.group()
def lists() -> None:
    """Mailing lists: who may get a newsletter."""


@lists.command()
@click.argument("name")
@click.option("--title", default="", help="What readers see.")
def add(name: str, title: str) -> None:
    """Make a list.

    \b
    Example:  digest lists add readers --title "Our readers"
    """
    from digest.model.subscriber import MailingList
    from digest.store import subscribers

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        raise BadInput(f"{name!r} cannot name a list; use lower-case letters, digits and hyphens")
    ctx = open_place()
    with ctx.db.begin() as tx:
        subscribers.add_list(tx, MailingList(name=name, title=title or name, made_at=ctx.clock()))
    note(f"made the list {name}; `digest subscribers import FILE.csv --list {name}` brings its readers")


@lists.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every list with its readers: those who would be mailed. Suppressed ones are active and never mailed.

    \b
    Example:  digest lists list
    """
    from digest.store import subscribers

    ctx = open_place()
    with ctx.db.read() as tx:
        found = [{"name": m.name, "title": m.title, **_people(tx, m.id)} for m in subscribers.lists(tx)]
    if as_json:
        emit(found)
        return
    shown = ("name", "title", "readers", "suppressed", "pending", "unsubscribed")
    table(
        ["list", "title", "readers", "suppressed", "waiting", "left"],
        [tuple(row[name] for name in shown) for row in found],
        empty="no lists yet; make one with `digest lists add NAME`",
    )


def _people(tx: "Session", mlist_id: int) -> dict[str, object]:
    """A list's people by what becomes of an issue for them."""
    from digest.model.states import SubscriptionState
    from digest.store import subscribers

    counts = subscribers.count_by_state(tx, mlist_id)
    readers = subscribers.count_readers(tx, mlist_id)
    return {
        "readers": readers,
        "suppressed": counts.get(SubscriptionState.ACTIVE, 0) - readers,
        **{str(state): counts.get(state, 0) for state in SubscriptionState},
    }


@lists.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """One list: its people by state, its newsletters.

    \b
    Example:  digest lists show readers
    """
    from digest.store import newsletters, subscribers

    ctx = open_place()
    with ctx.db.read() as tx:
        found = subscribers.get_list(tx, name)
        people = _people(tx, found.id)
        papers = [n.name for n in newsletters.of_list(tx, found.id)]
    values = {"name": found.name, "title": found.title, "newsletters": papers, **people}
    if as_json:
        emit(values)
    else:
        facts(list(values.items()))


@lists.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a list that has no subscriptions and no newsletter.

    \b
    Example:  digest lists remove trial --yes
    """
    from digest.errors import Conflict
    from digest.store import newsletters, subscribers

    ctx = open_place()
    with ctx.db.read() as tx:
        subscribers.get_list(tx, name)
    confirm(f"Remove the list {name}?", yes=yes)
    with ctx.db.begin() as tx:
        found = subscribers.get_list(tx, name)
        papers = [n.name for n in newsletters.of_list(tx, found.id)]
        if papers:
            raise Conflict(f"list {name} is read by {', '.join(papers)}; it stays")
        subscribers.remove_list(tx, found)
    note(f"removed the list {name}")
