"""A correction goes to everybody who got a wrong version of an issue and to nobody else, once."""

import email
import email.policy

import pytest
import sqlalchemy as sa

from digest.errors import BadInput, Conflict, NothingToDo
from digest.model.event import EventKind
from digest.model.issue import Issue
from digest.model.states import ArchiveAccess, DeliveryState, IssueState
from digest.services import (
    amending,
    archive,
    corrections,
    drafts,
    events,
    issues,
    newsletters,
    sending,
    subscriptions,
    suppressions,
)
from digest.services.newsletters import Changes
from tests.support.midsend import RIGHT, WRONG, by_address, finish, hand_over, queued, story
from tests.support.place import Place

pytestmark = pytest.mark.any_database

D = DeliveryState
READERS = [f"{letter}@example.org" for letter in "abcdefg"]


@pytest.fixture
def issue(place: Place) -> Issue:
    """An issue that a, b, c, d and e got wrong (of c nobody knows), f and g right; d has left since, e is suppressed."""
    made = queued(place, *READERS)
    hand_over(place, made, D.SENT, D.SENT, D.UNSURE, D.SENT, D.SENT)
    issues.hold(place.ctx, made.id, reason="three?")
    amending.rewrite(place.ctx, made.id, story(place, made), headline=RIGHT, summary="Two came.")
    issues.resume(place.ctx, made.id)
    finish(place, made)
    subscriptions.unsubscribe(place.ctx, 4, by="a test")
    suppressions.add(place.ctx, "e@example.org", reason="asked")
    for path in place.mails():
        path.unlink()
    return made


def corrected(place: Place, issue: Issue, **words: object) -> Issue:
    made, _ = corrections.correct(place.ctx, issue.id, **words)  # type: ignore[arg-type]
    finish(place, made)
    return made


def recipients(place: Place) -> list[str]:
    return sorted(str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["To"]) for path in place.mails())


def text(place: Place) -> str:
    found = email.message_from_bytes(place.mails()[0].read_bytes(), policy=email.policy.default)
    part = found.get_body(("plain",))
    assert part is not None
    return f"{found['Subject']}\n{part.get_content()}"


def test_it_goes_to_those_who_got_the_wrong_words_and_says_what_they_were_and_what_is_right(place: Place, issue: Issue) -> None:
    planned = corrections.plan(place.ctx, issue.id)
    made = corrected(place, issue, sentence="We are sorry.")

    assert planned.readers == 3
    assert recipients(place) == ["a@example.org", "b@example.org", "c@example.org"]
    said = text(place)
    assert said.startswith(f"Correction: {RIGHT}")
    assert f"No. {issue.number} of The Morning Ledger had a mistake in it." in " ".join(said.split())
    assert said.index("We are sorry.") < said.index(WRONG) < said.index("The correct version:") < said.rindex(RIGHT)
    assert "Zoo opens" not in said
    assert (made.slot, made.number) == (f"{issue.slot}-correction-1", 2)
    assert issues.details(place.ctx, made.id).state is IssueState.SENT


def test_nobody_is_told_twice_however_often_it_is_asked_for(place: Place, issue: Issue) -> None:
    first, _ = corrections.correct(place.ctx, issue.id)
    again, _ = corrections.correct(place.ctx, issue.id)
    finish(place, again)

    assert first.id == again.id
    with pytest.raises(NothingToDo):
        corrections.correct(place.ctx, issue.id)
    assert len(recipients(place)) == 3


