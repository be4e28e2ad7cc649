"""`digest backup` and `digest restore`."""

import getpass
import sys
from dataclasses import replace
from pathlib import Path

import click

from digest.cli.output import as_json, confirm, emit, note, open_place, person, progress, yes_option
from digest.model.words import counted

with_secrets = click.option("--secrets", is_flag=True, help="With .env and signing keys, encrypted.")


def _passphrase(*, twice: bool) -> str:
    """Return the passphrase of the settings, else ask for it."""
    from digest import settings

    if given := settings.examine()[0].backup_passphrase:
        return given
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the passphrase at; set DIGEST_BACKUP_PASSPHRASE")
    first = getpass.getpass("Passphrase: ")
    if not first:
        raise click.UsageError("an empty passphrase encrypts nothing")
    if twice and getpass.getpass("Once more: ") != first:
        raise click.UsageError("the two passphrases are not the same; nothing was written")
    return first


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_secrets
@as_json
def backup(file: Path, secrets: bool, as_json: bool) -> None:
    """Write every row of the database into one file, while everything goes on.

    The file holds the addresses of readers: keep it as you keep the database. It can be restored into
    SQLite and into PostgreSQL.

    \b
    Example:  digest backup /backups/digest-2026-11-29.zip --secrets
    """
    from digest.services import backups

    passphrase = _passphrase(twice=True) if secrets else ""
    with progress("rows") as advance:
        made = backups.backup(open_place(), file, passphrase=passphrase, on_progress=advance)
    if as_json:
        emit(made)
        return
    kept = ", with settings and keys, encrypted" if made.has_secrets else ", without settings and keys (--secrets)"
    note(f"{file}: {counted(made.rows, 'row')}, {made.size / (1 << 20):.1f} MB{kept}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_secrets
@click.option("--nothing-sent-since", is_flag=True, help="No mail went out after the backup: what was queued stays queued.")
@yes_option
@as_json
def restore(file: Path, secrets: bool, nothing_sent_since: bool, yes: bool, as_json: bool) -> None:
    """Fill an empty place from a backup.

    With --secrets in an empty folder; without, .env must be there with the secrets of the backup's place.
    Mails that may have gone after the backup are listed as unsure, and no issue goes on by itself with them.

    \b
    Example:  mkdir paper && cd paper && digest restore /backups/digest-2026-11-29.zip --secrets --yes
    """
    from digest import settings
    from digest.services import backups
    from digest.services import context as contexts

    confirm(f"Fill the database here from {file}?", yes=yes)
    if secrets:
        names = backups.restore_secrets(file, Path.cwd(), passphrase=_passphrase(twice=False))
        note(f"wrote {', '.join(names)}")
    place = replace(contexts.open_place(settings.read(), checked=False), person=person())
    with progress("rows") as advance:
        found = backups.restore(place, file, nothing_sent_since=nothing_sent_since, on_progress=advance)
    if as_json:
        emit(found)
        return
    note(f"{counted(found.rows, 'row')} of {found.at:%Y-%m-%d %H:%M} UTC are back.")
    if found.unsure:
        note(
            f"{counted(found.unsure, 'mail')} may have gone since: `digest deliveries list --state unsure` lists them,"
            " `digest deliveries settle` with --resend or --mark-sent decides."
        )
