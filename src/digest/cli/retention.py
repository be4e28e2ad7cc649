"""`digest retention`."""

import click

from digest.cli.output import as_json, confirm, emit, note, open_place, table, yes_option
from digest.errors import NothingToDo
from digest.model.retention import Kind
from digest.model.words import counted

WORDS = {
    Kind.ATTEMPTS: "failed tries of deliveries",
    Kind.IPS: "IP addresses in evidence of consent",
    Kind.PENDING: "people who never confirmed",
    Kind.DEPARTED: "people who left every list",
    Kind.EVENTS: "recorded events that no person is behind",
    Kind.AUDIT: "recorded events that a person is behind",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@yes_option
@as_json
def retention(dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove the personal data whose time is over, as `digest serve` does every hour.

    \b
    Example:  digest retention --dry-run
              digest retention --yes
    """
    from digest.services import retention as service

    ctx = open_place()
    found = service.plan(ctx)
    if not as_json:
        table(
            ["what", "kept for", "older"],
            [(WORDS[line.what], counted(line.days, "day") if line.days else "ever", line.rows) for line in found],
        )
    rows = sum(line.rows for line in found)
    if not dry_run:
        if not rows:
            raise NothingToDo("nothing is older than it is kept for")
        confirm(f"Remove {counted(rows, 'row')}? It cannot be undone.", yes=yes)
        found = service.apply(ctx)
        note(f"removed {counted(sum(line.rows for line in found), 'row')}")
    if as_json:
        emit(found)
