"""`digest status`."""

from typing import TYPE_CHECKING

import click

from digest.cli.output import as_json, at, emit, note, open_place, table
from digest.model.pause import PauseKind
from digest.model.states import DeliveryState, IssueState
from digest.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.services.views.newsletters import NewsletterStatus, StatusView


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Where things stand, on one screen: what is due, the last issue, what needs a hand.

    \b
    Example:  digest status
    """
    from digest.services.status import status as where_things_stand

    found = where_things_stand(open_place())
    hints = _hints(found)
    if as_json:
        emit({**found.model_dump(mode="json"), "needs_a_hand": hints})
        return
    table(
        ["newsletter", "next due", "readers", "last issue", "deliveries"],
        [
            (p.newsletter, at(p.next_due, p.timezone) or "paused", p.readers, _last(p), _states(p.deliveries))
            for p in found.newsletters
        ],
        empty="no newsletter yet; `digest init` makes one",
    )
    note(f"{counted(found.articles, 'article')} collected. Mail goes to {found.mail_goes_to}.")
    for warm in found.warm_ups:
        given = f"{warm.given:,} of {warm.allowed:,} messages were given to it today"
        note(f"The relay {warm.relay} is in its warm-up, on day {warm.day} of {warm.days}: {given}.")
    for line in [*hints, *(f"To do before real mail: {w}." for w in found.warnings)]:
        note(line)


def _states(counts: "Mapping[DeliveryState, int]") -> str:
    return ", ".join(f"{number:,} {state}" for state, number in counts.items())


def _last(paper: "NewsletterStatus") -> str:
    if paper.slot is None:
        return "none yet"
    number = f"no. {paper.last_issue}, " if paper.last_issue else ""
    reason = f": {paper.reason}" if paper.reason else ""
    return f"{number}{paper.slot}, {paper.state}{reason}"


def _hints(found: "StatusView") -> list[str]:
    """List what needs a person, each with the command for it."""
    hints = [f"source {f.source}: {f.error} (`digest sources list`)" for f in found.failing_sources]
    for pause in found.paused:
        what = f"mail to {pause.name}" if pause.kind is PauseKind.DOMAIN else f"the relay {pause.name}"
        until = f"{pause.until:%Y-%m-%d %H:%M} UTC"
        hints.append(f"{what} is paused until {until}: {pause.reason} (`digest bounces resume {pause.name}` ends that)")
    for paper in found.newsletters:
        hints += _of_issue(paper)
        if not paper.readers:
            said = f"`digest subscribers import FILE.csv --list {paper.list}` brings them"
            hints.append(f"{paper.newsletter} has no readers; {said}")
        if not paper.sources:
            said = f"`digest sources add URL-FILE-OR-FOLDER --newsletter {paper.newsletter}` adds one"
            hints.append(f"{paper.newsletter} has no sources; {said}")
    return hints


def _of_issue(paper: "NewsletterStatus") -> "Iterator[str]":
    """List what needs a person of a newsletter's last issue."""
    name = paper.newsletter
    issue = f"{paper.last_issue or paper.slot} --newsletter {name}"
    if unsure := paper.deliveries.get(DeliveryState.UNSURE):
        yield (
            f"{counted(unsure, 'mail')} of issue {paper.last_issue} of {name} may have arrived or not: look at"
            f" `digest deliveries list --issue {issue} --state unsure`, then"
            f" `digest deliveries settle --issue {issue} --mark-sent` or `--resend`"
        )
    if paper.state is IssueState.HELD:
        yield (
            f"the issue of {name} for {paper.slot} is held: {paper.reason}"
            f" (`digest check {name}` says what is wrong now, `digest issues resume {issue}` lets it go on)"
        )
    if paper.waits_until and paper.state is IssueState.SENDING:
        waits = counted(paper.deliveries.get(DeliveryState.QUEUED, 0), "mail")
        yield f"{waits} of the issue of {name} for {paper.slot} wait for the warm-up of a relay, until {at(paper.waits_until, paper.timezone)}"
    elif paper.state in (IssueState.READY, IssueState.SENDING):
        yield f"the issue of {name} for {paper.slot} is not finished; `digest send {name}` goes on"
