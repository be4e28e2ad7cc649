"""`digest suppress`."""

from pathlib import Path

import click

from digest.cli import imports
from digest.cli.output import as_json, confirm, emit, local, note, open_place, table, yes_option, zone
from digest.errors import NothingToDo


@click.group()
def suppress() -> None:
    """Addresses that are never mailed, whatever list they are on."""


@suppress.command()
@click.argument("address")
@click.option("--reason", default="by an admin", show_default=True, help="Kept with the address.")
def add(address: str, reason: str) -> None:
    """Never mail an address again.

    \b
    Example:  digest suppress add ann@example.org --reason "asked by phone"
    """
    from digest.audience.address import parse
    from digest.model.subscriber import Suppression
    from digest.model.tokens import address_hmac
    from digest.store import subscribers

    checked = parse(address)
    ctx = open_place()
    entry = Suppression(
        address_hmac=address_hmac(checked.key, ctx.settings.pepper), address=checked.text, reason=reason, made_at=ctx.clock()
    )
    with ctx.db.begin() as tx:
        if not subscribers.suppress(tx, entry):
            raise NothingToDo(f"{checked.text} is suppressed already")
    note(f"{checked.text} is never mailed again")


@suppress.command()
@click.argument("address")
@yes_option
def remove(address: str, yes: bool) -> None:
    """Let an address be mailed again.

    \b
    Example:  digest suppress remove ann@example.org --yes
    """
    from digest.audience.address import parse
    from digest.model.tokens import address_hmac
    from digest.store import subscribers

    checked = parse(address)
    ctx = open_place()
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.read() as tx:
        entry = subscribers.suppression(tx, hmac)
    if entry is None:
        raise NothingToDo(f"{checked.text} is not suppressed")
    confirm(f"Let {checked.text} be mailed again ({entry.reason})?", yes=yes)
    with ctx.db.begin() as tx:
        subscribers.unsuppress(tx, hmac)
    note(f"{checked.text} may be mailed again")


@suppress.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--reason", default="", help="Why, for all of them; else the file's own column, or where they came from.")
@imports.mapping
@imports.encoding
@as_json
def import_(file: Path, reason: str, mapped: tuple[str, ...], encoding: str, as_json: bool) -> None:
    """Never mail the addresses of a CSV file again: bounces, complaints or a block list of another system.

    Whom a state column of the file calls subscribed is passed by.

    \b
    Example:  digest suppress import cleaned_members_export.csv
    """
    from digest.audience.suppressions import import_file

    ctx = open_place()
    report = import_file(
        ctx.db,
        file,
        columns=imports.pairs(mapped),
        reason=reason,
        pepper=ctx.settings.pepper,
        clock=ctx.clock,
        encoding=encoding,
    )
    imports.say_suppressed(file, report, as_json=as_json)
    if report.rejected and not report.done:
        raise click.exceptions.Exit(1)


@suppress.command("list")
@as_json
def list_(as_json: bool) -> None:
    """All suppressed addresses, newest first.

    \b
    Example:  digest suppress list
    """
    from digest.store import subscribers

    ctx = open_place()
    with ctx.db.read() as tx:
        found = subscribers.suppressions(tx)
    if as_json:
        emit([entry.model_dump(mode="json") for entry in found])
        return
    here = zone(ctx)
    table(
        ["address", "reason", "since"],
        [(e.address or f"erased ({e.address_hmac[:12]}…)", e.reason, local(e.made_at, here)) for e in found],
        empty="no address is suppressed",
    )
