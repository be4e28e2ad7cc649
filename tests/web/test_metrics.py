"""`/metrics`: figures of the ledger for who has the token, the same whichever process is asked, and quick whatever there is to count."""

import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from digest.model.metric import METRICS, MetricKind
from digest.model.states import DeliveryState
from digest.runtime import jobs
from digest.services import metrics
from digest.services.metrics import Counting
from digest.store import claims
from digest.web import public
from tests.support.bounced import dsn, process, rows
from tests.support.deliveries import queued, rows_of, set_states
from tests.support.place import Place
from tests.support.servers import Mailbox

TOKEN = "0123456789abcdef0123456789abcdef"
D = DeliveryState


@pytest.fixture
def watched(place: Place) -> Place:
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"metrics_token": TOKEN}))
    return place


@contextmanager
def asking(place: Place) -> Iterator[TestClient]:
    with TestClient(public.app(place.ctx), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def figures(answer: httpx2.Response) -> dict[str, dict[str, float]]:
    """The values of each series by their labels, as `outcome=… relay=…`."""
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = " ".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def scraped(place: Place) -> dict[str, dict[str, float]]:
    with asking(place) as client:
        return figures(client.get("/metrics"))


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("set_token", "headers", "status"),
    [
        ("", {"Authorization": f"Bearer {TOKEN}"}, 404),
        ("", {"Authorization": "Bearer "}, 404),
        (TOKEN, {}, 401),
        (TOKEN, {"Authorization": f"Bearer {TOKEN}x"}, 401),
        (TOKEN, {"Authorization": "Bearer é"}, 401),
        (TOKEN, {"Authorization": f"Basic {TOKEN}"}, 401),
        (TOKEN, {"Authorization": f"bearer {TOKEN}"}, 200),
    ],
)
def test_metrics_are_for_who_has_the_token_wherever_they_are(
    place: Place, set_token: str, headers: dict[str, str], status: int
) -> None:
    ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"metrics_token": set_token}))
    with TestClient(public.app(ctx), client=("127.0.0.1", 1)) as client:
        sent = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = client.get("/metrics", headers=sent)

    assert answer.status_code == status
    assert ("digest_build_info" in answer.text) == (status == 200)


def test_every_metric_is_told_with_its_kind_and_nothing_else_of_ours(watched: Place) -> None:
    with asking(watched) as client:
        text = client.get("/metrics").text
        openmetrics = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    told = dict(re.findall(r"^# TYPE (digest_\S+) (\w+)$", text, re.MULTILINE))
    assert told == {m.name + ("_total" if m.kind is MetricKind.COUNTER else ""): m.kind.value for m in METRICS}
    assert "process_resident_memory_bytes" in text
    assert openmetrics.text.endswith("# EOF\n")


@pytest.mark.any_database
def test_prometheus_own_linter_has_nothing_to_say_of_names(watched: Place) -> None:
    if which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    with asking(watched) as client:
        text = client.get("/metrics").text

    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    assert (checked.stdout + checked.stderr).strip() == ""


def test_outcomes_are_those_of_the_ledger_whichever_process_is_asked(relayed: Place, mailbox: Mailbox) -> None:
    mailbox.answers |= {
        "RCPT ann@example.org": "550 5.1.1 no such user",
        "RCPT bob@example.org": "451 4.7.1 greylisted",
    }
    relayed.ctx = replace(relayed.ctx, settings=relayed.ctx.settings.model_copy(update={"metrics_token": TOKEN}))
    relayed.readers("dora@gmail.com", "eve@googlemail.com", "fay@web.de")
    relayed.send()

    with asking(relayed) as one, asking(relayed) as other:
        first, second = figures(one.get("/metrics")), figures(other.get("/metrics"))

    told = first["digest_deliveries_total"]
    assert told == second["digest_deliveries_total"]
    relay = f"relay=127.0.0.1:{mailbox.port}"
    assert {labels: value for labels, value in told.items() if value} == {
        f"domain=gmail outcome=sent {relay}": 2,
        f"domain=gmx outcome=sent {relay}": 1,
        f"domain=other outcome=sent {relay}": 1,
        f"domain=other outcome=bounced {relay}": 1,
        f"domain=other outcome=deferred {relay}": 1,
    }
    by_state = Counter(rows_of(relayed).values())
    issue = first["digest_issue_deliveries"]
    assert {state: issue[f"issue=1 newsletter=daily state={state}"] for state in by_state} == dict(by_state)
    assert {labels.split("domain=")[1].split()[0] for labels in told} == {"apple", "gmail", "gmx", "outlook", "yahoo", "other"}


