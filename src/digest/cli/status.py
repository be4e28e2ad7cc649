"""`digest status`."""

from typing import TYPE_CHECKING, Any

import click

from digest.cli.output import as_json, emit, note, open_place, table
from digest.model.timetable import local
from digest.model.words import counted

if TYPE_CHECKING:
    from sqlmodel import Session

    from digest.model.newsletter import Newsletter
    from digest.services.place import Place


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Where things stand, on one screen: what is due, the last issue, what needs a hand.

    \b
    Example:  digest status
    """
    from digest.services.place import destination, warnings
    from digest.store import articles, newsletters, sources

    ctx = open_place()
    with ctx.db.read() as tx:
        papers = [_paper(ctx, tx, paper) for paper in newsletters.all_of(tx)]
        failing = [{"source": s.name, "error": s.error} for s in sources.failing(tx)]
        total = articles.count(tx)
    hints = _hints(papers, failing)
    if as_json:
        shown = [{name: value for name, value in paper.items() if name != "local"} for paper in papers]
        emit(
            {
                "newsletters": shown,
                "failing_sources": failing,
                "articles": total,
                "mail_goes_to": destination(ctx.settings),
                "needs_a_hand": hints,
                "warnings": warnings(ctx.settings),
            }
        )
        return
    table(
        ["newsletter", "next due", "readers", "last issue", "deliveries"],
        [(p["newsletter"], p["local"], p["readers"], _last(p), _states(p["deliveries"])) for p in papers],
        empty="no newsletter yet; `digest init` makes one",
    )
    note(f"{counted(total, 'article')} collected. Mail goes to {destination(ctx.settings)}.")
    for line in [*hints, *(f"To do before real mail: {w}." for w in warnings(ctx.settings))]:
        note(line)


def _paper(ctx: "Place", tx: "Session", paper: "Newsletter") -> dict[str, Any]:
    """What the screen says of one newsletter."""
    from digest.store import deliveries, issues, sources, subscribers

    now = ctx.clock()
    last = next(iter(issues.latest(tx, paper.id, limit=1)), None)
    counts = deliveries.counts(tx, last.id) if last else {}
    due = paper.next_slot(now)
    return {
        "newsletter": paper.name,
        "list": subscribers.list_by_id(tx, paper.mlist_id).name,
        "paused": paper.is_paused(now),
        "next_due": due.due_at if due else None,
        "local": local(due.due_at, paper.timetable.zone) if due else "paused",
        "sources": len(sources.ids_of(tx, paper.id)),
        "readers": subscribers.count_readers(tx, paper.mlist_id),
        "last_issue": last.number if last else None,
        "slot": last.slot if last else None,
        "state": str(last.state) if last else None,
        "reason": last.reason if last else "",
        "deliveries": {str(state): n for state, n in counts.items()},
    }


def _states(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {state}" for state, number in counts.items())


def _last(paper: dict[str, Any]) -> str:
    if paper["slot"] is None:
        return "none yet"
    number = f"no. {paper['last_issue']}, " if paper["last_issue"] else ""
    reason = f": {paper['reason']}" if paper["reason"] else ""
    return f"{number}{paper['slot']}, {paper['state']}{reason}"


def _hints(papers: list[dict[str, Any]], failing: list[dict[str, str]]) -> list[str]:
    """What needs a hand, and the command for it."""
    found = [f"source {f['source']}: {f['error']} (`digest sources list`)" for f in failing]
    for paper in papers:
        name = paper["newsletter"]
        issue = f"{paper['last_issue'] or paper['slot']} --newsletter {name}"
        if unsure := paper["deliveries"].get("unsure"):
            found.append(
                f"{counted(unsure, 'mail')} of issue {paper['last_issue']} of {name} may have arrived or not: look at"
                f" `digest deliveries list --issue {issue} --state unsure`, then"
                f" `digest deliveries settle --issue {issue} --mark-sent` or `--resend`"
            )
        if paper["state"] == "held":
            found.append(
                f"the issue of {name} for {paper['slot']} is held: {paper['reason']} (`digest issues resume {issue}` lets it go on)"
            )
        if paper["state"] in ("ready", "sending"):
            found.append(f"the issue of {name} for {paper['slot']} is not finished; `digest send {name}` goes on")
        if not paper["readers"]:
            found.append(f"{name} has no readers; `digest subscribers import FILE.csv --list {paper['list']}` brings them")
        if not paper["sources"]:
            found.append(f"{name} has no sources; `digest sources add URL-FILE-OR-FOLDER --newsletter {name}` adds one")
    return found
