"""`digest issues`."""

from typing import TYPE_CHECKING

import click

from digest.cli import amending, drafts
from digest.cli.drafts import of_newsletter
from digest.cli.explained import print_explained
from digest.cli.output import as_json, at, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.model.states import DeliveryState
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.context import Place
    from digest.services.views.issues import IssueDetails

which = click.argument("number", metavar="NUMBER|SLOT")


@click.group()
def issues() -> None:
    """What was published for each slot, and why."""


for command in (*drafts.COMMANDS, *amending.COMMANDS):
    issues.add_command(command)


@issues.command("list")
@of_newsletter
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@as_json
def list_(newsletter: str, limit: int, as_json: bool) -> None:
    """The newest issues.

    \b
    Example:  digest issues list --newsletter daily --limit 5
    """
    from digest.services import issues as service

    found = service.listed(open_place(), newsletter=newsletter, limit=limit)
    if as_json:
        emit(found)
        return
    table(
        ["no.", "newsletter", "slot", "state", "sent", "reason"],
        [(i.number, i.newsletter, i.slot, i.state, at(i.sent_at, i.timezone), i.reason) for i in found],
        empty="no issues yet; `digest send NEWSLETTER` makes the first",
    )


@issues.command()
@which
@of_newsletter
@as_json
def show(number: str, newsletter: str, as_json: bool) -> None:
    """One issue: its stories and how its deliveries stand.

    \b
    Example:  digest issues show 214 --newsletter daily
              digest issues show 2026-03-03
    """
    found = _issue(open_place(), newsletter, number)
    if as_json:
        emit(found)
        return
    facts(
        [
            ("issue", f"{found.number or 'not numbered yet'}, of {found.newsletter}"),
            ("slot", found.slot),
            ("state", f"{found.state}: {found.reason}" if found.reason else found.state),
            ("due", at(found.due_at, found.timezone)),
            ("frozen", at(found.frozen_at, found.timezone)),
            ("approved", f"{at(found.approved_at, found.timezone)}, {found.approved_by}" if found.approved_at else ""),
            ("sent", at(found.sent_at, found.timezone)),
            ("warm-up", _waits(found)),
            ("withdrawn", at(found.withdrawn_at, found.timezone)),
            ("version", found.version if found.version > 1 else ""),
            ("got", ", ".join(f"version {version}: {count}" for version, count in found.versions.items())),
        ]
    )
    published = [
        (place, story["section"], story["form"], story["headline"], story.get("publisher", ""))
        for place, story in enumerate(found.stories, start=1)
    ]
    table(["", "section", "form", "headline", "publisher"], published)
    passed = [(f"skipped: {reason}", count) for reason, count in found.passed_by.items()]
    table(["deliveries", "number"], [*found.deliveries.items(), *passed])


def _waits(found: "IssueDetails") -> str:
    queued = found.deliveries.get(DeliveryState.QUEUED)
    if not queued or found.waits_until is None:
        return ""
    return f"{queued:,} queued; as the warm-up of a relay allows they go from {at(found.waits_until, found.timezone)} on"


@issues.command()
@which
@of_newsletter
@as_json
def explain(number: str, newsletter: str, as_json: bool) -> None:
    """Why each story is in or out of an issue.

    \b
    Example:  digest issues explain 214 --newsletter daily
    """
    from digest.services import issues as service

    found = service.explain(open_place(), newsletter=newsletter, key=number)
    if as_json:
        emit(found)
    else:
        print_explained(found)


@issues.command()
@of_newsletter
def approve(newsletter: str) -> None:
    """Let the coming issue go out at its hour, frozen as it is now.

    \b
    Example:  digest issues approve --newsletter daily
    """
    from digest.services import approvals, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    issue = approvals.approve(ctx, paper)
    note(f"issue {issue.number} of {paper.name} ({issue.slot}) is approved; it goes out at {at(issue.due_at, paper.zone)}")


