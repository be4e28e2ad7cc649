"""`digest doctor`."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from digest.cli.output import as_json, emit, harmless, note
from digest.cli.remedies import of_check
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.views.doctor import CheckView


def _addresses(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from digest.errors import BadInput
    from digest.services.doctor import addresses

    try:
        return tuple(addresses(given)) if given else ()
    except BadInput as problem:
        raise click.BadParameter(str(problem)) from problem


@click.command()
@click.option(
    "--sending-address",
    "sending",
    multiple=True,
    metavar="IP",
    callback=_addresses,
    help="Where mail leaves from; may be repeated.",
)
@click.option(
    "--test-copy", "copy_to", metavar="ADDRESS", default="", help="Send a copy of the next mail there; its links change nothing."
)
@click.option("--offline", is_flag=True, help="Ask no relay, name server or web server.")
@as_json
def doctor(sending: tuple[str, ...], copy_to: str, offline: bool, as_json: bool) -> None:
    """Examine the whole installation, and say for each fault what to do. Exit 1 on an error.

    Settings, files and their permissions, database, clock, newsletters, relays, the DNS records
    of the sender's domain with DMARC alignment, the public pages as a mail provider reaches them,
    and what Gmail, Yahoo and Outlook.com ask of senders. It works whatever is wrong with the settings.

    \b
    Example:  digest doctor --sending-address 192.0.2.10 --test-copy you@example.org
    """
    from digest import settings
    from digest.services.doctor import Examined, examine
    from digest.services.views.doctor import DoctorView

    read, problems = settings.examine()
    results: list[CheckView] = []
    what = Examined(settings=read, problems=problems, sending=sending, copy_to=copy_to, offline=offline)
    for plain in examine(what):
        remedy = "" if plain.status == "ok" else of_check(plain.rule, plain.where, plain.remedy)
        found = plain.model_copy(update={"remedy": remedy})
        if not as_json:
            _print(found, heading=not results or results[-1].area != found.area)
        results.append(found)
    count = Counter(found.status for found in results)
    if as_json:
        emit(DoctorView(ok=not count["error"], checks=tuple(results)))
    note(f"{counted(count['error'], 'error')}, {counted(count['warning'], 'warning')}, {counted(count['hint'], 'hint')}.")
    if count["error"]:
        raise click.exceptions.Exit(1)


def _print(found: "CheckView", *, heading: bool) -> None:
    """Print a result, under the name of its area, with the remedy below it."""
    if heading:
        click.echo(found.area)
    source = f" ({found.source})" if found.source and found.status != "ok" else ""
    click.echo(harmless(f"  {found.status:8} {found.message}{source}"))
    if found.remedy:
        click.echo(harmless(f"  {'':8} → {found.remedy}"))