@pytest.mark.any_database
def test_a_domain_without_family_has_a_label_of_its_own_where_a_rate_is_set_for_it(place: Place) -> None:
    pace = type(place.ctx.pace)({"example.org": 5.0}, {"example.com": "ours"})

    assert [pace.label(domain) for domain in ("example.org", "example.com", "GMAIL.com", "small.example")] == [
        "example.org",
        "ours",
        "gmail",
        "other",
    ]
    assert set(pace.labels) >= {"example.org", "ours", "gmail", "other"}


def test_what_a_killed_process_had_handed_over_is_counted_when_it_is_settled(watched: Place) -> None:
    issue = queued(watched, "ann@example.org", "bob@example.org")
    with watched.ctx.db.begin() as tx:
        claims.claim(tx, issue.id, owner="dead", now=watched.clock(), limit=1)

    watched.send()

    told = scraped(watched)["digest_deliveries_total"]
    assert sum(told.values()) == 2
    assert told["domain=other outcome=sent relay=outbox"] == 2


def test_readers_who_have_left_are_counted_as_skipped(watched: Place) -> None:
    queued(watched, "ann@example.org", "bob@example.org")
    with watched.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscription SET state = 'unsubscribed' WHERE subscriber_id = 1")

    watched.send()

    assert scraped(watched)["digest_deliveries_total"]["domain= outcome=skipped relay="] == 1


def test_adding_up_leaves_one_row_of_each_count_and_every_total_as_it_was(watched: Place) -> None:
    for number in range(3):
        jobs.safely("publish", lambda: None)
        metrics.METER.holder = f"process {number}"
        metrics.flush(watched.ctx)
    before = scraped(watched)["digest_job_duration_seconds_count"]

    metrics.add_up(watched.ctx)

    assert scraped(watched)["digest_job_duration_seconds_count"] == before
    with watched.ctx.db.engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT series, labels, count(*), max(holder) FROM metric_count GROUP BY 1, 2").all()
    assert {(count, holder) for _, _, count, holder in held} == {(1, "")}


def test_jobs_are_measured_with_their_outcome_and_those_that_never_failed_are_told_as_zero(watched: Place) -> None:
    metrics.flush(watched.ctx)
    before = scraped(watched).get("digest_job_duration_seconds_count", {})

    jobs.safely("collect", lambda: None)
    jobs.safely("tidy", lambda: 1 / 0)
    metrics.flush(watched.ctx)

    after = scraped(watched)["digest_job_duration_seconds_count"]
    grown = {labels: value - before.get(labels, 0) for labels, value in after.items()}
    assert grown["kind=collect outcome=done"] == 1
    assert grown["kind=tidy outcome=failed"] == 1
    assert grown["kind=collect outcome=failed"] == 0
    assert scraped(watched)["digest_database_transaction_seconds_count"]["kind=read"] > 0


def test_an_issue_is_overdue_until_its_first_mail_and_then_its_lateness_is_told(watched: Place) -> None:
    with watched.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE newsletter SET timetable_at = '2026-03-01 00:00:00.000000'")
    watched.clock.turn(minutes=4)
    issue = queued(watched, "ann@example.org")
    waiting = scraped(watched)

    watched.clock.turn(minutes=2)
    watched.send()
    watched.clock.turn(hours=1)
    done = scraped(watched)

    assert issue.due_at == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    assert waiting["digest_issue_overdue_seconds"] == {"newsletter=daily": 240}
    assert "digest_issue_lateness_seconds" not in waiting
    assert waiting["digest_queue_age_seconds"]["newsletter=daily state=queued"] == 0
    assert done["digest_issue_overdue_seconds"] == {"newsletter=daily": 0}
    assert done["digest_issue_lateness_seconds"] == {"newsletter=daily": 360}
    assert done["digest_next_due_timestamp_seconds"] == {"newsletter=daily": (issue.due_at + timedelta(days=1)).timestamp()}