@issues.command()
@which
@of_newsletter
@click.option("--reason", default="held by an operator", show_default=True, help="Kept with the issue.")
def hold(number: str, newsletter: str, reason: str) -> None:
    """Nothing more of an issue goes out until it is resumed.

    \b
    Example:  digest issues hold 214 --newsletter daily --reason "the lead is wrong"
    """
    from digest.services import issues as service

    ctx = open_place()
    found = _issue(ctx, newsletter, number)
    service.hold(ctx, found.id, reason=reason)
    name = found.newsletter
    note(f"issue {number} of {name} is held; `digest issues resume {number} --newsletter {name}` lets it go on")


@issues.command()
@which
@of_newsletter
def resume(number: str, newsletter: str) -> None:
    """A held issue goes on with the next send, or with the scheduler.

    \b
    Example:  digest issues resume 214 --newsletter daily
    """
    from digest.services import issues as service

    ctx = context()
    found = _issue(ctx, newsletter, number)
    issue = service.resume(ctx, found.id)
    note(f"issue {number} of {found.newsletter} is {issue.state}; `digest send {found.newsletter}` goes on with it")


@issues.command()
@which
@of_newsletter
@click.option("--reason", default="cancelled by an operator", show_default=True, help="Kept with the issue.")
@yes_option
def cancel(number: str, newsletter: str, reason: str, yes: bool) -> None:
    """Call an issue off: what waits is not sent, what went out stays so.

    \b
    Example:  digest issues cancel 214 --newsletter daily --yes
    """
    from digest.services import issues as service

    ctx = open_place()
    found = _issue(ctx, newsletter, number)
    confirm(f"Cancel issue {number} of {found.newsletter} ({found.slot})?", yes=yes)
    waiting = service.cancel(ctx, found.id, reason=reason)
    were = "was" if waiting == 1 else "were"
    note(f"issue {number} of {found.newsletter} is cancelled; {counted(waiting, 'mail')} {were} not sent")


@issues.command()
@which
@of_newsletter
@yes_option
def reopen(number: str, newsletter: str, yes: bool) -> None:
    """Take back that an issue was called off: a draft again, or its remaining mails go out.

    \b
    Example:  digest issues reopen 2026-03-03 --newsletter daily --yes
    """
    from digest.services import issues as service

    ctx = open_place()
    found = _issue(ctx, newsletter, number)
    if found.queued_at is not None:
        confirm(f"Send the remaining mails of issue {number} of {found.newsletter} ({found.slot})?", yes=yes)
    issue, waiting = service.reopen(ctx, found.id)
    waits = f"; {counted(waiting, 'mail')} will go out" if found.queued_at else ""
    note(f"issue {number} of {found.newsletter} is {issue.state} again{waits}")


@issues.command()
@which
@of_newsletter
@click.option("--story", type=click.IntRange(1), metavar="PLACE", help="This story alone, by its place in the issue.")
@yes_option
def withdraw(number: str, newsletter: str, story: int | None, yes: bool) -> None:
    """Take an issue, or one story of it, out of the archive for good. Mails that went out stay with their readers.

    \b
    Example:  digest issues withdraw 214 --newsletter daily --yes
              digest issues withdraw 214 --story 3
    """
    from digest.services import issues as service

    ctx = open_place()
    found = _issue(ctx, newsletter, number)
    if story is not None:
        if story > len(found.stories):
            raise click.UsageError(f"issue {number} has {counted(len(found.stories), 'story', 'stories')}")
        headline = found.stories[story - 1]["headline"]
        confirm(f"Withdraw “{headline}” from issue {number} of {found.newsletter}?", yes=yes)
        service.withdraw_story(ctx, found.id, found.stories[story - 1]["story_id"])
        note(f"“{headline}” is withdrawn; pages say that a story was taken down, and mails that wait go without it")
        return
    confirm(f"Withdraw issue {number} of {found.newsletter} ({found.slot}) from the archive?", yes=yes)
    service.withdraw(ctx, found.id)
    note(f"issue {number} of {found.newsletter} is withdrawn; its page in the archive says that it is gone")


def _issue(ctx: "Place", newsletter: str, number: str) -> "IssueDetails":
    from digest.services import issues as service

    return service.show(ctx, newsletter=newsletter, key=number)
