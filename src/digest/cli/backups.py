"""`digest backup`, `digest restore` and `digest move`."""

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


@click.command()
@click.option("--to", "url", help="The URL of the new database, which must be empty.")
@click.option("--cancel", "is_cancelled", is_flag=True, help="Use this database again, whose move was begun or is done.")
@yes_option
@as_json
def move(url: str | None, is_cancelled: bool, yes: bool, as_json: bool) -> None:
    """Take everything into another database, SQLite to PostgreSQL or back, and use that from then on.

    Stop `digest serve` and every worker first. Each row is copied, then compared. If it is interrupted, the same command
    goes on; meanwhile nothing can use either database. Leave the password out of the URL by a ~/.pgpass file.

    \b
    Example:  digest move --to postgresql://digest@db.example.org/digest
    """
    from digest import settings
    from digest.services import context as contexts
    from digest.services import relocation

    if is_cancelled == bool(url):
        raise click.UsageError("say --to URL, or --cancel")
    if url is None:
        _cancel_move(yes=yes, as_json=as_json)
        return
    confirm("Move every row into the database of --to, and use that one from then on?", yes=yes)
    place = replace(contexts.build(settings.read(), checked=False), person=person())
    with progress("rows copied and compared") as advance:
        moved = relocation.move(place, to=url, on_progress=advance)
    if as_json:
        emit(moved)
        return
    note(f"{counted(moved.rows, 'row')} are in {moved.target} now, each compared with the one in {moved.source}.")
    if moved.waiting:
        note(f"{counted(moved.waiting, 'mail')} wait there to be sent.")
    if moved.unsure:
        note(f"{counted(moved.unsure, 'mail')} may have gone before: `digest deliveries list --state unsure` lists them.")
    if moved.settings_written:
        note("DIGEST_DATABASE_URL in .env names the new database; other machines need it too. Start `digest serve` again.")
    else:
        note("Set DIGEST_DATABASE_URL to what --to was, wherever digest runs; then start `digest serve` again.")


def _cancel_move(*, yes: bool, as_json: bool) -> None:
    from digest import settings
    from digest.services import context as contexts
    from digest.services import relocation

    confirm("Use this database again, and not the one that its rows were moved to?", yes=yes)
    place = replace(contexts.open_place(settings.read(), checked=False), person=person())
    cancelled = relocation.cancel(place)
    if as_json:
        emit(cancelled)
        return
    note(f"This database is used again. Empty {cancelled.target}, and let nothing use it.")
    if cancelled.unsure:
        note(f"{counted(cancelled.unsure, 'mail')} may have gone from there: `digest deliveries list --state unsure` lists them.")
