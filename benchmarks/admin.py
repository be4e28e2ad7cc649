"""
The admin pages over a million readers and a hundred issues: how long each takes, search and filters included.

    python -m benchmarks.admin [--readers 1000000] [--issues 100] [--looks 100] [--database postgresql://…]

`benchmarks/filled.py` writes the rows, which is no part of what is timed. Each page is opened as a browser does it, through the
gate; the first look, which counts what later ones are shown, the median, the 99th percentile and the processor's time are printed.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pyotp
from fastapi.testclient import TestClient
from sqlalchemy import text

from benchmarks.filled import ORIGIN, fill, place
from digest.model.account import Role
from digest.services import accounts, welcome
from digest.services.context import Context
from digest.services.login import Visitor
from digest.services.welcome import App, Applicant
from digest.web import public

MEDIAN_MS, P99_MS = 200, 500  #: the budget of a page on a quiet machine
#: Pages by what they are of; `{issue}`, `{delivery}` and the like are numbers of rows in the middle.
PAGES = (
    "/admin/",
    "/admin/issues",
    "/admin/issues/{issue}",
    "/admin/issues/{older}",
    "/admin/issues/{issue}/preview",
    "/admin/issues/{issue}/deliveries",
    *(f"/admin/issues/{{issue}}/deliveries?state={state}" for state in ("sent", "bounced", "unsure", "queued")),
    "/admin/deliveries",
    "/admin/deliveries?address={address}",
    "/admin/deliveries?address=nobody%40example.org",
    "/admin/deliveries/{delivery}",
    "/admin/deliveries/{delivery}/mail",
    "/admin/desk",
    "/admin/desk/daily",
    "/admin/desk/daily/preview",
    "/admin/desk/daily/checks",
    *(f"/admin/bounces?days={days}" for days in (7, 30, 90)),
    "/admin/bounces/reports",
    *(f"/admin/bounces/reports?{one}" for one in ("verdict=hard", "reason=mailbox+full", "domain=gmail.com", "newsletter=1")),
    "/admin/bounces/reports?verdict=hard&domain=small123.example",
    "/admin/bounces/reports?address=reader.9%40gmail.com",
    "/admin/bounces/5000",
    "/admin/newsletters",
    "/admin/newsletters/daily",
    "/admin/newsletters/daily/rules",
    "/admin/sources",
    "/admin/sources?health=failing",
    "/admin/sources/50",
    "/admin/subscribers",
    "/admin/subscribers?before=500000",
    "/admin/subscribers?text=tanaka",
    "/admin/subscribers?text=reader.99",
    "/admin/subscribers?text=reader.999999@",
    "/admin/subscribers?text=%40small123",
    "/admin/subscribers?text=zz",
    "/admin/subscribers?mlist=readers",
    "/admin/subscribers?state=unsubscribed",
    "/admin/subscribers?state=pending",
    "/admin/subscribers?state=suppressed",
    "/admin/subscribers?language=ko",
    "/admin/subscribers?language=de&state=unsubscribed",
    "/admin/subscribers?domain=gmail.com&language=fr",
    "/admin/subscribers?domain=small123.example",
    "/admin/subscribers?since=2026-01-01&until=2026-01-01",
    "/admin/subscribers?since=2030-01-01",
    "/admin/subscribers/500000",
    "/admin/lists",
    "/admin/lists/readers",
    "/admin/suppressions",
    "/admin/suppressions?address=reader.50%40gmail.com",
    "/admin/imports",
    "/admin/imports/30",
    "/admin/charts",
    "/admin/audit",
    "/admin/audit?person=person+5",
    "/admin/audit?noun=newsletter",
    "/admin/audit?person=person+5&noun=issue",
    "/admin/audit?since=2026-06-01&until=2026-06-02",
    "/admin/audit?everything=yes",
    "/admin/audit?everything=yes&noun=source",
    "/admin/me",
    "/admin/accounts",
    "/admin/settings",
    "/admin/webhooks",
)


def log_in(ctx: Context) -> str:
    """Make an owner who is logged in; return the token of the cookie."""
    made = accounts.add(ctx, "mara@paper.example.org", name="Mara", role=Role.OWNER)
    secret = pyotp.random_base32()
    app = App(secret=secret, code=pyotp.TOTP(secret).at(ctx.clock()))
    visitor = Visitor(ip="192.0.2.7", browser="a benchmark")
    token = made.link.rpartition("/")[2]
    accepted = welcome.by_password(ctx, token, Applicant(), password="a long and good enough one", app=app, visitor=visitor)
    return accepted.entered.token


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--issues", type=int, default=100)
    parser.add_argument("--looks", type=int, default=100)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    gc.set_threshold(50_000, 20, 20)  # as the command sets it
    with tempfile.TemporaryDirectory() as folder:
        ctx = place(Path(folder), given.database)
        began = time.perf_counter()
        fill(ctx, readers=given.readers, issues=given.issues)
        print(f"{given.readers} readers and {given.issues} issues written in {time.perf_counter() - began:.0f} s")
        token = log_in(ctx)
        with TestClient(public.app(ctx), base_url=ORIGIN, follow_redirects=False) as client:
            client.cookies.set("__Host-digest", token, domain="paper.example.org")
            look(client, places(ctx, given.readers), given.looks)


def places(ctx: Context, readers: int) -> dict[str, object]:
    """Numbers and an address that the paths name."""
    with ctx.db.read() as tx:
        ask = tx.connection().execute
        newest = ask(text("SELECT max(number), max(id) FROM issue")).one()
        issue = ask(text("SELECT id FROM issue WHERE number = :number"), {"number": newest[0]}).scalar_one()
        middle = (
            ask(
                text("SELECT id, address FROM delivery WHERE issue_id = :issue AND subscriber_id = :n"),
                {"issue": issue, "n": readers // 2},
            ).one_or_none()
            or ask(text("SELECT id, address FROM delivery LIMIT 1")).one()
        )
    return {"issue": issue, "older": newest[1] - 1, "delivery": middle[0], "address": quote(middle[1])}


def look(client: TestClient, named: dict[str, object], looks: int) -> None:
    """Open every page so often, and print how long it took: first, median, p99, and the median of the processor's time in this process."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("  first   median     p99   cpu  (ms)")
    slow = []
    for page in PAGES:
        path = page.format(**named)
        times, cpu, is_refused = [], [], False
        for _ in range(looks):
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            times.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - used) * 1000)
            assert answer.status_code in (200, 303, 503), (path, answer.status_code)
            is_refused |= answer.status_code == 503
        p99 = sorted(times)[min(looks - 1, int(looks * 0.99))]
        print(f"{times[0]:7.0f} {statistics.median(times):8.0f} {p99:7.0f} {statistics.median(cpu):5.0f}  {path}", flush=True)
        slow += [path] if is_refused or statistics.median(times) > MEDIAN_MS or p99 > P99_MS else []
    print(
        f"load {os.getloadavg()[0]:.1f}; over {MEDIAN_MS} ms in the median or {P99_MS} at p99, or given up: {', '.join(slow) or 'none'}"
    )


if __name__ == "__main__":
    main()
