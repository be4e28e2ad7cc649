"""`digest bounces`."""

import sys
from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, at, confirm, emit, facts, local, note, open_place, table, yes_option, zone
from digest.errors import NothingToDo
from digest.model.bounce import MAILBOX
from digest.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable


of_newsletter = click.option("--newsletter", default="", metavar="NAME", help="Needed where there are several.")
which = click.argument("issue", metavar="NUMBER|SLOT")
VERDICTS = ("hard", "soft", "blocked", "complaint", "delayed", "none")


@click.group()
def bounces() -> None:
    """What came back of the mails that were sent, and what it did to readers."""


@bounces.command()
@click.option(
    "--mailbox",
    "locations",
    multiple=True,
    metavar="URL|DIR|FILE",
    help="A Maildir, an mbox, a folder of .eml files, a file, or a server; may be repeated. Without it: DIGEST_BOUNCE_MAILBOX.",
)
@as_json
def process(locations: tuple[str, ...], as_json: bool) -> None:
    """Read mails that came back, once each, and do what they ask for.

    What was understood is deleted from a Maildir or a server, and the rest kept aside. Other files stay as they are.

    \b
    Example:  digest bounces process
              digest bounces process --mailbox /var/mail/bounces
    """
    from digest.services import bounces as service

    done = service.process(open_place(), locations)
    if as_json:
        emit(done)
    elif not done.mails:
        raise NothingToDo("there are no mails")
    else:
        note(
            f"read {counted(done.mails, 'mail')}: {done.bounces} bounces, {done.complaints} complaints, {done.auto_replies} automatic answers, "
            f"{done.requests} requests to unsubscribe, {done.others} others, {done.known} known before"
        )
        note(
            f"suppressed {done.suppressed}, unsubscribed {done.unsubscribed}, held back {done.held_back}; `digest bounces list` shows them"
        )


@bounces.command("list")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Of this verdict.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def list_(verdict: str | None, limit: int, as_json: bool) -> None:
    """Reports, newest first.

    \b
    Example:  digest bounces list --verdict hard
    """
    from digest.services import bounces as service

    ctx = open_place()
    found = service.listed(ctx, verdict=verdict or "", limit=None if as_json else limit)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["no.", "at", "address", "verdict", "reason", "effect", "what it says"],
        [
            (
                b.id,
                at(b.at, b.timezone) if b.timezone else local(b.at, here),
                b.address or "(erased)",
                b.verdict,
                b.reason,
                b.effect,
                b.sentence,
            )
            for b in found
        ],
        empty="nothing came back",
    )


@bounces.command()
@click.argument("number", type=NUMBER)
@click.option("--eml", is_flag=True, help="Print the mail that came back, as far as it is kept.")
@as_json
def show(number: int, eml: bool, as_json: bool) -> None:
    """One report, or the mail behind it.

    \b
    Example:  digest bounces show 12
              digest bounces show 12 --eml > returned.eml
    """
    from digest.services import bounces as service

    ctx = open_place()
    if eml:
        sys.stdout.buffer.write(service.original(ctx, number))
        sys.stdout.buffer.flush()
        return
    found = service.show(ctx, number)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    facts(
        [
            ("number", found.id),
            ("read", local(found.at, here)),
            ("came by", "the mailbox" if found.via == MAILBOX else f"the webhook of {found.via}"),
            ("address", found.address or "(erased)"),
            ("verdict", f"{found.verdict}: {found.reason}"),
            ("codes", " ".join(filter(None, (found.reply, found.status, found.action)))),
            ("it says", found.sentence),
            ("proof", found.proof),
            ("effect", found.effect),
            ("undone", local(found.undone_at, here) if found.undone_at else ""),
            ("delivery", found.delivery_id),
            ("newsletter", found.newsletter),
        ]
    )


@bounces.command()
@click.argument("number", type=NUMBER)
@yes_option
def undo(number: int, yes: bool) -> None:
    """Take back what a report did: the address may be mailed again, a subscription that it ended goes on.

    \b
    Example:  digest bounces undo 12 --yes
    """
    from digest.services import bounces as service

    ctx = open_place()
    found = service.show(ctx, number)
    confirm(f"Take back that {found.address} was {found.effect} ({found.sentence or found.reason})?", yes=yes)
    done = service.undo(ctx, number)
    note(f"{done.address} may be mailed again" if done.mailed_again else f"{done.address} stays suppressed for another reason")
    if done.subscribed_again:
        note("and is subscribed again")


@bounces.command()
@which
@of_newsletter
@yes_option
def release(issue: str, newsletter: str, yes: bool) -> None:
    """Suppress the addresses after all whose mails of an issue came back, and that were held back for an alarm.

    \b
    Example:  digest bounces release 214 --newsletter daily --yes
    """
    from digest.services import held_bounces

    done = _decide(issue, newsletter, held_bounces.release, "Suppress the addresses of {}?", yes=yes)
    note(f"{done}: the addresses are suppressed")


@bounces.command()
@which
@of_newsletter
@yes_option
def discard(issue: str, newsletter: str, yes: bool) -> None:
    """Let the mails of an issue that came back count for nothing, where they were held back for an alarm.

    \b
    Example:  digest bounces discard 214 --newsletter daily --yes
    """
    from digest.services import held_bounces

    done = _decide(issue, newsletter, held_bounces.discard, "Let {} count for nothing?", yes=yes)
    note(f"{done}: they count for nothing; `digest deliveries retry` sends them again")


def _decide(issue: str, newsletter: str, decide: "Callable[..., int]", question: str, *, yes: bool) -> str:
    """Ask, and decide about the reports on an issue that are held back; return how many of which issue they were."""
    from digest.services import held_bounces

    ctx = open_place()
    held = held_bounces.waiting(ctx, issue, newsletter=newsletter)
    confirm(question.format(counted(held.reports, "report")), yes=yes)
    done = decide(ctx, held.issue.id, count=held.reports)
    return f"{counted(done, 'report')} on issue {held.issue.number or held.issue.slot}"


@bounces.command()
@as_json
def pauses(as_json: bool) -> None:
    """Domains and relays that are given no mail for a while, since mails came back as refused.

    \b
    Example:  digest bounces pauses
    """
    from digest.services import pauses as service

    ctx = open_place()
    found = service.listed(ctx)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["what", "name", "until", "times", "reason"],
        [(p.kind, p.name, local(p.until, here), p.times, p.reason) for p in found],
        empty="nothing is paused",
    )


@bounces.command()
@click.argument("name", metavar="DOMAIN|RELAY")
def resume(name: str) -> None:
    """End a pause now; it ends by itself when its time is over.

    \b
    Example:  digest bounces resume gmail
    """
    from digest.services import pauses as service

    service.resume(open_place(), name)
    note(f"{name} gets mail again; what waits for it goes with the next send")
