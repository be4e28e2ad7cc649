"""
Backups: every row of the database in one consistent file, and the way back into an empty place.

A backup is a ZIP archive: `manifest.json`, a member of JSON lines for each table, and, where a passphrase is given, the
settings file and the signing keys, encrypted (AES-256-GCM under a key by scrypt, RFC 5116 and 7914). It is taken while mails
go out, and it belongs to no kind of database: what was backed up from SQLite can be restored into PostgreSQL.

What was sent after a backup, nobody can know who restores it. So the open deliveries of an issue that was being sent are
`unsure` afterwards, as after any other interruption that leaves no record, and a person settles them.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlmodel import Session

from digest import __version__, log, settings
from digest.errors import BadInput, Conflict, SettingsError
from digest.model.event import EventKind
from digest.model.issue import Issue
from digest.model.tokens import address_hmac
from digest.services import events
from digest.services.context import Place
from digest.services.views.backups import BackupView, RestoredView
from digest.settings import Settings
from digest.store import copying, schema
from digest.store.engine import Database, shown

FORMAT = 1
EVERY = timedelta(hours=24)
STAMP = "%Y-%m-%dT%H%MZ"  #: in the names of the scheduler's files
MANIFEST, SECRETS = "manifest.json", "secrets.bin"
#: Raised on reading an archive that is not whole.
_BROKEN = (KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
Progress = Callable[[int, int | None], None]  #: rows more, and in all
RESTORED = "restored from the backup of {at:%Y-%m-%d %H:%M} UTC: its mail may have gone since"


def no_progress(_count: int, _total: int | None) -> None:
    """Show nothing."""


# --- to make one ------------------------------------------------------------------------------


def backup(ctx: Place, file: Path, *, passphrase: str = "", on_progress: Progress = no_progress) -> BackupView:
    """
    Write a backup; it can be read by its owner alone, and appears under its name only when it is whole.

    `passphrase`: encrypts the settings file and signing keys, which are left out without one.

    Raises:
        BadInput: the file is there already, or cannot be written.
    """
    if file.exists():
        raise BadInput(f"{file} is there already; a backup replaces no file")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                made = _write(ctx, archive, passphrase, on_progress)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(file)
    except OSError as problem:
        raise BadInput(f"{file} cannot be written: {problem.strerror}") from problem
    finally:
        part.unlink(missing_ok=True)
    return BackupView(
        file=str(file), size=file.stat().st_size, rows=sum(made.rows.values()), has_secrets=bool(passphrase), at=made.at
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Content of a backup."""

    format: int
    version: str  #: of digest
    revision: str  #: of the database
    at: datetime
    rows: Mapping[str, int]  #: by table
    hashes: Mapping[str, str]  #: SHA-256 of each table's member
    sequences: Mapping[str, int]  #: highest number ever given, by table
    pepper: str  #: a keyed hash by which the pepper of the place is recognised

    def as_json(self) -> str:
        """Return its text."""
        return json.dumps({**{name: getattr(self, name) for name in self.__slots__}, "at": self.at.isoformat()}, indent=1)

    @classmethod
    def of_json(cls, text: bytes) -> "Manifest":
        """Read it. Raises ValueError, KeyError or TypeError where it is none."""
        found = json.loads(text)
        return cls(**{**found, "at": datetime.fromisoformat(found["at"])})


def _write(ctx: Place, archive: zipfile.ZipFile, passphrase: str, on_progress: Progress) -> Manifest:
    hashes, counts = {}, {}
    with ctx.db.read() as tx:  # one view of all tables, whoever writes meanwhile
        names = copying.kept()
        total = sum(copying.count(tx, name) for name in names)
        for name in names:
            hashed, counts[name] = hashlib.sha256(), 0
            with archive.open(_member(name), "w", force_zip64=True) as member:
                for row in copying.rows(tx, name):
                    line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    hashed.update(line)
                    member.write(line)
                    counts[name] += 1
                    if counts[name] % copying.AT_ONCE == 0:
                        on_progress(copying.AT_ONCE, total)
            hashes[name] = hashed.hexdigest()
        numbers = copying.sequences(tx)
    if passphrase:
        from digest.services.sealing import sealed  # only where there is a passphrase: it loads a library of 10 MB

        archive.writestr(SECRETS, sealed(json.dumps(_secrets(ctx.settings)).encode(), passphrase))
    made = Manifest(
        format=FORMAT,
        version=__version__,
        revision=schema.newest(),
        at=ctx.clock(),
        rows=counts,
        hashes=hashes,
        sequences=numbers,
        pepper=address_hmac(MANIFEST, ctx.settings.pepper),
    )
    archive.writestr(MANIFEST, made.as_json())
    return made


def _member(name: str) -> str:
    return f"tables/{name}.jsonl"


def _secrets(given: Settings) -> Mapping[str, str]:
    """Return the files that hold secrets: the settings, and the keys that sign mail, by their path from the settings' folder."""
    env = settings.find_env()
    found = {".env": env.read_text(encoding="utf-8")} if env and env.exists() else {}
    for _, key in given.dkim_files:
        if key.is_relative_to(given.home) and key.exists():
            found[str(key.relative_to(given.home))] = key.read_text(encoding="utf-8")
    return found


def backup_due(ctx: Place) -> BackupView | None:
    """
    Make the day's backup in the folder of the settings, and delete all but the newest; None where none is due.

    Raises:
        BadInput: the folder cannot be written.
    """
    folder, now = ctx.settings.backup_path, ctx.clock()
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise BadInput(f"{folder} cannot be made: {problem.strerror}") from problem
    newest = newest_backup(folder)
    if newest is not None and now - newest[1] < EVERY:
        return None
    made = backup(ctx, folder / f"digest-{now.astimezone(UTC):{STAMP}}.zip", passphrase=ctx.settings.backup_passphrase)
    for old in _backups(folder)[: -ctx.settings.backup_keep]:
        old.unlink(missing_ok=True)
    log.get().info("backup.made", file=made.file, rows=made.rows, bytes=made.size)
    return made


