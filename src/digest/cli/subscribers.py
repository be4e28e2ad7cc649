"""`digest subscribers`."""

import sys
from pathlib import Path

import click

from digest.cli import imports
from digest.cli.imports import in_list
from digest.cli.output import as_json, confirm, emit, facts, local, note, open_place, table, yes_option, zone
from digest.errors import NotFound


@click.group()
def subscribers() -> None:
    """People: who they are, which lists they are on, and how that came."""


subscribers.add_command(imports.import_)
subscribers.add_command(imports.undo_import)


@subscribers.command()
@in_list
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="A file instead of stdout; readable by you alone.")
def export(mlist: str, out: Path | None) -> None:
    """Write subscribers as CSV, in the columns that import reads.

    \b
    Example:  digest subscribers export --list readers --out readers.csv
    """
    import os

    from digest.audience.exporter import write
    from digest.store import subscribers as store

    ctx = open_place()
    with ctx.db.read() as tx:
        chosen = store.get_list(tx, mlist).id if mlist else None
        rows = store.exported(tx, mlist_id=chosen)
        if out is None:
            write(rows, sys.stdout)
            return
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as file:
            note(f"wrote {write(rows, file)} lines to {out}")


@subscribers.command()
@click.argument("address")
@in_list
@click.option("--name", default="", help="As mails address the person.")
@click.option("--language", default="", help="Such as en or de.")
@click.option("--zone", default="", help="Such as Europe/Berlin.")
@click.option("--consent", default="", help="How the person agreed, kept as evidence.")
def add(address: str, mlist: str, name: str, language: str, zone: str, consent: str) -> None:
    """Subscribe a person to a list.

    \b
    Example:  digest subscribers add jörg@example.org --list readers --name Jörg
    """
    from digest.audience import fields, subscribe
    from digest.audience.address import written
    from digest.store import subscribers as store

    checked, own_name = written(address)
    ctx = open_place()
    now = ctx.clock()
    with ctx.db.begin() as tx:
        chosen = store.get_list(tx, mlist)
        evidence = consent or f"added by an admin on the command line at {now:%Y-%m-%d %H:%M} UTC"
        subscribe.add(
            tx,
            checked,
            mlist=chosen,
            name=name or own_name,
            language=fields.language(language),
            zone=fields.zone(zone),
            evidence=evidence,
            pepper=ctx.settings.pepper,
            now=now,
        )
    note(f"{checked.text} is on the list {chosen.name}")


@subscribers.command()
@click.argument("address")
@as_json
def show(address: str, as_json: bool) -> None:
    """One person: lists, where each subscription came from, what was sent.

    \b
    Example:  digest subscribers show ann@example.org
    """
    from digest.audience.address import parse
    from digest.store import deliveries, issues, newsletters
    from digest.store import subscribers as store

    ctx = open_place()
    with ctx.db.read() as tx:
        person = store.get(tx, parse(address).key)
        ties = store.subscriptions_of(tx, person.id)
        never = store.suppression(tx, person.address_hmac)
        sent = deliveries.of_subscriber(tx, person.id)
        about = {d.issue_id: issues.get(tx, d.issue_id) for d in sent}
        papers = {issue.newsletter_id: newsletters.by_id(tx, issue.newsletter_id) for issue in about.values()}
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
    here = zone(ctx)
    facts(
        [
            ("address", person.address),
            ("name", person.name),
            ("language", person.language),
            ("zone", person.zone),
            ("since", local(person.made_at, here)),
            ("never mailed", never.reason if never else ""),
        ]
    )
    table(
        ["list", "state", "since", "left", "evidence"],
        [(m.name, t.state, local(t.active_at, here), local(t.left_at, here), t.evidence) for t, m in ties],
    )
    rows = [(d, about[d.issue_id], papers[about[d.issue_id].newsletter_id]) for d in sent]
    table(
        ["delivery", "issue", "state", "sent", "reason"],
        [(d.id, f"{i.number or i.slot} of {p.name}", d.state, local(d.sent_at, p.timetable.zone), d.reason) for d, i, p in rows],
    )


@subscribers.command("set")
@click.argument("address")
@click.option("--name", help="As mails address the person.")
@click.option("--language", help="Such as en or de.")
@click.option("--zone", help="Such as Europe/Berlin.")
@click.option("--unsubscribe", "leave", metavar="LIST", help="The person leaves this list.")
def set_(address: str, name: str | None, language: str | None, zone: str | None, leave: str | None) -> None:
    """Change a person's name, language or zone, or take them off a list.

    \b
    Example:  digest subscribers set ann@example.org --language de --zone Europe/Berlin
              digest subscribers set ann@example.org --unsubscribe readers
    """
    from digest.audience import fields
    from digest.audience.address import parse
    from digest.store import subscribers as store

    if all(value is None for value in (name, language, zone, leave)):
        raise click.UsageError("name what to change; `digest subscribers set --help` lists the options")
    language = fields.language(language) if language is not None else None
    zone = fields.zone(zone) if zone is not None else None
    ctx = open_place()
    with ctx.db.begin() as tx:
        person = store.get(tx, parse(address).key)
        for field, value in (("name", name), ("language", language), ("zone", zone)):
            if value is not None:
                setattr(person, field, value)
        if leave is not None:
            mlist = store.get_list(tx, leave)
            tie = store.subscription(tx, mlist.id, person.id)
            if tie is None:
                raise NotFound("subscription", f"of {person.address} to {leave}")
            store.leave(tx, tie, at=ctx.clock())
    note(f"changed {person.address}")


@subscribers.command()
@click.argument("address")
@yes_option
def remove(address: str, yes: bool) -> None:
    """Forget a person and their subscriptions; the ledger of what was sent stays.

    Of one who left or is suppressed a keyed hash stays, so that no import brings them back.

    \b
    Example:  digest subscribers remove ann@example.org --yes
    """
    from digest.audience.address import parse
    from digest.store import subscribers as store

    key = parse(address).key
    ctx = open_place()
    with ctx.db.read() as tx:
        store.get(tx, key)
    confirm(f"Forget {address}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove(tx, store.get(tx, key), at=ctx.clock())
    note(f"removed {address}")


@subscribers.command("list")
@in_list
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def list_(mlist: str, limit: int, as_json: bool) -> None:
    """People and their subscriptions, in order of arrival.

    \b
    Example:  digest subscribers list --list readers --limit 100
    """
    from itertools import islice

    from digest.store import subscribers as store

    ctx = open_place()
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
    here = zone(ctx)
    table(
        ["address", "name", "list", "state", "since"],
        [(p.address, p.name, name, tie.state if tie else "", local(tie.made_at, here) if tie else "") for p, tie, name in rows],
        empty="no subscribers yet; `digest subscribers import FILE.csv --list LIST` brings them",
    )
    if len(rows) == limit:
        note(f"the first {limit}; `--limit` shows more, `--json` all")
