"""Approval: what is approved is what goes, at its hour; silence does what was stated; nobody's word is lost in a kill."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from digest.errors import Conflict, Gone, NotFound, NothingToDo
from digest.model.event import Actor, EventKind, Person
from digest.model.states import ApprovalPolicy, IssueState, Silence
from digest.runtime import jobs
from digest.services import approvals, drafts, editing, events, issues, newsletters, sending
from digest.services.context import Context
from digest.services.editing import Seen
from digest.services.newsletters import Changes
from digest.services.tallies import Tallies
from digest.services.views.issues import IssueDetails
from digest.store import approvals as rows
from digest.store import issues as stored_issues
from tests.support.events import Stopped, nothing_committed
from tests.support.place import Place

pytestmark = pytest.mark.any_database

ASKED = ("jonas@ledger.example.org", "mara@ledger.example.org")


@pytest.fixture
def asking(place: Place) -> Place:
    """A newsletter that needs an approval, at 05:30 of a day on which it is due at 07:00."""
    place.clock.turn(hours=-1, minutes=-30)
    place.readers("ann@example.org", "bob@example.org")
    place.drop("A harbour opens", "B bridge closes")
    place.collect()
    given = Changes(approval=ApprovalPolicy.REQUIRED, approval_min=15, approvers=", ".join(ASKED))
    newsletters.change(place.ctx, "daily", given)
    return place


def shown(place: Place) -> IssueDetails:
    return issues.show(place.ctx, newsletter="daily", key="2026-03-03")


def tick(place: Place) -> None:
    """What the scheduler does now."""
    approvals.tick(place.ctx)
    jobs.publish_due(place.ctx)
    for issue in issues.unfinished(place.ctx, place.daily):
        sending.finish(place.ctx, place.daily, issue, resumed=True)


def mails(place: Place, *to: str) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.SMTP) for path in place.mails()]
    return [mail for mail in found if isinstance(mail, EmailMessage) and mail["To"].strip() in to]


def tokens(place: Place) -> list[str]:
    asked = sorted(mails(place, *ASKED), key=lambda mail: str(mail["To"]))
    text = "".join(mail.get_body(("plain",)).get_content() for mail in asked)  # type: ignore[union-attr]
    return list(dict.fromkeys(re.findall(r"/admin/approve/([\w-]+)", text)))


def ask(place: Place) -> list[str]:
    """At 06:00 approvers are asked; return their links' tokens."""
    place.clock.turn(minutes=30)
    tick(place)
    return tokens(place)


def kinds(place: Place) -> list[EventKind]:
    return [event.kind for event in reversed(events.listed(place.ctx)) if event.noun == "issue"]


