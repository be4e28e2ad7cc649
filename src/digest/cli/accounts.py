"""`digest accounts`."""

from typing import TYPE_CHECKING

import click

from digest.cli.output import as_json, confirm, emit, local, note, open_place, table, yes_option, zone
from digest.model.account import Role

if TYPE_CHECKING:
    from digest.services.views.accounts import AccountView

_role = click.Choice([role.value for role in Role])
_send = click.option(
    "--send/--no-send", "sends", default=None, help="Whether an editor may start, stop or repeat mail to readers."
)


@click.group()
def accounts() -> None:
    """Who may log in to the admin pages: owners, editors and viewers."""


@accounts.command()
@click.argument("address")
@click.option("--name", default="", help="Of the person; else what stands before the @.")
@click.option("--role", type=_role, default=Role.EDITOR.value, show_default=True, help="What they may do.")
@_send
def add(address: str, name: str, role: str, sends: bool | None) -> None:
    """Let somebody in: print a link to pass on, which works once, for three days.

    With it they set how they log in. An owner may do everything, an editor changes what is published, a viewer looks.

    \b
    Example:  digest accounts add ann@example.org --name "Ann Lee" --role editor --send
    """
    from digest.services import accounts as service

    made = service.add(open_place(), address, name=name, role=Role(role), sends=bool(sends))
    note(f"{made.account.address} is {_role_of(made.account.role, made.account.sends)}; pass this link on, it works once:")
    click.echo(made.link)


@accounts.command("set")
@click.argument("address")
@click.option("--name", help="Of the person.")
@click.option("--role", type=_role, help="What they may do.")
@_send
def set_(address: str, name: str | None, role: str | None, sends: bool | None) -> None:
    """Change an account. With another role, or another right to send, its person has to log in again.

    \b
    Example:  digest accounts set ann@example.org --role owner
    """
    from digest.services import accounts as service

    if name is None and role is None and sends is None:
        raise click.UsageError("name what to change; `digest accounts set --help` lists the options")
    changed = service.change(open_place(), address, name=name, role=Role(role) if role else None, sends=sends)
    note(f"{changed.address} is {_role_of(changed.role, changed.sends)}")


@accounts.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every account.

    \b
    Example:  digest accounts list
    """
    from digest.services import accounts as service

    ctx = open_place()
    found = service.every(ctx)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["address", "name", "role", "logs in with", "last log-in"],
        [
            (a.address, a.name, _role_of(a.role, a.sends), _ways(a), local(a.logged_in_at, here) if a.logged_in_at else "never")
            for a in found
        ],
        empty="no accounts yet; `digest serve` prints a link that makes the first",
    )


@accounts.command()
@click.argument("address")
@as_json
def show(address: str, as_json: bool) -> None:
    """One account: its role, and how its person logs in.

    \b
    Example:  digest accounts show ann@example.org
    """
    from digest.services import accounts as service

    ctx = open_place()
    found = service.show(ctx, address)
    if as_json:
        emit(found)
        return
    last = local(found.logged_in_at, zone(ctx)) if found.logged_in_at else "never"
    click.echo(f"{found.address}, {found.name}: {_role_of(found.role, found.sends)}")
    click.echo(f"logs in with {_ways(found)}; last log-in {last}")
    if found.identity:
        click.echo(f"at the OpenID provider as {found.identity}")


@accounts.command()
@click.argument("address")
@yes_option
def unlink(address: str, yes: bool) -> None:
    """Remove the link of an account to the OpenID provider, and log its browsers out.

    Other ways to log in stay. Only the person can link it again, on the page of their account.

    \b
    Example:  digest accounts unlink ann@example.org --yes
    """
    from digest.services import accounts as service

    ctx = open_place()
    known = service.show(ctx, address)
    confirm(f"Remove the link of {known.address} to the OpenID provider?", yes=yes)
    service.unlink(ctx, address)
    note(f"removed the link of {known.address}; `digest accounts reset {known.address}` gives them another way in")


@accounts.command()
@click.argument("address")
@yes_option
def reset(address: str, yes: bool) -> None:
    """Remove every way to log in to an account, and print a link that sets new ones.

    Password, app, recovery codes, passkeys and the link to an OpenID provider stop working at once, and all its browsers
    are logged out.

    \b
    Example:  digest accounts reset ann@example.org --yes
    """
    from digest.services import accounts as service

    ctx = open_place()
    known = service.show(ctx, address)
    confirm(f"Reset the account {known.address}?", yes=yes)
    made = service.reset(ctx, address)
    note(f"{made.account.address} cannot log in until they use this link, which works once:")
    click.echo(made.link)


@accounts.command()
@click.argument("address")
@yes_option
def remove(address: str, yes: bool) -> None:
    """Forget an account; what its person did stays recorded. The last owner stays.

    \b
    Example:  digest accounts remove ann@example.org --yes
    """
    from digest.services import accounts as service

    ctx = open_place()
    known = service.show(ctx, address)
    confirm(f"Remove the account {known.address}?", yes=yes)
    service.remove(ctx, address)
    note(f"removed the account {known.address}")


def _role_of(role: Role, sends: bool) -> str:
    return f"{role}, may send" if sends and role is Role.EDITOR else role.value


def _ways(account: "AccountView") -> str:
    keys = f"{account.passkeys} passkey{'s' if account.passkeys > 1 else ''}" if account.passkeys else ""
    provider = "OpenID provider" if account.identity else ""
    found = [way for way in ("password and app" if account.has_password else "", keys, provider) if way]
    return ", ".join(found) or ("invited" if account.is_invited else "nothing; the link is too old")
