"""`digest preview`."""

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from digest.cli.output import context, note, progress
from digest.cli.remedies import of_finding
from digest.errors import BadInput
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.proofs import ProofInput

NOTHING = "nothing was collected yet: shown without stories"


@click.command()
@click.argument("newsletter", default="")
@click.option("--for", "address", default="", metavar="ADDRESS", help="As this reader would get it.")
@click.option("--at", default="", metavar="TIME", help="Pretend that it is this time: 2026-03-03T07:00.")
@click.option("--template", default="", help="In this template instead: digest, weekly, breaking, minimal, confirm …")
@click.option("--theme", default="", help="In this theme instead.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("preview"), show_default=True, help="The folder to write to."
)
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@click.option(
    "--contact-sheet", is_flag=True, help="Every template in every theme on one page; pictures where Chromium is installed."
)
@click.option("--watch", is_flag=True, help="Show it on this machine, drawn anew whenever a template or theme changes.")
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="With --watch: where.")
def preview(
    newsletter: str,
    address: str,
    at: str,
    template: str,
    theme: str,
    out: Path,
    open_: bool,
    contact_sheet: bool,
    watch: bool,
    port: int,
) -> None:
    """Collect, and write today's mail as .html and .txt to look at. Nothing is sent or stored but articles.

    \b
    Example:  digest preview --open
              digest preview --contact-sheet
              digest preview --watch --template weekly
    """
    from digest.cli.sources import collect_with_progress
    from digest.services import collecting, newsletters, proofs

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    collect_with_progress(ctx, collecting.active_sources(ctx))
    drawn = watch or contact_sheet or bool(template or theme)
    if drawn and address:
        raise BadInput("--for shows what a reader gets; it goes with neither --template, --theme, --watch nor --contact-sheet")
    now = _time(at, paper.timetable.zone) if at else ctx.clock()
    given = proofs.proof_input(ctx, paper, now=now, drawn=drawn, template=template, theme_name=theme)
    if not given.is_new:
        note("nothing new: shown with the stories of the last issue" if given.picks else NOTHING)
    if watch:
        _watch(given, port, open_)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        page = _sheet(given, out) if contact_sheet else _mail(given, address, out, drawn=drawn)
    except OSError as problem:
        raise BadInput(f"the preview cannot be written to {out}: {problem.strerror}; name another folder with --out") from problem
    if open_:
        webbrowser.open(page.absolute().as_uri())


def _mail(given: "ProofInput", address: str, out: Path, *, drawn: bool) -> Path:
    """Write one mail: today's stories `drawn` in a template and theme, or the mail that would go."""
    from dataclasses import replace

    from digest.services import proofs

    if drawn:
        template, theme = given.chosen
        made = replace(proofs.proof(given, template, theme), name=f"{given.newsletter.name}-{template}")
    else:
        made = proofs.as_read(given, address)
    page = proofs.write_mail(made, out)
    note(f"wrote {page} and .txt: {counted(given.stories if drawn else len(given.picks), 'story', 'stories')}")
    for finding in sorted(made.findings, key=lambda found: found.severity != "error"):
        remedy = of_finding(finding.rule, finding.remedy)
        note(f"{finding.severity}: {finding.message}" + (f"; {remedy}" if remedy else ""))
    return page


def _sheet(given: "ProofInput", out: Path) -> Path:
    from digest.services import proofs

    with progress("Printing proofs", len(given.templates()) * len(given.themes())) as advance:
        made = []
        for proof in proofs.every(given):
            made.append(proof)
            advance(1)
    page = proofs.write(made, out, title=given.newsletter.title)
    program = proofs.browser()
    if program is None:
        note(f"wrote {page}; install Chromium to have pictures of it too")
        return page
    with progress("Taking pictures", len(made)) as advance:
        taken = proofs.photograph(program, made, out, on_progress=advance)
    note(f"wrote {page} and {counted(taken, 'picture')} beside it")
    return page


def _watch(given: "ProofInput", port: int, open_: bool) -> None:
    from digest.web.proofing import app
    from digest.web.server import Server, listen

    with listen("127.0.0.1", port) as listener:
        where = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        note(f"watching the templates: {where}   (Ctrl-C ends it)")
        if open_:
            webbrowser.open(where)
        Server(app(given), listener).run()


def _time(text: str, zone: ZoneInfo) -> datetime:
    """Parse a simulated time; without a zone it is in the newsletter's."""
    from datetime import UTC

    try:
        found = datetime.fromisoformat(text)
        if not 2000 <= found.year <= 2100:
            raise ValueError(text)
    except ValueError as problem:
        raise BadInput(f"--at {text}: write a time like 2026-03-03T07:00") from problem
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
