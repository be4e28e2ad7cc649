"""`digest subscribers`."""

import sys
from pathlib import Path
from typing import Any

import click

from digest.cli.output import NUMBER, as_json, context, emit, local, note, progress, table
from digest.errors import BadInput, DigestError, NotFound, NothingToDo

in_list = click.option("--list", "mlist", default="", metavar="LIST", help="The list; needed where there are several.")


@click.group()
def subscribers() -> None:
    """People: who they are, which lists they are on, and how that came."""


@subscribers.command("import")
@click.argument("place", type=click.Path(path_type=Path), metavar="FILE|DIR")
@in_list
@click.option(
    "--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="A column's field: address, name, first, last, language, zone."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")
@click.option("--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Write rejected lines here, with the reason.")
@click.option("--consent", default="", help="How these people agreed, kept as evidence.")
@click.option("--strict", is_flag=True, help="Fail when any line is rejected.")
@as_json
def import_(
    place: Path,
    mlist: str,
    mapped: tuple[str, ...],
    dry_run: bool,
    rejects: Path | None,
    consent: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Import people from a CSV file, or every .csv of a folder (one file a list, named like it).

    A line is taken whole or rejected with the reason. Who left before stays away. subscribers/README.md
    explains the columns.

    \b
    Example:  digest subscribers import people.csv --list readers
    """
    ctx = context()
    columns = dict(_pair(text) for text in mapped)
    files = [(place, mlist)] if not place.is_dir() else [(path, mlist or path.stem) for path in sorted(place.glob("*.csv"))]
    if not files:
        raise NothingToDo(f"{place} holds no .csv file")
    reports = []
    failed = False
    for path, name in files:
        try:
            reports.append((path, _import_one(ctx, path, name, columns, consent, dry_run)))
        except DigestError as problem:
            if len(files) == 1:
                raise
            note(f"digest: {problem}")
            failed = True
    rejected = [row for _, report in reports for row in report.rejected]
    if rejects is not None and not dry_run:
        from digest.audience.importer import write_rejects

        write_rejects(rejects, rejected)
    _say_import(reports, rejects, dry_run=dry_run, as_json=as_json)
    done = sum(report.added + report.already + report.left_before for _, report in reports)
    if failed or (rejected and (strict or not done)):
        raise click.exceptions.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    column, _, field = text.rpartition("=")
    if field not in ("address", "name", "first", "last", "language", "zone") or not column:
        raise BadInput(f"--map {text}: write COLUMN=FIELD, FIELD one of address, name, first, last, language, zone")
    return column, field


def _import_one(ctx: Any, path: Path, mlist: str, columns: dict[str, str], consent: str, dry_run: bool) -> Any:

    from digest.audience.importer import import_file

    with progress(f"Importing {path.name}") as advance:
        return import_file(
            ctx.db,
            path,
            mlist,
            columns=columns,
            consent=consent,
            pepper=ctx.settings.pepper,
            clock=ctx.clock,
            dry_run=dry_run,
            on_progress=advance,
        )


def _say_import(reports: Any, rejects: Path | None, *, dry_run: bool, as_json: bool) -> None:
    for path, report in reports:
        for row in report.rejected[:20]:
            note(f"{path.name}, line {row.line}: {row.field} {row.reason}")
        if len(report.rejected) > 20:
            note(f"… and {len(report.rejected) - 20} more lines" + ("" if rejects else "; `--rejects FILE` writes them all"))
    if as_json:
        emit(
            [
                {
                    "file": str(path),
                    **_counts(report),
                    "rejects": [{"line": r.line, "field": r.field, "reason": r.reason} for r in report.rejected],
                }
                for path, report in reports
            ]
        )
        return
    rows = [
        (path.name, r.lines, r.added, r.already, r.left_before, len(r.rejected), r.suppressed, r.import_id or "–")
        for path, r in reports
    ]
    table(
        [
            "file",
            "lines",
            "would add" if dry_run else "added",
            "already there",
            "left before",
            "rejected",
            "suppressed",
            "import no.",
        ],
        rows,
    )


def _counts(report: Any) -> dict[str, object]:
    return {
        "import": report.import_id,
        "lines": report.lines,
        "added": report.added,
        "already": report.already,
        "left_before": report.left_before,
        "suppressed": report.suppressed,
        "rejected": len(report.rejected),
    }


@subscribers.command("undo-import")
@click.argument("number", type=NUMBER)
def undo_import(number: int) -> None:
    """Take back the subscriptions of an import, but those that mail was sent to since."""
    from digest.store import subscribers as store

    ctx = context()
    with ctx.db.begin() as tx:
        count = store.undo_import(tx, store.get_import(tx, number), at=ctx.clock())
    note(f"took back {count} subscriptions of import {number}")


@subscribers.command()
@in_list
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="A file instead of stdout; readable by you alone.")
def export(mlist: str, out: Path | None) -> None:
    """Write subscribers as CSV, in the columns that import reads."""
    import os

    from digest.audience.exporter import write
    from digest.store import subscribers as store

    ctx = context()
    with ctx.db.read() as tx:
        chosen = store.get_list(tx, mlist).id if mlist else None
        rows = store.each(tx, mlist_id=chosen)
        if out is None:
            write(rows, sys.stdout)
            return
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as file:
            note(f"wrote {write(rows, file)} lines to {out}")


@subscribers.command()
@click.argument("address")
@in_list
@click.option("--name", default="")
@click.option("--language", default="")
@click.option("--zone", default="")
@click.option("--consent", default="", help="How the person agreed, kept as evidence.")
def add(address: str, mlist: str, name: str, language: str, zone: str, consent: str) -> None:
    """Subscribe a person to a list.

    \b
    Example:  digest subscribers add jörg@example.org --list readers --name Jörg
    """
    from zoneinfo import available_timezones

    from digest.audience import subscribe
    from digest.audience.address import parse
    from digest.store import subscribers as store

    if zone and zone not in available_timezones():
        raise BadInput(f"{zone!r} is no time zone; write one like Europe/Berlin")
    checked = parse(address)
    ctx = context()
    now = ctx.clock()
    with ctx.db.begin() as tx:
        chosen = store.get_list(tx, mlist)
        evidence = consent or f"added by an admin on the command line at {now:%Y-%m-%d %H:%M} UTC"
        subscribe.add(
            tx,
            checked,
            mlist=chosen,
            name=name,
            language=language,
            zone=zone,
            evidence=evidence,
            pepper=ctx.settings.pepper,
            now=now,
        )
    note(f"{checked.text} is on the list {chosen.name}")


@subscribers.command()
@click.argument("address")
@as_json
def show(address: str, as_json: bool) -> None:
    """One person: lists, where each subscription came from, what was sent."""
    from digest.audience.address import parse
    from digest.store import deliveries
    from digest.store import subscribers as store

    ctx = context()
    with ctx.db.read() as tx:
        person = store.get(tx, parse(address).key)
        ties = store.subscriptions_of(tx, person.id or 0)
        never = store.suppression(tx, person.address_hmac)
        sent = deliveries.of_subscriber(tx, person.id or 0)
    if as_json:
        emit(
            {
                **person.model_dump(mode="json", exclude={"address_hmac"}),
                "suppressed": never.reason if never else None,
                "subscriptions": [{"list": m.name, **t.model_dump(mode="json")} for t, m in ties],
                "deliveries": [d.model_dump(mode="json", include={"id", "issue_id", "state", "reason", "sent_at"}) for d in sent],
            }
        )
        return
    table(
        ["", ""],
        [
            ("address", person.address),
            ("name", person.name),
            ("language", person.language),
            ("zone", person.zone),
            ("since", local(person.made_at)),
            ("never mailed", never.reason if never else ""),
        ],
    )
    table(
        ["list", "state", "since", "left", "evidence"], [(m.name, t.state, t.active_at, t.left_at, t.evidence) for t, m in ties]
    )
    table(["delivery", "issue", "state", "sent", "reason"], [(d.id, d.issue_id, d.state, d.sent_at, d.reason) for d in sent])


@subscribers.command("set")
@click.argument("address")
@click.option("--name")
@click.option("--language")
@click.option("--zone")
@click.option("--unsubscribe", "leave", metavar="LIST", help="The person leaves this list.")
def set_(address: str, name: str | None, language: str | None, zone: str | None, leave: str | None) -> None:
    """Change a person's name, language or zone, or take them off a list."""
    from zoneinfo import available_timezones

    from digest.audience.address import parse
    from digest.store import subscribers as store

    if zone and zone not in available_timezones():
        raise BadInput(f"{zone!r} is no time zone; write one like Europe/Berlin")
    ctx = context()
    with ctx.db.begin() as tx:
        person = store.get(tx, parse(address).key)
        for field, value in (("name", name), ("language", language), ("zone", zone)):
            if value is not None:
                setattr(person, field, value)
        if leave is not None:
            mlist = store.get_list(tx, leave)
            tie = store.subscription(tx, mlist.id or 0, person.id or 0)
            if tie is None:
                raise NotFound("subscription", f"of {person.address} to {leave}")
            store.leave(tx, tie, at=ctx.clock())
    note(f"changed {person.address}")


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(address: str, yes: bool) -> None:
    """Forget a person and their subscriptions; the ledger of what was sent stays."""
    from digest.audience.address import parse
    from digest.store import subscribers as store

    key = parse(address).key
    if not yes and sys.stdin is not None and sys.stdin.isatty():
        click.confirm(f"Forget {address}?", abort=True, err=True)
    ctx = context()
    with ctx.db.begin() as tx:
        store.remove(tx, store.get(tx, key), at=ctx.clock())
    note(f"removed {address}")


@subscribers.command("list")
@in_list
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@as_json
def list_(mlist: str, limit: int, as_json: bool) -> None:
    """People and their subscriptions, in order of arrival."""
    from itertools import islice

    from digest.store import subscribers as store

    ctx = context()
    with ctx.db.read() as tx:
        chosen = store.get_list(tx, mlist).id if mlist else None
        found = store.each(tx, mlist_id=chosen)
        rows = list(found) if as_json else list(islice(found, limit))
    if as_json:
        emit(
            [
                {
                    "address": p.address,
                    "name": p.name,
                    "language": p.language,
                    "zone": p.zone,
                    "list": name,
                    "state": tie.state if tie else None,
                }
                for p, tie, name in rows
            ]
        )
        return
    table(
        ["address", "name", "list", "state", "since"],
        [(p.address, p.name, name, tie.state if tie else "", tie.made_at if tie else None) for p, tie, name in rows],
        empty="no subscribers yet; `digest subscribers import FILE.csv` brings them",
    )
    if len(rows) == limit:
        note(f"the first {limit}; `--limit` shows more, `--json` all")
