"""`digest events`."""

import click

from digest.cli.output import as_json, at, emit, local, open_place, table, zone
from digest.model.event import EventKind


@click.group()
def events() -> None:
    """What happened, recorded with each change."""


@events.command("list")
@click.option("--newsletter", default="", metavar="NAME", help="Of this newsletter.")
@click.option("--kind", type=click.Choice([kind.value for kind in EventKind]), metavar="KIND", help="Of this kind.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def list_(newsletter: str, kind: str | None, limit: int, as_json: bool) -> None:
    """Events, newest first.

    \b
    Example:  digest events list --newsletter daily --kind issue.held
    """
    from digest.services import events as service

    ctx = open_place()
    found = service.listed(ctx, newsletter=newsletter, kind=EventKind(kind) if kind else None, limit=None if as_json else limit)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["no.", "at", "what", "whose", "by", "facts"],
        [
            (
                event.id,
                at(event.at, event.timezone) if event.timezone else local(event.at, here),
                event.kind,
                f"{event.noun} {event.noun_id or ''}".rstrip(),
                f"{event.person} ({event.actor})" if event.person else event.actor,
                ", ".join(f"{name}: {_words(value)}" for name, value in event.facts.items() if value not in (None, "", [])),
            )
            for event in found
        ],
        empty="no events",
    )


def _words(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
