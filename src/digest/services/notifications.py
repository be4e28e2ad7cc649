"""
Notifications: the admins are mailed where a person must look, and the log has what a run did.

A mail is sent from an event that was recorded with the change, so a kill between the two loses none. One
process at a time has an event: it claims it for LEASE, and holds the claim from one admin to the next. Who
is done with is remembered after the relay took the mail; killed just before that, another process repeats
it after LEASE, with the same Message-ID. Outside the ledger: a report is no issue, and what goes wrong with
one is logged and stops nothing.
"""

from dataclasses import replace
from datetime import timedelta

from digest import log
from digest.compose.render import render
from digest.deliver.run import Tally
from digest.errors import DigestError, TransportError
from digest.model.event import Event, EventKind
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.rendition import Rendition
from digest.model.states import IssueState
from digest.model.timetable import duration
from digest.model.tokens import address_hmac
from digest.services import messages
from digest.services.context import Context
from digest.services.selection import paper_of
from digest.services.system_mails import hand_over
from digest.store import deliveries, events, issues, newsletters, sources

STALE = timedelta(days=1)  #: what the admins could not be told for so long is not mailed any more
LEASE = timedelta(minutes=10)  #: longer than a relay takes for one mail
REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)  #: after a try that failed, doubling

_REMEDIES = {
    EventKind.ISSUE_HELD: "digest issues show {key} · digest check {newsletter} · digest issues resume {key} · digest issues cancel {key}",
    EventKind.ISSUE_SKIPPED: "digest issues explain {key} · digest send {newsletter}",
    EventKind.ISSUE_BOUNCING: "digest bounces list --verdict hard · digest bounces release {key} · digest bounces discard {key}",
    EventKind.ISSUE_PAUSED: "digest bounces pauses · digest bounces list --verdict blocked",
    EventKind.ISSUE_REFUSED: "digest bounces list --verdict blocked · digest deliveries list --issue {key} --state bounced",
}


def log_run(issue: Issue, tally: Tally) -> None:
    """Log what a run of sending did, and whether the issue is sent by it."""
    log.get().info(
        "issue.delivered",
        issue=issue.id,
        sent=tally.sent,
        deferred=tally.deferred,
        bounced=tally.bounced,
        skipped=tally.skipped,
        unsure=tally.unsure,
        given_back=tally.given_back,
    )
    if issue.state is IssueState.SENT:
        log.get().info("issue.sent", issue=issue.id, number=issue.number, slot=issue.slot)


def log_held(issue: Issue, newsletter: Newsletter) -> None:
    """Log that an issue waits for a person."""
    log.get().warning("issue.held", issue=issue.id, newsletter=newsletter.name, reason=issue.reason)


# --- mail to the admins ----------------------------------------------------------------------


def tell_due(ctx: Context) -> int:
    """
    Mail the admins the events that are due; return the number of events that all admins have received.

    May be called by any process, at any time. What cannot be told now is tried again later, up to a day long. Raises
    nothing of ours: a report that cannot go stops nothing.
    """
    try:
        return _notify_all(ctx) if _is_any_due(ctx) else 0
    except DigestError as problem:  # the database; what was claimed can be claimed again after LEASE
        log.get().warning("report.unsent", error=str(problem))
        return 0


def _notify_all(ctx: Context) -> int:
    count = 0
    while (event := _claimed(ctx)) is not None:
        try:
            count += _notify(ctx, event)
        except DigestError as problem:
            _retry_later(ctx, event, problem)
    return count


def _is_any_due(ctx: Context) -> bool:
    with ctx.db.read() as tx:
        return events.any_to_tell(tx, now=ctx.clock())


def _claimed(ctx: Context) -> Event | None:
    """Claim the next event to notify of; too old ones are skipped."""
    now = ctx.clock()
    with ctx.db.begin() as tx:
        late = events.give_up_telling(tx, before=now - STALE)
        # Where there are no admins an event waits in vain, and ages: another process may know some.
        found = events.claim_to_tell(tx, now=now, until=now + LEASE) if ctx.settings.admin_addresses else None
    for event in late if ctx.settings.admin_addresses else ():
        log.get().warning("report.unsent", issue=event.noun_id, error=f"not told within {duration(STALE)}")
    return found


