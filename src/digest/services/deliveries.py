"""Deliveries: the ledger's rows to look at, and what a person decides about them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from digest.errors import Conflict, NothingToDo
from digest.model.delivery import Delivery
from digest.model.event import EventKind
from digest.model.states import DeliveryState, IssueState
from digest.services import events
from digest.services import issues as issue_services
from digest.services.context import Context, Place
from digest.services.views.issues import DeliveryLine, DeliveryView
from digest.store import deliveries, issues, newsletters


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """Result of a retry."""

    queued: int
    kept: int  #: that stay bounced: their readers have left or are suppressed
    newsletter: str  #: whose issue it is, by name


def listed(
    ctx: Place, *, issue: str = "", newsletter: str = "", state: DeliveryState | None = None, limit: int | None = None
) -> Sequence[DeliveryLine]:
    """Return deliveries, newest first; of one issue (by number or slot), in one state. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = issue_services.of_key(tx, newsletter, issue).id if issue else None
        return lines(tx, deliveries.listed(tx, issue_id=chosen, state=state, limit=limit))


def older(
    ctx: Place, *, issue_id: int | None = None, state: DeliveryState | None = None, before: int | None = None, limit: int
) -> Sequence[DeliveryLine]:
    """Return deliveries with a number below `before`, newest first; of one issue, in one state. Raises NotFound."""
    with ctx.db.read() as tx:
        if issue_id is not None:
            issues.get(tx, issue_id)
        return lines(tx, deliveries.listed(tx, issue_id=issue_id, state=state, before=before, limit=limit))


def show(ctx: Place, delivery_id: int) -> DeliveryView:
    """Return a delivery. Raises NotFound."""
    with ctx.db.read() as tx:
        found = deliveries.get(tx, delivery_id)
        return DeliveryView.of(found, **_about(tx, found.issue_id))


def mail(ctx: Context, delivery_id: int) -> bytes:
    """Return a delivery's mail, byte for byte as it was or will be sent. Raises NotFound, or Gone where its reader was erased."""
    from digest.services import messages

    with ctx.db.read() as tx:
        found = deliveries.with_reader(tx, delivery_id)
    return messages.remake(ctx, found)


def unsure(ctx: Place, *, ids: Sequence[int] = (), issue: str = "", newsletter: str = "") -> Sequence[int]:
    """Return the numbers of the deliveries that are unsure: among `ids`, or of an issue. Raises NotFound, or NothingToDo where none is."""
    with ctx.db.read() as tx:
        if issue:
            chosen = issue_services.of_key(tx, newsletter, issue).id
            found = deliveries.listed(tx, issue_id=chosen, state=DeliveryState.UNSURE, limit=None)
        else:
            found = [deliveries.get(tx, number) for number in ids]
    numbers = [delivery.id for delivery in found if delivery.state is DeliveryState.UNSURE]
    if not numbers:
        raise NothingToDo("none of them is unsure")
    return numbers


def unsure_of(ctx: Place, issue_id: int, ids: Sequence[int] = ()) -> Sequence[int]:
    """Return the numbers of the unsure deliveries of an issue, all or those among `ids`. Raises NotFound, or NothingToDo where none is."""
    with ctx.db.read() as tx:
        found = set(deliveries.ids_in_state(tx, issues.get(tx, issue_id).id, DeliveryState.UNSURE))
    numbers = sorted(found & set(ids) if ids else found)
    if not numbers:
        raise NothingToDo("none of them is unsure")
    return numbers


def settle(ctx: Place, ids: Sequence[int], *, as_sent: bool) -> int:
    """
    Record what became of unsure deliveries: they arrived, or they are sent again; return how many there were.

    An issue with nothing open any more is `sent`.

    Raises:
        Conflict: they are to be sent again, and their issue is over.
    """
    with ctx.db.begin() as tx:
        touched = {number: issues.get(tx, number) for number in {deliveries.get(tx, i).issue_id for i in ids}}
        for issue in touched.values():
            if not as_sent and issue.state in (IssueState.CANCELLED, IssueState.SENT):
                raise Conflict(f"issue {issue.number} is {issue.state}: nothing of it is sent again", code="not_sent_again")
        unsure = Counter(d.issue_id for d in (deliveries.get(tx, i) for i in ids) if d.state is DeliveryState.UNSURE)
        count = deliveries.settle_unsure(tx, ids, as_sent=as_sent, at=ctx.clock())
        for number, issue in touched.items():
            if unsure[number]:
                events.record_issue(ctx, tx, issue, EventKind.ISSUE_SETTLED, deliveries=unsure[number], as_sent=as_sent)
            issue_services.close_if_done(ctx, tx, issue)
    return count


def bounced(ctx: Place, *, ids: Sequence[int] = (), issue: str = "", newsletter: str = "") -> Mapping[int, Sequence[int]]:
    """Return which deliveries `retry` would queue, by issue; no number means all of an issue that bounced. Raises NotFound."""
    chosen: dict[int, list[int]] = {}
    with ctx.db.read() as tx:
        if issue:
            chosen[issue_services.of_key(tx, newsletter, issue).id] = []
        for number in ids:
            chosen.setdefault(deliveries.get(tx, number).issue_id, []).append(number)
    return chosen


def retry(ctx: Place, issue_id: int, ids: Sequence[int] = ()) -> Retried:
    """
    Queue bounced deliveries of an issue again, these or all; an issue that was sent is `sending` again.

    They are tried for two days from now, as if they had never been.

    Raises:
        Conflict: the issue is neither sending nor sent.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.state not in (IssueState.SENDING, IssueState.SENT):
            raise Conflict(
                f"issue {issue.number or issue.slot} is {issue.state}; what bounced of it can be sent again when it is sending"
            )
        queued, kept = deliveries.retry_bounced(tx, issue_id, ids, now=ctx.clock())
        if queued:
            issue.retried_at = ctx.clock()
            if issue.state is IssueState.SENT:
                issues.to_state(tx, issue, IssueState.SENDING)
            events.record_issue(ctx, tx, issue, EventKind.ISSUE_RETRIED, deliveries=queued)
        name = newsletters.by_id(tx, issue.newsletter_id).name
    return Retried(queued=queued, kept=kept, newsletter=name)


def lines(tx: Session, found: Sequence[Delivery]) -> Sequence[DeliveryLine]:
    """Return deliveries as a list shows them, each with the name of its issue."""
    about = {number: _about(tx, number) for number in {delivery.issue_id for delivery in found}}
    return [DeliveryLine.of(d, **about[d.issue_id]) for d in found]


def views(tx: Session, found: Sequence[Delivery]) -> Sequence[DeliveryView]:
    """Return deliveries whole, each with the name of its issue."""
    about = {number: _about(tx, number) for number in {delivery.issue_id for delivery in found}}
    return [DeliveryView.of(delivery, **about[delivery.issue_id]) for delivery in found]


def _about(tx: Session, issue_id: int) -> dict[str, object]:
    """Return the values of a delivery's view that belong to its issue."""
    issue = issues.get(tx, issue_id)
    paper = newsletters.by_id(tx, issue.newsletter_id)
    return {"issue": issue.number, "slot": issue.slot, "newsletter": paper.name, "timezone": paper.zone}
