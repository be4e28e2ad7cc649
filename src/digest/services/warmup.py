"""
Warm-up: a new relay is given little at first and more each day; what it is not given today waits, and is no failure.

A reader who waits gets the newest issue of a newsletter, never an older one beside it.
"""

from collections.abc import Mapping, Sequence

from digest import log
from digest.model.issue import Issue
from digest.model.states import IssueState
from digest.model.timetable import local
from digest.model.warmup import REASON, Standing, day_of, resumes
from digest.services.context import Context, Place
from digest.services.issues import close_if_done
from digest.services.views.newsletters import WarmUpView
from digest.store import issues, newsletters, warmups


def under_way(ctx: Place) -> Sequence[WarmUpView]:
    """Return the relays that are in their warm-up, by name."""
    return [
        WarmUpView(
            relay=one.relay,
            day=one.number,
            days=len(one.schedule),
            allowed=one.allowed,
            given=one.given,
        )
        for one in _standings(ctx)
        if not one.is_over
    ]


def _standings(ctx: Place) -> Sequence[Standing]:
    schedules = _schedules(ctx)
    if not schedules:
        return ()
    with ctx.db.read() as tx:
        return warmups.standings(tx, schedules, day=day_of(ctx.clock(), ctx.settings.zone))


def _schedules(ctx: Place) -> Mapping[str, Sequence[int]]:
    """Return the messages of each day, for each relay that has a warm-up."""
    if isinstance(ctx, Context):
        return {one.name: one.limits.warmup for one in ctx.transports if one.limits.warmup}
    if "warmup=" not in ctx.settings.smtp_url:
        return {}
    from digest.smtp.relay import Relay  # only where there is one, as in `destination`

    relays = [Relay.parse(url) for url in ctx.settings.smtp_url.split()]
    return {str(relay): relay.limits.warmup for relay in relays if relay.limits.warmup}


def let_through(ctx: Context, issue: Issue) -> None:
    """
    Before an issue is sent: have those deliveries wait that no relay may be given today, and end what waits of older issues.

    Who goes first is as `DIGEST_WARMUP_FIRST` says. Where a relay has no warm-up, it takes what the others cannot.
    """
    standings = _standings(ctx)
    if not standings:
        return
    _supersede(ctx, issue)
    if len(standings) < len(ctx.transports) or any(one.is_over for one in standings):
        return
    now = ctx.clock()
    with ctx.db.read() as tx:
        first = warmups.first(
            tx,
            issue.id,
            now=now,
            limit=sum(one.left for one in standings),
            imported_last=ctx.settings.warmup_first == "engaged",
        )
    _postpone(ctx, issue, standings, except_for=frozenset(first))


def postpone_rest(ctx: Context, issue: Issue) -> None:
    """After an issue was sent: where no relay may be given more today, have the rest wait for tomorrow."""
    standings = _standings(ctx)
    if len(standings) == len(ctx.transports) and not any(one.is_over or one.left for one in standings):
        _postpone(ctx, issue, standings, except_for=frozenset())


def _postpone(ctx: Context, issue: Issue, standings: Sequence[Standing], *, except_for: frozenset[int]) -> None:
    now, zone = ctx.clock(), ctx.settings.zone
    with ctx.db.read() as tx:
        paper = newsletters.by_id(tx, issue.newsletter_id)
    following = paper.next_slot(now)
    until = resumes(now, zone=zone, due_at=issue.due_at, next_due=following.due_at if following else None)
    reason = f"{REASON}{' and '.join(one.relay for one in standings)} until {local(until, zone)}"
    waiting, after = 0, (0, 0)
    while True:
        with ctx.db.begin() as tx:
            stored = issues.get(tx, issue.id)
            found = warmups.due_after(tx, issue.id, now=now, after=after)
            chosen = [number for _, number in found if number not in except_for]
            if not found or stored.state is not IssueState.SENDING:
                break
            if chosen:
                waiting += warmups.postpone(tx, chosen, until=until, reason=reason)
                stored.waits_until = until
            after = found[-1]
    if waiting:
        log.get().info("issue.waits", issue=issue.id, newsletter=paper.name, deliveries=waiting, until=until.isoformat())


def _supersede(ctx: Context, issue: Issue) -> None:
    """Skip what waits of older issues for readers who get this one."""
    with ctx.db.read() as tx:
        older = warmups.older_waiting(tx, issue)
    for one in older:
        while True:
            with ctx.db.begin() as tx:
                stored = issues.get(tx, one.id)
                if not warmups.supersede(tx, stored, issue):
                    close_if_done(ctx, tx, stored)
                    break
