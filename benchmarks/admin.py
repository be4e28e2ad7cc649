"""
The admin pages over a million readers: how long each takes, search and filters included.

    python -m benchmarks.admin [--readers 1000000] [--looks 30] [--database postgresql://…]

People are written straight into the database, with names, languages, domains and states as they come in life;
that is no part of what is timed. Each page is opened as a browser does it, through the gate, and its median
and slowest time are printed; the slowest is mostly the first, which counts what later ones are shown.
"""

import argparse
import hashlib
import hmac
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
from fastapi.testclient import TestClient
from sqlalchemy import text

from digest.model.account import Role
from digest.services import accounts, context, setup, welcome
from digest.services.context import Context
from digest.services.login import Visitor
from digest.services.welcome import App, Applicant
from digest.settings import Settings
from digest.web import public

ORIGIN = "https://paper.example.org"
AT = "2026-01-01 00:00:00.000000"
FIRST = "Ada Bola Çelik Dörte Émile Hana José Mei Søren Zoë Anna Ben Carla Dana Elif Farid Gita Hugo Ines Jan".split()
LAST = "Ash Birch Dąbrowski García Haddad Ito Lindgren Müller Novák Okafor Park Quist Rossi Tanaka Usman Vogel".split()
LANGUAGES = ["en"] * 60 + ["de"] * 20 + ["fr"] * 10 + ["ko", "pt-BR", "pt", "es", "ja", "", "", "", "", ""]
DOMAINS = ["gmail.com"] * 45 + ["outlook.com"] * 15 + ["gmx.de"] * 10
PAGES = (
    "/admin/",
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
    "/admin/suppressions",
    "/admin/imports",
)


def people(readers: int, pepper: str) -> Iterator[dict[str, object]]:
    """Rows of subscribers, the state of their subscription beside them."""
    chance = random.Random(1)
    for i in range(1, readers + 1):
        domain = chance.choice(DOMAINS) if chance.random() < 0.7 else f"small{chance.randrange(5000)}.example"
        address = f"reader.{i}@{domain}"
        yield {
            "id": i,
            "address": address,
            "hmac": hmac.new(pepper.encode(), address.encode(), hashlib.sha256).hexdigest(),
            "name": f"{chance.choice(FIRST)} {chance.choice(LAST)}" if chance.random() < 0.6 else "",
            "language": chance.choice(LANGUAGES),
            "state": chance.choices(["active", "unsubscribed", "pending"], [95, 4.9, 0.1])[0],
            "at": AT,
        }


PERSON = (
    "INSERT INTO subscriber (id, address, address_key, address_hmac, name, language, zone, made_at, revision)"
    " VALUES (:id, :address, :address, :hmac, :name, :language, '', :at, 0)"
)
TIE = (
    "INSERT INTO subscription (subscriber_id, mlist_id, state, evidence, made_at, active_at, wanted, muted, revision)"
    " VALUES (:id, 1, :state, 'a benchmark', :at, :at, '', '', 0)"
)
NEVER = (
    "INSERT INTO suppression (address_hmac, address, reason, made_at, may_return) VALUES (:hmac, :address, 'bounced', :at, false)"
)


def fill(ctx: Context, readers: int) -> None:
    rows: list[dict[str, object]] = []
    with ctx.db.engine.begin() as connection:
        for row in people(readers, ctx.settings.pepper):
            rows.append(row)
            if len(rows) == 20_000 or row["id"] == readers:
                connection.execute(text(PERSON), rows)
                connection.execute(text(TIE), rows)
                connection.execute(text(NEVER), [one for one in rows if int(str(one["id"])) % 50 == 0] or rows[:1])
                rows = []
    if ctx.db.shared:
        with ctx.db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


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
    parser.add_argument("--looks", type=int, default=30)
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
            home=Path(folder),
        )
        ctx = context.build(settings, checked=False)
        setup.set_up(ctx, title="The Paper")
        began = time.perf_counter()
        fill(ctx, given.readers)
        print(f"{given.readers} readers written in {time.perf_counter() - began:.0f} s, {os.cpu_count()} cores")
        token = log_in(ctx)
        with TestClient(public.app(ctx), base_url=ORIGIN, follow_redirects=False) as client:
            client.cookies.set("__Host-digest", token, domain="paper.example.org")
            for path in PAGES:
                times = []
                for _ in range(given.looks):
                    began = time.perf_counter()
                    answer = client.get(path)
                    times.append((time.perf_counter() - began) * 1000)
                    assert answer.status_code == 200, (path, answer.status_code)
                print(f"{statistics.median(times):6.0f} ms median, {max(times):6.0f} ms slowest  {path}", flush=True)


if __name__ == "__main__":
    main()
