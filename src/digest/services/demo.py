"""
The demo: shipped samples, dated relative to now, go the whole path into a fresh outbox.

The same functions as a real send; only settings and readers are the samples'.
"""

import email
import email.policy
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from digest.audience.files import ListFile
from digest.errors import DigestError
from digest.model.newsletter import Newsletter
from digest.model.states import SourceKind
from digest.services import collecting, context, imports, newsletters, sections, sending, setup, sources
from digest.services.context import PACKAGE, Context
from digest.settings import Settings

TITLE = "The Morning Ledger"
BASE_URL = "https://ledger.example.org"
PICTURES = f"{BASE_URL}/pictures/"  #: where the samples have their pictures; the outbox page shows the shipped ones
SECTIONS = ("World", "Technology", "Business", "Science", "Culture")
#: sample → kind, topic, name
SOURCES = {
    "dropped": (SourceKind.FOLDER, "World", "Letterbox"),
    "harbour-wire.rss": (SourceKind.FEED, "World", "Harbour Wire"),
    "bench-notes.atom": (SourceKind.FEED, "Technology", "Bench Notes"),
    "ledger-and-lathe.json": (SourceKind.FEED, "Business", "Ledger & Lathe"),
    "field-station.rdf": (SourceKind.FEED, "Science", "Field Station"),
    "long-read.html": (SourceKind.PAGE, "Culture", "Stage Door"),
}
SAMPLES = frozenset((".atom", ".html", ".json", ".md", ".rdf", ".rss", ".txt"))  #: files with dates in them
_DATE = re.compile(r"@@-(\d+)([hm]) (rfc822|iso)@@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail of the outbox, for the table."""

    to: str
    subject: str
    size: int
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo that is ready to send."""

    ctx: Context
    newsletter: Newsletter
    outbox: Path
    articles: int
    sources: int

    def mails(self) -> Sequence[Mail]:
        """Read the mails of the outbox, by recipient."""
        found = []
        for file in self.outbox.glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            found.append(Mail(to=str(message["To"]), subject=str(message["Subject"]), size=file.stat().st_size, file=file))
        return sorted(found, key=lambda mail: mail.to)


def prepare(place: Path, *, on_progress: Callable[[int], None]) -> Demo:
    """Set a place up in an empty folder and collect the samples."""
    ctx = context.build(settings_of(place), checked=False)
    setup.set_up(ctx, title=TITLE)
    return fill(ctx, on_progress=on_progress)


def settings_of(place: Path) -> Settings:
    """Return the demo's settings, with fresh secrets."""
    return Settings(
        sender=f"{TITLE} <paper@ledger.example.org>",
        base_url=BASE_URL,
        postal_address="The Morning Ledger, 12 Harbour Street, Dublin D02 X285, Ireland",
        secret_key=secrets.token_urlsafe(32),
        pepper=secrets.token_urlsafe(32),
        home=place.absolute(),
    )


def fill(ctx: Context, *, on_progress: Callable[[int], None]) -> Demo:
    """Add the samples and their readers to a place that is set up, and collect the samples."""
    place = ctx.settings.home
    _copy_samples(samples(), place / "sources", now=ctx.clock())
    for file, (kind, topic, name) in SOURCES.items():
        source = sources.new_source(ctx, kind=kind, location=str(place / "sources" / file), name=name, topic=topic)
        sources.add_source(ctx, source)
    for topic in SECTIONS:
        sections.add(ctx, topic, newsletter=setup.NEWSLETTER, topic=topic, size=8)
    part = imports.Part(file=ListFile(_readers()), mlist=setup.LIST)
    imports.import_file(ctx, part, imports.Options(consent="an example reader of the demo"))
    reports = collecting.collect(ctx, collecting.active_sources(ctx), on_progress=on_progress)
    return Demo(
        ctx=ctx,
        newsletter=newsletters.get(ctx, setup.NEWSLETTER),
        outbox=place / "var" / "outbox",
        articles=sum(report.added for report in reports),
        sources=len(reports),
    )


def send(demo: Demo, *, on_progress: Callable[[int], None]) -> sending.Sent:
    """Publish and mail the issue."""
    return sending.send(demo.ctx, demo.newsletter, on_sent=on_progress)


def samples() -> Path:
    """Return the folder of shipped samples."""
    return PACKAGE / "samples"


def _readers() -> Path:
    """Return the path of `subscribers/example.csv`: the package's copy, else the checkout's."""
    for folder in (PACKAGE / "subscribers", PACKAGE.parent.parent / "subscribers"):
        if (folder / "example.csv").is_file():
            return folder / "example.csv"
    raise DigestError("subscribers/example.csv is missing from this installation; install digest again")


def _copy_samples(source: Path, target: Path, *, now: datetime) -> None:
    """Copy the samples, `@@-3h rfc822@@` and its like replaced by the time that is meant."""

    def date(found: re.Match[str]) -> str:
        ago = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(minutes=int(found[1]))
        then = (now - ago).replace(microsecond=0)
        return format_datetime(then) if found[3] == "rfc822" else then.isoformat()

    for file in sorted(source.rglob("*")):
        if file.is_file() and file.suffix in SAMPLES:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_DATE.sub(date, file.read_text(encoding="utf-8")), encoding="utf-8")
