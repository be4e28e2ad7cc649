"""`digest suppress`."""

import click

from digest.cli.output import as_json, context, emit, note, table
from digest.errors import NothingToDo


@click.group()
def suppress() -> None:
    """Addresses that are never mailed, whatever list they are on."""


@suppress.command()
@click.argument("address")
@click.option("--reason", default="by an admin", show_default=True)
def add(address: str, reason: str) -> None:
    """Never mail an address again."""
    from digest.audience.address import parse
    from digest.model.subscriber import Suppression
    from digest.model.tokens import address_hmac
    from digest.store import subscribers

    checked = parse(address)
    ctx = context()
    entry = Suppression(
        address_hmac=address_hmac(checked.key, ctx.settings.pepper), address=checked.text, reason=reason, made_at=ctx.clock()
    )
    with ctx.db.begin() as tx:
        if not subscribers.suppress(tx, entry):
            raise NothingToDo(f"{checked.text} is suppressed already")
    note(f"{checked.text} is never mailed again")


@suppress.command()
@click.argument("address")
def remove(address: str) -> None:
    """Let an address be mailed again."""
    from digest.audience.address import parse
    from digest.model.tokens import address_hmac
    from digest.store import subscribers

    checked = parse(address)
    ctx = context()
    with ctx.db.begin() as tx:
        if not subscribers.unsuppress(tx, address_hmac(checked.key, ctx.settings.pepper)):
            raise NothingToDo(f"{checked.text} is not suppressed")
    note(f"{checked.text} may be mailed again")


@suppress.command("list")
@as_json
def list_(as_json: bool) -> None:
    """All suppressed addresses, newest first."""
    from digest.store import subscribers

    ctx = context()
    with ctx.db.read() as tx:
        found = subscribers.suppressions(tx)
    if as_json:
        emit([entry.model_dump(mode="json") for entry in found])
        return
    table(
        ["address", "reason", "since"],
        [(e.address or f"erased ({e.address_hmac[:12]}…)", e.reason, e.made_at) for e in found],
        empty="no address is suppressed",
    )
