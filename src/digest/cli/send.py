"""`digest send`."""

import sys
from pathlib import Path
from typing import Any

import click

from digest.cli.output import as_json, context, emit, note, progress, table
from digest.errors import NothingToDo
from digest.model.words import counted


@click.command()
@click.argument("newsletter", default="")
@click.option(
    "--test",
    "test_address",
    default="",
    metavar="ADDRESS",
    help="One copy to this address; takes no slot, its links change nothing.",
)
@click.option("--dry-run", is_flag=True, help="Write the mails that would go as .eml files; take no slot, send nothing.")
@click.option("--no-collect", is_flag=True, help="Publish what was collected before.")
@click.option("--explain", is_flag=True, help="Say why each story is in or out.")
@click.option("--yes", is_flag=True, help="Do not ask, however many recipients.")
@as_json
def send(newsletter: str, test_address: str, dry_run: bool, no_collect: bool, explain: bool, yes: bool, as_json: bool) -> None:
    """Collect, print and send today's issue. An unfinished issue is finished first.

    Run again on the same day it sends nothing and says so (exit code 3).

    \b
    Example:  digest send daily
              digest send daily --test you@example.org
              digest send daily --dry-run --explain
    """
    from digest import intake, publish
    from digest.model.states import DeliveryState
    from digest.store import newsletters

    ctx = context()
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    chosen = intake.active_sources(ctx)
    if not no_collect and chosen:
        from digest.cli.sources import report

        with progress("Collecting", len(chosen)) as advance:
            report(intake.collect(ctx, chosen, on_progress=advance), as_json=False)
    if not chosen:
        note(f"warning: there are no sources; add one with `digest sources add URL-FILE-OR-FOLDER --newsletter {paper.name}`")
    if test_address:
        _test(ctx, paper, test_address, as_json=as_json)
        return
    if dry_run:
        _dry_run(ctx, paper, explain=explain, as_json=as_json)
        return
    _confirm(ctx, paper, yes)
    from digest.cli.stopping import draining

    try:
        with progress("Sending") as advance, draining() as stop:
            sent = publish.send(ctx, paper, on_sent=advance, stop=stop)
    except NothingToDo as nothing:
        if explain:
            from digest.prepare import prepare

            prepared = prepare(ctx, paper, paper.timetable.today(ctx.clock()), now=ctx.clock())
            if as_json:
                note(str(nothing))
                emit({"nothing_to_do": str(nothing), "candidates": _rows(prepared)})
                raise click.exceptions.Exit(3) from nothing
            print_explained(_rows(prepared))
        raise
    _say(ctx, sent, explain=explain, as_json=as_json)
    if stop.is_set():
        note("Stopped; the same command goes on with what is left.")
        raise click.exceptions.Exit(130)
    if sent.tally.down or sent.counts.get(DeliveryState.UNSURE):
        raise click.exceptions.Exit(1)


def _confirm(ctx: Any, paper: Any, yes: bool) -> None:
    """Asks only on a terminal, and only above the setting."""
    from digest.store import subscribers

    limit = ctx.settings.confirm_above
    if yes or sys.stdin is None or not sys.stdin.isatty():
        return
    with ctx.db.read() as tx:
        readers = subscribers.count_readers(tx, paper.mlist_id)
    if readers > limit:
        click.confirm(f"Send {paper.name} to {counted(readers, 'reader')}?", abort=True, err=True)


def _test(ctx: Any, paper: Any, address: str, *, as_json: bool) -> None:
    """One copy outside the ledger, by the transport that readers' mail takes."""
    from digest import make
    from digest.audience.address import parse
    from digest.place import destination
    from digest.prepare import prepare
    from digest.smtp.blocking import hand_over

    checked = parse(address)
    now = ctx.clock()
    prepared = prepare(ctx, paper, paper.timetable.today(now), now=now)
    if not prepared.renditions:
        raise NothingToDo(f"there is no mail to send: {prepared.shortage}")
    envelope = make.single(ctx, prepared.rendition(), address=checked.text, now=now, kind="test")
    [answer] = hand_over(ctx.transports[0], [envelope])
    if as_json:
        emit({"newsletter": paper.name, "to": checked.text, "reply": str(answer.reply) if answer.reply else None})
    if answer.reply is None or answer.reply.code // 100 != 2:
        note(f"digest: the test copy was not taken: {answer.reply or 'no answer'}")
        raise click.exceptions.Exit(1)
    note(f"Sent a test copy of {paper.name} to {checked.text} ({destination(ctx.settings)}): {answer.reply}")


