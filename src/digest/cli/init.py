"""`digest init`: from nothing to a place where `digest send` works."""

from dataclasses import replace
from pathlib import Path

import click

from digest.cli.output import note, person


@click.command()
def init() -> None:
    """Make .env with fresh secrets, the database, newsletter `daily` and list `readers`.

    Asks nothing. What is there is kept, so it is safe to repeat; after an upgrade it brings the
    database up to date.

    \b
    Example:  mkdir paper && cd paper && digest init
    """
    from digest import settings
    from digest.services.context import open_place, warnings
    from digest.services.setup import set_up, write_env

    env = settings.find_env() or Path.cwd() / ".env"
    added = write_env(env)
    ctx = replace(open_place(settings.read(env), checked=False), person=person())
    made = set_up(ctx)
    note(f"{env}: {'wrote ' + ', '.join(added) if added else 'kept as it is'}")
    for line in made:
        note(line)
    for line in warnings(ctx.settings):
        note(f"To do before real mail: {line}.")
    if made:
        note(
            "Next: digest sources add FOLDER-OR-FEED, digest subscribers import people.csv --list readers, digest preview --open"
        )
