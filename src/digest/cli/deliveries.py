"""`digest deliveries`."""

import sys

import click

from digest.cli.output import NUMBER, as_json, confirm, context, emit, note, table, yes_option
from digest.errors import NothingToDo
from digest.model.states import DeliveryState


@click.group()
def deliveries() -> None:
    """One issue to one reader: the ledger's rows."""


@deliveries.command("list")
@click.option("--issue", type=NUMBER, help="Of the issue with this number.")
@click.option("--newsletter", default="", help="Needed with --issue where there are several.")
@click.option("--state", type=click.Choice([s.value for s in DeliveryState]))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@as_json
def list_(issue: int | None, newsletter: str, state: str | None, limit: int, as_json: bool) -> None:
    """Deliveries, newest first."""
    from digest.store import deliveries as store
    from digest.store import issues, newsletters

    ctx = context()
    with ctx.db.read() as tx:
        chosen = issues.by_number(tx, newsletters.get(tx, newsletter).id or 0, issue).id if issue else None
        found = store.listed(
            tx, issue_id=chosen, state=DeliveryState(state) if state else None, limit=sys.maxsize >> 1 if as_json else limit
        )
    if as_json:
        emit(
            [
                d.model_dump(mode="json", include={"id", "issue_id", "address", "state", "reason", "sent_at", "reply"})
                for d in found
            ]
        )
        return
    table(
        ["no.", "address", "state", "sent", "reply or reason"],
        [(d.id, d.address, d.state, d.sent_at, d.reply or d.reason) for d in found],
        empty="no deliveries",
    )


@deliveries.command()
@click.argument("number", type=NUMBER)
@click.option("--eml", is_flag=True, help="Print the mail itself, byte for byte as it was sent.")
@as_json
def show(number: int, eml: bool, as_json: bool) -> None:
    """One delivery."""
    from digest import make
    from digest.store import deliveries as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.get(tx, number)
    if eml:
        sys.stdout.buffer.write(make.remake(ctx, found))
        sys.stdout.buffer.flush()
        return
    values = found.model_dump(mode="json", exclude={"picks", "address_hmac"})
    if as_json:
        emit(values)
    else:
        table(["", ""], [(key.replace("_", " "), value) for key, value in values.items() if value not in (None, "")])


@deliveries.command()
@click.argument("numbers", nargs=-1, type=NUMBER, metavar="[NUMBER]…")
@click.option("--issue", type=NUMBER, help="All unsure ones of the issue with this number.")
@click.option("--newsletter", default="", help="Needed with --issue where there are several.")
@click.option("--resend", "how", flag_value="resend", help="They did not arrive: send them again.")
@click.option("--mark-sent", "how", flag_value="sent", help="They arrived.")
@yes_option
def settle(numbers: tuple[int, ...], issue: int | None, newsletter: str, how: str | None, yes: bool) -> None:
    """Say what became of unsure deliveries: their content was ended, and no answer is on record.

    \b
    Example:  digest deliveries settle --issue 214 --mark-sent --yes
    """
    from digest import desk
    from digest.store import deliveries as store
    from digest.store import issues, newsletters

    if how is None or bool(numbers) == bool(issue):
        raise click.UsageError("say --resend or --mark-sent, and name deliveries or an --issue")
    ctx = context()
    with ctx.db.read() as tx:
        if issue:
            chosen = issues.by_number(tx, newsletters.get(tx, newsletter).id or 0, issue).id
            found = store.listed(tx, issue_id=chosen, state=DeliveryState.UNSURE, limit=sys.maxsize >> 1)
        else:
            found = [store.get(tx, number) for number in numbers]
    ids = [d.id for d in found if d.id and d.state is DeliveryState.UNSURE]
    if not ids:
        raise NothingToDo("none of them is unsure")
    confirm(f"{'Send' if how == 'resend' else 'Mark as sent'} {len(ids)} deliveries?", yes=yes)
    count = desk.settle(ctx, ids, as_sent=how == "sent")
    note(f"settled {count} deliveries" + ("; `digest send` sends them again" if how == "resend" else ""))
