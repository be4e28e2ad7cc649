"""`digest preview`."""

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from digest.cli.output import context, note, progress
from digest.errors import BadInput, NothingToDo
from digest.model.words import counted


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
    from dataclasses import replace

    from digest.cli.sources import report
    from digest.services import collecting, proofs
    from digest.store import newsletters

    ctx = context()
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    report(collecting.collect(ctx, collecting.active_sources(ctx)), as_json=False)
    now = _time(at, paper) if at else ctx.clock()
    drawn = watch or contact_sheet or bool(template or theme)
    if drawn and address:
        raise BadInput("--for shows what a reader gets; it goes with neither --template, --theme, --watch nor --contact-sheet")
    desk = proofs.Desk(ctx=ctx, newsletter=paper, picks=_picks(ctx, paper, now, drawn=drawn), now=now)
    try:
        if watch:
            chosen = {name: value for name, value in (("template", template), ("theme", theme)) if value}
            _watch(replace(desk, newsletter=_changed(paper, chosen)), port, open_)
            return
        out.mkdir(parents=True, exist_ok=True)
        if contact_sheet:
            page = _sheet(desk, out)
        elif template or theme:
            page = _proof(desk, template or paper.template, theme or paper.theme, out)
        else:
            page = _mail(desk, address, out)
    except OSError as problem:
        raise BadInput(f"the preview cannot be written to {out}: {problem.strerror}; name another folder with --out") from problem
    if open_:
        webbrowser.open(page.absolute().as_uri())


def _picks(ctx: Any, paper: Any, now: datetime, *, drawn: bool) -> Any:
    """What would be printed now; to be `drawn` in a template or theme, the last issue's stories will do."""
    from digest.services.selection import choose, last_printed

    picks = choose(ctx, paper, paper.timetable.today(now), now=now).picks
    if drawn and not picks:
        picks = last_printed(ctx, paper)
        note(
            "nothing new: shown with the stories of the last issue"
            if picks
            else "nothing was collected yet: shown without stories"
        )
    return picks


def _proof(desk: Any, template: str, theme: str, out: Path) -> Path:
    """Today's stories in a template and theme."""
    from dataclasses import replace

    from digest.compose.render import SYSTEM
    from digest.services import proofs

    made = replace(proofs.proof(desk, template, theme), name=f"{desk.newsletter.name}-{template}")
    return _write(out, made, 0 if template in SYSTEM else len(desk.picks))


def _mail(desk: Any, address: str, out: Path) -> Path:
    """The mail that would go. Raises NothingToDo where there is too little to print."""
    from digest.services.selection import prepare

    ctx, paper, now = desk.ctx, desk.newsletter, desk.now
    prepared = prepare(ctx, paper, paper.timetable.today(now), now=now)
    if not prepared.renditions:
        raise NothingToDo(
            f"there is no mail to show: {prepared.shortage}; `digest send {paper.name} --dry-run --explain` says why each is out"
        )
    return _write(out, _as_read(ctx, paper, prepared, address, now), len(desk.picks))


def _as_read(ctx: Any, paper: Any, prepared: Any, address: str, now: datetime) -> Any:
    """The mail of one reader, or of nobody in particular."""
    from digest.audience.address import parse
    from digest.compose import lint
    from digest.compose.merge import body, merge, subject
    from digest.compose.sheet import Proof
    from digest.services import messages
    from digest.services.preflight import expected

    if address:
        rendition, facts = messages.facts_for(ctx, paper, prepared.rendition, now=now, address_key=parse(address).key)
    else:
        rendition = prepared.rendition()
        facts = messages.sample_facts(ctx, rendition, now=now)
    html, plain = (body(rendition, facts, kind) for kind in ("html", "plain"))
    mail = messages.signed(ctx, rendition, merge(rendition, facts), at=now)
    findings = lint.check(mail, expected(ctx)).findings
    return Proof(name=paper.name, subject=subject(rendition, facts), html=html, plain=plain, findings=findings)


def _write(out: Path, proof: Any, stories: int) -> Path:
    (out / f"{proof.name}.txt").write_text(proof.plain, encoding="utf-8")
    page = out / f"{proof.name}.html"
    page.write_text(proof.html, encoding="utf-8")
    note(f"wrote {page} and .txt: {counted(stories, 'story', 'stories')}")
    for finding in sorted(proof.findings, key=lambda found: found.severity != "error"):
        note(f"{finding.severity}: {finding.message}" + (f"; {finding.remedy}" if finding.remedy else ""))
    return page


def _sheet(desk: Any, out: Path) -> Path:
    from digest.services import proofs

    with progress("Printing proofs", len(desk.templates()) * len(desk.themes())) as advance:
        made = []
        for proof in proofs.every(desk):
            made.append(proof)
            advance(1)
    page = proofs.write(made, out, title=desk.newsletter.title)
    program = proofs.browser()
    if program is None:
        note(f"wrote {page}; install Chromium to have pictures of it too")
        return page
    with progress("Taking pictures", len(made)) as advance:
        taken = proofs.photograph(program, made, out, on_progress=advance)
    note(f"wrote {page} and {counted(taken, 'picture')} beside it")
    return page


def _watch(desk: Any, port: int, open_: bool) -> None:
    from digest.web.proofing import app
    from digest.web.server import Server, listen

    with listen("127.0.0.1", port) as listener:
        where = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        note(f"watching the templates: {where}   (Ctrl-C ends it)")
        if open_:
            webbrowser.open(where)
        Server(app(desk), listener).run()


def _changed(paper: Any, values: dict[str, str]) -> Any:
    for name, value in values.items():
        setattr(paper, name, value)
    return paper


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
