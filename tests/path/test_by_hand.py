"""What goes wrong when people and processes meet: each case was found by trying."""

import re
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import Session

from digest.cli.remedies import worded
from digest.deliver import departures, writer
from digest.deliver.recover import recover
from digest.errors import Conflict, NothingToDo, SettingsError, StoreError
from digest.model.delivery import IssueShare, Result
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState, SourceKind
from digest.services import collecting, context, freezing, sending
from digest.services import issues as issue_services
from digest.services import sources as source_services
from digest.services.selection import prepare
from digest.store import claims, deliveries, issues, sources, subscribers
from digest.store.engine import Database
from tests.support.deliveries import queued
from tests.support.place import Place

D = DeliveryState
SIX = [f"r{i}@example.org" for i in range(6)]


def states(place: Place) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issues.latest(tx)[0].id))


def frozen(place: Place, *addresses: str) -> Issue:
    place.readers(*addresses)
    place.drop("Something happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    issue = issue_services.take_slot(place.ctx, place.daily, slot)
    return freezing.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.clock()))


def test_a_database_that_fails_after_the_answers_leaves_the_journal_to_tell(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = queued(place, *SIX)

    real = claims.record

    def full(tx: Session, results: Sequence[Result], *, owner: str) -> int:
        if results:
            raise StoreError("its disk is full")
        return real(tx, results, owner=owner)

    with monkeypatch.context() as patch, pytest.raises(StoreError):
        patch.setattr(writer.claims, "record", full)
        sending.deliver(place.ctx, issue)
    recover(place.ctx.db, place.ctx.journals, repeatable=False, clock=place.clock)

    assert states(place) == {D.SENT: len(place.mails()), **({D.QUEUED: left} if (left := 6 - len(place.mails())) else {})}


def test_readers_who_joined_while_the_clock_was_ahead_get_the_next_issue(place: Place) -> None:
    place.clock.turn(days=1)
    place.readers(*SIX[:2])
    place.clock.turn(days=-1)
    place.readers(*SIX[2:])
    place.drop("Something happened")
    place.collect()

    assert place.send().counts == {D.SENT: 6}


def test_who_joins_after_the_freeze_waits_for_the_next_issue(place: Place) -> None:
    issue = frozen(place, *SIX[:5])
    place.clock.turn(minutes=1)
    place.readers(SIX[5])

    assert sending.finish(place.ctx, place.daily, issue, resumed=False).counts == {D.SENT: 5}


def test_an_issue_that_none_of_its_readers_gets_is_held_and_can_be_made_anew(place: Place) -> None:
    issue = frozen(place)
    place.clock.turn(minutes=1)
    place.readers(*SIX[:2])

    with pytest.raises(Conflict) as refused:
        sending.finish(place.ctx, place.daily, issue, resumed=False)
    assert re.search(r"none of its 2 readers can get it: .*; `digest issues resume 1`", worded(refused.value))
    with place.ctx.db.read() as tx:
        assert issues.latest(tx)[0].state is IssueState.HELD

    issue_services.resume(place.ctx, issue.id)

    assert place.send().counts == {D.SENT: 2}


def test_an_issue_whose_readers_have_all_left_is_never_sent(place: Place) -> None:
    issue = frozen(place, SIX[0])
    with place.ctx.db.begin() as tx:
        person = subscribers.get(tx, SIX[0])
        subscribers.leave(tx, subscribers.subscriptions_of(tx, person.id)[0][0], at=place.clock())

    assert sending.queue(place.ctx, issue, place.daily).state is IssueState.HELD


def test_addresses_with_odd_dots_stand_in_quotes_in_mail(place: Place) -> None:
    place.readers("a..b@docomo.ne.jp", "taro.@ezweb.ne.jp")
    place.drop("Something happened")
    place.collect()

    assert place.send().counts == {D.SENT: 2}
    fields = {line for mail in place.mails() for line in mail.read_bytes().split(b"\r\n") if line.startswith(b"To:")}
    assert fields == {b'To: "a..b"@docomo.ne.jp', b'To: "taro."@ezweb.ne.jp'}


def test_a_removed_persons_mail_never_goes_to_who_comes_after(place: Place) -> None:
    issue = queued(place, *SIX)
    with place.ctx.db.begin() as tx:
        subscribers.remove(tx, subscribers.get(tx, SIX[-1]), at=place.clock())
    place.readers("new@example.org")

    sending.deliver(place.ctx, issue)

    assert states(place) == {D.SENT: 5, D.SKIPPED: 1}
    assert len(place.mails()) == 5


def test_an_issue_held_in_the_middle_of_queueing_reaches_everyone_when_it_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = frozen(place, *SIX)
    monkeypatch.setattr(sending, "QUEUE_BATCH", 2)
    real = deliveries.queue
    calls = []

    def stops(*given: object, **named: object) -> tuple[int, int]:
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(deliveries, "queue", stops)
        sending.queue(place.ctx, issue, place.daily)
    issue_services.hold(place.ctx, issue.id, reason="to look")
    issue_services.resume(place.ctx, issue.id)

    assert place.send().counts == {D.SENT: 6}
    assert len(place.mails()) == 6


def test_an_issue_held_before_queueing_is_made_anew(place: Place) -> None:
    issue = frozen(place, *SIX)
    issue_services.hold(place.ctx, issue.id, reason="to look")
    assert issue_services.resume(place.ctx, issue.id).state is IssueState.DRAFT

    sent = place.send()

    assert sent.issue.number == 1
    assert sent.counts == {D.SENT: 6}


def test_holding_stops_who_is_in_the_middle_of_sending(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = queued(place, *(f"r{i}@example.org" for i in range(400)))
    monkeypatch.setattr(departures, "MAX_AGE_S", 0.02)
    held: list[int] = []

    def progress(count: int) -> None:
        if count and not held:
            held.append(count)
            issue_services.hold(place.ctx, issue.id, reason="stop")

    sending.deliver(place.ctx, issue, on_progress=progress)

    assert len(place.mails()) < 200
    assert states(place) == {D.SENT: len(place.mails()), D.QUEUED: 400 - len(place.mails())}


def test_cancelling_calls_off_what_waits_and_keeps_what_went(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = queued(place, *SIX)

    assert issue_services.cancel(place.ctx, issue.id, reason="wrong") == 6
    sending.deliver(place.ctx, issue)

    assert states(place) == {D.CANCELLED: 6}
    assert place.mails() == []


def test_a_reopened_issue_goes_to_the_remaining_readers_and_to_nobody_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = queued(place, *(f"r{i}@example.org" for i in range(400)))
    monkeypatch.setattr(departures, "MAX_AGE_S", 0.02)
    called_off: list[int] = []

    def progress(count: int) -> None:
        if count and not called_off:
            called_off.append(issue_services.cancel(place.ctx, issue.id, reason="a slip"))

    sending.deliver(place.ctx, issue, on_progress=progress)
    gone = len(place.mails())
    assert 0 < gone < 400
    reopened, waiting = issue_services.reopen(place.ctx, issue.id)
    assert (reopened.state, waiting) == (IssueState.SENDING, 400 - gone)
    sending.deliver(place.ctx, issue)

    assert states(place) == {D.SENT: 400}
    assert len(place.mails()) == 400
    with pytest.raises(Conflict) as refused:
        issue_services.reopen(place.ctx, issue.id)
    assert refused.value.code == "not_cancelled"


def test_two_sends_at_once_mail_everyone_once_and_neither_fails(place: Place) -> None:
    place.readers(*(f"r{i}@example.org" for i in range(300)))
    place.drop("Something happened")
    place.collect()
    problems: list[BaseException] = []

    def send() -> None:
        try:
            place.send()
        except NothingToDo:
            return
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert states(place) == {D.SENT: 300}
    assert len(place.mails()) == 300


def test_a_source_that_is_removed_and_added_again_prints_nothing_twice(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop("Something happened")
    place.collect()
    place.send()
    with place.ctx.db.begin() as tx:
        [source] = sources.all_of(tx)
        location = source.location
        sources.remove(tx, source, at=place.clock())
    place.clock.turn(days=1)
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location=location, name="again")
    )
    place.collect()

    with pytest.raises(NothingToDo, match="0 stories"):
        place.send()


def test_a_name_that_several_sources_have_is_not_guessed(place: Place) -> None:
    for i in range(2):
        source_services.add_source(
            place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location=f"/x/{i}.xml", name="texts")
        )

    with pytest.raises(Conflict, match="2 sources are called texts"), place.ctx.db.read() as tx:
        sources.get(tx, "texts")


def test_another_pepper_than_the_databases_is_refused(place: Place) -> None:
    place.readers("ann@example.org")
    changed = place.ctx.settings.model_copy(update={"pepper": "q" * 32})

    with pytest.raises(SettingsError, match="put the old one back"):
        context.build(changed)


def test_who_left_and_was_removed_is_not_added_again(place: Place) -> None:
    place.readers("ann@example.org", "bob@example.org")
    with place.ctx.db.begin() as tx:
        ann = subscribers.get(tx, "ann@example.org")
        subscribers.leave(tx, subscribers.subscriptions_of(tx, ann.id)[0][0], at=place.clock())
        subscribers.remove(tx, ann, at=place.clock())

    with pytest.raises(Conflict, match="left, and was then removed"):
        place.readers("ann@example.org")
    place.drop("Something happened")
    place.collect()
    assert place.send().counts == {D.SENT: 1}


@pytest.mark.file_only
def test_claims_and_queueing_never_sort_the_whole_list(place: Place) -> None:
    """What SQLite plans for the statements of the hot path: searches along an index, no temporary sort."""
    issue = queued(place, *SIX)
    plans = explained(place.ctx.db, issue.id, place)

    assert plans
    assert not [line for line in plans if "TEMP B-TREE" in line or (line.startswith("SCAN") and "json_each" not in line)]
    assert not [line for line in plans if "ix_delivery_owner" in line], (
        "a result is found by its number, not among all of its owner's"
    )


def explained(db: Database, issue_id: int, place: Place) -> list[str]:
    from sqlalchemy import event

    statements: list[tuple[str, object]] = []
    listen = lambda _c, _cur, statement, parameters, _ctx, _many: statements.append((statement, parameters))  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    with db.begin() as tx:
        claims.claim(tx, issue_id, owner="x", now=place.clock(), limit=64)
        share = IssueShare(
            issue_id=issue_id, newsletter_id=1, period="x", rendition_id=1, by_language={"de": 2}, key_id="k", picks=b""
        )
        deliveries.queue(tx, share, mlist_id=1, joined_by=place.clock(), now=place.clock(), after=0, limit=10)
        claims.record(tx, [Result(delivery_id=1, state=D.SENT, at=place.clock())], owner="x")
    event.remove(db.engine, "before_cursor_execute", listen)
    plans: list[str] = []
    with db.engine.connect() as connection:
        for statement, parameters in statements:
            if statement.lstrip().startswith(("SELECT delivery.id", "SELECT max", "UPDATE delivery")):
                plans += [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)]  # type: ignore[arg-type]
    return plans


def test_a_dry_run_of_a_day_that_was_sent_says_so(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop("Something happened")
    place.collect()
    place.send()

    with pytest.raises(NothingToDo, match="was sent at"):
        issue_services.refuse_served(place.ctx, place.daily, place.daily.timetable.today(place.clock()))


def test_a_second_newsletter_prints_from_the_sources_it_is_given(place: Place, tmp_path: Path) -> None:
    from digest.model.newsletter import Newsletter
    from digest.store import newsletters

    place.readers("ann@example.org")
    with place.ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, "readers")
        newsletters.add(
            tx,
            Newsletter(
                name="weekly", title="W", mlist_id=mlist.id, zone="UTC", made_at=place.clock(), timetable_at=place.clock()
            ),
        )
    path = tmp_path / "texts"
    path.mkdir()
    (path / "a.txt").write_text(
        "A headline here\n\nA sentence that says what happened in the town today. And one more to go with it.\n"
    )
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(path), name="t"), ["weekly"]
    )
    collecting.collect(place.ctx, collecting.active_sources(place.ctx))
    with place.ctx.db.read() as tx:
        weekly = newsletters.get(tx, "weekly")

    assert sending.send(place.ctx, weekly).stories == 1
    with pytest.raises(NothingToDo):
        place.send()
