"""`digest preview`."""

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from digest.cli.output import context, note
from digest.errors import BadInput, NothingToDo


@click.command()
@click.argument("newsletter", default="")
@click.option("--for", "address", default="", metavar="ADDRESS", help="As this reader would get it.")
@click.option("--at", default="", metavar="TIME", help="Pretend that it is this time: 2026-03-03T07:00.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("preview"), show_default=True, help="The folder to write to."
)
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
def preview(newsletter: str, address: str, at: str, out: Path, open_: bool) -> None:
    """Collect, and write today's mail as .html and .txt to look at. Nothing is sent or stored but articles.

    \b
    Example:  digest preview --open
    """
    from digest import intake, make, publish
    from digest.audience.address import parse
    from digest.compose.merge import body
    from digest.store import newsletters

    ctx = context()
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    from digest.cli.sources import report

    report(intake.collect(ctx, intake.active_sources(ctx)), as_json=False)
    now = _time(at, paper) if at else ctx.clock()
    prepared = publish.prepare(ctx, paper, paper.timetable.today(now), now=now)
    if prepared.rendition is None:
        raise NothingToDo(
            f"there is too little to print: {len(prepared.picks)} stories; `digest send --dry-run --explain` says why each is out"
        )
    facts = (
        make.facts_for(ctx, paper, prepared.rendition, now=now, address_key=parse(address).key)
        if address
        else make.sample_facts(ctx, prepared.rendition, now=now)
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, suffix in (("html", "html"), ("plain", "txt")):
            (out / f"{paper.name}.{suffix}").write_text(body(prepared.rendition, facts, kind), encoding="utf-8")
    except OSError as problem:
        raise BadInput(f"the preview cannot be written to {out}: {problem.strerror}; name another folder with --out") from problem
    note(f"wrote {out / paper.name}.html and .txt: {len(prepared.picks)} stories")
    if open_:
        webbrowser.open((out / f"{paper.name}.html").absolute().as_uri())


def _time(text: str, paper: Any) -> datetime:
    """A pretended time; without a zone it is the newsletter's."""
    from datetime import UTC

    try:
        found = datetime.fromisoformat(text)
        if not 2000 <= found.year <= 2100:
            raise ValueError(text)
    except ValueError as problem:
        raise BadInput(f"--at {text}: write a time like 2026-03-03T07:00") from problem
    return (found if found.tzinfo else found.replace(tzinfo=paper.timetable.zone)).astimezone(UTC)
