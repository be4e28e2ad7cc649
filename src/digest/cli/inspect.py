"""`digest inspect`: what digest understands, one JSON object a line, by the functions that the path uses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from digest.errors import DigestError


@click.group()
def inspect() -> None:
    """What digest understands of a file, as JSON. Needs neither settings nor database."""


def _each(files: tuple[Path, ...], understand: Callable[[bytes, str], dict[str, Any]]) -> None:
    from digest.collect.disk import read_file

    failed = 0
    for file in files:
        try:
            row = understand(read_file(file), str(file))
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
    """A feed: its title and entries."""
    from digest.collect.feeds import parse

    def understand(raw: bytes, where: str) -> dict[str, Any]:
        found = parse(raw, where=where, url=url)
        entries = [
            {
                "guid": e.guid,
                "title": e.title,
                "link": e.link,
                "published": _iso(e.published_at),
                "updated": _iso(e.updated_at),
                "summary": e.summary,
                "content": e.content,
                "authors": list(e.authors),
                "image": e.image,
                "tags": list(e.tags),
            }
            for e in found.entries
        ]
        return {"title": found.title, "link": found.link, "language": found.language, "entries": entries}

    _each(files, understand)


@inspect.command()
@paths
@from_url
def page(files: tuple[Path, ...], url: str) -> None:
    """An article page, or a dropped text, Markdown or mail: told apart by content."""
    from digest.collect.extract import read_page

    def understand(raw: bytes, where: str) -> dict[str, Any]:
        p = read_page(raw, where=where, url=url)
        return {
            "url": p.url,
            "title": p.title,
            "standfirst": p.standfirst,
            "text": p.text,
            "author": p.author,
            "publisher": p.publisher,
            "published": _iso(p.published_at),
            "language": p.language,
            "image": p.image,
            "word_count": p.word_count,
        }

    _each(files, understand)


@inspect.command()
@paths
def mail(files: tuple[Path, ...]) -> None:
    """A finished mail: its size, and what is wrong with it."""
    from digest.compose.lint import check

    def understand(raw: bytes, _where: str) -> dict[str, Any]:
        found = check(raw)
        findings = [{"rule": f.rule, "severity": f.severity, "message": f.message, "source": f.source} for f in found.findings]
        return {"ok": found.ok, "size_bytes": found.size_bytes, "html_bytes": found.html_bytes, "findings": findings}

    _each(files, understand)


def _iso(date: Any) -> str | None:
    return date.isoformat() if date else None
