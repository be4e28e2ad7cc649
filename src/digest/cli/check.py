"""`digest check`."""

import re
from pathlib import Path
from typing import Any

import click

from digest.cli.output import as_json, context, emit, note, table
from digest.errors import BadInput, NothingToDo
from digest.model.words import counted


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
    rows = _one(mail) if mail is not None else _issue(newsletter, links=links, dns=dns, selector=selector)
    errors = sum(row["severity"] == "error" for row in rows)
    if as_json:
        emit({"ok": not errors, "findings": rows})
    elif rows:
        table(
            ["", "rule", "what", "where", "remedy", "source", "in"],
            [(r["severity"], r["rule"], r["message"], r["where"], r["remedy"], r["source"], _few(r["mails"])) for r in rows],
            empty="",
        )
    note(f"{counted(errors, 'error')}, {counted(len(rows) - errors, 'warning')}." if rows else "Nothing is wrong.")
    if errors:
        raise click.exceptions.Exit(1)


def _one(path: Path) -> list[dict[str, Any]]:
    from digest.compose import lint
    from digest.model.finding import Expected
    from digest.services.preflight import spam

    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise BadInput(f"{path}: {problem.strerror}") from problem
    system = re.search(rb"^List-Id:", raw, re.IGNORECASE | re.MULTILINE) is None  # a mail of no list
    found = [*lint.check(raw, Expected(system=system)).findings, *(spam(raw) or ())]
    return [_row(finding, [path.name]) for finding in found]


def _issue(newsletter: str, *, links: bool, dns: bool, selector: str) -> list[dict[str, Any]]:
    from digest.cli.sources import report
    from digest.services import collecting, preflight
    from digest.services.selection import prepare
    from digest.store import newsletters

    ctx = context()
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    report(collecting.collect(ctx, collecting.active_sources(ctx)), as_json=False)
    now = ctx.clock()
    prepared = prepare(ctx, paper, paper.timetable.today(now), now=now)
    rows: list[dict[str, Any]] = []
    if dns:
        rows += [_row(finding, []) for finding in preflight.sender_domain(ctx, selector=selector)]
    if prepared.renditions:
        rows += [_row(looked.finding, looked.mails) for looked in preflight.look(ctx, paper, prepared)]
        rows += [_row(finding, []) for finding in preflight.dropped_pictures(prepared)]
        rows += [_row(finding, [name]) for name, finding in _spam(ctx, paper, prepared)]
        if links:
            rows += [_row(finding, []) for finding in preflight.dead_links(ctx, prepared)]
    elif not dns:
        raise NothingToDo(f"there is no mail to check: {prepared.shortage}")
    return sorted(rows, key=lambda row: (row["severity"] != "error", row["rule"]))


def _spam(ctx: Any, paper: Any, prepared: Any) -> list[tuple[str, Any]]:
    """One mail a language: the score hardly depends on the reader, and takes seconds."""
    from digest.services import preflight

    firsts = {name.partition(",")[0]: (name, raw) for name, raw in reversed(list(preflight.mails(ctx, paper, prepared)))}
    return [(name, finding) for name, raw in firsts.values() for finding in preflight.spam(raw) or ()]


def _row(finding: Any, mails: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(finding), "mails": list(mails)}


def _few(names: list[str]) -> str:
    return "; ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
