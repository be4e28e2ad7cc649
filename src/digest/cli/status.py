"""`digest status`."""

from typing import Any

import click

from digest.cli.output import as_json, context, emit, local, note, table


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Where things stand, on one screen: what is due, the last issue, what needs a hand."""
    from digest.context import warnings
    from digest.model.states import SubscriptionState
    from digest.store import articles, deliveries, issues, newsletters, sources, subscribers

    ctx = context()
    with ctx.db.read() as tx:
        papers: list[dict[str, Any]] = []
        for paper in newsletters.all_of(tx):
            last = next(iter(issues.latest(tx, paper.id, limit=1)), None)
            counts = deliveries.counts(tx, last.id) if last and last.id else {}
            readers = subscribers.count_by_state(tx, paper.mlist_id).get(SubscriptionState.ACTIVE, 0)
            papers.append(
                {
                    "newsletter": paper.name,
                    "next_due": paper.timetable.next(ctx.clock()).due_at,
                    "readers": readers,
                    "last_issue": last.number if last else None,
                    "slot": last.slot if last else None,
                    "state": str(last.state) if last else None,
                    "reason": last.reason if last else "",
                    "deliveries": {str(state): n for state, n in counts.items()},
                }
            )
        failing = [{"source": s.name, "error": s.error} for s in sources.failing(tx)]
        total = articles.count(tx)
    hints = _hints(papers, failing)
    if as_json:
        emit(
            {
                "newsletters": papers,
                "failing_sources": failing,
                "articles": total,
                "needs_a_hand": hints,
                "warnings": warnings(ctx.settings),
            }
        )
        return
    rows = [
        (p["newsletter"], local(p["next_due"]), p["readers"], _last(p), ", ".join(f"{s} {n}" for s, n in p["deliveries"].items()))
        for p in papers
    ]
    table(
        ["newsletter", "next due", "readers", "last issue", "deliveries"],
        rows,
        empty="no newsletter yet; `digest init` makes one",
    )
    note(f"{total} articles collected.")
    for line in [*hints, *(f"To do before real mail: {w}." for w in warnings(ctx.settings))]:
        note(line)


def _last(paper: dict[str, Any]) -> str:
    if paper["slot"] is None:
        return "none yet"
    number = f"no. {paper['last_issue']}, " if paper["last_issue"] else ""
    reason = f": {paper['reason']}" if paper["reason"] else ""
    return f"{number}{paper['slot']}, {paper['state']}{reason}"


def _hints(papers: list[dict[str, Any]], failing: list[dict[str, str]]) -> list[str]:
    """What needs a hand, and the command for it."""
    found = [f"Source {f['source']} fails: {f['error']} (`digest sources list`)" for f in failing]
    for paper in papers:
        if paper["deliveries"].get("unsure"):
            found.append(
                f"{paper['deliveries']['unsure']} mails of issue {paper['last_issue']} are unsure: look at `digest deliveries list --state unsure`, then `digest deliveries settle`"
            )
        if paper["state"] == "held":
            found.append(
                f"issue {paper['last_issue']} of {paper['newsletter']} is held: {paper['reason']} (`digest issues resume {paper['last_issue']}`)"
            )
        if paper["state"] in ("ready", "sending"):
            found.append(f"{paper['newsletter']} of {paper['slot']} is not finished: `digest send {paper['newsletter']}` goes on")
        if not paper["readers"]:
            found.append(f"{paper['newsletter']} has no readers: `digest subscribers import FILE.csv`")
    return found
