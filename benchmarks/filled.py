"""
A place with a million readers and a hundred issues, written straight into the database: what is measured is how pages find their
way through it, not how it came to be.

The newest issue has a delivery for every reader, each of the others for some; one real issue is frozen, and the others are copies
of it. Beside them: two hundred sources with twenty thousand articles of a month, reports of mails that came back, events, imports.
"""

import hashlib
import hmac
import random
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import text
from sqlmodel import SQLModel

from digest.model.article import Article, Story
from digest.model.bounce import Bounce, Effect, Proof, ReturnedMail
from digest.model.event import Actor, Event, EventKind
from digest.model.issue import Issue
from digest.model.source import NewsletterSource, Source
from digest.model.states import IssueState, SourceKind
from digest.model.subscriber import Import
from digest.services import collecting, context, freezing, sending, setup, sources
from digest.services import issues as issue_services
from digest.services.context import Context
from digest.services.selection import prepare
from digest.settings import Settings
from digest.store import newsletters

ORIGIN = "https://paper.example.org"

FROM = datetime(2026, 1, 1, tzinfo=UTC)  #: the first reader came then, and the others over 300 days
FIRST = "Ada Bola Çelik Dörte Émile Hana José Mei Søren Zoë Anna Ben Carla Dana Elif Farid Gita Hugo Ines Jan".split()
LAST = "Ash Birch Dąbrowski García Haddad Ito Lindgren Müller Novák Okafor Park Quist Rossi Tanaka Usman Vogel".split()
LANGUAGES = ["en"] * 60 + ["de"] * 20 + ["fr"] * 10 + ["ko", "pt-BR", "pt", "es", "ja", "", "", "", "", ""]
DOMAINS = ["gmail.com"] * 45 + ["outlook.com"] * 15 + ["gmx.de"] * 10
SOURCES, ARTICLES, REPORTS, EVENTS, IMPORTS = 200, 20_000, 20_000, 200_000, 60
STATES = "CASE id % 1000 WHEN 0 THEN 'bounced' WHEN 1 THEN 'deferred' WHEN 2 THEN 'skipped' WHEN 3 THEN 'unsure' ELSE 'sent' END"


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
            "at": f"{FROM + timedelta(days=i % 300):%Y-%m-%d %H:%M:%S.%f}",
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


def place(folder: Path, database: str, **more: object) -> Context:
    """A place that is set up, in this database or else a file in the folder; `more` are settings."""
    values: dict[str, object] = {
        "database_url": database or f"sqlite:///{folder}/digest.db",
        "sender": "The Paper <paper@paper.example.org>",
        "base_url": ORIGIN,
        "postal_address": "12 Harbour Street, Dublin",
        "secret_key": "s" * 32,
        "pepper": "p" * 32,
        "home": folder,
    }
    ctx = context.build(Settings.model_validate({**values, **more}), checked=False)
    setup.set_up(ctx, title="The Paper")
    return ctx


def fill(ctx: Context, *, readers: int, issues: int) -> None:
    """Fill a place that is set up."""
    _people(ctx, readers)
    _articles(ctx)
    newest = _newest_issue(ctx)
    _earlier_issues(ctx, newest, readers=readers, issues=issues)
    _reports(ctx, newest)
    _events(ctx)
    _tidy(ctx)


def _people(ctx: Context, readers: int) -> None:
    rows: list[dict[str, object]] = []
    with ctx.db.engine.begin() as connection:
        for row in people(readers, ctx.settings.pepper):
            rows.append(row)
            if len(rows) == 20_000 or row["id"] == readers:
                connection.execute(text(PERSON), rows)
                connection.execute(text(TIE), rows)
                connection.execute(text(NEVER), [one for one in rows if int(str(one["id"])) % 50 == 0] or rows[:1])
                rows = []


