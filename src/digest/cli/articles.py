"""`digest articles`."""

from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, emit, facts, note, open_place, table, zone
from digest.model.timetable import local
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.views.content import ArticleLine


@click.group()
def articles() -> None:
    """What was collected."""


@articles.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How many.")
@click.option("--matching", default="", help="Only headlines that hold this.")
@as_json
def list_(limit: int, matching: str, as_json: bool) -> None:
    """The newest articles.

    \b
    Example:  digest articles list --matching election --limit 10
    """
    from digest.services import articles as service

    ctx = open_place()
    found = service.latest(ctx, limit=limit, matching=matching)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    rows = [(a.id, local(a.published_at or a.first_seen_at, here), a.publisher, a.headline, _mark(a)) for a in found]
    table(["no.", "published", "publisher", "headline", ""], rows, empty="no articles yet; `digest collect` reads the sources")


@articles.command()
@click.argument("number", type=NUMBER)
@as_json
def show(number: int, as_json: bool) -> None:
    """One article, whole.

    \b
    Example:  digest articles show 12
    """
    from digest.services import articles as service

    ctx = open_place()
    found = service.show(ctx, number)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    facts(
        [
            ("number", found.id),
            ("headline", found.headline),
            ("standfirst", found.standfirst),
            ("author", found.author),
            ("publisher", found.publisher),
            ("source", found.source),
            ("topic", found.topic),
            ("filed under", found.tags.split("\n") if found.tags else ""),
            ("address", found.url),
            ("picture", found.image),
            ("language", found.language),
            ("published", local(found.published_at, here)),
            ("first seen", local(found.first_seen_at, here)),
            ("revised", local(found.revised_at, here) if found.revised_at else ""),
            ("editors say", _mark(found)),
            ("length", counted(found.word_count, "word")),
            ("text", found.text),
        ]
    )


@articles.command()
@click.argument("number", type=NUMBER)
@click.option("--off", is_flag=True, help="Show it again.")
def hide(number: int, off: bool) -> None:
    """Keep an article out of every issue to come.

    \b
    Example:  digest articles hide 12
    """
    from digest.services import articles as service

    service.hide(open_place(), number, hidden=not off)
    note(f"article {number} is {'shown' if off else 'hidden'}")


@articles.command()
@click.argument("number", type=NUMBER)
@click.option("--off", is_flag=True, help="Take the pin away.")
def pin(number: int, off: bool) -> None:
    """Put an article's story at the head of the next issue.

    \b
    Example:  digest articles pin 12
    """
    from digest.services import articles as service

    service.pin(open_place(), number, pinned=not off)
    note(f"article {number} is {'no longer pinned' if off else 'pinned'}")


def _mark(article: "ArticleLine") -> str:
    if article.withdrawn_at:
        return "withdrawn"
    return "hidden" if article.hidden else "pinned" if article.pinned else ""