def test_nothing_is_overdue_that_a_person_keeps_back_or_called_off(watched: Place) -> None:
    with watched.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE newsletter SET timetable_at = '2026-03-01 00:00:00.000000'")
    watched.clock.turn(minutes=4)
    queued(watched, "ann@example.org")
    told = []
    for state in ("held", "cancelled", "skipped", "draft"):
        set_states(watched, issue=state)
        found = scraped(watched)
        told.append((found["digest_issue_overdue_seconds"]["newsletter=daily"], found["digest_issues"]["state=held"]))

    assert told == [(0, 1), (0, 0), (0, 0), (240, 0)]


def test_what_waits_in_the_queue_tells_its_age_by_state(watched: Place) -> None:
    queued(watched, "ann@example.org", "bob@example.org", "cy@example.org")
    set_states(watched, deliveries="queued unsure sent")
    watched.clock.turn(hours=2)

    ages = scraped(watched)["digest_queue_age_seconds"]

    assert ages == {
        "newsletter=daily state=queued": 7200,
        "newsletter=daily state=deferred": 0,
        "newsletter=daily state=unsure": 7200,
    }


def test_sources_and_what_came_back_are_told_by_kind(watched: Place) -> None:
    watched.ctx = replace(
        watched.ctx, settings=watched.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example"})
    )
    watched.readers("ann@example.org", "bob@example.org")
    watched.drop("One", "Two")
    watched.drop("Three")
    (watched.folder / "feed2.xml").unlink()
    watched.collect()
    watched.send()
    report = dsn(rows(watched)["ann@example.org"])
    process(watched, report, report.replace(b"Subject:", b"X-Again: 1\nSubject:"))

    found = scraped(watched)

    assert found["digest_sources"] == {"state=failing": 1, "state=paused": 0, "state=silent": 0, "state=working": 1}
    assert found["digest_source_failures"] == {"source=feed2": 1}
    assert {labels: value for labels, value in found["digest_bounces_total"].items() if value} == {"verdict=hard": 1}
    assert found["digest_counted_timestamp_seconds"] == {"": watched.clock().timestamp()}


@pytest.mark.any_database
def test_backups_are_told_where_they_are_wanted(watched: Place) -> None:
    wanted = replace(watched.ctx, settings=watched.ctx.settings.model_copy(update={"backup_dir": "backups"}))
    unset = scraped(watched)
    watched.ctx = wanted
    none = scraped(watched)
    jobs.make_backup(watched.ctx)

    made = scraped(watched)

    assert "digest_backup_last_timestamp_seconds" not in unset
    assert none["digest_backup_last_timestamp_seconds"] == {"": 0}
    assert made["digest_backup_last_timestamp_seconds"] == {"": watched.clock().timestamp()}
    [file] = Path(watched.folder, "backups").glob("*.zip")
    assert made["digest_backup_last_size_bytes"] == {"": file.stat().st_size}


@pytest.mark.any_database
def test_a_look_does_not_wait_for_counts_that_take_long(watched: Place) -> None:
    may_end, began = threading.Event(), threading.Event()

    def long(ctx: object) -> metrics.Counted:
        began.set()
        may_end.wait(20)
        return metrics.count_all(watched.ctx)

    counting = Counting(watched.ctx, count=long)
    started = time.monotonic()
    first = metrics.read(watched.ctx, counting)
    took = time.monotonic() - started
    may_end.set()
    while counting.latest() is None:
        time.sleep(0.01)

    told = {reading.metric.name: reading.values for reading in first}
    assert began.is_set()
    assert took < 1
    assert told["digest_sources"] == {}
    assert told["digest_build_info"]
    assert {reading.metric.name: reading.values for reading in metrics.read(watched.ctx, counting)}["digest_sources"]


def test_a_database_that_is_away_is_answered_without_a_word_of_it(watched: Place) -> None:
    with asking(watched) as client:
        with watched.ctx.db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE metric_count RENAME TO gone")
        answer = client.get("/metrics")

    assert (answer.status_code, answer.text) == (503, "")
