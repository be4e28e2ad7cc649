"""`digest deliveries`."""

import sys
from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.errors import NothingToDo
from digest.model.states import DeliveryState
from digest.model.timetable import local
from digest.model.words import counted

if TYPE_CHECKING:
    from sqlmodel import Session

    from digest.model.delivery import Delivery
    from digest.model.issue import Issue
    from digest.model.newsletter import Newsletter


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
    from digest.store import deliveries as store
    from digest.store import issues, newsletters

    ctx = open_place()
    with ctx.db.read() as tx:
        chosen = issues.by_key(tx, newsletters.get(tx, newsletter), issue).id if issue else None
        found = store.listed(
            tx, issue_id=chosen, state=DeliveryState(state) if state else None, limit=sys.maxsize >> 1 if as_json else limit
        )
        about = {number: _about(tx, number) for number in ({d.issue_id for d in found} if not as_json else ())}
    if as_json:
        emit(
            [
                d.model_dump(mode="json", include={"id", "issue_id", "address", "state", "reason", "sent_at", "reply"})
                for d in found
            ]
        )
        return
    table(
        ["no.", "issue", "address", "state", "sent", "reply or reason"],
        [
            (d.id, _issue(*about[d.issue_id]), d.address, d.state, _sent(d, about[d.issue_id][1]), d.reply or d.reason)
            for d in found
        ],
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
    from digest.store import deliveries as store

    if eml:
        _print_mail(number)
        return
    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.get(tx, number)
        issue, paper = _about(tx, found.issue_id)
    if as_json:
        shown = found.model_dump(mode="json", exclude={"picks", "address_hmac"})
        emit({**shown, "issue": issue.number, "slot": issue.slot, "newsletter": paper.name})
        return
    here = paper.timetable.zone
    facts(
        [
            ("number", found.id),
            ("issue", _issue(issue, paper)),
            ("address", found.address),
            ("name", found.name),
            ("state", f"{found.state}: {found.reason}" if found.reason else found.state),
            ("sent", _sent(found, paper)),
            ("dated", local(found.dated_at, here) if found.dated_at else ""),
            ("next try", local(found.next_at, here) if found.next_at else ""),
            ("tries", found.tries or ""),
            ("relay", found.relay),
            ("reply", found.reply),
        ]
    )


def _print_mail(number: int) -> None:
    from digest.services import messages
    from digest.store import deliveries as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.get(tx, number)
    sys.stdout.buffer.write(messages.remake(ctx, found))
    sys.stdout.buffer.flush()


def _about(tx: "Session", issue_id: int) -> "tuple[Issue, Newsletter]":
    from digest.store import issues, newsletters

    issue = issues.get(tx, issue_id)
    return issue, newsletters.by_id(tx, issue.newsletter_id)


def _issue(issue: "Issue", paper: "Newsletter") -> str:
    return f"{issue.number or issue.slot} of {paper.name}"


def _sent(delivery: "Delivery", paper: "Newsletter") -> str:
    return local(delivery.sent_at, paper.timetable.zone) if delivery.sent_at else ""


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
    from digest.services import desk
    from digest.store import deliveries as store
    from digest.store import issues, newsletters

    if how is None or bool(numbers) == bool(issue):
        raise click.UsageError("say --resend or --mark-sent, and name deliveries or an --issue")
    ctx = open_place()
    with ctx.db.read() as tx:
        if issue:
            chosen = issues.by_key(tx, newsletters.get(tx, newsletter), issue).id
            found = store.listed(tx, issue_id=chosen, state=DeliveryState.UNSURE, limit=sys.maxsize >> 1)
        else:
            found = [store.get(tx, number) for number in numbers]
    ids = [d.id for d in found if d.state is DeliveryState.UNSURE]
    if not ids:
        raise NothingToDo("none of them is unsure")
    confirm(f"{'Send' if how == 'resend' else 'Mark as sent'} {counted(len(ids), 'delivery', 'deliveries')}?", yes=yes)
    count = desk.settle(ctx, ids, as_sent=how == "sent")
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
    from digest.services import desk
    from digest.store import deliveries as store
    from digest.store import issues, newsletters

    if bool(numbers) == bool(issue):
        raise click.UsageError("name deliveries or an --issue")
    ctx = open_place()
    chosen: dict[int, list[int]] = {}
    with ctx.db.read() as tx:
        if issue:
            chosen[issues.by_key(tx, newsletters.get(tx, newsletter), issue).id] = []
        for number in numbers:
            chosen.setdefault(store.get(tx, number).issue_id, []).append(number)
    confirm("Send what bounced again?", yes=yes)
    done = [desk.retry(ctx, issue_id, ids) for issue_id, ids in chosen.items()]
    queued, kept = sum(one.queued for one in done), sum(one.kept for one in done)
    left = f"{kept} stay bounced: their readers have left or are suppressed (`digest suppress remove ADDRESS`)" if kept else ""
    if not queued:
        raise NothingToDo(left or "none of them has bounced")
    names = sorted({one.newsletter for one in done if one.queued})
    note(
        f"queued {counted(queued, 'delivery', 'deliveries')} again; "
        + ", ".join(f"`digest send {name}`" for name in names)
        + " sends them"
    )
    if left:
        note(left)
