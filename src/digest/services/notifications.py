"""
Admins are told by mail where a person must look: an issue was held, or a slot was skipped. The log is told too.

Outside the ledger: a report is no issue, and what goes wrong with one is logged and stops nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from digest import log
from digest.compose.render import render
from digest.deliver.run import Tally
from digest.errors import DigestError
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.states import IssueState
from digest.services import messages
from digest.services.context import Context
from digest.services.selection import paper_of
from digest.smtp.blocking import hand_over
from digest.store import deliveries, sources

_HANDS = {
    IssueState.HELD: "digest issues show {key} · digest check {newsletter} · digest issues resume {key} · digest issues cancel {key}",
    IssueState.SKIPPED: "digest issues explain {key} · digest send {newsletter}",
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


def tell(ctx: Context, newsletter: Newsletter, issue: Issue) -> None:
    """Log that an issue is held; tell the admins how an issue stands, and what they can do."""
    if issue.state is IssueState.HELD:
        log.get().warning("issue.held", issue=issue.id, newsletter=newsletter.name, reason=issue.reason)
    if not ctx.settings.admin_addresses:
        return
    try:
        for envelope in _letters(ctx, newsletter, issue):
            _hand_over(ctx, envelope)
    except DigestError as problem:
        log.get().warning("report.unsent", issue=issue.id, error=str(problem))


def _letters(ctx: Context, newsletter: Newsletter, issue: Issue) -> Sequence[Envelope]:
    now = ctx.clock()
    with ctx.db.read() as tx:
        counts = deliveries.counts(tx, issue.id)
        failing = [f"{source.name}: {source.error}" for source in sources.failing(tx)]
    key = f"{issue.number or issue.slot} --newsletter {newsletter.name}"
    values = {
        "state": str(issue.state),
        "reason": issue.reason,
        "counts": [{"name": str(state), "count": count} for state, count in counts.items()],
        "sources": failing[:20],
        "hands": [hand.format(key=key, newsletter=newsletter.name) for state, hand in _HANDS.items() if state is issue.state],
    }
    day = issue.due_at.astimezone(newsletter.timetable.zone).date()
    paper = paper_of(ctx, newsletter, number=issue.number or 0, day=day, nonce=secrets.token_hex(6), template="report")
    drawn = render(replace(paper, values=values), ())
    letters = []
    for address in ctx.settings.admin_addresses:
        own = replace(drawn, header=replace(drawn.header, nonce=secrets.token_hex(6)))  # a Message-ID for each
        letters.append(messages.single(ctx, own, address=address, now=now, kind="report"))
    return letters


def _hand_over(ctx: Context, envelope: Envelope) -> None:
    """Hand a report to the first relay that takes it. Raises the last one's DigestError where none does."""
    said = ""
    for transport in ctx.transports:
        try:
            [answer] = hand_over(transport, [envelope])
        except DigestError as problem:
            said = str(problem)
            continue
        if answer.reply is not None and answer.reply.code // 100 == 2:
            return
        said = str(answer.reply or "no answer")
    raise DigestError(f"no relay took the report to {envelope.recipient}: {said}")