def test_a_process_killed_while_it_queues_is_followed_by_one_that_goes_on(
    place: Place, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "QUEUE_BATCH", 1)
    made, _ = corrections.correct(place.ctx, issue.id)

    def die(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sending.queue(place.ctx, made, place.daily, on_progress=die)
    assert by_address(place, made) == {"a": (D.QUEUED, 0)}
    with place.ctx.db.read() as tx:
        assert [one.id for one in issues.issues.unfinished(tx, made.newsletter_id)][-1] == made.id
    finish(place, made)

    assert len(recipients(place)) == 3


def test_it_takes_neither_a_slot_nor_a_story_and_leaves_the_coming_issue_alone(place: Place, issue: Issue) -> None:
    before = drafts.coming_slot(place.ctx, place.daily)
    made = corrected(place, issue)
    place.clock.turn(days=1)
    place.drop("Something new happened")
    place.collect()

    assert drafts.coming_slot(place.ctx, place.daily).name == before.name
    sent = place.send()

    assert issues.details(place.ctx, made.id).state is IssueState.SENT
    assert (sent.issue.slot, sent.issue.number, sent.stories) == ("2026-03-04", 3, 1)


def test_an_issue_that_was_rendered_before_a_correction_took_its_number_is_rendered_again(place: Place, issue: Issue) -> None:
    from digest.services import freezing
    from digest.services.selection import prepare

    place.clock.turn(days=1)
    place.drop("Something new happened")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    begun = issues.take_slot(place.ctx, place.daily, slot)
    prepared = prepare(place.ctx, place.daily, slot, now=place.clock())
    corrections.correct(place.ctx, issue.id)

    with pytest.raises(Conflict) as refused:
        freezing.freeze(place.ctx, begun, prepared)
    assert refused.value.code == "draft_changed"
    assert freezing.frozen_issue(place.ctx, place.daily, slot).number == 3


def test_readers_who_did_not_get_the_story_are_not_told_of_it(place: Place, issue: Issue) -> None:
    with place.ctx.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE delivery SET picks = :other WHERE id = 2"), {"other": b"\x40"})

    corrected(place, issue)

    assert recipients(place) == ["a@example.org", "c@example.org"]


def test_a_later_change_is_told_to_all_who_read_something_else_and_a_change_back_to_nobody_who_was_right(
    place: Place, issue: Issue
) -> None:
    corrected(place, issue)
    for path in place.mails():
        path.unlink()
    issues.hold(place.ctx, issue.id, reason="three after all")
    amending.rewrite(place.ctx, issue.id, story(place, issue, RIGHT), headline=WRONG, summary=None)
    planned = corrections.plan(place.ctx, issue.id)
    second = corrected(place, issue)

    assert second.slot.endswith("-correction-2")
    assert [one["headline"] for one in planned.stories[0].wrong] == [WRONG, RIGHT]
    assert planned.readers == 5
    assert recipients(place) == [f"{letter}@example.org" for letter in "abcfg"]
    assert "Depending on when it was sent, your issue said:" in text(place)


def test_a_withdrawn_story_is_told_of_without_a_link(place: Place) -> None:
    made = queued(place, *READERS[:2])
    hand_over(place, made, D.SENT, D.SENT)
    issues.withdraw_story(place.ctx, made.id, story(place, made))
    finish(place, made)

    corrected(place, made)

    said = text(place)
    assert "We have taken this story down." in said
    assert "news.example.com" not in said
    assert recipients(place) == ["a@example.org", "b@example.org"]


def test_wrong_mails_that_a_process_has_in_hand_are_waited_for(place: Place) -> None:
    made = queued(place, *READERS)
    hand_over(place, made, D.SENT, D.SENDING)
    issues.hold(place.ctx, made.id, reason="x")
    amending.rewrite(place.ctx, made.id, story(place, made), headline=RIGHT)

    with pytest.raises(Conflict) as refused:
        corrections.plan(place.ctx, made.id)

    assert refused.value.code == "wrong_in_hand"


def test_only_what_was_changed_can_be_corrected(place: Place, issue: Issue) -> None:
    with pytest.raises(BadInput) as other:
        corrections.plan(place.ctx, issue.id, places=[2])
    made = corrected(place, issue)
    with pytest.raises(NothingToDo):
        corrections.plan(place.ctx, made.id)
    with pytest.raises(Conflict) as fixed:
        amending.rewrite(place.ctx, made.id, story(place, made, RIGHT), headline="x")

    assert (other.value.code, fixed.value.code) == ("story_not_wrong", "is_correction")


def test_a_correction_that_was_called_off_before_anybody_got_it_is_made_anew(place: Place, issue: Issue) -> None:
    first, _ = corrections.correct(place.ctx, issue.id)
    issues.cancel(place.ctx, first.id, reason="wait")
    with pytest.raises(Conflict) as over:
        issues.reopen(place.ctx, first.id)
    second = corrected(place, issue)

    assert over.value.code == "correction_over"
    assert second.id != first.id
    assert len(recipients(place)) == 3


def test_a_correction_that_was_held_goes_on_as_it_was_frozen(place: Place, issue: Issue) -> None:
    made, _ = corrections.correct(place.ctx, issue.id)
    issues.hold(place.ctx, made.id, reason="wait")
    issues.resume(place.ctx, made.id)
    finish(place, made)

    assert len(recipients(place)) == 3


def test_a_dry_run_writes_the_mails_and_changes_nothing(place: Place, issue: Issue) -> None:
    done = corrections.dry_run(place.ctx, issue.id, on_progress=lambda _count: None)

    assert (done.mails, len(list(done.folder.glob("*.eml")))) == (3, 3)
    assert place.mails() == []
    assert corrections.plan(place.ctx, issue.id).readers == 3


def test_the_archive_marks_it_and_the_page_of_the_issue_says_that_it_was_corrected(place: Place, issue: Issue) -> None:
    newsletters.change(place.ctx, "daily", Changes(archive=ArchiveAccess.PUBLIC))
    corrected(place, issue)

    index = archive.index(place.ctx, "daily")
    [first, second] = index.entries
    assert (first.is_correction, second.is_correction) == (True, False)
    assert first.headline == second.headline == RIGHT
    assert archive.issue(place.ctx, "daily", str(issue.number)).amended_on is not None
    [front] = archive.front(place.ctx)
    assert [entry.number for entry in front.entries] == [issue.number]


def test_it_is_recorded_at_the_issue_that_it_corrects(place: Place, issue: Issue) -> None:
    made = corrected(place, issue)

    [event] = events.listed(place.ctx, kind=EventKind.ISSUE_CORRECTED)
    assert event.facts["correction"] == made.number
    assert (event.facts["number"], event.facts["readers"]) == (issue.number, 3)
