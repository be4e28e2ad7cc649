"""`digest issues`."""

from typing import Any

import click

from digest.cli.output import as_json, confirm, context, emit, note, table, yes_option

of_newsletter = click.option("--newsletter", default="", help="Needed where there are several.")


@click.group()
def issues() -> None:
    """What was printed for each slot, and why."""


@issues.command("list")
@of_newsletter
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@as_json
def list_(newsletter: str, limit: int, as_json: bool) -> None:
    """The newest issues."""
    from digest.store import issues as store
    from digest.store import newsletters

    ctx = context()
    with ctx.db.read() as tx:
        papers = {n.id: n for n in newsletters.all_of(tx)}
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        found = store.latest(tx, chosen, limit=limit)
    if as_json:
        emit([{**i.model_dump(mode="json", exclude={"nonce"}), "newsletter": papers[i.newsletter_id].name} for i in found])
        return
    rows = [(i.number, papers[i.newsletter_id].name, i.slot, i.state, i.sent_at, i.reason) for i in found]
    table(["no.", "newsletter", "slot", "state", "sent", "reason"], rows, empty="no issues yet; `digest send` makes the first")


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
@as_json
def show(number: str, newsletter: str, as_json: bool) -> None:
    """One issue: its stories and how its deliveries stand."""
    from digest.store import deliveries

    ctx = context()
    found, rows = _issue(ctx, newsletter, number)
    with ctx.db.read() as tx:
        counts = deliveries.counts(tx, found.id)
        passed = dict(deliveries.reasons(tx, found.id))
    printed = [
        (row.rank + 1, row.section, row.form, row.headline, (row.snapshot or {}).get("publisher", ""))
        for row in rows
        if row.rank is not None
    ]
    if as_json:
        emit(
            {
                **found.model_dump(mode="json", exclude={"nonce"}),
                "deliveries": {str(s): n for s, n in counts.items()},
                "passed_by": passed,
                "stories": [row.snapshot for row in rows if row.rank is not None],
            }
        )
        return
    table(["issue", "slot", "state", "frozen", "sent"], [(found.number, found.slot, found.state, found.frozen_at, found.sent_at)])
    table(["", "section", "form", "headline", "publisher"], printed)
    table(["deliveries", "number"], [*counts.items(), *((f"skipped: {reason}", n) for reason, n in passed.items())])


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
@as_json
def explain(number: str, newsletter: str, as_json: bool) -> None:
    """Why each story is in or out of an issue."""
    from digest.cli.send import print_explained, stored_explained

    _, rows = _issue(context(), newsletter, number)
    told = [stored_explained(row) for row in rows]
    if as_json:
        emit(told)
    else:
        print_explained(told)


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
@click.option("--reason", default="held by an operator", show_default=True)
def hold(number: str, newsletter: str, reason: str) -> None:
    """Nothing more of an issue goes out until it is resumed."""
    from digest import desk

    ctx = context()
    found, _ = _issue(ctx, newsletter, number)
    desk.hold(ctx, found.id, reason=reason)
    note(f"issue {number} is held; `digest issues resume {number}` lets it go on")


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
def resume(number: str, newsletter: str) -> None:
    """A held issue goes on with the next send, or with the scheduler."""
    from digest import desk

    ctx = context()
    found, _ = _issue(ctx, newsletter, number)
    issue = desk.resume(ctx, found.id)
    note(f"issue {number} is {issue.state}; `digest send` goes on with it")


@issues.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
@click.option("--reason", default="cancelled by an operator", show_default=True)
@yes_option
def cancel(number: str, newsletter: str, reason: str, yes: bool) -> None:
    """Call an issue off: what waits is not sent, what went out stays so."""
    from digest import desk

    ctx = context()
    found, _ = _issue(ctx, newsletter, number)
    confirm(f"Cancel issue {number} ({found.slot})?", yes=yes)
    waiting = desk.cancel(ctx, found.id, reason=reason)
    note(f"issue {number} is cancelled; {waiting} mails were not sent")


def _issue(ctx: Any, newsletter: str, number: str) -> tuple[Any, Any]:
    """By the number it was printed with, or by its slot: one that was held before it was frozen has no number."""
    from digest.store import issues as store
    from digest.store import newsletters

    with ctx.db.read() as tx:
        found = store.by_key(tx, newsletters.get(tx, newsletter).id or 0, number)
        return found, store.candidates(tx, found.id or 0)