def _dry_run(ctx: Any, paper: Any, *, explain: bool, as_json: bool) -> None:
    from digest import make, publish
    from digest.prepare import prepare
    from digest.smtp.blocking import hand_over
    from digest.smtp.outbox import Outbox

    now = ctx.clock()
    slot = paper.timetable.today(now)
    publish.refuse_served(ctx, paper, slot)
    prepared = prepare(ctx, paper, slot, now=now)
    rows = _rows(prepared)
    if explain and not as_json:
        print_explained(rows)
    if not prepared.renditions:
        raise NothingToDo(f"nothing would be sent: {prepared.shortage}")
    folder: Path = ctx.settings.data_path / "dry-run" / prepared.slot.name
    for old in folder.glob("*.eml"):
        old.unlink()  # of an earlier dry run for this slot
    count = 0
    with progress("Writing") as advance:
        for _ in hand_over(Outbox(folder), make.would_send(ctx, paper, prepared.rendition, now=now)):
            count += 1
            advance(1)
    if as_json:
        emit(
            {
                "newsletter": paper.name,
                "slot": prepared.slot.name,
                "stories": len(prepared.picks),
                "mails": count,
                "folder": str(folder),
                "candidates": rows,
            }
        )
    note(
        f"Would send {paper.name} of {prepared.slot.name}: {counted(len(prepared.picks), 'story', 'stories')}"
        f" to {counted(count, 'reader')}. The mails are in {folder}."
    )


def _rows(prepared: Any) -> list[dict[str, object]]:
    return [
        explained(c.headline, c.reason, c.score, place, c.pick.section, c.pick.form, c.pick.made_from)
        if c.pick
        else explained(c.headline, c.reason, c.score)
        for place, c in enumerate(prepared.candidates)
    ]


def _say(ctx: Any, sent: Any, *, explain: bool, as_json: bool) -> None:
    from digest.model.states import DeliveryState
    from digest.place import destination
    from digest.store import issues

    counts = {str(state): n for state, n in sent.counts.items()}
    with ctx.db.read() as tx:
        rows = [stored_explained(row) for row in issues.candidates(tx, sent.issue.id)] if explain else []
    if as_json:
        emit(
            {
                "issue": sent.issue.number,
                "newsletter": sent.newsletter.name,
                "slot": sent.issue.slot,
                "state": sent.issue.state,
                "stories": sent.stories,
                "resumed": sent.resumed,
                "deliveries": counts,
                "mail_goes_to": destination(ctx.settings),
                "sent_now": sent.tally.sent,
                **({"candidates": rows} if explain else {}),
            }
        )
    elif explain:
        print_explained(rows)
    if sent.resumed:
        note(f"Resumed issue {sent.issue.number} of {sent.newsletter.name} ({sent.issue.slot}), which was not finished.")
    readers = sum(n for state, n in sent.counts.items() if state is not DeliveryState.SKIPPED)
    note(
        f"Issue {sent.issue.number} of {sent.newsletter.name}: {counted(sent.stories, 'story', 'stories')},"
        f" {counted(readers, 'reader')}. Mail goes to {destination(ctx.settings)}."
    )
    if counts:
        note(
            f"{', '.join(f'{n:,} {state}' for state, n in counts.items())}."
            f"   Next: digest issues show {sent.issue.number} --newsletter {sent.newsletter.name}"
        )
    if sent.tally.down:
        note(f"digest: {sent.tally.down}")


def explained(
    headline: str, reason: str, score: Any, rank: int | None = None, section: str = "", form: Any = "", made_from: str = ""
) -> dict[str, object]:
    """One candidate, as it is printed; `made_from` is what its summary was made from."""
    return {
        "place": rank + 1 if rank is not None else None,
        "section": section,
        "form": str(form or ""),
        "headline": headline,
        "score": round(sum(score.values()), 2),
        "parts": dict(score),
        "reason": reason,
        "summary_from": made_from,
    }


def stored_explained(row: Any) -> dict[str, object]:
    """A candidate as it is kept."""
    made_from = (row.snapshot or {}).get("made_from", "")
    return explained(row.headline, row.reason, row.score, row.rank, row.section, row.form, made_from)


def _parts(parts: Any) -> str:
    """The parts of a score: `coverage 0.25, freshness 0.87`."""
    return ", ".join(f"{name} {value:.2f}" for name, value in parts.items())


def print_explained(rows: list[dict[str, object]]) -> None:
    """Every candidate: its place or `out`, its score and the reason in words."""
    table(
        ["", "headline", "section", "form", "score", "of", "why"],
        [
            (
                row["place"] or "out",
                row["headline"],
                row["section"],
                row["form"],
                row["score"],
                _parts(row["parts"]),
                row["reason"],
            )
            for row in rows
        ],
        empty="no story was considered: nothing was collected",
    )
