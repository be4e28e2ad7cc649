"""Relays that refuse us, or some of our readers: nobody innocent is bounced, nothing is stuck or hammered."""

import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from benchmarks import kill
from sqlmodel import select

from digest.collect.rhythm import after_failures
from digest.deliver import routes
from digest.model.delivery import Attempt
from digest.model.ports import Reply, Stage
from digest.model.replies import Cause, Outcome, judge
from digest.model.states import DeliveryState, IssueState
from digest.runtime import jobs
from digest.services import collecting, sending
from digest.services import issues as issue_services
from digest.services import sources as source_services
from digest.smtp.connection import Timeouts
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, sources, subscribers
from tests.support.place import Hands, Place
from tests.support.servers import Mailbox, smtp_server

pytestmark = pytest.mark.any_database

D = DeliveryState


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox()) as box:
        yield box


def to_relay(place: Place, mailbox: Mailbox, *addresses: str, connections: int = 2) -> None:
    settings = place.ctx.settings.model_copy(update={"smtp_connections": connections})
    transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test")
    place.ctx = replace(place.ctx, transports=(transport,), settings=settings)
    place.readers(*addresses)
    place.drop("The harbour opens again")
    place.collect()


def of_the_process() -> tuple[object, ...]:
    """What a delivery could change for others: garbage collection, priorities, signals, limits of threads."""
    threads = [thread.native_id for thread in threading.enumerate() if thread.native_id]
    priorities = frozenset(os.getpriority(os.PRIO_PROCESS, number if sys.platform == "linux" else 0) for number in threads)
    handlers = tuple(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM))
    return gc.get_freeze_count(), gc.get_threshold(), gc.isenabled(), priorities, handlers, sys.getswitchinterval()


def test_a_delivery_changes_nothing_of_its_process(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *HUNDRED)
    before, meanwhile = of_the_process(), set()

    running = threading.Thread(
        target=sending.send, args=(place.ctx, place.daily), kwargs={"on_sent": lambda _: meanwhile.add(of_the_process())}
    )
    running.start()
    running.join()

    assert meanwhile == {before}
    assert of_the_process() == before


def counts(place: Place) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issues.latest(tx)[0].id))


def suppressed(place: Place) -> int:
    with place.ctx.db.read() as tx:
        return len(subscribers.suppressions(tx))


HUNDRED = [f"r{i}@d{i % 7}.example.org" for i in range(100)]


@pytest.mark.parametrize(
    "reply",
    [
        "554 5.7.1 <r@x>: Relay access denied",
        "550 5.1.0 <paper@ledger.example.org>: Sender address rejected: User unknown in local recipient table",
        "554 5.7.1 <host>: Client host rejected: Access denied",
        "550 5.1.8 <us>: Sender address rejected: Domain not found",
        "550 relay not permitted",
        "550 5.7.1 Sender domain does not exist",
    ],
)
def test_refusals_of_us_that_a_relay_delays_to_rcpt_bounce_and_suppress_nobody(
    place: Place, mailbox: Mailbox, reply: str
) -> None:
    to_relay(place, mailbox, *HUNDRED)
    mailbox.answers = {"RCPT": reply}

    sent = place.send()

    assert sent.issue.state is IssueState.HELD
    assert counts(place) == {D.QUEUED: 100}
    assert suppressed(place) == 0
    mailbox.answers = {}
    issue_services.resume(place.ctx, sent.issue.id)
    assert place.send().counts == {D.SENT: 100}


def test_a_relay_that_says_every_reader_is_unknown_is_not_believed(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(100)))
    mailbox.answers = {"RCPT": "550 5.1.1 user unknown"}

    place.send()

    assert counts(place) == {D.DEFERRED: 100}
    assert suppressed(place) == 0


def test_one_dead_address_among_many_is_believed(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(50)))
    mailbox.answers = {"RCPT r7@example.org": "550 5.1.1 user unknown"}

    place.send()

    assert counts(place) == {D.SENT: 49, D.BOUNCED: 1}
    assert suppressed(place) == 1


