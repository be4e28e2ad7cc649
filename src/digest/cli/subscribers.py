"""`digest subscribers`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from digest.cli import imports
from digest.cli.deliveries import issue_of
from digest.cli.imports import in_list
from digest.cli.output import as_json, at, confirm, emit, facts, local, note, open_place, table, yes_option, zone
from digest.cli.sync import sync
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.views.people import SubscriberView


@click.group()
def subscribers() -> None:
    """People: who they are, which lists they are on, and how that came."""


subscribers.add_command(imports.import_)
subscribers.add_command(imports.imports)
subscribers.add_command(imports.undo_import)
subscribers.add_command(sync)


@subscribers.command()
@in_list
@click.option("--state", type=click.Choice(["active", "pending", "unsubscribed"]), help="Only subscriptions of this state.")
@click.option("--language", default="", help="Only people of this language, such as pt (with pt-BR).")
@click.option("--domain", default="", help="Only addresses of this domain.")
@click.option("--topic", default="", help="Only who wants this topic by name; who has chosen none wants all.")
@click.option("--since", default="", metavar="TIME", help="Only who subscribed that day or later.")
@click.option("--until", default="", metavar="TIME", help="Only who subscribed that day or before.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv", show_default=True, help="The file's format."
)
@click.option(
    "--evidence",
    metavar="ADDRESS",
    help="Everything held about one person as JSON instead, evidence of consent and deliveries with it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file instead of stdout; readable by you alone, and written whole.",
)
def export(mlist: str, evidence: str | None, out: Path | None, form: str, state: str | None, **filters: str) -> None:
    """Write subscribers as CSV or NDJSON, in the columns that import reads; or the evidence of one of them.

    An import of it, also elsewhere, gives the same people: with who left, who is suppressed, and the
    evidence. Cells that a spreadsheet would run as a formula have an apostrophe in front.

    \b
    Example:  digest subscribers export --list readers --out readers.csv
              digest subscribers export --state active --domain example.org --since 2026-01-01
              digest subscribers export --evidence ann@example.org --out ann.json
    """
    from digest.services import subscribers as service

    if evidence is not None:
        if mlist or state or any(filters.values()):
            raise click.UsageError("--evidence is of one person and all lists; leave the other choices out")
        _export_evidence(evidence, out)
        return
    ctx = open_place()
    chosen = service.Selection(mlist=mlist, state=state or "", **filters)
    if out is None:
        service.export(ctx, sys.stdout, chosen, service.Format(form))
    else:
        note(f"wrote {service.export_to(ctx, out, chosen, service.Format(form))} lines to {out}")


def _export_evidence(address: str, out: Path | None) -> None:
    from digest.services import personal
    from digest.services.private_files import private_file

    found = personal.export(open_place(), address)
    if out is None:
        emit(found)
        return
    with private_file(out) as file:
        emit(found, file)
    note(f"wrote everything held about {found.address} to {out}")


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
    from digest.services import subscriptions as service

    made = service.add(open_place(), address, mlist=mlist, name=name, language=language, zone=zone, consent=consent)
    note(f"{made.address} is on the list {made.list}")


@subscribers.command()
@click.argument("address")
@as_json
def show(address: str, as_json: bool) -> None:
    """One person: lists, where each subscription came from, evidence of consent, what happened, what was sent last.

    \b
    Example:  digest subscribers show ann@example.org
    """
    from digest.services import subscribers as service

    ctx = open_place()
    person = service.show(ctx, address)
    if as_json:
        emit(person)
        return
    here = zone(ctx)
    facts(
        [
            ("address", person.address),
            ("name", person.name),
            ("language", person.language),
            ("zone", person.zone),
            ("since", local(person.made_at, here)),
            ("paused until", local(person.paused_until, here) if person.paused_until else ""),
            ("never mailed", person.suppressed or ""),
        ]
    )
    table(
        ["list", "state", "since", "left", "wants", "never", "evidence"],
        [
            (
                t.list,
                t.state,
                local(t.active_at, here),
                local(t.left_at, here),
                ", ".join(t.wanted),
                ", ".join(t.muted),
                t.evidence,
            )
            for t in person.subscriptions
        ],
    )
    _show_evidence(person, here)
    if person.events:
        table(["at", "what", "by"], [(local(e.at, here), e.kind, e.actor) for e in person.events])
    table(
        ["delivery", "issue", "state", "sent", "reason"],
        [(d.id, issue_of(d), d.state, at(d.sent_at, d.timezone) or local(None), d.reason) for d in person.deliveries],
    )


def _show_evidence(person: "SubscriberView", here: ZoneInfo) -> None:
    """Print what the person was shown and agreed to, and their requests."""
    if person.consents:
        table(
            ["list", "consent", "how", "when", "from", "shown", "version"],
            [
                (c.list, c.step, c.how, local(c.at, here), c.ip, "\n".join(filter(None, (c.text, c.choices))), c.version)
                for c in person.consents
            ],
        )
    if person.signups:
        table(
            ["list", "asked", "mails", "confirmed", "expires"],
            [
                (s.list, local(s.asked_at, here), s.mails, local(s.confirmed_at, here), local(s.expires_at, here))
                for s in person.signups
            ],
        )


@subscribers.command("set")
@click.argument("address")
@click.option("--name", help="As mails address the person.")
@click.option("--language", help="Such as en or de.")
@click.option("--zone", help="Such as Europe/Berlin.")
@click.option("--unsubscribe", "leave", metavar="LIST", help="The person leaves this list.")
@click.option("--pause-until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Nothing is mailed before this day.")
@click.option("--resume", is_flag=True, help="End the pause now.")
@click.option("--topics", metavar="TOPICS", help="Only stories of these topics, commas between; empty: of all.")
@click.option("--mute", metavar="TOPICS", help="No stories of these topics, commas between; empty: none is muted.")
@click.option("--list", "mlist", default="", metavar="LIST", help="Whose topics; may be left out where there is one list.")
def set_(
    address: str,
    pause_until: datetime | None,
    resume: bool,
    topics: str | None,
    mute: str | None,
    mlist: str,
    **values: str | None,
) -> None:
    """Change a person's name, language, zone or topics, take them off a list, or pause what is mailed to them.

    \b
    Example:  digest subscribers set ann@example.org --language de --zone Europe/Berlin
              digest subscribers set ann@example.org --unsubscribe readers
              digest subscribers set ann@example.org --pause-until 2026-12-24
              digest subscribers set ann@example.org --topics harbour,science --mute sport
    """
    from digest.services import subscribers as service

    if pause_until and resume:
        raise click.UsageError("give one of --pause-until and --resume")
    if not resume and all(value is None for value in (pause_until, topics, mute, *values.values())):
        raise click.UsageError("name what to change; `digest subscribers set --help` lists the options")
    day = pause_until.date() if pause_until else None
    wanted, muted = (None if text is None else service.listed_topics(text) for text in (topics, mute))
    changed = service.change(
        open_place(), address, pause_until=day, ends_pause=resume, wanted=wanted, muted=muted, mlist=mlist, **values
    )
    note(f"changed {changed}")


@subscribers.command()
@click.argument("address")
@yes_option
def remove(address: str, yes: bool) -> None:
    """Forget a person and their subscriptions; the ledger of what was sent stays, with their address. `erase` empties that too.

    Of one who left or is suppressed a keyed hash stays, so that no import brings them back.

    \b
    Example:  digest subscribers remove ann@example.org --yes
    """
    from digest.services import subscribers as service

    ctx = open_place()
    service.check_known(ctx, address)
    confirm(f"Forget {address}?", yes=yes)
    service.remove(ctx, address)
    note(f"removed {address}")


@subscribers.command()
@click.argument("address")
@yes_option
def erase(address: str, yes: bool) -> None:
    """Erase everything that names a person: subscriptions, evidence, sign-ups, and address, name and replies in the ledger.

    A keyed hash of the address is kept, so that nobody mails or imports it again.

    \b
    Example:  digest subscribers erase ann@example.org --yes
    """
    from digest.services import personal

    ctx = open_place()
    confirm(f"Erase everything that names {address}? It cannot be undone.", yes=yes)
    done = personal.erase(ctx, address)
    note(
        f"erased {done.address}: {counted(done.subscriptions, 'subscription')},"
        f" {done.consents} of evidence, {counted(done.signups, 'sign-up')};"
        f" emptied {done.deliveries} deliveries and {done.attempts} attempts"
    )
    note(
        "kept: a keyed hash of the address, so that nobody mails or imports it again, and the ledger's rows without address,"
        " name and replies, so that its counts stay right"
    )


@subscribers.command("list")
@in_list
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def list_(mlist: str, limit: int, as_json: bool) -> None:
    """People and their subscriptions, in order of arrival.

    \b
    Example:  digest subscribers list --list readers --limit 100
    """
    from digest.services import subscribers as service

    ctx = open_place()
    found = service.listed(ctx, mlist=mlist, limit=None if as_json else limit)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["address", "name", "list", "state", "since"],
        [(p.address, p.name, p.list, p.state or "", local(p.since, here) if p.since else "") for p in found],
        empty="no subscribers yet; `digest subscribers import FILE.csv --list LIST` brings them",
    )
    if len(found) == limit:
        note(f"the first {limit}; `--limit` shows more, `--json` all")
