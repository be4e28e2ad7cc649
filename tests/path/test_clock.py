"""The clock: a year of mornings with DST, weekends and outages, against an oracle that is simple enough to be right."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.collect.gather import from_entry
from digest.errors import NothingToDo
from digest.model.article import Entry
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.states import DeliveryState, IssueState, SourceKind
from digest.runtime import jobs
from digest.services import context, setup
from digest.services import issues as issue_services
from digest.services import sources as source_services
from digest.services import stories as story_services
from digest.settings import Settings
from digest.store import articles, issues
from tests.support.place import Hands, Place

BERLIN = ZoneInfo("Europe/Berlin")
STOP = threading.Event()


def tick(place: Place) -> None:
    """What the scheduler does at one moment."""
    rest = jobs.BackOff(place.clock)
    dispatcher = jobs.ThreadDispatcher(1, lambda job: jobs.perform(place.ctx, job, STOP, rest))
    jobs.publish_due(place.ctx)
    jobs.deliver_due(place.ctx, dispatcher)
    dispatcher.wait()


def news(place: Place, *headlines: str) -> None:
    """Stories that a source has just brought; stored without the detour over a file, for speed."""
    from digest.store import sources

    with place.ctx.db.begin() as tx:
        [source] = sources.all_of(tx)
        entries = [
            Entry(guid=h, title=h, summary=f"{h} is what happened, told in one whole sentence.", published_at=place.clock())
            for h in headlines
        ]
        articles.take(
            tx,
            source.id,
            [from_entry(e, source, now=place.clock()) for e in entries],
            now=place.clock(),
            settle=timedelta(0),
        )
        source.checked_at = place.clock()
    story_services.group_stories(place.ctx)


def quiet_source(place: Place) -> None:
    """A source that is never read: reading a folder would withdraw articles whose files are not there."""
    source = source_services.new_source(
        place.ctx, kind=SourceKind.FEED, location="https://news.example.org/feed.xml", name="texts"
    )
    source.paused = True
    source_services.add_source(place.ctx, source)


def printed(place: Place) -> dict[str, list[str]]:
    """Slot → headlines, of issues that were sent."""
    with place.ctx.db.read() as tx:
        sent = [issue for issue in issues.latest(tx, limit=1000) if issue.state is IssueState.SENT]
        return {i.slot: [row.headline for row in issues.candidates(tx, i.id) if row.rank is not None] for i in reversed(sent)}


@pytest.mark.parametrize("length", [pytest.param(70, id="ten-weeks"), pytest.param(366, marks=pytest.mark.year)])
@pytest.mark.parametrize(("days", "at"), [("mon-fri", "07:00"), ("daily", "02:30"), ("sat", "09:15")])
def test_over_a_year_every_story_is_in_exactly_one_issue_and_none_is_missing(
    tmp_path_factory: pytest.TempPathFactory, days: str, at: str, length: int
) -> None:
    start = datetime(2026, 2 if length < 365 else 1, 1, 12, 0, tzinfo=UTC)  # the ten weeks have the change to summer time
    clock = Hands(start)
    made = Settings(secret_key="s" * 32, pepper="p" * 32, timezone="Europe/Berlin", home=tmp_path_factory.mktemp("year"))
    place = Place(ctx=context.build(made, clock=clock, checked=False), clock=clock, folder=made.home)
    setup.set_up(place.ctx)
    with place.ctx.db.begin() as tx:
        paper = tx.get_one(Newsletter, place.daily.id)
        paper.days, paper.at, paper.max_stories = days, at, 100
    place.readers("ann@example.org")
    quiet_source(place)
    down = {(n * 37) % 365 for n in range(12)}  # days on which the process does not run from 03:00 to 23:00
    written: dict[str, datetime] = {}
    for hour in range(0, length * 24, 5):
        clock.now = start + timedelta(hours=hour)
        if hour % 15 == 0:
            name = f"Story {hour:05}"
            news(place, name)
            written[name] = clock.now
        if (hour // 24) in down and 3 <= clock.now.hour < 23:
            continue
        tick(place)
    clock.now += timedelta(days=8)
    tick(place)

    found = printed(place)
    headlines = [headline for slot in found.values() for headline in slot]
    assert len(headlines) == len(set(headlines))
    assert not missing(place, written, set(headlines))
    assert len(found) == len(set(found))
    place.ctx.db.close()


def missing(place: Place, written: dict[str, datetime], seen: set[str]) -> set[str]:
    """The oracle: a story must have been printed if an issue was sent while it was young enough to be in it."""
    paper = place.daily
    with place.ctx.db.read() as tx:
        sent = [issue.frozen_at for issue in issues.latest(tx, limit=1000) if issue.state is IssueState.SENT and issue.frozen_at]
    first = min(sent)
    return {
        name
        for name, when in written.items()
        if name not in seen
        and any(
            when <= frozen and frozen - when <= (timedelta(hours=24) if frozen == first else paper.max_age) for frozen in sent
        )
    }


def test_the_issue_is_printed_at_its_hour_and_not_before(place: Place) -> None:
    place.readers("ann@example.org")
    place.clock.now = datetime(2026, 3, 4, 5, 59, 55, tzinfo=UTC)
    place.drop("Something happened")
    place.collect()

    tick(place)
    assert place.mails() == []
    place.clock.turn(seconds=6)
    tick(place)

    assert len(place.mails()) == 1
    tick(place)
    assert len(place.mails()) == 1


def at_seven(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        tx.get_one(Newsletter, place.daily.id).timetable_at = place.clock() - timedelta(days=9)


def test_a_slot_missed_by_an_hour_is_sent_late_and_older_ones_are_skipped_with_the_reason(place: Place) -> None:
    place.readers("ann@example.org")
    place.clock.now = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    at_seven(place)
    place.drop("Something happened")
    place.collect()

    tick(place)

    with place.ctx.db.read() as tx:
        by_slot = {issue.slot: issue for issue in issues.latest(tx)}
    assert by_slot["2026-03-05"].state is IssueState.SENT
    assert by_slot["2026-03-04"].state is IssueState.SKIPPED
    assert by_slot["2026-03-04"].reason == "missed; the issue of 2026-03-05 came instead"


def test_a_slot_missed_by_more_than_its_lateness_is_skipped_and_can_still_be_sent_by_hand(place: Place) -> None:
    place.readers("ann@example.org")
    place.clock.now = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    at_seven(place)
    place.drop("Something happened")
    place.collect()

    tick(place)

    assert place.mails() == []
    with place.ctx.db.read() as tx:
        assert "missed by more than 6h" in issues.latest(tx)[0].reason
    assert place.send().counts == {DeliveryState.SENT: 1}


def test_the_clock_finds_a_manual_send_done(place: Place) -> None:
    place.readers("ann@example.org")
    place.clock.now = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
    place.drop("Something happened")
    place.collect()
    place.send()

    place.clock.turn(hours=2)
    tick(place)

    assert len(place.mails()) == 1


def test_a_newsletter_has_no_slots_from_before_it_was_made(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop("Something happened")
    place.collect()
    place.clock.turn(hours=3)

    assert issue_services.due_slots(place.ctx, place.daily) == (None, ())


def test_too_little_to_say_is_skipped_once_and_the_stories_wait(place: Place) -> None:
    place.readers("ann@example.org")
    at_seven(place)
    with place.ctx.db.begin() as tx:
        tx.get_one(Newsletter, place.daily.id).min_stories = 2
    place.drop("The first")
    place.collect()
    tick(place)
    tick(place)
    place.clock.turn(days=1)
    place.drop("The second")
    place.collect()

    tick(place)

    assert sorted(printed(place)["2026-03-04"]) == ["The first", "The second"]


def test_deferred_mail_goes_by_the_clock_and_does_not_hold_the_next_slot(relayed: Place, mailbox) -> None:  # type: ignore[no-untyped-def]
    mailbox.answers = {"RCPT bob@example.org": "450 4.2.0 greylisted"}
    relayed.send()
    mailbox.answers = {}
    relayed.clock.turn(minutes=12)
    tick(relayed)

    assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1, "cy@example.org": 1}


def test_a_wrong_template_is_tried_once_and_waits_for_a_person(place: Place) -> None:
    place.readers("ann@example.org")
    at_seven(place)
    with place.ctx.db.begin() as tx:
        tx.get_one(Newsletter, place.daily.id).theme = "neon"
    place.drop("Something happened")
    place.collect()

    tick(place)
    tick(place)

    with place.ctx.db.read() as tx:
        assert [i.state for i in issues.latest(tx, limit=1)] == [IssueState.HELD]
    with pytest.raises((NothingToDo, Exception), match="neon"):
        place.send()


def test_a_job_that_still_runs_is_not_started_again_and_a_failing_one_stops_no_other() -> None:
    gate, ran = threading.Event(), []

    def perform(job: Job) -> None:
        if job.numbers == (3,):
            raise ZeroDivisionError
        ran.append(job.numbers)
        gate.wait(5)

    dispatcher = jobs.ThreadDispatcher(2, perform)
    slow, broken, other = (Job(kind=JobKind.DELIVER, numbers=(n,)) for n in (1, 3, 2))
    dispatcher.run([slow, broken])
    dispatcher.run([slow, other])
    gate.set()
    dispatcher.wait()

    assert sorted(ran) == [(1,), (2,)]


def test_a_job_that_finds_its_relay_down_rests_longer_and_longer_until_it_works(clock: Hands) -> None:
    rest = jobs.BackOff(clock)
    waits = []
    for _ in range(9):
        rest.note("deliver 1", worked=False)
        began = clock.now
        while not rest.ready("deliver 1"):
            clock.turn(seconds=1)
        waits.append((clock.now - began).total_seconds())
    rest.note("deliver 1", worked=False)
    rest.note("deliver 1", worked=True)

    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert rest.ready("deliver 1")