@pytest.mark.parametrize(
    "reply", ["550 SPF check failed for this host", "550 5.7.1 blocked using zen.spamhaus.org", "554 Transaction failed"]
)
def test_readers_whose_host_refuses_us_hold_nobody_else(place: Place, mailbox: Mailbox, reply: str) -> None:
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(200)))
    refused = {f"END r{i}@example.org": reply for i in range(40, 44)}
    mailbox.answers = dict(refused)

    sent = place.send()

    assert sent.issue.state is IssueState.SENDING
    assert counts(place) == {D.SENT: 196, D.QUEUED: 4}
    assert suppressed(place) == 0


def test_a_row_that_is_refused_for_two_days_comes_back_and_the_issue_is_sent(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, "ann@example.org", "bob@example.org")
    mailbox.answers = {"END bob@example.org": "554 Transaction failed"}
    place.send()
    tries = 0
    for _ in range(200):
        place.clock.turn(minutes=30)
        for waiting in issue_services.unfinished(place.ctx, place.daily):
            tries += 1
            sending.finish(place.ctx, place.daily, waiting, resumed=True)
        with place.ctx.db.read() as tx:
            if issues.latest(tx)[0].state is IssueState.SENT:
                break

    assert counts(place) == {D.SENT: 1, D.BOUNCED: 1}
    assert tries < 25
    assert suppressed(place) == 0


def test_after_days_without_a_relay_old_papers_are_given_up_not_sent(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, "ann@example.org")
    up = place.ctx.transports
    place.ctx = replace(place.ctx, transports=(Smtp(Relay(scheme="smtp", host="127.0.0.1", port=9), helo="x"),))
    place.send()
    place.clock.turn(days=5)
    place.ctx = replace(place.ctx, transports=up)

    for waiting in issue_services.unfinished(place.ctx, place.daily):
        sending.finish(place.ctx, place.daily, waiting, resumed=True)

    assert mailbox.taken == {}
    assert counts(place) == {D.BOUNCED: 1}
    with place.ctx.db.read() as tx:
        assert issues.latest(tx)[0].state is IssueState.SENT


def test_a_relay_that_is_stuck_keeps_little_from_another(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(600)), connections=1)
    with smtp_server(Mailbox(silent="END")) as stuck:
        other = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=stuck.port), helo="test", timeouts=Timeouts(end=8.0))
        place.ctx = replace(place.ctx, transports=(*place.ctx.transports, other))
        stop, until = threading.Event(), time.monotonic() + 8
        running = threading.Thread(target=sending.send, args=(place.ctx, place.daily), kwargs={"stop": stop})
        running.start()
        while sum(mailbox.taken.values()) < 440 and time.monotonic() < until:
            time.sleep(0.05)
        taken = sum(mailbox.taken.values())
        stop.set()
        running.join()

    assert taken >= 440


