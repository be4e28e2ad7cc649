"""A place of one's own for a test, and a clock that is set by hand."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from digest.audience import subscribe
from digest.audience.address import parse
from digest.model.newsletter import Newsletter
from digest.model.ports import Clock
from digest.model.states import SourceKind
from digest.services import collecting, context, sending, setup
from digest.services import sources as source_services
from digest.services.context import Context
from digest.settings import Settings
from digest.store import newsletters, schema, subscribers
from digest.store.engine import Database

TUESDAY = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # 07:00 in Berlin


@dataclass
class Hands:
    """The hands of a clock."""

    now: datetime = TUESDAY

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **ahead: float) -> None:
        self.now += timedelta(**ahead)


@dataclass
class Place:
    """A working place, with short words for what tests do in it."""

    ctx: Context
    clock: Hands
    folder: Path
    dropped: int = field(default=0)

    @property
    def outbox(self) -> Path:
        return self.folder / "var" / "outbox"

    @property
    def daily(self) -> Newsletter:
        with self.ctx.db.read() as tx:
            return newsletters.get(tx, "daily")

    def mails(self) -> list[Path]:
        return sorted(self.outbox.glob("*.eml"))

    def drop(self, *headlines: str, published: datetime | None = None) -> None:
        """Put a feed with these headlines where the source reads it."""
        when = (published or self.clock.now).isoformat()
        items = "".join(
            f"<entry><id>tag:x,2026:{h}</id><title>{h}</title><link href='https://news.example.com/{h.replace(' ', '-')}'/>"
            f"<published>{when}</published><updated>{when}</updated>"
            f"<summary>{h} is what happened, and this sentence says so in full.</summary></entry>"
            for h in headlines
        )
        feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>n</id><updated>{when}</updated>{items}</feed>"
        self.dropped += 1
        path = self.folder / f"feed{self.dropped}.xml"
        path.write_text(feed, encoding="utf-8")
        source_services.add_source(
            self.ctx, source_services.new_source(self.ctx, kind=SourceKind.FEED, location=str(path), name=path.stem)
        )

    def collect(self) -> None:
        collecting.collect(self.ctx, collecting.active_sources(self.ctx))

    def readers(self, *addresses: str) -> None:
        with self.ctx.db.begin() as tx:
            mlist = subscribers.get_list(tx, "readers")
            for address in addresses:
                subscribe.add(
                    tx,
                    parse(address),
                    mlist=mlist,
                    name="",
                    language="",
                    zone="",
                    evidence="a test",
                    pepper="p" * 32,
                    now=self.clock(),
                )

    def send(self) -> sending.Sent:
        return sending.send(self.ctx, self.daily)


@cache
def _migrated() -> bytes:
    """A SQLite file with every table and no row: to migrate takes a quarter of a second, and most tests begin with a database."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/digest.db")
        schema.upgrade(db)
        db.truncate_log()
        db.close()
        return Path(folder, "digest.db").read_bytes()


def new_place(folder: Path, clock: Hands, database_url: str, *, ticking: Clock | None = None, settle: int = 0) -> Place:
    """A place in a folder; with `ticking` the program has another clock than the hands of the test."""
    settings = Settings(
        database_url=database_url,
        sender="The Morning Ledger <paper@ledger.example.org>",
        base_url="https://ledger.example.org",
        postal_address="12 Harbour Street, Dublin",
        secret_key="s" * 32,
        pepper="p" * 32,
        timezone="Europe/Berlin",
        settle=settle,
        home=folder,
    )
    ctx = context.build(settings, clock=ticking or clock, checked=False)
    if ctx.db.file is not None and not ctx.db.file.exists():
        ctx.db.file.write_bytes(_migrated())
    setup.set_up(ctx, title="The Morning Ledger")
    return Place(ctx=ctx, clock=clock, folder=folder)