def newest_backup(folder: Path) -> tuple[Path, datetime] | None:
    """Return the newest backup that the scheduler made in a folder, and when."""
    found = _backups(folder)
    return (found[-1], datetime.strptime(found[-1].stem, f"digest-{STAMP}").replace(tzinfo=UTC)) if found else None


def _backups(folder: Path) -> Sequence[Path]:
    """Return the backups of the scheduler, oldest first; other files in the folder are nobody's to delete."""
    return sorted(file for file in folder.glob("digest-*.zip") if re.fullmatch(r"digest-\d{4}-\d\d-\d\dT\d{4}Z", file.stem))


# --- and the way back -------------------------------------------------------------------------


def restore_secrets(file: Path, home: Path, *, passphrase: str) -> Sequence[str]:
    """
    Write the settings file and signing keys of a backup into a folder, each readable by its owner alone; return their names.

    Raises:
        BadInput: the backup has none, or the passphrase is not its own.
        Conflict: one of the files is there already.
    """
    with _archive(file) as archive:
        if SECRETS not in archive.namelist():
            raise BadInput(f"{file} has no settings: it was made without a passphrase", code="no_secrets_in_backup")
        from digest.services.sealing import opened

        found: dict[str, str] = json.loads(opened(archive.read(SECRETS), passphrase))
    for name in found:
        if (home / name).exists():
            raise Conflict(f"{home / name} is there already; settings are restored into an empty folder")
    for name, text in found.items():
        target = (home / name).resolve()
        if not target.is_relative_to(home.resolve()):
            raise BadInput(f"{file} names a file outside the folder: {name}")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    return sorted(found)


def restore(ctx: Place, file: Path, *, nothing_sent_since: bool = False, on_progress: Progress = no_progress) -> RestoredView:
    """
    Fill an empty database from a backup, whole or not at all, and bring it up to this version.

    `nothing_sent_since`: the person is certain that no mail went out after the backup; else the open deliveries of issues
    that were being sent become unsure.

    Raises:
        BadInput: the file is no backup, is damaged, or was made by a newer digest.
        Conflict: the database is not empty.
        SettingsError: the pepper is not the one of the backup.
    """
    with _archive(file) as archive:
        manifest = _manifest(archive, file)
        if manifest.pepper != address_hmac(MANIFEST, ctx.settings.pepper):
            raise SettingsError([f"{settings.variable('pepper')} is not the one of the place that was backed up"])
        refuse_filled(ctx.db)
        schema.upgrade(ctx.db, manifest.revision)
        reason = RESTORED.format(at=manifest.at)
        with ctx.db.begin() as tx:  # a process that is killed leaves no open delivery behind that a send would take for unsent
            _fill(tx, archive, manifest, file, on_progress)
            copying.set_sequences(tx, manifest.sequences)
            unsure = copying.release(tx, reason) if nothing_sent_since else copying.doubt(tx, reason)
    schema.upgrade(ctx.db)
    with ctx.db.begin() as tx:
        events.record(ctx, tx, EventKind.RESTORED, Issue, at=manifest.at.isoformat(), unsure=unsure)
    return RestoredView(at=manifest.at, version=manifest.version, rows=sum(manifest.rows.values()), unsure=unsure)


def _archive(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except OSError as problem:
        raise BadInput(f"{file} cannot be read: {problem.strerror}") from problem
    except zipfile.BadZipFile as problem:
        raise BadInput(f"{file} is no backup of digest, or is cut off") from problem


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        found = Manifest.of_json(archive.read(MANIFEST))
    except (*_BROKEN, TypeError) as problem:
        raise BadInput(f"{file} is no backup of digest, or is damaged") from problem
    if found.format > FORMAT or found.revision > schema.newest():
        raise BadInput(f"{file} was made by a newer digest ({found.version}); install that or a newer one")
    return found


def refuse_filled(db: Database) -> None:
    """Raise Conflict where the database has rows, or tables of another program; one that a restore left empty at an older revision is fine."""
    if db.file is not None and not db.file.exists():
        return
    with db.read() as tx:
        if filled := copying.filled(tx):
            raise Conflict(f"the database {shown(db.url)} is not empty: it has {', '.join(filled[:3])}", code="not_empty")


def _fill(tx: Session, archive: zipfile.ZipFile, manifest: Manifest, file: Path, on_progress: Progress) -> None:
    total = sum(manifest.rows.values())
    for name in _in_order(manifest.rows):
        hashed, found = hashlib.sha256(), 0
        try:
            with archive.open(_member(name)) as member:
                for batch in _batches(member, hashed, copying.at_once(name)):
                    copying.insert(tx, name, batch)
                    found += len(batch)
                    on_progress(len(batch), total)
        except _BROKEN as problem:
            raise BadInput(f"{file} is damaged at the table {name}; nothing was restored") from problem
        if hashed.hexdigest() != manifest.hashes[name] or found != manifest.rows[name]:
            raise BadInput(f"{file} is damaged at the table {name}; nothing was restored")


def _in_order(rows: Mapping[str, int]) -> Sequence[str]:
    """Return the tables of a backup, those that others refer to first; ones that are no more come last."""
    return [name for name in copying.NAMES if name in rows] + [name for name in rows if name not in copying.NAMES]


def _batches(member: IO[bytes], hashed: Any, size: int) -> Iterator[Sequence[copying.Row]]:
    batch: list[copying.Row] = []
    for line in member:
        hashed.update(line)
        batch.append(json.loads(line))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
