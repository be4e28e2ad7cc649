"""Issues, their deliveries, what came back, and events."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field

from digest.errors import BadInput
from digest.model.api import Scope
from digest.model.draft import HEADLINE_MAX, SUMMARY_MAX
from digest.model.event import REASON_MAX, EventKind
from digest.model.issue import Note
from digest.model.states import DeliveryState
from digest.services import amending, bounces, corrections, deliveries, events, issues
from digest.services.notes import NOTE_MAX
from digest.services.views import View
from digest.services.views.bounces import BounceDetails, BounceLine, UndoneView
from digest.services.views.events import EventView
from digest.services.views.issues import CandidateView, CorrectionPlan, DeliveryLine, DeliveryView, IssueDetails, IssueView
from digest.web.api.call import AfterNumber, Body, Call, Limit, Number, OfNewsletter, Page, Route, Text, page
from digest.web.api.newsletters import NewNote

LOOK, SEND, PEOPLE = Scope.CONTENT_LOOK, Scope.CONTENT_SEND, Scope.PEOPLE_LOOK
MAIL = "message/rfc822"
MOST_AT_ONCE = 1_000  #: deliveries that one request names


class Reason(Body):
    """Why it is done; kept with the issue."""

    reason: Annotated[Text, Field(max_length=REASON_MAX)] = ""


class Settling(Body):
    """Decision on unsure deliveries: they arrived, or they are sent again."""

    as_sent: bool
    deliveries: Annotated[tuple[int, ...], Field(max_length=MOST_AT_ONCE)] = ()  #: none: all of the issue that are unsure


class Retrying(Body):
    """Deliveries that are queued again; none: all of the issue that bounced."""

    deliveries: Annotated[tuple[int, ...], Field(max_length=MOST_AT_ONCE)] = ()


class Words(Body):
    """Other words of a story; null leaves them as they are."""

    headline: Annotated[Text | None, Field(max_length=HEADLINE_MAX)] = None
    summary: Annotated[Text | None, Field(max_length=SUMMARY_MAX)] = None


class Correcting(Body):
    """Stories that a correction tells of, by their places in the issue, and what an editor says of them; none: all that were changed."""

    stories: Annotated[tuple[Annotated[int, Field(ge=1, le=1_000)], ...], Field(max_length=1_000)] = ()
    sentence: Annotated[Text, Field(max_length=NOTE_MAX)] = ""


class Settled(View):
    """Number of deliveries that were settled."""

    settled: int


class RetriedView(View):
    """Number of deliveries that were queued again, and of those that stay bounced since their readers have left or are suppressed."""

    queued: int
    kept: int


# --- issues ----------------------------------------------------------------------------------


def _every(call: Call, newsletter: OfNewsletter = "", after: AfterNumber = None, limit: Limit = 50) -> Page[IssueView]:
    """Issues, newest first."""
    found = issues.following(call.ctx, newsletter=newsletter, after=after, limit=limit + 1)
    return page(call, found, limit=limit, key=lambda issue: issue.id)


def _show(call: Call, number: Number) -> IssueDetails:
    """An issue with its stories, and how its deliveries stand."""
    return issues.details(call.ctx, number)


def _candidates(call: Call, number: Number) -> list[CandidateView]:
    """Why each story is in or out of an issue."""
    return list(issues.candidates(call.ctx, number))


def _note(call: Call, number: Number, given: NewNote) -> IssueDetails:
    """Open an issue with a note: one that is not frozen yet, or, for mails that have not gone, one that is held or was sent."""
    amending.introduce(call.ctx, number, Note(text=given.text, by=given.by))
    return issues.details(call.ctx, number)


def _words(call: Call, number: Number, story: Number, given: Words) -> IssueDetails:
    """Give a story of an issue that is held or was sent other words, for its pages and the mails that have not gone."""
    amending.rewrite(call.ctx, number, story, headline=given.headline, summary=given.summary)
    return issues.details(call.ctx, number)


def _reason(call: Call, given: Reason) -> str:
    return " ".join(given.reason.split()) or f"by {call.ctx.person.name}"


def _hold(call: Call, number: Number, given: Reason) -> IssueDetails:
    """Send nothing more of an issue until it is resumed."""
    issues.hold(call.ctx, number, reason=_reason(call, given))
    return issues.details(call.ctx, number)


def _resume(call: Call, number: Number) -> IssueDetails:
    """Let a held issue go on where it stood."""
    issues.resume(call.ctx, number)
    return issues.details(call.ctx, number)


def _cancel(call: Call, number: Number, given: Reason) -> IssueDetails:
    """Call an issue off: what waits is cancelled, what went out stays so."""
    issues.cancel(call.ctx, number, reason=_reason(call, given))
    return issues.details(call.ctx, number)


def _reopen(call: Call, number: Number) -> IssueDetails:
    """Take back that an issue was called off: its remaining mails go out, or it is a draft again."""
    issues.reopen(call.ctx, number)
    return issues.details(call.ctx, number)


def _withdraw_story(call: Call, number: Number, story: Number) -> IssueDetails:
    """Take one story out of an issue for good: out of its pages, and of the mails that have not gone."""
    issues.withdraw_story(call.ctx, number, story)
    return issues.details(call.ctx, number)


def _correction(call: Call, number: Number) -> CorrectionPlan:
    """Stories that a correction of an issue would tell of, and how many readers."""
    return corrections.plan(call.ctx, number)


def _correct(call: Call, number: Number, given: Correcting) -> IssueDetails:
    """Mail a correction to the readers who got an issue with other words than it has now; the answer is the correction."""
    made, _ = corrections.correct(call.ctx, number, places=given.stories, sentence=given.sentence)
    return issues.details(call.ctx, made.id)


def _withdraw(call: Call, number: Number) -> IssueDetails:
    """Take an issue out of the archive for good."""
    issues.withdraw(call.ctx, number)
    return issues.details(call.ctx, number)


def _settle(call: Call, number: Number, given: Settling) -> Settled:
    """Say what became of the unsure deliveries of an issue."""
    found = deliveries.unsure_of(call.ctx, number, _numbers(given.deliveries))
    return Settled(settled=deliveries.settle(call.ctx, found, as_sent=given.as_sent))


def _retry(call: Call, number: Number, given: Retrying) -> RetriedView:
    """Queue bounced deliveries of an issue again; one that was sent is sending again."""
    done = deliveries.retry(call.ctx, number, _numbers(given.deliveries))
    return RetriedView(queued=done.queued, kept=done.kept)


def _numbers(given: tuple[int, ...]) -> tuple[int, ...]:
    if any(not 0 < number < 2**31 for number in given):
        raise BadInput("a number of a delivery is a positive whole number", code="no_delivery")
    return given


# --- deliveries and bounces ------------------------------------------------------------------

OfIssue = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Of the issue with this number of its row.")]
InState = Annotated[DeliveryState | None, Query(description="In this state.")]
Verdict = Annotated[str, Query(max_length=20, description="Of this verdict, such as `hard`.")]


def _deliveries(
    call: Call, issue: OfIssue = None, state: InState = None, after: AfterNumber = None, limit: Limit = 50
) -> Page[DeliveryLine]:
    """Deliveries, newest first."""
    found = deliveries.older(call.ctx, issue_id=issue, state=state, before=after, limit=limit + 1)
    return page(call, found, limit=limit, key=lambda delivery: delivery.id)


def _delivery(call: Call, number: Number) -> DeliveryView:
    """A delivery: where it stands, and what the relay said."""
    return deliveries.show(call.ctx, number)


def _mail(call: Call, number: Number) -> Response:
    """The mail of a delivery, byte for byte as it was or will be sent."""
    return Response(deliveries.mail(call.ctx, number), media_type=MAIL)


def _bounces(call: Call, verdict: Verdict = "", after: AfterNumber = None, limit: Limit = 50) -> Page[BounceLine]:
    """Bounces, newest first."""
    found = bounces.listed(call.ctx, verdict=verdict, before=after, limit=limit + 1)
    return page(call, found, limit=limit, key=lambda bounce: bounce.id)


def _bounce(call: Call, number: Number) -> BounceDetails:
    """Statement of one mail that came back about one recipient."""
    return bounces.show(call.ctx, number)


def _original(call: Call, number: Number) -> Response:
    """The mail that came back, as far as it is kept."""
    return Response(bounces.original(call.ctx, number), media_type=MAIL)


def _undo(call: Call, number: Number) -> UndoneView:
    """Take back what a report did to its reader."""
    return bounces.undo(call.ctx, number)


# --- events ----------------------------------------------------------------------------------

Kinds = Annotated[tuple[EventKind, ...], Query(max_length=100, description="Of these kinds; none: of all.")]


def _events(call: Call, kind: Kinds = (), after: AfterNumber = None, limit: Limit = 50) -> Page[EventView]:
    """Events, oldest first. Whoever reads on from the last number that they got misses none."""
    found = events.since(call.ctx, after or 0, kinds=kind, limit=limit + 1)
    return page(call, found, limit=limit, key=lambda event: event.id)


ROUTES = (
    Route(method="GET", path="/issues", needs=LOOK, act=_every),
    Route(method="GET", path="/issues/{number}", needs=LOOK, act=_show),
    Route(method="GET", path="/issues/{number}/candidates", needs=LOOK, act=_candidates),
    Route(
        method="PUT",
        path="/issues/{number}/note",
        needs=Scope.CONTENT_EDIT,
        act=_note,
        example={"text": "The harbour is ours again.", "by": "Ann"},
    ),
    Route(method="POST", path="/issues/{number}/hold", needs=SEND, act=_hold, example={"reason": "a name is wrong"}),
    Route(method="POST", path="/issues/{number}/resume", needs=SEND, act=_resume),
    Route(method="POST", path="/issues/{number}/cancel", needs=SEND, act=_cancel, example={"reason": "overtaken"}),
    Route(method="POST", path="/issues/{number}/reopen", needs=SEND, act=_reopen),
    Route(method="POST", path="/issues/{number}/withdraw", needs=SEND, act=_withdraw),
    Route(
        method="PUT",
        path="/issues/{number}/stories/{story}",
        needs=Scope.CONTENT_EDIT,
        act=_words,
        example={"headline": "Two ships, not three"},
    ),
    Route(method="POST", path="/issues/{number}/stories/{story}/withdraw", needs=SEND, act=_withdraw_story),
    Route(method="GET", path="/issues/{number}/correction", needs=LOOK, act=_correction),
    Route(
        method="POST",
        path="/issues/{number}/correction",
        needs=SEND,
        act=_correct,
        status=201,
        location="/issues/{id}",
        example={"sentence": "We are sorry."},
    ),
    Route(method="POST", path="/issues/{number}/settle", needs=SEND, act=_settle, example={"as_sent": True}),
    Route(method="POST", path="/issues/{number}/retry", needs=SEND, act=_retry, example={"deliveries": [7, 9]}),
    Route(method="GET", path="/deliveries", needs=PEOPLE, act=_deliveries),
    Route(method="GET", path="/deliveries/{number}", needs=PEOPLE, act=_delivery),
    Route(method="GET", path="/deliveries/{number}/mail", needs=PEOPLE, act=_mail, media_type=MAIL),
    Route(method="GET", path="/bounces", needs=PEOPLE, act=_bounces),
    Route(method="GET", path="/bounces/{number}", needs=PEOPLE, act=_bounce),
    Route(method="GET", path="/bounces/{number}/original", needs=PEOPLE, act=_original, media_type=MAIL),
    Route(method="POST", path="/bounces/{number}/undo", needs=Scope.PEOPLE_EDIT, act=_undo),
    Route(method="GET", path="/events", needs=LOOK, act=_events),
)
