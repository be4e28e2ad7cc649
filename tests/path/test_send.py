"""The whole path, in process: each reader one mail a slot, each story once, whatever happens in between."""

import email
import email.policy
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.compose.lint import check
from digest.errors import NothingToDo, StoreError
from digest.model.newsletter import Newsletter
from digest.model.states import DeliveryState, IssueState
from digest.services import freezing, messages, sending
from digest.services.selection import prepare
from digest.store import deliveries, issues
from tests.support.place import Place

WHOLE = {DeliveryState.SENT: 3}


def ready(place: Place) -> None:
    place.readers("ann@example.org", "bob@example.org", "jörg@example.net")
    place.drop("The harbour opens again", "A bridge is lent")
    place.collect()


def test_every_active_reader_gets_one_mail_of_their_own(place: Place) -> None:
    ready(place)

    sent = place.send()

    assert sent.issue.state is IssueState.SENT
    assert sent.counts == WHOLE
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in place.mails()]
    assert len({str(m["To"]) for m in mails}) == len({str(m["List-Unsubscribe"]) for m in mails}) == 3
    assert all(check(path.read_bytes()).ok for path in place.mails())


def test_a_second_send_on_the_same_day_mails_nobody_and_says_when_it_was(place: Place) -> None:
    ready(place)
    place.send()

    with pytest.raises(NothingToDo, match=r"issue 1 of daily \(2026-03-03\) was sent at 2026-03-03 07:00 CET"):
        place.send()
    assert len(place.mails()) == 3


def test_a_story_is_printed_once_and_the_next_issue_has_what_is_new(place: Place) -> None:
    ready(place)
    place.send()
    place.clock.turn(days=1)
    place.drop("Something new happened")
    place.collect()

    sent = place.send()

    assert (sent.issue.number, sent.issue.slot, sent.stories) == (2, "2026-03-04", 1)


def test_with_nothing_new_the_slot_is_skipped_and_a_later_send_of_the_day_takes_it(place: Place) -> None:
    place.readers("ann@example.org")

    with pytest.raises(NothingToDo, match="0 stories, at least 1 wanted"):
        place.send()
    place.drop("It happened after all")
    place.collect()

    assert place.send().issue.number == 1


def test_without_readers_nothing_is_printed_and_the_day_is_not_lost(place: Place) -> None:
    place.drop("The harbour opens again")
    place.collect()

    with pytest.raises(NothingToDo, match="no readers"):
        place.send()
    place.readers("ann@example.org")

    assert place.send().counts == {DeliveryState.SENT: 1}


def test_the_very_first_issue_takes_one_day_and_later_ones_the_longest_gap(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop("Two days old", published=place.clock.now - timedelta(days=2))
    place.drop("An hour old", published=place.clock.now - timedelta(hours=1))
    place.collect()
    place.send()
    place.clock.turn(days=1)

    assert place.send().stories == 1  # max_age is Friday to Monday and 12 hours


@pytest.mark.parametrize("stop_after", ["take_slot", "freeze", "queue"])
def test_a_send_that_was_interrupted_between_two_steps_is_finished_by_the_next(
    place: Place, stop_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(place)
    room = freezing if stop_after in ("take_slot", "freeze") else sending
    step = getattr(room, stop_after)

    def stops(*given: object, **named: object) -> None:
        step(*given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(room, stop_after, stops)
        place.send()

    sent = place.send()

    assert sent.counts == WHOLE
    assert sent.resumed == (stop_after != "take_slot")
    assert len(place.mails()) == 3


def test_a_sent_mail_is_made_again_byte_for_byte_after_everything_has_changed(place: Place) -> None:
    ready(place)
    place.send()
    before = {path.read_bytes() for path in place.mails()}
    with place.ctx.db.begin() as tx:
        paper = tx.get_one(Newsletter, place.daily.id)
        paper.title = "Another Title"
    place.clock.turn(days=30)

    with place.ctx.db.read() as tx:
        rows = deliveries.listed(tx)

    assert {messages.remake(place.ctx, row) for row in rows} == before


def test_a_full_outbox_holds_nothing_up_for_ever(place: Place) -> None:
    ready(place)
    place.outbox.parent.mkdir(exist_ok=True)
    place.outbox.write_text("a file where the folder should be")

    down = place.send()
    place.outbox.unlink()
    sent = place.send()

    assert "is a file, not a folder" in down.tally.down
    assert down.counts == {DeliveryState.QUEUED: 3}
    assert sent.counts == WHOLE


def test_a_journal_that_cannot_be_written_stops_before_anything_is_sent(place: Place) -> None:
    ready(place)
    place.ctx.journals.parent.mkdir(exist_ok=True)
    place.ctx.journals.write_text("in the way")

    with pytest.raises(StoreError, match="nothing is sent without it"):
        place.send()
    assert place.mails() == []


def test_a_wrong_template_stops_the_issue_before_its_slot_is_frozen(place: Place) -> None:
    ready(place)
    with place.ctx.db.begin() as tx:
        tx.get_one(Newsletter, place.daily.id).theme = "neon"

    with pytest.raises(Exception, match="no theme neon"):
        place.send()
    with place.ctx.db.read() as tx:
        [held] = issues.latest(tx)
    assert held.state is IssueState.HELD
    assert "no theme neon" in held.reason
    with place.ctx.db.begin() as tx:
        tx.get_one(Newsletter, place.daily.id).theme = "ledger"
    assert place.send().counts == WHOLE


def test_a_dry_run_takes_no_slot_and_writes_what_would_go(place: Place) -> None:
    ready(place)
    slot = place.daily.timetable.today(place.clock())
    prepared = prepare(place.ctx, place.daily, slot, now=place.clock())

    assert prepared.renditions
    would = list(messages.would_send(place.ctx, place.daily, prepared.rendition, prepared.picks, now=place.clock()))

    assert sorted(e.recipient for e in would) == ["ann@example.org", "bob@example.org", "jörg@example.net"]
    with place.ctx.db.read() as tx:
        assert issues.latest(tx) == []


@given(days=st.lists(st.integers(0, 4), min_size=3, max_size=8))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_day_after_day_every_story_is_in_exactly_one_issue(days: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    from digest.services import context, setup
    from digest.settings import Settings
    from tests.support.place import TUESDAY, Hands

    clock = Hands(TUESDAY)
    made = Settings(secret_key="s" * 32, pepper="p" * 32, timezone="Europe/Berlin", home=tmp_path_factory.mktemp("place"))
    place = Place(ctx=context.build(made, clock=clock, checked=False), clock=clock, folder=made.home)
    setup.set_up(place.ctx)
    place.readers("ann@example.org")
    written = 0
    for count in days:
        names = [f"Story {written + i}" for i in range(count)]
        written += count
        if names:
            place.drop(*names)
            place.collect()
        try:
            place.send()
        except NothingToDo:
            assert not names
        clock.turn(days=1)

    with place.ctx.db.read() as tx:
        printed = [
            row.headline
            for issue in issues.latest(tx, limit=99)
            for row in issues.candidates(tx, issue.id)
            if row.rank is not None
        ]
    assert sorted(printed) == sorted(f"Story {i}" for i in range(written))
    place.ctx.db.close()
