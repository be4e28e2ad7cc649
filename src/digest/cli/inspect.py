"""`digest inspect`: what digest understands, one JSON object a line, by the functions that the path uses."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
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
    """A feed: its title and entries.

    \b
    Example:  digest inspect feed news.xml --url https://news.example.org/feed.xml
    """
    from digest.collect.feeds import parse

    now = datetime.now(UTC)

    def understand(raw: bytes, where: str) -> dict[str, Any]:
        found = parse(raw, where=where, url=url, now=now)
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
    """An article page, or a dropped text, Markdown or mail: told apart by content.

    \b
    Example:  digest inspect page texts/*.txt
    """
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
            "free": p.is_free,
            "word_count": p.word_count,
        }

    _each(files, understand)


@inspect.command()
@paths
def mail(files: tuple[Path, ...]) -> None:
    """A finished mail: its size, and what is wrong with it.

    \b
    Example:  digest inspect mail var/outbox/*.eml
    """
    from digest.compose.lint import check

    def understand(raw: bytes, _where: str) -> dict[str, Any]:
        found = check(raw)
        findings = [{"rule": f.rule, "severity": f.severity, "message": f.message, "source": f.source} for f in found.findings]
        return {"ok": found.ok, "size_bytes": found.size_bytes, "html_bytes": found.html_bytes, "findings": findings}

    _each(files, understand)


@inspect.command()
@paths
def stories(files: tuple[Path, ...]) -> None:
    """Which articles tell the same story; JSON lines with id, title, text or null, date, source.

    \b
    Example:  digest inspect stories articles.jsonl
    """
    from digest.curate.cluster import group
    from digest.model.article import Kin

    def understand(raw: bytes, where: str) -> dict[str, Any]:
        rows = _rows(raw, where)
        kin = [
            Kin(
                article_id=i,
                canonical_url=None,
                fingerprint=str(i),
                publisher=str(row.get("source") or ""),
                headline=str(row.get("title") or ""),
                text=str(row.get("text") or ""),
                at=_date(row.get("date"), where, i),
            )
            for i, row in enumerate(rows)
        ]
        return {"stories": [[rows[i]["id"] for i in found.articles] for found in group(kin, ())]}

    _each(files, understand)


@inspect.command()
@paths
@click.option("--words", type=click.IntRange(5, 1000), default=60, show_default=True, help="About how long.")
def summary(files: tuple[Path, ...], words: int) -> None:
    """Summaries of stories, a line each; JSON lines with id and docs, each doc with title and text.

    \b
    Example:  digest inspect summary stories.jsonl --words 60
    """
    from digest.collect.disk import read_file
    from digest.curate.summarise import Document, extract

    for file in files:
        for row in _rows(read_file(file), str(file)):
            told = [d for d in row.get("docs") or () if isinstance(d, dict)]
            documents = [Document(title=str(d.get("title") or ""), text=str(d.get("text") or "")) for d in told]
            text = extract(documents, words).text
            click.echo(json.dumps({"file": str(file), "id": row["id"], "summary": text}, ensure_ascii=False))


def _rows(raw: bytes, where: str) -> list[dict[str, Any]]:
    """The objects of JSON lines. Raises ParseError where a line is none, or has no id."""
    from digest.errors import ParseError

    rows = []
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise ParseError(where, f"line {number} is no JSON ({problem})") from problem
        if not isinstance(row, dict) or "id" not in row:
            raise ParseError(where, f"line {number} is no object with an id")
        rows.append(row)
    return rows


def _date(text: Any, where: str, number: int) -> datetime | None:
    """An ISO date and time; without a zone it is UTC. Raises ParseError."""
    from digest.errors import ParseError

    try:
        found = datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError) as problem:
        raise ParseError(where, f"row {number + 1}: {text!r} is no ISO date") from problem
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _iso(date: Any) -> str | None:
    return date.isoformat() if date else None
