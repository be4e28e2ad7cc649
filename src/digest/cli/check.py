"""`digest check`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.output import as_json, context, emit, note, table
from digest.cli.remedies import of_finding
from digest.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.services.views.issues import FindingView


@click.command()
@click.argument("newsletter", default="")
@click.option("--mail", type=click.Path(path_type=Path, dir_okay=False), help="Check this finished mail instead.")
@click.option("--links", is_flag=True, help="Also whether the stories' links and pictures are alive.")
@click.option("--dns", is_flag=True, help="Also SPF, DMARC and MX of the sender's domain.")
@click.option("--selector", default="", metavar="NAME", help="With --dns: the DKIM key of this selector too.")
@as_json
def check(newsletter: str, mail: Path | None, links: bool, dns: bool, selector: str, as_json: bool) -> None:
    """What is wrong with the mails that would go now, before they go. Exit 1 on an error.

    Looks at the merged mails of several readers: every language, odd names, one story, no story
    left. With SpamAssassin installed, its score too.

    \b
    Example:  digest check daily --links --dns
    """
    from digest.services import preflight

    found = preflight.check_mail(mail) if mail is not None else _issue(newsletter, links=links, dns=dns, selector=selector)
    errors = sum(finding.severity == "error" for finding in found)
    if as_json:
        emit({"ok": not errors, "findings": found})
    elif found:
        table(
            ["", "rule", "what", "where", "remedy", "source", "in"],
            [(f.severity, f.rule, f.message, f.where, of_finding(f.rule, f.remedy), f.source, _few(f.mails)) for f in found],
            empty="",
        )
    note(f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}." if found else "Nothing is wrong.")
    if errors:
        raise click.exceptions.Exit(1)


def _issue(newsletter: str, *, links: bool, dns: bool, selector: str) -> "Sequence[FindingView]":
    """Make the mails that would be sent now, from the sources as they are now."""
    from digest.cli.sources import collect_with_progress
    from digest.services import collecting, newsletters, preflight

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    collect_with_progress(ctx, collecting.active_sources(ctx))
    return preflight.check(ctx, paper, links=links, dns=dns, selector=selector)


def _few(names: "Sequence[str]") -> str:
    return "; ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