def test_approvers_get_the_real_issue_an_hour_before_with_a_link_each_and_readers_nothing(asking: Place) -> None:
    tick(asking)
    assert asking.mails() == []

    links = ask(asking)
    tick(asking)

    assert len(links) == 2
    asked = mails(asking, *ASKED)
    assert len(asked) == 2
    page = asked[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert asked[0]["Subject"].startswith("To approve: A harbour opens")
    assert asked[0]["List-Unsubscribe"] is None
    assert "Please answer by 06:45; without an answer it is held." in page
    assert page.index("Approve or hold it") < page.index("B bridge closes")
    assert mails(asking, "ann@example.org") == []
    assert shown(asking).state is IssueState.READY


def test_what_is_approved_is_what_goes_at_its_hour_and_it_is_recorded_by_whom(asking: Place) -> None:
    link, _ = ask(asking)
    before = approvals.page(asking.ctx, link)
    assert [s.headline for s in drafts.draft(asking.ctx, asking.daily, Tallies()).stories] == [
        "A harbour opens",
        "B bridge closes",
    ]
    found = approvals.answer(asking.ctx, link, approves=True, ip="192.0.2.0")
    asking.drop("C choir sings")
    asking.collect()
    tick(asking)
    assert mails(asking, "ann@example.org") == []  # not before its hour
    asking.clock.turn(hours=1)
    tick(asking)

    assert len(mails(asking, "ann@example.org", "bob@example.org")) == 2
    assert "C choir sings" not in [story["headline"] for story in shown(asking).stories]
    assert "C choir sings" not in before
    assert (found.can_answer, found.issue.approved_by) == (False, "jonas@ledger.example.org")
    [event] = events.listed(asking.ctx, kind=EventKind.ISSUE_APPROVED)
    assert (event.actor, event.person, event.ip) == ("approver", "jonas@ledger.example.org", "192.0.2.0")
    assert kinds(asking) == [
        EventKind.ISSUE_DRAFTED,
        EventKind.ISSUE_FROZEN,
        EventKind.ISSUE_ASKED,
        EventKind.ISSUE_APPROVED,
        EventKind.ISSUE_QUEUED,
        EventKind.ISSUE_SENT,
    ]


def test_a_link_works_once_and_the_others_say_who_was_quicker(asking: Place) -> None:
    first, second = ask(asking)
    approvals.answer(asking.ctx, first, approves=True)

    for link in (first, second):
        with pytest.raises(Conflict) as refused:
            approvals.answer(asking.ctx, link, approves=False)
        assert refused.value.code == "approval_over"
        assert approvals.look(asking.ctx, link).issue.approved_by == "jonas@ledger.example.org"
    for forged in ("", "x", first[:-1], first + "A", "../../etc"):
        with pytest.raises(NotFound):
            approvals.look(asking.ctx, forged)


def test_holding_by_a_link_stops_the_issue_and_keeps_what_was_said(asking: Place) -> None:
    first, second = ask(asking)
    approvals.answer(asking.ctx, first, approves=False, note="The lead\nis wrong.")
    with pytest.raises(Conflict):
        approvals.answer(asking.ctx, second, approves=True)  # a person holds it
    asking.clock.turn(hours=2)
    tick(asking)

    assert (shown(asking).state, shown(asking).reason) == (
        IssueState.HELD,
        "held by jonas@ledger.example.org: The lead is wrong.",
    )
    assert mails(asking, "ann@example.org") == []


@pytest.mark.parametrize(
    ("changes", "state", "readers"),
    [
        (Changes(), IssueState.HELD, 0),
        (Changes(approval_silence=Silence.SEND), IssueState.SENT, 2),
        (Changes(approval=ApprovalPolicy.OPTIONAL), IssueState.SENT, 2),
    ],
    ids=["hold", "send", "optional"],
)
def test_silence_does_what_the_newsletter_says(asking: Place, changes: Changes, state: IssueState, readers: int) -> None:
    newsletters.change(asking.ctx, "daily", changes)
    ask(asking)
    asking.clock.turn(minutes=44)
    tick(asking)
    assert shown(asking).state is IssueState.READY
    asking.clock.turn(minutes=1)
    tick(asking)
    asking.clock.turn(minutes=15)
    tick(asking)

    assert shown(asking).state is state
    assert len(mails(asking, "ann@example.org", "bob@example.org")) == readers
    if state is IssueState.HELD:
        assert shown(asking).reason == "nobody approved it by 06:45"


def test_an_issue_held_for_silence_can_be_approved_late_and_goes_at_once(asking: Place) -> None:
    link, _ = ask(asking)
    asking.clock.turn(minutes=70)
    tick(asking)
    assert shown(asking).state is IssueState.HELD
    approvals.answer(asking.ctx, link, approves=True)
    tick(asking)

    assert len(mails(asking, "ann@example.org", "bob@example.org")) == 2


def test_one_that_is_changed_after_it_was_asked_for_is_asked_for_anew(asking: Place) -> None:
    old, *others = ask(asking)
    issue = shown(asking)
    issues.hold(asking.ctx, issue.id, reason="a slip")
    story = next(s.story for s in drafts.draft(asking.ctx, asking.daily, Tallies()).stories if s.headline.startswith("A"))
    editing.take_out(asking.ctx, asking.daily, story, Seen())
    with pytest.raises(Conflict):
        approvals.answer(asking.ctx, old, approves=True)
    issues.resume(asking.ctx, issue.id)
    with pytest.raises(Gone):
        approvals.look(asking.ctx, old)
    tick(asking)
    new, _ = (link for link in tokens(asking) if link not in (old, *others))
    approvals.answer(asking.ctx, new, approves=True)
    asking.clock.turn(hours=1)
    tick(asking)

    assert [s["headline"] for s in shown(asking).stories] == ["B bridge closes"]
    assert len(mails(asking, "ann@example.org")) == 1


def test_a_send_by_hand_waits_for_the_approval_and_goes_before_the_hour_with_it(asking: Place) -> None:
    with pytest.raises(NothingToDo) as refused:
        asking.send()
    assert refused.value.code == "not_approved"
    mara: Context = replace(asking.ctx, actor=Actor.ACCOUNT, person=Person(name="Mara", account_id=1))
    assert approvals.approve(mara, asking.daily).approved_by == "Mara"
    tick(asking)
    assert mails(asking, "ann@example.org") == []
    asking.send()

    assert len(mails(asking, "ann@example.org", "bob@example.org")) == 2


def test_an_editor_who_saw_another_draft_approves_nothing(asking: Place) -> None:
    seen = drafts.draft(asking.ctx, asking.daily, Tallies()).revision
    story = drafts.draft(asking.ctx, asking.daily, Tallies()).stories[0].story
    editing.take_out(asking.ctx, asking.daily, story, Seen())

    with pytest.raises(Conflict) as refused:
        approvals.approve(asking.ctx, asking.daily, revision=seen)

    assert refused.value.code == "approval_of_another"
    with asking.ctx.db.read() as tx:
        assert {issue.state for issue in stored_issues.latest(tx)} == {IssueState.DRAFT}  # nothing was frozen for it
    assert shown(asking).approved_at is None


def test_too_few_stories_wait_for_more_until_the_hour(asking: Place) -> None:
    newsletters.change(asking.ctx, "daily", Changes(min_stories=3))
    assert ask(asking) == []
    asking.drop("C choir sings")
    asking.collect()
    tick(asking)

    assert len(tokens(asking)) == 2


def test_asked_late_they_have_a_quarter_of_an_hour(asking: Place) -> None:
    asking.clock.turn(days=1, minutes=95)  # 07:05: nothing ran before
    asking.drop("C choir sings")
    asking.collect()
    tick(asking)
    tick(asking)

    found = approvals.look(asking.ctx, tokens(asking)[0])
    assert found.answer_by == found.request.asked_at.replace(minute=20)
    assert issues.show(asking.ctx, newsletter="daily", key="2026-03-04").state is IssueState.READY


def test_an_issue_that_was_begun_follows_its_newsletter_to_another_hour(asking: Place) -> None:
    story = drafts.draft(asking.ctx, asking.daily, Tallies()).stories[-1].story
    editing.take_out(asking.ctx, asking.daily, story, Seen())  # the draft is stored, with its hour
    newsletters.change(asking.ctx, "daily", Changes(at="06:30"))
    [first, _] = ask(asking)
    due = approvals.look(asking.ctx, first).issue.due_at
    approvals.answer(asking.ctx, first, approves=True)
    asking.clock.turn(minutes=30)
    tick(asking)

    assert f"{due:%H:%M}" == "05:30"  # 06:30 in Berlin
    assert shown(asking).state is IssueState.SENT


def test_a_kill_at_any_step_asks_nobody_for_nothing_and_forgets_nobody(asking: Place) -> None:
    """Rolled back, each step is done by the next tick; one that died with a mail in hand repeats it."""
    asking.clock.turn(minutes=30)
    with nothing_committed(asking.ctx.db), pytest.raises(Stopped):
        approvals.tick(asking.ctx)
    tick(asking)
    with asking.ctx.db.begin() as tx:
        for request in rows.of_issue(tx, shown(asking).id):
            request.due_at = asking.clock()  # as if it had died before it was recorded
            tx.add(request)
    tick(asking)
    tick(asking)

    assert len(mails(asking, *ASKED)) == 2  # the outbox has one file a Message-ID
    assert len(tokens(asking)) == 2
    with nothing_committed(asking.ctx.db), pytest.raises(Stopped):
        approvals.answer(asking.ctx, tokens(asking)[0], approves=True)
    assert approvals.look(asking.ctx, tokens(asking)[0]).can_answer
