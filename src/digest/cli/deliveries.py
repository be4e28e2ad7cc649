"""`digest deliveries`."""

import sys
from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, at, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.errors import NothingToDo
from digest.model.states import DeliveryState
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.views.issues import DeliveryLine, DeliveryView


@click.group()
def deliveries() -> None:
    """One issue to one reader: the ledger's rows."""


@deliveries.command("list")
@click.option("--issue", default="", metavar="NUMBER|SLOT", help="Of this issue.")
@click.option("--newsletter", default="", metavar="NAME", help="Needed with --issue where there are several.")
@click.option("--state", type=click.Choice([s.value for s in DeliveryState]), help="In this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def list_(issue: str, newsletter: str, state: str | None, limit: int, as_json: bool) -> None:
    """Deliveries, newest first.

    \b
    Example:  digest deliveries list --issue 214 --newsletter daily --state bounced
    """
    from digest.services import deliveries as service

    found = service.listed(
        open_place(),
        issue=issue,
        newsletter=newsletter,
        state=DeliveryState(state) if state else None,
        limit=None if as_json else limit,
    )
    if as_json:
        emit(found)
        return
    table(
        ["no.", "issue", "address", "state", "sent", "reply or reason"],
        [(d.id, issue_of(d), d.address or "erased", d.state, at(d.sent_at, d.timezone), d.reply or d.reason) for d in found],
        empty="no deliveries",
    )


@deliveries.command()
@click.argument("number", type=NUMBER)
@click.option("--eml", is_flag=True, help="Print the mail itself, byte for byte as it was sent.")
@as_json
def show(number: int, eml: bool, as_json: bool) -> None:
    """One delivery.

    \b
    Example:  digest deliveries show 1840
              digest deliveries show 1840 --eml > mail.eml
    """
    from digest.services import deliveries as service

    if eml:
        sys.stdout.buffer.write(service.mail(context(), number))
        sys.stdout.buffer.flush()
        return
    found = service.show(open_place(), number)
    if as_json:
        emit(found)
        return
    facts(
        [
            ("number", found.id),
            ("issue", issue_of(found)),
            ("address", found.address or "erased"),
            ("name", found.name),
            ("state", f"{found.state}: {found.reason}" if found.reason else found.state),
            ("sent", at(found.sent_at, found.timezone)),
            ("dated", at(found.dated_at, found.timezone)),
            ("next try", at(found.next_at, found.timezone)),
            ("tries", found.tries or ""),
            ("version", found.version if found.version > 1 else ""),
            ("relay", found.relay),
            ("reply", found.reply),
        ]
    )


def issue_of(delivery: "DeliveryLine | DeliveryView") -> str:
    """Format the issue of a delivery: `214 of daily`."""
    return f"{delivery.issue or delivery.slot} of {delivery.newsletter}"


@deliveries.command()
@click.argument("numbers", nargs=-1, type=NUMBER, metavar="[NUMBER]…")
@click.option("--issue", default="", metavar="NUMBER|SLOT", help="All unsure ones of this issue.")
@click.option("--newsletter", default="", metavar="NAME", help="Needed with --issue where there are several.")
@click.option("--resend", "how", flag_value="resend", help="They did not arrive: send them again.")
@click.option("--mark-sent", "how", flag_value="sent", help="They arrived.")
@yes_option
def settle(numbers: tuple[int, ...], issue: str, newsletter: str, how: str | None, yes: bool) -> None:
    """Say what became of unsure deliveries: their content was ended, and no answer is on record.

    \b
    Example:  digest deliveries settle --issue 214 --newsletter daily --mark-sent --yes
    """
    from digest.services import deliveries as service

    if how is None or bool(numbers) == bool(issue):
        raise click.UsageError("say --resend or --mark-sent, and name deliveries or an --issue")
    ctx = open_place()
    ids = service.unsure(ctx, ids=numbers, issue=issue, newsletter=newsletter)
    confirm(f"{'Send' if how == 'resend' else 'Mark as sent'} {counted(len(ids), 'delivery', 'deliveries')}?", yes=yes)
    count = service.settle(ctx, ids, as_sent=how == "sent")
    again = "; `digest send NEWSLETTER` or `digest serve` sends them again" if how == "resend" else ""
    note(f"settled {counted(count, 'delivery', 'deliveries')}{again}")


@deliveries.command()
@click.argument("numbers", nargs=-1, type=NUMBER, metavar="[NUMBER]…")
@click.option("--issue", default="", metavar="NUMBER|SLOT", help="All bounced ones of this issue.")
@click.option("--newsletter", default="", metavar="NAME", help="Needed with --issue where there are several.")
@yes_option
def retry(numbers: tuple[int, ...], issue: str, newsletter: str, yes: bool) -> None:
    """Queue bounced deliveries again, after the cause is mended. Who has left or is suppressed gets nothing.

    \b
    Example:  digest deliveries retry --issue 214 --newsletter daily --yes
    """
    from digest.services import deliveries as service

    if bool(numbers) == bool(issue):
        raise click.UsageError("name deliveries or an --issue")
    ctx = open_place()
    chosen = service.bounced(ctx, ids=numbers, issue=issue, newsletter=newsletter)
    confirm("Send what bounced again?", yes=yes)
    done = [service.retry(ctx, issue_id, ids) for issue_id, ids in chosen.items()]
    queued, kept = sum(one.queued for one in done), sum(one.kept for one in done)
    left = f"{kept} stay bounced: their readers have left or are suppressed (`digest suppress remove ADDRESS`)" if kept else ""
    if not queued:
        raise NothingToDo(left or "none of them has bounced")
    names = sorted({one.newsletter for one in done if one.queued})
    sends = ", ".join(f"`digest send {name}`" for name in names)
    note(f"queued {counted(queued, 'delivery', 'deliveries')} again; {sends} sends them")
    if left:
        note(left)
