"""`digest init`: from nothing to a place where `digest send` works."""

import os
import secrets
from pathlib import Path

import click

from digest.cli.output import note
from digest.errors import SettingsError

ENV = """\
# Settings of this digest; `.env.example` in the project explains every one.
DIGEST_FROM=
DIGEST_BASE_URL=
DIGEST_POSTAL_ADDRESS=
"""


@click.command()
def init() -> None:
    """Make .env with fresh secrets, the database, newsletter `daily` and list `readers`.

    Asks nothing. What is there is kept, so it is safe to repeat; after an upgrade it brings the
    database up to date.

    \b
    Example:  mkdir paper && cd paper && digest init
    """
    from digest import context, settings
    from digest.begin import set_up

    env = settings.find_env() or Path.cwd() / ".env"
    added = _write_env(env)
    ctx = context.build(settings.read(env), checked=False)
    made = set_up(ctx)
    note(f"{env}: {'wrote ' + ', '.join(added) if added else 'kept as it is'}")
    for line in made:
        note(line)
    for line in context.warnings(ctx.settings):
        note(f"To do before real mail: {line}.")
    note("Next: digest sources add FOLDER-OR-FEED, digest subscribers import people.csv --list readers, digest preview --open")


def _write_env(env: Path) -> list[str]:
    """Add the secrets that are missing; the file is readable by its owner alone."""
    from digest.settings import env_values

    have = env_values(env if env.exists() else None)
    missing = [
        name
        for name in ("DIGEST_SECRET_KEY", "DIGEST_PEPPER")
        if not have.get(name) and not os.environ.get(name) and not os.environ.get(name + "_FILE")
    ]
    if env.exists() and not missing:
        return []
    try:
        text = env.read_text(encoding="utf-8") if env.exists() else ENV
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f"{env} cannot be read: {problem}; save it as UTF-8"]) from problem
    lines = [line for line in text.splitlines() if line.partition("=")[0].strip() not in missing]
    lines += [f"{name}={secrets.token_urlsafe(32)}" for name in missing]
    part = env.with_name(".env.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    part.rename(env)
    return missing
