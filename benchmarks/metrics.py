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

from benchmarks.filled import fill, place
from digest.services import metrics
from digest.web import public

TOKEN = "0123456789abcdef0123456789abcdef"
HALF_SENT = (
    "UPDATE delivery SET state = 'queued', sent_at = NULL, reply = '' WHERE issue_id = (SELECT max(id) FROM issue) AND subscriber_id % 2 = 1",
    "UPDATE issue SET state = 'sending' WHERE id = (SELECT max(id) FROM issue)",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--scrapes", type=int, default=40)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ctx = place(Path(folder), given.database, metrics_token=TOKEN)
        fill(ctx, readers=given.readers, issues=2)
        with ctx.db.engine.begin() as connection:
            for statement in HALF_SENT:
                connection.execute(text(statement))
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