def test_a_message_that_was_to_find_out_whether_a_relay_works_again_may_find_out_nothing(
    place: Place, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is lost without a word; the relay is asked again all the same."""
    monkeypatch.setattr(routes, "REST_S", 0.2)
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(300)), connections=1)
    with smtp_server(Mailbox(drop="BANNER", only=1)) as shaky, smtp_server(Mailbox(delay_s=0.01)) as slow:
        relays = [Smtp(Relay(scheme="smtp", host="127.0.0.1", port=box.port), helo="test") for box in (shaky, slow)]
        place.ctx = replace(place.ctx, transports=relays)
        sending = threading.Thread(target=place.send)
        sending.start()
        while shaky.only > 0:
            time.sleep(0.01)
        shaky.drop, shaky.only = "MAIL", 1
        sending.join()

        assert sum(shaky.taken.values()) > 10
        assert sum(shaky.taken.values()) + sum(slow.taken.values()) == 300


def test_a_nul_in_a_reply_is_no_trouble_of_the_database(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, "ann@example.org", "bob@example.org")
    mailbox.raw = {"END ann@example.org": b"250 2.0.0 ok \0 queued\r\n", "RCPT bob@example.org": b"450 4.2.0 \0 later\r\n"}

    assert place.send().counts == {D.SENT: 1, D.DEFERRED: 1}


@pytest.mark.parametrize("reply", ["421 4.3.2 shutting down", "451 4.3.0 not now"])
def test_a_relay_that_has_enough_is_left_alone(place: Place, mailbox: Mailbox, reply: str) -> None:
    to_relay(place, mailbox, *(f"r{i}@example.org" for i in range(200)))
    mailbox.answers = {"MAIL": reply}

    sent = place.send()

    assert "takes nothing now" in sent.tally.down
    assert sent.counts[D.QUEUED] >= 190
    assert sent.issue.state is IssueState.SENDING


@pytest.mark.parametrize(
    ("enhanced", "text", "outcome", "cause"),
    [
        (
            "5.7.513",
            "Service unavailable, Client host blocked by recipient's Customer Block list",
            Outcome.BOUNCED,
            Cause.OWN_RULES,
        ),
        ("5.1.1", "User ann not listed in Domino Directory", Outcome.BOUNCED, Cause.HARD),
        ("5.1.1", "Recipient address blocked", Outcome.BOUNCED, Cause.HARD),
        (
            "5.7.1",
            "Requested action not taken: mailbox unavailable; Reject due to policy restrictions",
            Outcome.BOUNCED,
            Cause.OTHER,
        ),
        ("5.7.1", "our policy on dmarc.example does not exist", Outcome.BOUNCED, Cause.OTHER),
    ],
)
def test_what_is_said_of_a_reader_is_told_from_what_is_said_of_us(
    enhanced: str, text: str, outcome: Outcome, cause: Cause
) -> None:
    verdict = judge(Stage.RCPT, Reply(code=550, enhanced=enhanced, text=text))

    assert (verdict.outcome, verdict.cause) == (outcome, cause)
    assert verdict.suppresses == (cause is Cause.HARD)


def test_a_full_mailbox_that_says_try_again_is_full() -> None:
    assert judge(Stage.RCPT, Reply(code=452, enhanced="4.2.2", text="mailbox full, try again later")).cause is Cause.FULL


def test_a_thousand_failures_of_one_source_keep_no_other_from_being_read(place: Place) -> None:
    place.drop("One")
    place.drop("Two")
    with place.ctx.db.begin() as tx:
        bad, _ = sources.all_of(tx)
        bad.location = "https://news.example.org/feed.xml"  # a file of this machine is read each time
        for _ in range(1000):
            again = after_failures(timedelta(seconds=bad.rhythm_s), bad.failures + 1)
            sources.failed(tx, bad.id, at=place.clock() - timedelta(hours=1), error="is not there", again=again)

    assert [s.name for s in collecting.due_sources(place.ctx)] == ["feed2"]
    place.clock.turn(hours=13)
    assert len(collecting.due_sources(place.ctx)) == 2


def test_a_clock_that_was_set_back_keeps_no_source_waiting(place: Place) -> None:
    place.drop("One")
    place.collect()
    place.clock.turn(days=-30)

    assert len(collecting.due_sources(place.ctx)) == 1


def test_a_relay_that_is_down_for_days_is_still_rested_from(clock: Hands) -> None:
    rest = jobs.BackOff(clock)
    for _ in range(1000):
        rest.note("x", worked=False)

    assert not rest.ready("x")
    clock.turn(minutes=5)
    assert rest.ready("x")


def test_one_bad_file_does_not_make_a_folder_fail(place: Place) -> None:
    from digest.model.states import SourceKind

    folder = place.folder / "texts"
    folder.mkdir()
    (folder / "bad.txt").write_bytes(b"\0")
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(folder), name="texts")
    )
    place.collect()

    with place.ctx.db.read() as tx:
        [source] = sources.all_of(tx)
    assert source.failures == 0
    assert "is binary" in source.error


def ready_place(folder: Path, port: int, readers: int) -> None:
    (folder / "people.csv").write_text("address\n" + "".join(f"r{i}@example.org\n" for i in range(readers)))
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text(
        "A harbour opens again\n\nThe harbour opened again on Monday, and two hundred people came to see it.\n"
    )
    kill.digest(folder, port, "init")
    kill.digest(folder, port, "sources", "add", "texts")
    kill.digest(folder, port, "subscribers", "import", "people.csv", "--list", "readers")
    kill.digest(folder, port, "collect", "--force")


def test_a_relay_that_does_not_answer_the_dot_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    with smtp_server(Mailbox(delay_s=60)) as mailbox:
        ready_place(tmp_path, mailbox.port, 4)
        process = kill.start(tmp_path, mailbox.port)
        while not mailbox.taken and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=14) == 130
        kill.digest(tmp_path, mailbox.port, "send", "--no-collect", "--dry-run")
        listed = kill.digest(tmp_path, mailbox.port, "deliveries", "list", "--json").stdout
        assert '"sending"' in listed


def test_serve_on_a_used_port_sends_nothing_and_says_so(tmp_path: Path) -> None:
    with smtp_server(Mailbox(delay_s=0.01)) as mailbox, socket.create_server(("127.0.0.1", 0)) as taken:
        ready_place(tmp_path, mailbox.port, 300)
        process = kill.start(tmp_path, mailbox.port)
        while not mailbox.taken and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.wait()
        before = sum(mailbox.taken.values())

        said = kill.digest(tmp_path, mailbox.port, "serve", "--port", str(taken.getsockname()[1]))

        assert said.returncode == 2
        assert "cannot be used" in said.stderr
        assert "Traceback" not in said.stderr
        assert sum(mailbox.taken.values()) <= before + 4  # what the killed one had in flight


def test_another_users_journal_stops_nothing(place: Place, mailbox: Mailbox) -> None:
    place.ctx.journals.mkdir(parents=True)
    foreign = place.ctx.journals / "0123456789abcdef"
    foreign.write_text("boot x\n")
    foreign.chmod(0)
    to_relay(place, mailbox, "ann@example.org")

    assert place.send().counts == {D.SENT: 1}
    assert os.getuid() == 0 or foreign.exists()


def issue_after_issue(place: Place, days: int) -> None:
    """An issue a day."""
    for _ in range(days):
        place.clock.turn(days=1)
        place.drop(f"What happened on {place.clock.now:%d %B}")
        place.collect()
        place.send()


@pytest.mark.parametrize(
    ("reply", "issues_until"),
    [("552 5.2.2 mailbox full", 5), ("550 5.0.0 go away", 8), ("550 5.7.513 denied by recipient", 8)],
)
def test_what_may_pass_suppresses_only_when_it_goes_on(place: Place, mailbox: Mailbox, reply: str, issues_until: int) -> None:
    to_relay(place, mailbox, "ann@example.org", "bob@example.org")
    mailbox.answers = {"RCPT bob@example.org": reply}

    issue_after_issue(place, issues_until - 1)
    before = suppressed(place)
    issue_after_issue(place, 1)

    assert (before, suppressed(place)) == (0, 1)


def test_a_mail_that_nobody_wants_holds_its_issue(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *HUNDRED)
    mailbox.answers = {"END": "554 5.7.1 message rejected as spam"}

    sent = place.send()

    assert sent.issue.state is IssueState.HELD
    assert "the mail itself is refused (554 5.7.1 message rejected as spam)" in sent.issue.reason
    assert suppressed(place) == 0


def test_a_failed_try_is_on_record_with_all_that_was_said(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, "ann@example.org")
    mailbox.answers = {"RCPT": "450 4.2.0 come later"}
    place.send()

    with place.ctx.db.read() as tx:
        [attempt] = tx.exec(select(Attempt)).all()
    assert (attempt.stage, attempt.code, attempt.enhanced, attempt.text, attempt.cause) == (
        "rcpt",
        450,
        "4.2.0",
        "come later",
        "greylist",
    )
    assert attempt.relay == f"127.0.0.1:{mailbox.port}"
    assert 0 < attempt.seconds < 5


def test_the_few_who_were_refused_before_do_not_hold_an_issue_that_everybody_else_got(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, mailbox, *HUNDRED)
    mailbox.answers = {f"END {who}": "554 5.7.1 message rejected as spam" for who in HUNDRED[::17]}
    first = place.send()
    place.clock.turn(minutes=30)
    [waiting] = issue_services.unfinished(place.ctx, place.daily)

    again = sending.finish(place.ctx, place.daily, waiting, resumed=True)

    assert first.counts == again.counts == {D.SENT: 94, D.DEFERRED: 6}
    assert again.issue.state is IssueState.SENDING
