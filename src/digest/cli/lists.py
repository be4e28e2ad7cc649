"""`digest lists`."""

from collections.abc import Callable

import click

from digest.cli.output import as_json, confirm, context, emit, facts, local, note, open_place, table, yes_option, zone
from digest.model.states import ListAccess

_MEANS = {
    ListAccess.CLOSED: "only admins put addresses on it",
    ListAccess.PUBLIC: "anybody may sign up, and confirms by mail",
    ListAccess.SINGLE: "anybody may sign up, without a confirmation",
}


def _access(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that set who may join a list."""
    options = [
        click.option("--public", "access", flag_value=ListAccess.PUBLIC, help="Anybody may sign up, and confirms by mail."),
        click.option(
            "--single-opt-in", "access", flag_value=ListAccess.SINGLE, help="Anybody may sign up, without a confirmation."
        ),
        click.option("--closed", "access", flag_value=ListAccess.CLOSED, help="Only admins add people; so it is from the start."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def lists() -> None:
    """Mailing lists: who may get a newsletter."""


@lists.command()
@click.argument("name")
@click.option("--title", default="", help="What readers see.")
@_access
def add(name: str, title: str, access: ListAccess | None) -> None:
    """Make a list.

    \b
    Example:  digest lists add readers --title "Our readers" --public
    """
    from digest.services import lists as service

    service.add(open_place(), name, title=title, access=ListAccess(access or ListAccess.CLOSED))
    note(f"made the list {name}; `digest subscribers import FILE.csv --list {name}` brings its readers")


@lists.command("set")
@click.argument("name")
@click.option("--title", help="What readers see.")
@_access
@click.option("--goodbye/--no-goodbye", default=None, help="Mail those who leave that nothing more comes; at first it does not.")
def set_(name: str, title: str | None, access: ListAccess | None, goodbye: bool | None) -> None:
    """Change a list: what readers see, who may join it, and whether it says goodbye.

    \b
    Example:  digest lists set readers --public
              digest lists set readers --goodbye
    """
    from digest.services import lists as service

    if title is None and access is None and goodbye is None:
        raise click.UsageError("name what to change; `digest lists set --help` lists the options")
    changed = service.change(open_place(), name, title=title, access=ListAccess(access) if access else None, goodbye=goodbye)
    note(f"changed the list {changed.name}: {_MEANS[changed.access]}")
    if changed.access is not ListAccess.CLOSED and not changed.newsletters:
        note(f"no newsletter goes to it yet, so that nobody can sign up; `digest newsletters set NAME --list {changed.name}`")


@lists.command()
@click.argument("name")
@click.option("--language", default="en", show_default=True, help="That the form is in.")
def embed(name: str, language: str) -> None:
    """Print the HTML of a sign-up form for any other site; it needs no script.

    \b
    Example:  digest lists embed readers --language de > form.html
    """
    from digest.services import offers

    click.echo(offers.snippet(context(), name, language=language))


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
        ["list", "title", "sign-up", "readers", "suppressed", "waiting", "left"],
        [(m.name, m.title, m.access, m.readers, m.suppressed, m.pending, m.unsubscribed) for m in found],
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
            ("sign-up", f"{found.access}: {_MEANS[found.access]}"),
            ("goodbye", "those who leave are mailed that nothing more comes" if found.goodbye else ""),
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
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many of the readers' own words.")
@as_json
def reasons(name: str, limit: int, as_json: bool) -> None:
    """Why readers left a list: how often each reason was given, and what they wrote, newest first.

    \b
    Example:  digest lists reasons readers
    """
    from digest.services import leaving

    ctx = open_place()
    found = leaving.why(ctx, name, limit=None if as_json else limit)
    if as_json:
        emit(found)
        return
    facts([("list", found.list), ("left", found.left), *found.counts.items()])
    here = zone(ctx)
    table(
        ["when", "reason", "words"],
        [(local(one.at, here), one.reason, one.text) for one in found.words],
        empty="nobody wrote anything yet",
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
