"""An editor's note opens the issue that it is for, once, and is kept with it."""

import email
import email.policy

import pytest

from digest.errors import BadInput, Conflict
from digest.model.issue import Issue, Note
from digest.model.states import IssueState
from digest.services import freezing, notes
from digest.services import issues as issue_services
from digest.store import issues, newsletters
from tests.support.commands import Run
from tests.support.place import Place

NOTE = Note(text="Good morning, said the editor.", by="Ines Aalto")


@pytest.fixture
def paper(place: Place) -> Place:
    place.readers("ann@example.org")
    place.drop("The harbour opens again")
    place.collect()
    return place


def mails(place: Place) -> list[str]:
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in place.mails()]
    return [str(message.get_body((kind,)).get_content()) for message in found for kind in ("html", "plain")]  # type: ignore[union-attr]


def stored(place: Place, slot: str) -> Issue:
    with place.ctx.db.read() as tx:
        found = issues.of_slot(tx, place.daily.id, slot)
        assert found is not None
        return found


def test_the_next_issue_opens_with_it_and_the_one_after_does_not(paper: Place) -> None:
    notes.open_next(paper.ctx, paper.daily, NOTE)
    paper.send()
    first = mails(paper)
    paper.clock.turn(days=1)
    paper.drop("A bridge is lent to a choir")
    paper.collect()
    paper.send()

    assert all(NOTE.text in part and NOTE.by in part for part in first)
    assert sum(NOTE.text in part for part in mails(paper)) == 2
    kept = stored(paper, "2026-03-03")
    assert (kept.note, kept.note_by) == (NOTE.text, NOTE.by)
    assert stored(paper, "2026-03-04").note == ""


def test_an_issue_that_is_skipped_leaves_it_to_the_next(paper: Place) -> None:
    notes.open_next(paper.ctx, paper.daily, NOTE)
    with paper.ctx.db.begin() as tx:
        newsletters.by_id(tx, paper.daily.id).min_stories = 5
    with pytest.raises(Exception, match="at least 5 wanted"):
        paper.send()
    with paper.ctx.db.begin() as tx:
        assert newsletters.by_id(tx, paper.daily.id).next_note == NOTE.text
        newsletters.by_id(tx, paper.daily.id).min_stories = 1

    paper.send()

    assert all(NOTE.text in part for part in mails(paper))


def test_an_issue_that_is_held_before_it_is_sent_can_still_be_given_one(paper: Place) -> None:
    slot = paper.daily.timetable.today(paper.clock())
    issue = freezing.frozen_issue(paper.ctx, paper.daily, slot)
    with pytest.raises(Conflict, match="is ready, and its mails stay as they are; hold it first"):
        notes.open_issue(paper.ctx, issue.id, NOTE)
    issue_services.hold(paper.ctx, issue.id, reason="a word first")
    notes.open_issue(paper.ctx, issue.id, NOTE)
    issue_services.resume(paper.ctx, issue.id)

    paper.send()

    assert all(NOTE.text in part for part in mails(paper))
    assert stored(paper, slot.name).state is IssueState.SENT


def test_a_sent_issue_stays_as_it_is(paper: Place) -> None:
    paper.send()

    with pytest.raises(Conflict, match="issue 1 is sent, and its mails stay as they are"):
        notes.open_issue(paper.ctx, stored(paper, "2026-03-03").id, NOTE)


@pytest.mark.parametrize("note", [Note(text="x" * 1201, by="A"), Note(text="x", by="A\nB"), Note(text="x", by="A" * 101)])
def test_a_note_that_is_too_long_is_refused_in_words(paper: Place, note: Note) -> None:
    with pytest.raises(BadInput, match="characters"):
        notes.open_next(paper.ctx, paper.daily, note)


def test_on_the_command_line_it_is_written_signed_and_taken_away(run: Run) -> None:
    assert run("init").code == 0

    written = run("issues", "edit", "next", "--note", " Good morning. ", "--signed", "Ines Aalto")
    unsigned = run("issues", "edit", "next", "--note", "Hello.")
    gone = run("issues", "edit", "next", "--note", "")

    assert (written.code, unsigned.code, gone.code) == (0, 0, 0)
    assert "the next issue of daily opens with the note" in written.err
    assert "the next issue of daily has no note" in gone.err
    assert run("issues", "edit", "17", "--note", "x").code != 0
