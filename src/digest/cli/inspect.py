"""`digest inspect`: what digest understands, one JSON object a line, by the functions that the path uses."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.services.views import View


@click.group()
def inspect() -> None:
    """What digest understands of a file, as JSON. Needs neither settings nor database."""


def _each(files: tuple[Path, ...], understand: "Callable[[bytes, str], View]") -> None:
    from digest.services import inspection

    failed = 0
    for file in files:
        try:
            row = understand(inspection.read(file), str(file)).model_dump(mode="json")
        except DigestError as problem:
            row = {"error": str(getattr(problem, "reason", "") or problem)}
            failed += 1
        click.echo(json.dumps({"file": str(file), **row}, ensure_ascii=False))
    if failed == len(files):
        raise click.exceptions.Exit(1)


paths = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
from_url = click.option("--url", default="", help="The address it came from.")


@inspect.command()
@paths
@from_url
def feed(files: tuple[Path, ...], url: str) -> None:
    """A feed: its title and entries.

    \b
    Example:  digest inspect feed news.xml --url https://news.example.org/feed.xml
    """
    from digest.services import inspection

    now = datetime.now(UTC)
    _each(files, lambda raw, where: inspection.feed(raw, where=where, url=url, now=now))


@inspect.command()
@paths
@from_url
def page(files: tuple[Path, ...], url: str) -> None:
    """An article page, or a dropped text, Markdown or mail: told apart by content.

    \b
    Example:  digest inspect page texts/*.txt
    """
    from digest.services import inspection

    _each(files, lambda raw, where: inspection.page(raw, where=where, url=url))


@inspect.command()
@paths
def mail(files: tuple[Path, ...]) -> None:
    """A finished mail: its size, and what is wrong with it.

    \b
    Example:  digest inspect mail var/outbox/*.eml
    """
    from digest.services import inspection

    _each(files, lambda raw, _where: inspection.mail(raw))


@inspect.command()
@paths
def bounce(files: tuple[Path, ...]) -> None:
    """A mail that came back: whom it names, and why their mail did not arrive.

    \b
    Example:  digest inspect bounce returned/*.eml
    """
    from digest.services import inspection

    _each(files, lambda raw, _where: inspection.bounce(raw))


@inspect.command()
@paths
def stories(files: tuple[Path, ...]) -> None:
    """Which articles tell the same story; JSON lines with id, title, text or null, date, source.

    \b
    Example:  digest inspect stories articles.jsonl
    """
    from digest.services import inspection

    _each(files, lambda raw, where: inspection.stories(raw, where=where))


@inspect.command()
@paths
@click.option("--words", type=click.IntRange(5, 1000), default=60, show_default=True, help="About how long.")
def summary(files: tuple[Path, ...], words: int) -> None:
    """Summaries of stories, a line each; JSON lines with id and docs, each doc with title and text.

    \b
    Example:  digest inspect summary stories.jsonl --words 60
    """
    from digest.services import inspection

    for file in files:
        for row in inspection.summaries(inspection.read(file), where=str(file), words=words):
            click.echo(json.dumps({"file": str(file), **row}, ensure_ascii=False))
