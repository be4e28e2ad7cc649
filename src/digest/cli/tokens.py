"""`digest tokens`."""

import click

from digest.cli.output import NUMBER, as_json, emit, local, note, open_place, table, zone
from digest.model.api import DAYS, MOST_DAYS, Scope


@click.group()
def tokens() -> None:
    """Tokens by which programs use the API, each for an account."""


@tokens.command()
@click.argument("account")
@click.option("--name", required=True, help="Which program gets it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; again for each scope.",
)
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=DAYS, show_default=True, help="For how long it is good.")
def add(account: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token of an account, by its address, and print it: this once, since only a hash is kept.

    It never allows more than the account may do at that moment.

    \b
    Example:  digest tokens add ann@example.org --name "our shop" --scope people:look --scope people:edit
    """
    from digest.services import api_tokens

    ctx = open_place()
    made = api_tokens.add(ctx, account, name=name, scopes=[Scope(scope) for scope in scopes], days=days)
    until = local(made.token.expires_at, zone(ctx))
    note(f"token {made.token.id} of {made.token.account}, good until {until}; it is not shown again:")
    click.echo(made.secret)


@tokens.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every token, without its secret.

    \b
    Example:  digest tokens list
    """
    from digest.services import api_tokens

    ctx = open_place()
    found = api_tokens.every(ctx)
    if as_json:
        emit(found)
        return
    here, now = zone(ctx), ctx.clock()
    table(
        ["no.", "account", "name", "scopes", "good until", "last used"],
        [
            (
                token.id,
                token.account,
                token.name,
                ", ".join(token.scopes),
                local(token.expires_at, here) if token.expires_at > now else "expired",
                local(token.used_at, here) if token.used_at else "never",
            )
            for token in found
        ],
        empty="no tokens",
    )


@tokens.command()
@click.argument("number", type=NUMBER)
def revoke(number: int) -> None:
    """Forget a token, which works no more from now on.

    \b
    Example:  digest tokens revoke 3
    """
    from digest.services import api_tokens

    note(f"revoked the token {api_tokens.revoke(open_place(), number)}")