def _articles(ctx: Context) -> None:
    """Forty articles as a feed gives them, and copies of them from two hundred sources over a month."""
    now = ctx.clock()
    entries = "".join(
        f"<entry><id>{n}</id><title>{_headline(n)}</title><link href='https://news.example.com/{n}'/>"
        f"<published>{(now - timedelta(minutes=30 * n)).isoformat()}</published><summary>{_headline(n)}, and a sentence that"
        f" says so in full, with what the council and the people of the town had to say of it.</summary></entry>"
        for n in range(40)
    )
    path = ctx.settings.home / "feed.xml"
    path.write_text(f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>n</id>{entries}</feed>", encoding="utf-8")
    sources.add_source(ctx, sources.new_source(ctx, kind=SourceKind.FEED, location=str(path), name="news"))
    collecting.collect(ctx, collecting.active_sources(ctx))
    with ctx.db.begin() as tx:
        known = [one.model_dump() for one in tx.exec(sqlmodel.select(Article)).all()]
        source = tx.exec(sqlmodel.select(Source)).one().model_dump()
        paper = newsletters.get(tx, "daily").id
    made = [now - n * timedelta(days=30) / ARTICLES for n in range(ARTICLES)]
    _write(ctx, [Source(**{**source, "id": 10 + n, "name": f"source {n}", "location": f"{path}?{n}"}) for n in range(SOURCES)])
    _write(ctx, [NewsletterSource(newsletter_id=paper, source_id=10 + n) for n in range(SOURCES)])
    _write(ctx, [Story(id=1_000 + n, lead_id=1_000 + n, first_seen_at=at) for n, at in enumerate(made)])
    _write(ctx, [_copy(known[n % len(known)], n, at) for n, at in enumerate(made)])


def _headline(n: int) -> str:
    things = "harbour bridge school market library tram hospital park theatre station".split()
    verbs = ("opens again", "is closed", "gets a new roof", "asks for money")
    return f"The {things[n % 10]} {verbs[n // 10 % 4]}"


def _copy(known: dict[str, Any], n: int, at: datetime) -> Article:
    other = {
        "id": 1_000 + n,
        "source_id": 10 + n % SOURCES,
        "story_id": 1_000 + n,
        "guid": f"copy {n}",
        "fingerprint": f"copy {n}",
    }
    address = f"https://news.example.com/copies/{n}"
    times = {"published_at": at, "first_seen_at": at, "settles_at": at}
    return Article(
        **{**known, **other, **times, "headline": f"{known['headline']} {n}", "url": address, "canonical_url": address}
    )


def _newest_issue(ctx: Context) -> Issue:
    """An issue that every reader has a delivery of, a thousandth each bounced, deferred, skipped and unsure."""
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, "daily")
    now = ctx.clock()
    slot = paper.timetable.today(now)
    issue = freezing.freeze(ctx, issue_services.take_slot(ctx, paper, slot), prepare(ctx, paper, slot, now=now))
    sending.queue(ctx, issue, paper)
    with ctx.db.engine.begin() as connection:
        connection.execute(
            text(f"UPDATE delivery SET state = {STATES}, sent_at = :at, tries = 1, relay = 'mx', reply = '250 ok'"),
            {"at": now.replace(tzinfo=None)},
        )
        connection.execute(text("UPDATE issue SET state = 'sent', sent_at = queued_at, number = :number"), {"number": 10_000})
    return issue


