"""
How long it takes to ask sources that have nothing new.

    python -m benchmarks.polling [--feeds 500]

A server of ours in a process of its own answers conditional requests with 304. Measured is the
whole of `collect`: fetching, and keeping on each source how it went. The reference, in the same
run, is aiohttp asking for the same addresses and keeping nothing.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from digest.model.states import SourceKind
from digest.services import collecting, context, setup
from digest.services import sources as source_services
from digest.settings import Settings

ETAG = '"v1"'
ITEMS = "".join(
    f"<item><guid>{i}</guid><title>Story number {i}</title><description>What happened.</description></item>" for i in range(20)
)
FEED = f"<rss version='2.0'><channel><title>News</title><language>en</language>{ITEMS}</channel></rss>".encode()


def serve() -> None:
    """Answers every path with a feed, or 304; prints its port."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == ETAG:
            return web.Response(status=304, headers={"ETag": ETAG})
        own = FEED.replace(b"<guid>", b"<guid>" + request.path.encode())
        return web.Response(body=own, headers={"ETag": ETAG, "Content-Type": "application/rss+xml"})

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{name}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


async def plain(urls: list[str]) -> None:
    """The reference."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4)) as session:

        async def one(url: str) -> None:
            async with session.get(url, headers={"If-None-Match": ETAG}) as answer:
                await answer.read()

        await asyncio.gather(*(one(url) for url in urls))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.polling", "--serve"], stdout=subprocess.PIPE, text=True)
    folder = Path(tempfile.mkdtemp(prefix="polling-"))
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        urls = [f"http://127.0.0.1:{port}/feed{i}" for i in range(given.feeds)]
        now = [datetime.now(UTC)]
        settings = Settings(secret_key="s" * 32, pepper="p" * 32, timezone="UTC", home=folder)
        ctx = context.build(settings, clock=lambda: now[0], checked=False)
        setup.set_up(ctx)
        for i, url in enumerate(urls):
            source_services.add_source(
                ctx, source_services.new_source(ctx, kind=SourceKind.FEED, location=url, name=f"feed{i}", allow_private=True)
            )
        for what in ("read for the first time", "unchanged"):
            begun = time.perf_counter()
            reports = collecting.collect(ctx, collecting.active_sources(ctx))
            took = time.perf_counter() - begun
            print(f"{len(reports)} feeds {what}: {took:.2f} s, {sum(r.added for r in reports)} new articles")
            now[0] += timedelta(hours=1)
        begun = time.perf_counter()
        asyncio.run(plain(urls))
        reference = time.perf_counter() - begun
        print(f"reference, aiohttp alone: {reference:.2f} s, ratio {took / reference:.1f}")
        ctx.db.close()
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
