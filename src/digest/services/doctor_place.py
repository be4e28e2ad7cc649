"""Checks of what lies on this machine: settings, files, the database, the clock, and what newsletters need."""

import shutil
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digest.deliver import journal
from digest.errors import DigestError
from digest.model.finding import Finding, error, good, hint, warning
from digest.model.words import counted
from digest.services import newsletters as newsletter_services
from digest.services import themes
from digest.services.backups import newest_backup
from digest.services.context import Context, warnings
from digest.services.status import status
from digest.settings import SECRETS_OF_A_PLACE, Settings, find_env, variable
from digest.store import health, schema
from digest.store.engine import Database, resolve

SCARCE, LITTLE = 100 << 20, 1 << 30  #: free bytes below which is an error, a warning
STALE = timedelta(hours=48)  #: of the newest backup
BEHIND = timedelta(minutes=2)  #: the clock may be behind the newest row, written by another machine


def settings(given: Settings, problems: Sequence[str]) -> Iterator[Finding]:
    """Check that every setting can be used."""
    for problem in problems:
        yield error("settings", problem, "docs/reference/settings.md", remedy="correct it in .env or the environment")
    for field in SECRETS_OF_A_PLACE:
        if not getattr(given, field):
            yield error("secrets", f"{variable(field)} is not set", "")
    for problem in warnings(given) if given.smtp_url.startswith("outbox:") else ():
        yield warning("settings", problem, "", remedy="set it before mail goes to a relay")
    if not problems:
        yield good("settings", f"the settings of {find_env() or 'the environment'} can be used")


def files(given: Settings) -> Iterator[Finding]:
    """Check the data folder, the disk, and that no secret can be read by other users of the machine."""
    folder = given.data_path
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as problem:
        said = f"{folder} cannot be written: {problem.strerror}"
        yield error(
            "data-folder",
            said,
            "",
            where=str(folder),
            remedy=f"let the user of digest write there, or set {variable('data_dir')}",
        )
        return
    make = error if free < SCARCE else warning if free < LITTLE else None
    said = f"{_size(free)} are free where {folder} is"
    yield make("disk", said, "", where=str(folder), remedy="make room") if make else good("disk", said)
    env = find_env()
    file = Database(resolve(given.database_url, given.home)).file
    secret = [path for path in (env, file, *(key for _, key in given.dkim_files)) if path is not None and path.exists()]
    exposed = list(_exposed(secret))
    yield from exposed
    if not exposed:
        yield good("permissions", "no other user of this machine can read settings, database or keys")
    waiting = len(journal.present(folder / "journal"))
    if waiting:
        said = f"{counted(waiting, 'journal')} of running or killed processes; the next send settles those of killed ones"
        yield hint("journal", said, where=str(folder / "journal"))


def _exposed(paths: Sequence[Path]) -> Iterator[Finding]:
    for path in paths:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            what = "change" if mode & 0o022 else "read"
            yield error(
                "permissions",
                f"other users of this machine can {what} {path} (mode {mode:04o})",
                "",
                where=str(path),
                remedy=f"`chmod 600 {path}`",
            )


def database(given: Settings) -> Iterator[Finding]:
    """Check that the database answers, is whole, and is of this version of digest."""
    db = Database(resolve(given.database_url, given.home), timeout_s=10)
    try:
        schema.check(db)
        with db.read() as tx:
            found = health.look(tx)
    except DigestError as problem:
        yield error(problem.code, str(problem), "", where=variable("database_url"))
        return
    finally:
        db.close()
    for line in found.damages:
        yield error("damage", f"the database is damaged: {line}", "", remedy="stop digest and restore the newest backup")
    if not found.damages:
        whole = "" if db.shared else ", whole"
        yield good("database", f"{found.program}, {_size(found.size)}{whole}, revision {schema.newest()}")
    if db.file and (free := shutil.disk_usage(db.file.parent).free) < 2 * found.size:
        said = f"the database has {_size(found.size)} and the disk {_size(free)} free: an upgrade may need as much again"
        yield warning("disk", said, "", where=str(db.file), remedy="make room")


def backup(given: Settings, now: datetime) -> Iterator[Finding]:
    """Check that a backup is made every day."""
    folder = given.backup_path
    if folder is None:
        yield hint("backup", f"no backups are made by the scheduler: {variable('backup_dir')} is not set")
        return
    newest = newest_backup(folder)
    if newest is None:
        yield warning("backup", f"there is no backup in {folder}", "", where=str(folder))
    elif now - newest[1] > STALE:
        yield warning("backup", f"the newest backup is {newest[0]}", "", where=str(folder))
    else:
        yield good("backup", f"the newest backup is {newest[0]}", where=str(folder))


def clock(given: Settings, now: datetime) -> Iterator[Finding]:
    """Check that the clock is not behind what was recorded, and that the time zones are known."""
    db = Database(resolve(given.database_url, given.home), timeout_s=10)
    newest = None
    try:
        schema.check(db)
        with db.read() as tx:
            newest = health.newest_event(tx)
    except DigestError:
        newest = None  # the check of the database reports it
    finally:
        db.close()
    if newest is not None and newest - now > BEHIND:
        said = f"the clock says {now:%Y-%m-%d %H:%M} UTC, and the newest event is of {newest:%Y-%m-%d %H:%M} UTC: it went back"
        yield error("clock", said, "", remedy="set the clock by a time server (`timedatectl set-ntp true`)")
        return
    try:
        zones = f", zone data {version('tzdata')}"
    except PackageNotFoundError:
        zones = ""
    yield good("clock", f"it is {now:%Y-%m-%d %H:%M} UTC, {now.astimezone(given.zone):%H:%M} in {given.zone.key}{zones}")


def newsletters(ctx: Context) -> Iterator[Finding]:
    """Check that each newsletter has sources, readers, a theme that can be used, and a time to go out."""
    now = status(ctx)
    if not now.newsletters:
        yield warning("newsletter", "there is no newsletter", "")
    for source in now.failing_sources:
        yield warning("source", f"the source {source.source} fails: {source.error}", "", where=source.source)
    rows = {paper.name: paper for paper in newsletter_services.rows(ctx)}
    for paper in now.newsletters:
        name = paper.newsletter
        try:
            themes.look(ctx, rows[name].theme)
        except DigestError as problem:
            yield error("theme", f"{name}: {problem}", "", where=name)
        if not paper.sources:
            yield warning("sources", f"{name} has no sources", "", where=name)
        if not paper.readers:
            yield warning("readers", f"{name} has no readers", "", where=paper.list)
        if paper.next_due is None:
            yield hint("timetable", f"{name} has no next issue: it is paused", where=name)
        else:
            yield good("timetable", f"{name} is due next at {paper.next_due:%Y-%m-%d %H:%M} UTC", where=name)


def _size(octets: int) -> str:
    return f"{octets / (1 << 30):.1f} GB" if octets >= 1 << 30 else f"{octets / (1 << 20):.1f} MB"