def _notify(ctx: Context, event: Event) -> bool:
    """Mail an event to each admin who has not had it; False: another process took over. Raises DigestError where one must wait."""
    hashes = {_hash(ctx, event, address): address for address in ctx.settings.admin_addresses}
    waiting = {hashed: address for hashed, address in hashes.items() if hashed not in event.told}
    frame = _frame(ctx, event)
    problem: DigestError | None = None
    for hashed, address in waiting.items():
        with ctx.db.begin() as tx:
            if not events.keep_claim(tx, event, until=ctx.clock() + LEASE):
                return False
        try:
            hand_over_or_raise(ctx, _letter(ctx, frame, event, address=address, nonce=hashed))
        except TransportError as failed:  # the others may have it now
            problem = failed
            continue
        event.told = [*event.told, hashed]
        with ctx.db.begin() as tx:
            events.told(tx, event)
    if problem is not None:
        raise problem
    with ctx.db.begin() as tx:
        events.all_told(tx, event, at=ctx.clock())
    return True


def _retry_later(ctx: Context, event: Event, problem: DigestError) -> None:
    log.get().warning("report.unsent", issue=event.noun_id, error=str(problem))
    rest = min(REST * (1 << min(event.tell_tries - 1, 10)), LONGEST_REST)
    with ctx.db.begin() as tx:
        events.tell_later(tx, event, at=ctx.clock() + rest)


def _hash(ctx: Context, event: Event, address: str) -> str:
    """Return a hash of event and address, so that a mail repeated after a kill has the Message-ID of the first."""
    return address_hmac(f"{event.id} {event.at:%Y-%m-%dT%H:%M:%S} {address}", ctx.settings.pepper)[:16]


def _frame(ctx: Context, event: Event) -> Rendition:
    """Render the report of an event, without a recipient: the facts at the time of the event, and the present state of its deliveries."""
    with ctx.db.read() as tx:
        issue = issues.get(tx, event.noun_id or 0)
        newsletter = newsletters.by_id(tx, issue.newsletter_id)
        counts = deliveries.counts(tx, issue.id)
        failing = [f"{source.name}: {source.error}" for source in sources.failing(tx)]
    key = f"{issue.number or issue.slot} --newsletter {newsletter.name}"
    hands = _REMEDIES.get(event.kind, "")
    values = {
        "state": event.facts["state"],
        "reason": issue.reason if _is_of_state(event, issue) else event.facts["reason"],  # an event's is masked
        "counts": [{"name": str(state), "count": count} for state, count in counts.items()],
        "sources": failing[:20],
        "hands": [hands.format(key=key, newsletter=newsletter.name)] if hands else [],
    }
    day = issue.due_at.astimezone(newsletter.timetable.zone).date()
    paper = paper_of(ctx, newsletter, number=issue.number or 0, day=day, nonce=f"event{event.id}", template="report")
    return render(replace(paper, values=values), ())


def _is_of_state(event: Event, issue: Issue) -> bool:
    """Return whether an event is about the state that its issue is in, so that the issue has the reason."""
    about_mails = event.kind in (EventKind.ISSUE_BOUNCING, EventKind.ISSUE_PAUSED, EventKind.ISSUE_REFUSED)
    return bool(issue.state == event.facts["state"]) and not about_mails


def _letter(ctx: Context, frame: Rendition, event: Event, *, address: str, nonce: str) -> Envelope:
    own = replace(frame, header=replace(frame.header, nonce=nonce))
    return messages.single(ctx, own, address=address, now=event.at, kind="report")


def hand_over_or_raise(ctx: Context, envelope: Envelope) -> None:
    """Hand a mail over; log one that is refused for good. Raises TransportError where it must wait."""
    outcome = hand_over(ctx, envelope)
    if outcome.is_taken is None:
        raise TransportError(f"no relay took the mail to {envelope.recipient}: {outcome.said}")
    if not outcome.is_taken:
        log.get().warning("report.refused", to=envelope.recipient, error=outcome.said)
