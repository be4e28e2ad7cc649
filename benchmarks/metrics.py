"""
What a scrape of `/metrics` costs with an issue to a million readers, half sent.

    python -m benchmarks.metrics                    # SQLite
    python -m benchmarks.metrics --readers 200000 --database postgresql://…

The first scrape begins to count deliveries by state in the background; the reference is one such count.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import text

from benchmarks.admin import ORIGIN, fill
from digest.services import context, metrics, setup
from digest.settings import Settings
from digest.web import public

TOKEN = "0123456789abcdef0123456789abcdef"
AT = "2026-03-03 06:00:00.000000"
ISSUE = (
    "INSERT INTO issue (newsletter_id, slot, number, state, reason, note, note_by, nonce, due_at, made_at, frozen_at, queued_at, approved_by, revision)"
    " VALUES (1, '2026-03-03', 1, 'sending', '', '', '', 'n', :at, :at, :at, :at, '', 0)"
)
RENDITION = "INSERT INTO rendition (issue_id, language, theme, format, content, made_at) VALUES (1, 'en', 'ledger', 'full', :content, :at)"
DELIVERIES = (
    "INSERT INTO delivery (issue_id, newsletter_id, subscriber_id, subscription_id, period, state, reason, address, address_hmac, name,"
    " rendition_id, key_id, picks, reply, relay, tries, sent_at)"
    " SELECT 1, 1, subscriber.id, subscription.id, '2026-03-03', CASE WHEN subscriber.id % 2 = 0 THEN 'sent' ELSE 'queued' END, '', address,"
    " address_hmac, name, 1, 'k', :picks, '250 2.0.0 kept', 'mx.example.org:25', 0, CASE WHEN subscriber.id % 2 = 0 THEN :at END"
    " FROM subscriber JOIN subscription ON subscription.subscriber_id = subscriber.id WHERE subscription.state = 'active'"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--scrapes", type=int, default=40)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=given.database or f"sqlite:///{folder}/digest.db",
            sender="The Paper <paper@paper.example.org>",
            base_url=ORIGIN,
            postal_address="12 Harbour Street, Dublin",
            secret_key="s" * 32,
            pepper="p" * 32,
            metrics_token=TOKEN,
            home=Path(folder),
        )
        ctx = context.build(settings, checked=False)
        setup.set_up(ctx, title="The Paper")
        fill(ctx, given.readers)
        with ctx.db.engine.begin() as connection:
            connection.execute(text(ISSUE), {"at": AT})
            connection.execute(text(RENDITION), {"content": b"", "at": AT})
            connection.execute(text(DELIVERIES), {"at": AT, "picks": b"\x80"})
        began = time.perf_counter()
        counted = metrics.count_all(ctx)
        print(f"{sum(counted.deliveries.values())} deliveries, counted in {time.perf_counter() - began:.2f} s")
        with TestClient(public.app(ctx), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            times = []
            for _ in range(given.scrapes):
                began = time.perf_counter()
                answer = client.get("/metrics")
                times.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.status_code
                time.sleep(0.25)
        line = f"{times[0]:.0f} ms the first scrape, then {statistics.median(times[1:]):.0f} ms median, {max(times[1:]):.0f} ms slowest"
        print(f"{line}; {len(answer.content)} bytes")


if __name__ == "__main__":
    main()
