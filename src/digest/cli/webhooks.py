"""`digest webhooks`."""

import click

from digest.cli.output import NUMBER, as_json, confirm, context, emit, local, note, open_place, table, yes_option, zone
from digest.model.event import EventKind
from digest.model.webhook import MessageState


@click.group()
def webhooks() -> None:
    """Addresses that events are sent to."""


@webhooks.command()
@click.argument("url")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    type=click.Choice([kind.value for kind in EventKind]),
    help="Send events of this kind alone; again for each. Without it all are sent.",
)
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port, and be http.")
def add(url: str, kinds: tuple[str, ...], allow_private: bool) -> None:
    """Send events to an https address from now on, and print the secret that they are signed with: this once.

    \b
    Example:  digest webhooks add https://shop.example.org/hooks --kind subscription.started --kind subscription.ended
    """
    from digest.services import webhooks as service

    made = service.add(open_place(), url, kinds=[EventKind(kind) for kind in kinds], allow_private=allow_private)
    note(f"webhook {made.webhook.id} sends to {made.webhook.url}; its secret is not shown again:")
    click.echo(made.secret)


@webhooks.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every webhook, and how its messages stand.

    \b
    Example:  digest webhooks list
    """
    from digest.services import webhooks as service

    found = service.every(open_place())
    if as_json:
        emit(found)
        return
    table(
        ["no.", "address", "kinds", "waiting", "delivered", "failed", ""],
        [
            (w.id, w.url, ", ".join(w.kinds) or "all", w.waiting, w.delivered, w.failed, "paused" if w.paused_at else "")
            for w in found
        ],
        empty="no webhooks",
    )


@webhooks.command()
@click.argument("number", type=NUMBER)
@yes_option
def remove(number: int, yes: bool) -> None:
    """Send nothing to a webhook any more, and forget what was sent to it.

    \b
    Example:  digest webhooks remove 2 --yes
    """
    from digest.services import webhooks as service

    ctx = open_place()
    known = service.show(ctx, number)
    waits = f", with {known.waiting} messages that wait" if known.waiting else ""
    confirm(f"Remove the webhook {known.url}{waits}?", yes=yes)
    note(f"removed the webhook {service.remove(ctx, number)}")


@webhooks.command()
@click.argument("number", type=NUMBER)
def test(number: int) -> None:
    """Send a test message to a webhook now, and say what it answered. Exit code 1: it did not take it.

    \b
    Example:  digest webhooks test 2
    """
    from digest.services import webhooks as service

    found = service.test(context(), number)
    note(f"taken ({found.status})" if found.taken else f"not taken: it {found.problem}")
    if not found.taken:
        raise click.exceptions.Exit(1)


@webhooks.command()
@click.argument("number", type=NUMBER)
@click.option("--state", type=click.Choice([state.value for state in MessageState]), help="In this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@as_json
def deliveries(number: int, state: str | None, limit: int, as_json: bool) -> None:
    """Messages to a webhook, newest first: what was sent when, and what it answered.

    \b
    Example:  digest webhooks deliveries 2 --state failed
    """
    from digest.services import webhooks as service

    ctx = open_place()
    chosen = MessageState(state) if state else None
    found = service.messages(ctx, number, state=chosen, limit=None if as_json else limit)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["no.", "event", "kind", "state", "tries", "done", "next", "answer"],
        [
            (
                m.id,
                m.event_id,
                m.kind or "",
                m.state,
                m.tries,
                local(m.done_at, here) if m.done_at else "",
                local(m.next_at, here) if m.next_at else "",
                m.said or m.status or "",
            )
            for m in found
        ],
        empty="no messages",
    )


@webhooks.command()
@click.argument("number", type=NUMBER)
@click.option("--message", "messages", multiple=True, type=NUMBER, help="This message alone; again for each.")
def replay(number: int, messages: tuple[int, ...]) -> None:
    """Send messages of a webhook again, these or all that failed, under the ids that they had; one that was paused goes on.

    \b
    Example:  digest webhooks replay 2
    """
    from digest.services import webhooks as service

    note(f"{service.replay(open_place(), number, messages)} messages are sent again")
