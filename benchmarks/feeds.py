"""
How far feeds are read as feedparser itself reads them, and what a second read of them costs.

    python -m benchmarks.feeds FOLDER [--collect N]

FOLDER has feed files (feedparser's test-suite, for one). For each that has entries: the number of
entries, and of each entry link, id, dates and authors, against feedparser's own reading in the same
run. `--collect N` times two collects of N feeds of 40 entries from a server on loopback whose bodies
do not change.
"""

import argparse
import calendar
import io
import random
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from feedparser import api

from digest.collect import feedxml  # noqa: F401  # puts its parsers into feedparser
from digest.services import sources as source_services

#: feedparser's own parsers, of which `digest.collect.feedxml` derives those that it puts in their place.
ITS_OWN = (api.StrictFeedParser.__bases__[1], api.LooseFeedParser.__bases__[1])

Fields = tuple[str, str, datetime | None, datetime | None, tuple[str, ...]]


def reference(body: bytes) -> Sequence[Fields] | None:
    """feedparser's reading; None: it finds no feed."""
    ours, (api.StrictFeedParser, api.LooseFeedParser) = (api.StrictFeedParser, api.LooseFeedParser), ITS_OWN
    try:
        parsed = api.parse(io.BytesIO(body), response_headers={"content-type": "application/xml"})
    finally:
        api.StrictFeedParser, api.LooseFeedParser = ours
    return [_fields(entry) for entry in parsed.entries] if parsed.entries or parsed.version else None


def _fields(entry: Any) -> Fields:
    names = [author.get("name") or "" for author in entry.get("authors", ())]
    published = dict.get(entry, "published_parsed") or dict.get(entry, "created_parsed")
    updated = dict.get(entry, "updated_parsed")
    return entry.get("link", ""), entry.get("id", ""), _instant(published), _instant(updated), tuple(filter(None, names))


def _instant(parsed: time.struct_time | None) -> datetime | None:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None


def agreement(folder: Path) -> tuple[int, Mapping[str, int]]:
    """How many files are feeds, and in how many each field is as feedparser has it."""
    from digest.collect.feeds import parse
    from digest.errors import ParseError

    warnings.simplefilter("ignore")
    feeds, same = 0, Counter[str]()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".xml", ".json")):
        body = path.read_bytes()
        wanted = reference(body)
        try:
            entries = parse(body, where=path.name).entries
        except ParseError:
            feeds += bool(wanted)
            continue
        feeds += 1
        found = [(e.link, e.guid, e.published_at, e.updated_at, e.authors) for e in entries]
        if wanted is None or len(wanted) != len(found):
            same["count"] += wanted is None  # feedparser reads no JSON Feed
            continue
        same["count"] += 1
        for place, name in enumerate(("links", "ids", "published", "updated", "authors")):
            # An entry without an id is given one, and one without a link that of its enclosure.
            given = name in ("ids", "links")
            same[name] += all(w[place] == f[place] or (given and not w[place]) for w, f in zip(wanted, found, strict=True))
    return feeds, same


def feed(number: int, now: datetime) -> bytes:
    """One of many feeds."""
    chance = random.Random(number)
    words = ["".join(chance.choices("aeioulnrst", k=chance.randint(3, 9))) for _ in range(2_000)]

    def said(length: int) -> str:
        return " ".join(chance.choices(words, k=length))

    items = "".join(
        f"<item><guid>{number}-{i}</guid><title>{said(7)}</title><link>https://n{number}.example/{i}</link>"
        f"<pubDate>{now - timedelta(minutes=20 * i):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>&lt;p&gt;{said(200)}.&lt;/p&gt;</description></item>"
        for i in range(40)
    )
    return f"<rss version='2.0'><channel><title>Town {number}</title>{items}</channel></rss>".encode()


def collects(count: int) -> tuple[float, float]:
    """Seconds of a first and a second collect of so many feeds."""
    from digest.model.states import SourceKind
    from digest.services import collecting, context, setup
    from digest.settings import Settings

    bodies = [feed(number, datetime.now(UTC)) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, served(lambda path: bodies[int(path.strip("/"))]) as base:
        settings = Settings(secret_key="s" * 32, pepper="p" * 32, home=Path(folder))
        ctx = context.build(settings, checked=False)
        setup.set_up(ctx)
        for number in range(count):
            source = source_services.new_source(
                ctx, kind=SourceKind.FEED, location=f"{base}/{number}", name=f"town {number}", allow_private=True
            )
            source_services.add_source(ctx, source)
        took = []
        for _ in range(2):
            begun = time.monotonic()
            collecting.collect(ctx, collecting.active_sources(ctx))
            took.append(time.monotonic() - begun)
        ctx.db.close()
    return took[0], took[1]


class served:  # noqa: N801 - used as a function
    """A server on loopback that answers each path with a body."""

    def __init__(self, body_of: Callable[[str], bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = body_of(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def lines(folder: Path, count: int) -> Iterator[str]:
    """What was measured."""
    feeds, same = agreement(folder)
    yield f"{feeds} feeds"
    for name in ("count", "links", "ids", "published", "updated", "authors"):
        yield f"  {name:10} as feedparser: {same[name] / max(1, feeds):.3f}"
    if count:
        first, second = collects(count)
        yield f"{count} feeds: first collect {first:.1f} s, again with the same bodies {second:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--collect", type=int, default=0, metavar="N")
    options = parser.parse_args()
    for line in lines(options.folder, options.collect):
        print(line)


if __name__ == "__main__":
    main()
