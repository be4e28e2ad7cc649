"""`digest suppress`."""

from pathlib import Path

import click

from digest.cli import imports
from digest.cli.output import as_json, confirm, emit, local, note, open_place, table, yes_option, zone


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
    from digest.services import suppressions as service

    shown = service.add(open_place(), address, reason=reason)
    note(f"{shown} is never mailed again")


@suppress.command()
@click.argument("address")
@yes_option
def remove(address: str, yes: bool) -> None:
    """Let an address be mailed again.

    \b
    Example:  digest suppress remove ann@example.org --yes
    """
    from digest.services import suppressions as service

    ctx = open_place()
    entry = service.show(ctx, address)
    confirm(f"Let {address} be mailed again ({entry.reason})?", yes=yes)
    note(f"{service.remove(ctx, address)} may be mailed again")


@suppress.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--reason", default="", help="Why, for all of them; else the file's own column, or where they came from.")
@imports.mapping
@imports.encoding
@click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")
@as_json
def import_(file: Path, reason: str, mapped: tuple[str, ...], encoding: str, dry_run: bool, as_json: bool) -> None:
    """Never mail the addresses of a CSV file again: bounces, complaints or a block list of another system.

    Whom a state column of the file calls subscribed is passed by.

    \b
    Example:  digest suppress import cleaned_members_export.csv --dry-run
              digest suppress import cleaned_members_export.csv
    """
    from digest.services import suppressions as service

    columns = imports.pairs(mapped)
    report = service.import_file(open_place(), file, columns=columns, reason=reason, encoding=encoding, dry_run=dry_run)
    imports.say_suppressed(report, as_json=as_json)
    if report.rejected == report.lines and report.rejected:
        raise click.exceptions.Exit(1)


@suppress.command("list")
@as_json
def list_(as_json: bool) -> None:
    """All suppressed addresses, newest first.

    \b
    Example:  digest suppress list
    """
    from digest.services import suppressions as service

    ctx = open_place()
    found = service.every(ctx)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["address", "reason", "since"],
        [(e.address or f"erased ({e.address_hmac[:12]}…)", e.reason, local(e.made_at, here)) for e in found],
        empty="no address is suppressed",
    )
