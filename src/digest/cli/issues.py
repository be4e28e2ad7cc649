"""`digest issues`."""

from typing import TYPE_CHECKING, Any

import click

from digest.cli.output import as_json, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.model.timetable import local
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.model.issue import CandidateRow, Issue
    from digest.model.newsletter import Newsletter
    from digest.services.place import Place

of_newsletter = click.option("--newsletter", default="", metavar="NAME", help="Needed where there are several.")
which = click.argument("number", metavar="NUMBER|SLOT")


@click.group()
def issues() -> None:
    """What was published for each slot, and why."""


@issues.command("list")
@of_newsletter
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@as_json
def list_(newsletter: str, limit: int, as_json: bool) -> None:
    """The newest issues.

    \b
    Example:  digest issues list --newsletter daily --limit 5
    """
    from digest.store import issues as store
    from digest.store import newsletters

    ctx = open_place()
    with ctx.db.read() as tx:
        papers = {n.id: n for n in newsletters.all_of(tx)}
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        found = store.latest(tx, chosen, limit=limit)
    if as_json:
        emit([{**i.model_dump(mode="json", exclude={"nonce"}), "newsletter": papers[i.newsletter_id].name} for i in found])
        return
    rows = [
        (i.number, papers[i.newsletter_id].name, i.slot, i.state, _at(i.sent_at, papers[i.newsletter_id]), i.reason)
        for i in found
    ]
    table(
        ["no.", "newsletter", "slot", "state", "sent", "reason"],
        rows,
        empty="no issues yet; `digest send NEWSLETTER` makes the first",
    )


@issues.command()
@which
@of_newsletter
@as_json
def show(number: str, newsletter: str, as_json: bool) -> None:
    """One issue: its stories and how its deliveries stand.

    \b
    Example:  digest issues show 214 --newsletter daily
              digest issues show 2026-03-03
    """
    from digest.store import deliveries

    ctx = open_place()
    paper, found, rows = _issue(ctx, newsletter, number)
    with ctx.db.read() as tx:
        counts = deliveries.counts(tx, found.id)
        passed = dict(deliveries.reasons(tx, found.id))
    if as_json:
        emit(
            {
                **found.model_dump(mode="json", exclude={"nonce"}),
                "newsletter": paper.name,
                "deliveries": {str(s): n for s, n in counts.items()},
                "passed_by": passed,
                "stories": [row.snapshot for row in rows if row.rank is not None],
            }
        )
        return
    facts(
        [
            ("issue", f"{found.number or 'not numbered yet'}, of {paper.name}"),
            ("slot", found.slot),
            ("state", f"{found.state}: {found.reason}" if found.reason else found.state),
            ("due", _at(found.due_at, paper)),
            ("frozen", _at(found.frozen_at, paper)),
            ("sent", _at(found.sent_at, paper)),
        ]
    )
    published = [
        (row.rank + 1, row.section, row.form, row.headline, (row.snapshot or {}).get("publisher", ""))
        for row in rows
        if row.rank is not None
    ]
    table(["", "section", "form", "headline", "publisher"], published)
    table(["deliveries", "number"], [*counts.items(), *((f"skipped: {reason}", n) for reason, n in passed.items())])


@issues.command()
@which
@of_newsletter
@as_json
def explain(number: str, newsletter: str, as_json: bool) -> None:
    """Why each story is in or out of an issue.

    \b
    Example:  digest issues explain 214 --newsletter daily
    """
    from digest.cli.send import print_explained, stored_explained

    _, _, rows = _issue(open_place(), newsletter, number)
    told = [stored_explained(row) for row in rows]
    if as_json:
        emit(told)
    else:
        print_explained(told)


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT|next")
@of_newsletter
@click.option(
    "--note", "text", metavar="TEXT", required=True, help="What an editor says at its top; an empty TEXT takes it away."
)
@click.option("--signed", metavar="NAME", default="", help="Who says it.  [default: the newsletter's title]")
def edit(number: str, newsletter: str, text: str, signed: str) -> None:
    """Open an issue with an editor's note; `next` is the coming issue, whenever it is made.

    \b
    Example:  digest issues edit next --newsletter daily --note "Good morning." --signed "Ines Aalto, editor"
    """
    from digest.model.issue import Note
    from digest.services import desk
    from digest.store import newsletters

    ctx = open_place()
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    plain = text.strip()
    written = Note(text=plain, by=(signed.strip() or paper.title) if plain else "")
    if number == "next":
        desk.note_next(ctx, paper, written)
    else:
        _, found, _ = _issue(ctx, newsletter, number)
        desk.note_issue(ctx, found.id, written)
    named = f"the next issue of {paper.name}" if number == "next" else f"issue {number} of {paper.name}"
    note(f"{named} opens with the note; `digest preview {paper.name}` shows it" if plain else f"{named} has no note")


@issues.command()
@which
@of_newsletter
@click.option("--reason", default="held by an operator", show_default=True, help="Kept with the issue.")
def hold(number: str, newsletter: str, reason: str) -> None:
    """Nothing more of an issue goes out until it is resumed.

    \b
    Example:  digest issues hold 214 --newsletter daily --reason "the lead is wrong"
    """
    from digest.services import desk

    ctx = open_place()
    paper, found, _ = _issue(ctx, newsletter, number)
    desk.hold(ctx, found.id, reason=reason)
    note(f"issue {number} of {paper.name} is held; `digest issues resume {number} --newsletter {paper.name}` lets it go on")


@issues.command()
@which
@of_newsletter
def resume(number: str, newsletter: str) -> None:
    """A held issue goes on with the next send, or with the scheduler.

    \b
    Example:  digest issues resume 214 --newsletter daily
    """
    from digest.services import desk

    ctx = context()
    paper, found, _ = _issue(ctx, newsletter, number)
    issue = desk.resume(ctx, found.id)
    note(f"issue {number} of {paper.name} is {issue.state}; `digest send {paper.name}` goes on with it")


@issues.command()
@which
@of_newsletter
@click.option("--reason", default="cancelled by an operator", show_default=True, help="Kept with the issue.")
@yes_option
def cancel(number: str, newsletter: str, reason: str, yes: bool) -> None:
    """Call an issue off: what waits is not sent, what went out stays so.

    \b
    Example:  digest issues cancel 214 --newsletter daily --yes
    """
    from digest.services import desk

    ctx = open_place()
    paper, found, _ = _issue(ctx, newsletter, number)
    confirm(f"Cancel issue {number} of {paper.name} ({found.slot})?", yes=yes)
    waiting = desk.cancel(ctx, found.id, reason=reason)
    note(f"issue {number} of {paper.name} is cancelled; {counted(waiting, 'mail')} {'was' if waiting == 1 else 'were'} not sent")


def _issue(ctx: "Place", newsletter: str, number: str) -> tuple["Newsletter", "Issue", list["CandidateRow"]]:
    """By the number it was published with, or by its slot: one that was held before it was frozen has no number."""
    from digest.store import issues as store
    from digest.store import newsletters

    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
        found = store.by_key(tx, paper, number)
        return paper, found, list(store.candidates(tx, found.id))


def _at(instant: Any, paper: "Newsletter") -> str:
    """An instant in the newsletter's time; empty where there is none."""
    return local(instant, paper.timetable.zone) if instant else ""
