"""`digest articles`."""

import click

from digest.cli.output import NUMBER, as_json, context, emit, local, note, table


@click.group()
def articles() -> None:
    """What was collected."""


@articles.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@click.option("--matching", default="", help="Only headlines that hold this.")
@as_json
def list_(limit: int, matching: str, as_json: bool) -> None:
    """The newest articles."""
    from digest.store import articles as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.latest(tx, limit=limit, matching=matching)
    if as_json:
        emit([a.model_dump(mode="json", exclude={"text", "fingerprint"}) for a in found])
        return
    rows = [(a.id, local(a.published_at or a.first_seen_at), a.publisher, a.headline, _mark(a.hidden, a.pinned)) for a in found]
    table(["no.", "published", "publisher", "headline", ""], rows, empty="no articles yet; `digest collect` reads the sources")


@articles.command()
@click.argument("number", type=NUMBER)
@as_json
def show(number: int, as_json: bool) -> None:
    """One article, whole."""
    from digest.store import articles as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.get(tx, number)
    values = found.model_dump(mode="json")
    if as_json:
        emit(values)
    else:
        table(["", ""], [(key.replace("_", " "), value) for key, value in values.items() if value not in (None, "")])


@articles.command()
@click.argument("number", type=NUMBER)
@click.option("--off", is_flag=True, help="Show it again.")
def hide(number: int, off: bool) -> None:
    """Keep an article out of every issue to come."""
    _set(number, hidden=not off)
    note(f"article {number} is {'shown' if off else 'hidden'}")


@articles.command()
@click.argument("number", type=NUMBER)
@click.option("--off", is_flag=True, help="Take the pin away.")
def pin(number: int, off: bool) -> None:
    """Put an article's story at the head of the next issue."""
    _set(number, pinned=not off)
    note(f"article {number} is {'no longer pinned' if off else 'pinned'}")


def _set(number: int, **values: bool) -> None:
    from digest.store import articles as store

    ctx = context()
    with ctx.db.begin() as tx:
        found = store.get(tx, number)
        for name, value in values.items():
            setattr(found, name, value)


def _mark(hidden: bool, pinned: bool) -> str:
    return "hidden" if hidden else "pinned" if pinned else ""
