"""`digest lists`."""

import click

from digest.cli.output import as_json, confirm, emit, facts, note, open_place, table, yes_option


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
    from digest.services import lists as service

    service.add(open_place(), name, title=title)
    note(f"made the list {name}; `digest subscribers import FILE.csv --list {name}` brings its readers")


@lists.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every list with its readers: those who would be mailed. Suppressed ones are active and never mailed.

    \b
    Example:  digest lists list
    """
    from digest.services import lists as service

    found = service.every(open_place())
    if as_json:
        emit(found)
        return
    table(
        ["list", "title", "readers", "suppressed", "waiting", "left"],
        [(m.name, m.title, m.readers, m.suppressed, m.pending, m.unsubscribed) for m in found],
        empty="no lists yet; make one with `digest lists add NAME`",
    )


@lists.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """One list: its people by state, its newsletters.

    \b
    Example:  digest lists show readers
    """
    from digest.services import lists as service

    found = service.show(open_place(), name)
    if as_json:
        emit(found)
        return
    facts(
        [
            ("name", found.name),
            ("title", found.title),
            ("newsletters", found.newsletters),
            ("readers", found.readers),
            ("suppressed", found.suppressed),
            ("pending", found.pending),
            ("active", found.active),
            ("unsubscribed", found.unsubscribed),
        ]
    )


@lists.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a list that has no subscriptions and no newsletter.

    \b
    Example:  digest lists remove trial --yes
    """
    from digest.services import lists as service

    ctx = open_place()
    service.show(ctx, name)  # raises NotFound before it asks
    confirm(f"Remove the list {name}?", yes=yes)
    service.remove(ctx, name)
    note(f"removed the list {name}")
