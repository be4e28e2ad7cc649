"""`digest lists`."""

import re

import click

from digest.cli.output import as_json, confirm, context, emit, note, table, yes_option
from digest.errors import BadInput


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
    ctx = context()
    with ctx.db.begin() as tx:
        subscribers.add_list(tx, MailingList(name=name, title=title or name, made_at=ctx.clock()))
    note(f"made the list {name}")


@lists.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every list with its readers."""
    from digest.model.states import SubscriptionState
    from digest.store import subscribers

    ctx = context()
    with ctx.db.read() as tx:
        found = [(m, subscribers.count_by_state(tx, m.id or 0)) for m in subscribers.lists(tx)]
    if as_json:
        emit([{"name": m.name, "title": m.title, **{str(state): n for state, n in counts.items()}} for m, counts in found])
        return
    rows = [
        (m.name, m.title, counts.get(SubscriptionState.ACTIVE, 0), counts.get(SubscriptionState.UNSUBSCRIBED, 0))
        for m, counts in found
    ]
    table(["list", "title", "active", "left"], rows, empty="no lists yet; make one with `digest lists add NAME`")


@lists.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """One list: its readers by state, its newsletters."""
    from digest.store import newsletters, subscribers

    ctx = context()
    with ctx.db.read() as tx:
        found = subscribers.get_list(tx, name)
        counts = subscribers.count_by_state(tx, found.id or 0)
        papers = [n.name for n in newsletters.of_list(tx, found.id or 0)]
    values = {"name": found.name, "title": found.title, "newsletters": papers, **{str(state): n for state, n in counts.items()}}
    if as_json:
        emit(values)
    else:
        table(["", ""], [(key, ", ".join(value) if isinstance(value, list) else value) for key, value in values.items()])


@lists.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a list that has no subscriptions and no newsletter."""
    from digest.errors import Conflict
    from digest.store import newsletters, subscribers

    ctx = context()
    with ctx.db.read() as tx:
        subscribers.get_list(tx, name)
    confirm(f"Remove the list {name}?", yes=yes)
    with ctx.db.begin() as tx:
        found = subscribers.get_list(tx, name)
        papers = [n.name for n in newsletters.of_list(tx, found.id or 0)]
        if papers:
            raise Conflict(f"list {name} is read by {', '.join(papers)}; it stays")
        subscribers.remove_list(tx, found)
    note(f"removed the list {name}")
