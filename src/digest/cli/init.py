"""`digest init`: from nothing to a place where `digest send` works."""

import os
import secrets
from pathlib import Path

import click

from digest.cli.output import note
from digest.errors import DigestError, SettingsError

#: Settings that a person fills in before real mail goes out; all others are written as comments, with their defaults.
TO_FILL = ("DIGEST_FROM", "DIGEST_BASE_URL", "DIGEST_POSTAL_ADDRESS", "DIGEST_SECRET_KEY", "DIGEST_PEPPER")


@click.command()
def init() -> None:
    """Make .env with fresh secrets, the database, newsletter `daily` and list `readers`.

    Asks nothing. What is there is kept, so it is safe to repeat; after an upgrade it brings the
    database up to date.

    \b
    Example:  mkdir paper && cd paper && digest init
    """
    from digest import settings
    from digest.services.place import open_place, warnings
    from digest.services.setup import set_up

    env = settings.find_env() or Path.cwd() / ".env"
    added = _write_env(env)
    ctx = open_place(settings.read(env), checked=False)
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


def _template() -> str:
    """Every setting with its explanation: `.env.example`, the package's copy, else the checkout's."""
    from digest.services.place import PACKAGE

    for file in (PACKAGE / "env.example", PACKAGE.parent.parent / ".env.example"):
        if file.is_file():
            lines = file.read_text(encoding="utf-8").splitlines()
            names = [line.partition("=")[0] for line in lines]
            return "\n".join(
                f"#{line}" if name.startswith("DIGEST_") and name not in TO_FILL else line
                for name, line in zip(names, lines, strict=True)
            )
    raise DigestError("env.example is missing from this installation; install digest again")


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
        text = env.read_text(encoding="utf-8") if env.exists() else _template()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f"{env} cannot be read: {problem}; save it as UTF-8"]) from problem
    made = {name: f"{name}={secrets.token_urlsafe(32)}" for name in missing}
    lines = [made.pop(line.partition("=")[0].strip(), line) for line in text.splitlines()]
    lines += made.values()
    part = env.with_name(".env.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    part.rename(env)
    return missing
