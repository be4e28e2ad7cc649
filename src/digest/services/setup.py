"""Set-up: the settings file with fresh secrets, and what a fresh place begins with: tables, the list `readers`, the newsletter `daily`."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from digest import settings
from digest.errors import DigestError, SettingsError
from digest.model.event import EventKind
from digest.model.newsletter import Newsletter
from digest.model.subscriber import MailingList
from digest.services import events
from digest.services.context import PACKAGE, Place, check_pepper
from digest.settings import PREFIX, SECRETS_OF_A_PLACE, missing_secrets, variable
from digest.store import newsletters, schema, subscribers

NEWSLETTER = "daily"
LIST = "readers"
#: Settings that a person fills in before real mail goes out; all others are written as comments, with their defaults.
TO_FILL = tuple(map(variable, ("sender", "base_url", "postal_address", *SECRETS_OF_A_PLACE)))


def set_up(ctx: Place, *, title: str = "The Morning Paper") -> Sequence[str]:
    """Bring the database up and make what is missing; return a sentence for each thing made."""
    schema.upgrade(ctx.db)
    check_pepper(ctx.db, ctx.settings.pepper)
    said = []
    now = ctx.clock()
    with ctx.db.begin() as tx:
        mlist = subscribers.find_list(tx, LIST)
        if mlist is None and not subscribers.lists(tx):
            mlist = subscribers.add_list(tx, MailingList(name=LIST, title="Readers", made_at=now))
            events.record(ctx, tx, EventKind.LIST_ADDED, mlist, name=LIST)
            said.append(f"made the list {LIST}")
        if mlist is not None and not newsletters.all_of(tx):
            zone = str(ctx.settings.zone)
            made = Newsletter(name=NEWSLETTER, title=title, mlist_id=mlist.id, zone=zone, made_at=now, timetable_at=now)
            newsletters.add(tx, made)
            events.record(ctx, tx, EventKind.NEWSLETTER_ADDED, made, name=NEWSLETTER, list=mlist.name)
            said.append(f"made the newsletter {NEWSLETTER}: weekdays 07:00 {zone}, for the list {LIST}")
    return said


def _template() -> str:
    """Return every setting with its explanation: `.env.example`, the package's copy, else the checkout's."""
    for file in (PACKAGE / "env.example", PACKAGE.parent.parent / ".env.example"):
        if file.is_file():
            lines = file.read_text(encoding="utf-8").splitlines()
            names = [line.partition("=")[0] for line in lines]
            return "\n".join(
                f"#{line}" if name.startswith(PREFIX) and name not in TO_FILL else line
                for name, line in zip(names, lines, strict=True)
            )
    raise DigestError("env.example is missing from this installation; install digest again")


def write_env(env: Path) -> list[str]:
    """Add the secrets that are missing; the file is readable by its owner alone."""
    missing = missing_secrets(env if env.exists() else None)
    if env.exists() and not missing:
        return []
    try:
        text = env.read_text(encoding="utf-8") if env.exists() else _template()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f"{env} cannot be read: {problem}; save it as UTF-8"]) from problem
    made = {name: f"{name}={secrets.token_urlsafe(32)}" for name in missing}
    lines = [made.pop(line.partition("=")[0].strip(), line) for line in text.splitlines()]
    lines += made.values()
    _write_part(env, lines).rename(env)
    return missing


def write_setting(home: Path, name: str, value: str) -> bool:
    """
    Write a setting into the `.env` of a place, and keep its former line there as a comment.

    Returns False where there is no such file, where the value comes from elsewhere, or where a line cannot say it.
    """
    env = settings.find_env()
    if env is None or env.parent != home or not env.exists() or settings.origins()[name] not in (".env", "default"):
        return False
    lines = env.read_text(encoding="utf-8-sig").splitlines()
    named = [number for number, line in enumerate(lines) if line.partition("=")[0].removeprefix("export ").strip() == name]
    for number in named:
        lines[number] = f"#{lines[number]}"
    lines.insert(named[-1] + 1 if named else len(lines), f"{name}={value}")
    part = _write_part(env, lines)
    if settings.env_values(part).get(name) != value:
        part.unlink()
        return False
    part.rename(env)
    return True


def _write_part(env: Path, lines: Sequence[str]) -> Path:
    """Write the lines of a settings file beside it, readable by its owner alone."""
    part = env.with_name(".env.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return part
