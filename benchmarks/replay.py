"""
Two weeks of news, hour by hour: is every story in exactly one issue?

    python -m benchmarks.replay [--days 14] [--sources 20] [--stories 15] [--seed 1]

Made-up sources publish stories, each told by one to four of them in words of their own, some
hours late. Sources are out for hours, give all their entries new guids, move them to new
addresses, and edit what they wrote. The scheduler's own jobs collect and print, on a clock that
is turned. Prints how many stories were missing or printed twice; exits 1 if any was.
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from digest.audience import subscribe
from digest.audience.address import parse
from digest.model.job import Job
from digest.model.states import SourceKind
from digest.runtime import jobs
from digest.services import context, setup
from digest.services import sources as source_services
from digest.services.context import Context
from digest.settings import Settings
from digest.store import issues, newsletters, subscribers

BEGIN = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
KEPT = 40  #: entries that a feed shows
SYLLABLES = tuple(f"{c}{v}" for c in "bdfgklmnprstvz" for v in "aeiou")
COMMON = "officials people city government week report company country plan year minister police group court new work".split()


@dataclass
class Told:
    """An entry of a feed."""

    story: int
    guid: str
    link: str
    headline: str
    text: str
    at: datetime


@dataclass
class Feed:
    """A made-up source."""

    name: str
    path: Path
    entries: list[Told] = field(default_factory=list)
    out_until: datetime = BEGIN

    def write(self, now: datetime) -> None:
        """What it shows now; nothing while it is out."""
        if now < self.out_until:
            self.path.unlink(missing_ok=True)
            return
        items = "".join(
            f"<item><guid isPermaLink='false'>{escape(t.guid)}</guid><title>{escape(t.headline)}</title><link>{escape(t.link)}</link>"
            f"<pubDate>{t.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>{escape(t.text)}</description></item>"
            for t in sorted(self.entries, key=lambda t: t.at)[-KEPT:]
        )
        self.path.write_text(
            f"<rss version='2.0'><channel><title>{self.name}</title><language>en</language>{items}</channel></rss>"
        )


class World:
    """Sources and what happens, by one seed."""

    def __init__(self, folder: Path, *, sources: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.feeds = [Feed(name=f"Paper {i}", path=folder / f"feed{i}.xml") for i in range(sources)]
        self.matters: list[Sequence[str]] = []
        self.printed_names: dict[str, int] = {}

    def hour(self, now: datetime, *, stories: float) -> None:
        """What happens in an hour, and what the sources make of it."""
        for _ in range(int(stories) + (self.chance.random() < stories % 1)):
            self._happens(now)
        for feed in self.feeds:
            if self.chance.random() < 0.01:
                feed.out_until = now + timedelta(hours=self.chance.randint(1, 10))
            if feed.entries and self.chance.random() < 0.004:
                for told in feed.entries:  # the site moves: new guids, and one time in two new addresses
                    told.guid = f"moved-{now:%d%H}-{told.guid}"[:80]
                if self.chance.random() < 0.5:
                    for told in feed.entries:
                        told.link = told.link.replace("/a/", f"/{now:%d%H}/")
            for told in feed.entries[-5:]:
                if self.chance.random() < 0.02:
                    told.text += " Correction: " + " ".join(self.chance.sample(COMMON, 4)) + "."
            feed.write(now)

    def _happens(self, now: datetime) -> None:
        number = len(self.matters)
        matter = ["".join(self.chance.sample(SYLLABLES, 3)).capitalize() for _ in range(14)]
        self.matters.append(matter)
        for feed in self.chance.sample(self.feeds, self.chance.choice((1, 1, 1, 2, 3, 4))):
            at = now + timedelta(minutes=self.chance.randrange(0, 55))
            headline = " ".join(self.chance.sample(matter, 6))
            words = self.chance.sample(matter, 11) + self.chance.choices(COMMON, k=20)
            self.chance.shuffle(words)
            guid = f"{feed.name}-{number}"
            link = f"https://{feed.name.replace(' ', '').lower()}.example/a/{number}"
            feed.entries.append(Told(number, guid, link, headline, " ".join(words) + ".", at))
            self.printed_names[headline] = number


class AtOnce:
    """A dispatcher that does each job when it is asked to."""

    def __init__(self, ctx: Context) -> None:
        self._ctx, self._rest = ctx, jobs.BackOff(ctx.clock)

    def run(self, chosen: Iterable[Job]) -> None:
        for job in chosen:
            jobs.safely("deliver issue", partial(jobs.perform, self._ctx, job, threading.Event(), self._rest))

    def wait(self) -> None:
        """Nothing is left."""


@dataclass(frozen=True)
class Outcome:
    """What became of the stories."""

    stories: int
    issues: int
    missing: Sequence[int]
    twice: Sequence[int]


def replay(folder: Path, *, days: int, sources: int, stories: int, seed: int) -> Outcome:
    """Live through the days in a folder."""
    now = [BEGIN]
    settings = Settings(secret_key="s" * 32, pepper="p" * 32, timezone="UTC", base_url="https://replay.example", home=folder)
    ctx = context.build(settings, clock=lambda: now[0], checked=False)
    setup.set_up(ctx)
    with ctx.db.begin() as tx:
        paper = newsletters.get(tx, "daily")
        paper.max_stories, paper.days = 100, "daily"
        mlist = subscribers.get_list(tx, "readers")
        subscribe.add(
            tx,
            parse("ann@example.org"),
            mlist=mlist,
            name="",
            language="",
            zone="",
            evidence="a replay",
            pepper="p" * 32,
            now=BEGIN,
        )
    world = World(folder, sources=sources, seed=seed)
    for feed in world.feeds:
        feed.write(BEGIN)
        source_services.add_source(
            ctx, source_services.new_source(ctx, kind=SourceKind.FEED, location=str(feed.path), name=feed.name)
        )
    dispatcher = AtOnce(ctx)
    end = BEGIN + timedelta(days=days)
    while now[0] < end + timedelta(days=2):  # two more mornings print what came last
        world.hour(now[0], stories=stories / 24 if now[0] < end else 0)
        for _ in range(4):  # the scheduler looks every minute; four times an hour will do
            now[0] += timedelta(minutes=15)
            jobs.collect_due(ctx, dispatcher)
            jobs.publish_due(ctx)
    with ctx.db.read() as tx:
        found = issues.latest(tx, limit=10_000)
        printed = Counter(
            world.printed_names[row.headline] for issue in found for row in issues.picks(tx, issue.id) if row.rank is not None
        )
    ctx.db.close()
    told = range(len(world.matters))
    return Outcome(len(world.matters), len(found), [n for n in told if not printed[n]], [n for n in told if printed[n] > 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--stories", type=int, default=15, help="a day")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="replay-"))
    try:
        found = replay(folder, days=given.days, sources=given.sources, stories=given.stories, seed=given.seed)
    finally:
        shutil.rmtree(folder)
    print(
        f"{found.stories} stories in {found.issues} issues: {len(found.missing)} missing, {len(found.twice)} printed twice (seed {given.seed})"
    )
    sys.exit(1 if found.missing or found.twice else 0)


if __name__ == "__main__":
    main()