def _earlier_issues(ctx: Context, newest: Issue, *, readers: int, issues: int) -> None:
    """Copies of the newest issue, one a day before it, each with deliveries of some readers."""
    own = {column.name for column in SQLModel.metadata.tables["delivery"].columns} - {"id", "issue_id", "period", "rendition_id"}
    columns, each = ", ".join(sorted(own)), min(10_000, readers)
    same = "r.issue_id = :issue AND r.language = o.language AND r.theme = o.theme AND r.format = o.format"
    with ctx.db.engine.begin() as connection:
        for n in range(1, issues):
            day = newest.due_at - timedelta(days=n)
            values = {"id": newest.id + n, "slot": f"{day:%Y-%m-%d}", "number": 10_000 - n, "due_at": day, "made_at": day}
            values |= {"frozen_at": day, "queued_at": day, "sent_at": day + timedelta(minutes=20), "state": IssueState.SENT}
            connection.execute(sa.insert(Issue), [{**newest.model_dump(), **values, "nonce": f"{n}"}])
            given = {
                "issue": newest.id + n,
                "newest": newest.id,
                "first": n * each % readers,
                "last": n * each % readers + each,
                "period": values["slot"],
            }
            for table in ("rendition", "candidate"):
                rest = ", ".join(c.name for c in SQLModel.metadata.tables[table].columns if c.name not in ("id", "issue_id"))
                connection.execute(
                    text(f"INSERT INTO {table} (issue_id, {rest}) SELECT :issue, {rest} FROM {table} WHERE issue_id = :newest"),
                    given,
                )
            connection.execute(
                text(
                    f"INSERT INTO delivery (issue_id, period, rendition_id, {columns}) SELECT :issue, :period, (SELECT r.id FROM"
                    f" rendition r, rendition o WHERE o.id = d.rendition_id AND {same}), {columns} FROM delivery d"
                    " WHERE d.issue_id = :newest AND d.subscriber_id > :first AND d.subscriber_id <= :last"
                ),
                given,
            )


def _reports(ctx: Context, newest: Issue) -> None:
    """Reports of a quarter of a year, most of them of the newest issue's domains."""
    now, original = ctx.clock(), zlib.compress(b"Subject: Undelivered Mail\r\n\r\nuser unknown\r\n")
    chance = random.Random(2)
    made = [now - n * timedelta(days=90) / REPORTS for n in range(REPORTS)]
    _write(ctx, [ReturnedMail(id=n + 1, digest=f"{n}", at=at, kind="bounce", original=original) for n, at in enumerate(made)])
    reports = []
    for n, at in enumerate(made):
        domain = chance.choice(DOMAINS) if n % 3 else f"small{chance.randrange(5000)}.example"
        verdict, reason = chance.choice((("hard", "no such user"), ("soft", "mailbox full"), ("blocked", "policy")))
        reports.append(
            Bounce(
                mail_id=n + 1,
                at=at,
                address=f"reader.{n}@{domain}",
                address_hmac=f"{n:064}",
                domain=domain,
                verdict=verdict,
                reason=reason,
                proof=Proof.SIGNED,
                effect=Effect.SUPPRESSED if verdict == "hard" else Effect.NOTHING,
                issue_id=newest.id,
                newsletter_id=newest.newsletter_id,
                delivery_id=n + 1,
            )
        )
    _write(ctx, reports)


def _events(ctx: Context) -> None:
    """Two hundred thousand events of a year, a tenth of them of persons, and imports."""
    now, kinds, people = ctx.clock(), list(EventKind), [f"person {n}" for n in range(12)]
    rows = []
    for n in range(EVENTS):
        kind, at = kinds[n % len(kinds)], now - (EVENTS - n) * timedelta(days=365) / EVENTS
        who = (
            {"actor": Actor.ACCOUNT, "person": people[n % 12], "account_id": 1 + n % 12}
            if n % 10 == 0
            else {"actor": Actor.SCHEDULER}
        )
        facts = {"before": {"title": "old"}, "after": {"title": "new"}} if n % 10 == 0 else {"count": n}
        rows.append(Event(at=at, kind=kind, noun=kind.value.partition(".")[0], noun_id=n % 1000, facts=facts, **who))
    _write(ctx, rows)
    _write(ctx, [Import(mlist_id=1, file=f"people{n}.csv", made_at=now, finished_at=now, added=1_000) for n in range(IMPORTS)])


def _write(ctx: Context, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table, with the defaults of its model."""
    table = SQLModel.metadata.tables[str(type(rows[0]).__tablename__)]
    values = [{name: value for name, value in row.model_dump().items() if (name, value) != ("id", None)} for row in rows]
    with ctx.db.engine.begin() as connection:
        for n in range(0, len(values), 5_000):
            connection.execute(table.insert(), values[n : n + 5_000])


def _tidy(ctx: Context) -> None:
    """Statistics of the planner, which a server keeps up by itself; on SQLite as the nightly upkeep does."""
    with ctx.db.engine.connect() as connection:
        if ctx.db.shared:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
