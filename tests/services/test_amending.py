"""An issue is changed in the middle of its send: the rest gets the new words, and each mail can be made again as it went."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from digest.errors import BadInput, Conflict, DigestError, NothingToDo
from digest.model.event import Actor, EventKind, Person
from digest.model.issue import Issue, Note
from digest.model.states import DeliveryState, IssueState, Skip
from digest.services import amending, deliveries, events, issues, messages, newsroom
from digest.services.context import Context
from digest.services.tallies import Tallies
from tests.support.midsend import RIGHT, WRONG, by_address, finish, hand_over, mail, queued, story
from tests.support.place import Place

pytestmark = pytest.mark.any_database

D = DeliveryState
READERS = [f"{letter}@example.org" for letter in "abcdef"]


def mara(place: Place) -> Context:
    return replace(place.ctx, actor=Actor.ACCOUNT, person=Person(name="Mara", account_id=1))


def corrected(place: Place, issue: Issue) -> Issue:
    """The issue, held, with the right words, and let go on."""
    issues.hold(place.ctx, issue.id, reason="three?")
    amending.rewrite(mara(place), issue.id, story(place, issue), headline=RIGHT, summary="Two came.")
    return issues.resume(place.ctx, issue.id)


def test_the_rest_gets_the_new_words_and_what_went_stays_byte_for_byte(place: Place) -> None:
    issue = queued(place, *READERS)
    gone = hand_over(place, issue, D.SENT, D.SENT)
    before = [deliveries.mail(place.ctx, number) for number in gone]
    issues.hold(place.ctx, issue.id, reason="three?")
    amending.rewrite(mara(place), issue.id, story(place, issue), headline=RIGHT, summary="Two came.")
    amending.introduce(mara(place), issue.id, Note(text="We can count.", by="Mara"))
    waiting = mail(place, gone[-1] + 1)
    issues.resume(place.ctx, issue.id)
    finish(place, issue)

    assert [deliveries.mail(place.ctx, number) for number in gone] == before
    assert all(WRONG.encode() in one for one in before)
    sent = [path.read_text().replace("=\n", "") for path in place.mails()]
    assert len(sent) == 4
    assert all(RIGHT in one and "Two came." in one and "We can count." in one and WRONG not in one for one in sent)
    assert RIGHT in waiting
    ids = {next(line for line in one.splitlines() if line.startswith("Message-ID")).partition(".")[2] for one in sent}
    assert ids == {mail(place, gone[0]).partition("Message-ID")[2].partition(".")[2].partition("\r\n")[0]}
    page = newsroom.issue_detail(place.ctx, Tallies(), issue.id)
    assert page.versions == {1: 2, 3: 4}
    assert sum(page.versions.values()) == page.counts[D.SENT] == page.total
    assert page.issue.state is IssueState.SENT


def test_every_page_shows_the_new_words_at_once(place: Place) -> None:
    issue = queued(place, *READERS)
    [gone] = hand_over(place, issue, D.SENT)
    issues.hold(place.ctx, issue.id, reason="three?")
    amending.rewrite(place.ctx, issue.id, story(place, issue), headline=RIGHT, summary="Two came.")

    for page in (messages.page(place.ctx, gone), messages.page(place.ctx, gone + 1), newsroom.preview(place.ctx, issue.id)):
        assert RIGHT in page
        assert WRONG not in page


def test_what_is_claimed_again_after_the_hold_takes_the_new_words_whatever_it_was_before(place: Place) -> None:
    issue = queued(place, *READERS)
    numbers = hand_over(place, issue, D.DEFERRED, D.UNSURE, D.BOUNCED, D.QUEUED, D.UNSURE)
    corrected(place, issue)
    deliveries.settle(place.ctx, numbers[1:2], as_sent=False)
    deliveries.settle(place.ctx, numbers[4:], as_sent=True)
    deliveries.retry(place.ctx, issue.id)
    place.clock.turn(minutes=1)
    finish(place, issue)

    assert by_address(place, issue) == {
        "a": (D.SENT, 2),
        "b": (D.SENT, 2),
        "c": (D.SENT, 2),
        "d": (D.SENT, 2),
        "e": (D.SENT, 1),
        "f": (D.SENT, 2),
    }
    assert [RIGHT in mail(place, number) for number in numbers] == [True, True, True, True, False]


def test_what_a_running_process_has_in_hand_goes_as_it_was_claimed(place: Place) -> None:
    issue = queued(place, *READERS)
    [number] = hand_over(place, issue, D.SENDING)
    corrected(place, issue)

    assert WRONG in mail(place, number)
    assert by_address(place, issue)["a"] == (D.SENDING, 1)


def test_a_story_withdrawn_in_the_middle_is_in_no_mail_that_goes_later_deferred_ones_too(place: Place) -> None:
    issue = queued(place, *READERS)
    hand_over(place, issue, D.SENT, D.DEFERRED)
    issues.withdraw_story(place.ctx, issue.id, story(place, issue))
    with place.ctx.db.engine.begin() as connection:  # the last reader wants that story alone
        connection.execute(sa.text("UPDATE delivery SET picks = :one WHERE id = 6"), {"one": b"\x80"})
    finish(place, issue)

    texts = [path.read_text() for path in place.mails()]
    assert len(texts) == 4
    assert not any(WRONG in text for text in texts)
    assert by_address(place, issue)["f"] == (D.SKIPPED, 0)
    assert newsroom.skipped(place.ctx, issue.id) == {Skip.WITHDRAWN: 1}


def test_a_change_is_recorded_with_who_made_it_and_what_it_said_before(place: Place) -> None:
    issue = queued(place, *READERS)
    corrected(place, issue)

    [event] = events.listed(place.ctx, kind=EventKind.ISSUE_AMENDED)
    [amendment] = amending.history(place.ctx, issue.id)
    assert (event.person, event.facts["version"], event.facts["after"]["headline"]) == ("Mara", 2, RIGHT)
    assert event.facts["before"]["headline"] == WRONG
    assert (amendment.by, amendment.version, amendment.headline) == ("Mara", 2, WRONG)


@pytest.mark.parametrize(
    ("state", "words", "seen", "error", "code"),
    [
        ("sending", {"headline": RIGHT}, None, Conflict, "hold_first"),
        ("held", {"headline": ""}, None, BadInput, "no_headline"),
        ("held", {"headline": "x" * 301}, None, BadInput, "headline_long"),
        ("held", {"headline": WRONG}, None, NothingToDo, "same_words"),
        ("held", {"headline": RIGHT}, 7, Conflict, "issue_amended"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(
    place: Place, state: str, words: dict[str, str], seen: int | None, error: type[DigestError], code: str
) -> None:
    issue = queued(place, *READERS)
    if state == "held":
        issues.hold(place.ctx, issue.id, reason="x")

    with pytest.raises(error) as refused:
        amending.rewrite(place.ctx, issue.id, story(place, issue), seen=seen, **words)

    assert refused.value.code == code
    assert issues.details(place.ctx, issue.id).version == 1


def test_mails_that_would_be_unfit_are_not_made(place: Place) -> None:
    issue = queued(place, *READERS)
    issues.hold(place.ctx, issue.id, reason="x")
    templates = place.folder / "templates"
    templates.mkdir()
    (templates / "digest.html.j2").write_text(
        '{% extends "layouts/base.html.j2" %}{% block content %}{{ nothing }}{% endblock %}'
    )
    broken = replace(place.ctx, templates=lambda: (templates, *place.ctx.templates()))

    with pytest.raises(DigestError):
        amending.rewrite(broken, issue.id, story(place, issue), headline=RIGHT)

    assert issues.details(place.ctx, issue.id).version == 1
    assert WRONG in newsroom.preview(place.ctx, issue.id)


def test_a_withdrawn_story_gets_no_other_words(place: Place) -> None:
    issue = queued(place, *READERS)
    number = story(place, issue)
    issues.withdraw_story(place.ctx, issue.id, number)
    issues.hold(place.ctx, issue.id, reason="x")

    with pytest.raises(Conflict, match="was withdrawn"):
        amending.rewrite(place.ctx, issue.id, number, headline=RIGHT)
