"""Inspection: what digest understands of a file, by the functions and defaults that the path uses."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.errors import ParseError
from digest.services.views import View


class EntryView(View):
    """One entry of a feed."""

    guid: str
    title: str
    link: str
    published: str | None
    updated: str | None
    summary: str
    content: str
    authors: tuple[str, ...]
    image: str
    tags: tuple[str, ...]


class FeedView(View):
    """A feed: its title and entries."""

    title: str
    link: str
    language: str
    entries: tuple[EntryView, ...]


class PageView(View):
    """An article page, or a dropped text, Markdown or mail."""

    url: str
    title: str
    standfirst: str
    text: str
    author: str
    publisher: str
    published: str | None
    language: str
    image: str
    free: bool | None
    word_count: int


class MailFinding(View):
    """One thing that is wrong with a mail."""

    rule: str
    severity: str
    message: str
    source: str


class MailView(View):
    """A finished mail: its size, and what is wrong with it."""

    ok: bool
    size_bytes: int
    html_bytes: int
    findings: tuple[MailFinding, ...]


class StoriesView(View):
    """Ids of articles, grouped by story."""

    stories: tuple[tuple[Any, ...], ...]


class BouncedView(View):
    """A recipient that a mail which came back names: the codes, what they mean, and the sentence that says so."""

    address: str
    status: str
    reply: str
    action: str
    hard: bool
    reason: str
    verdict: str
    sentence: str


class BounceView(View):
    """A mail that came back."""

    kind: str
    recipients: tuple[BouncedView, ...]


def read(path: Path) -> bytes:
    """Return the bytes of a file. Raises FetchError."""
    from digest.collect.disk import read_file

    return read_file(path)


def feed(raw: bytes, *, where: str, url: str, now: datetime) -> FeedView:
    """Read a feed. Raises ParseError."""
    from digest.collect.feeds import parse

    found = parse(raw, where=where, url=url, now=now)
    entries = tuple(
        EntryView(
            guid=e.guid,
            title=e.title,
            link=e.link,
            published=_iso(e.published_at),
            updated=_iso(e.updated_at),
            summary=e.summary,
            content=e.content,
            authors=tuple(e.authors),
            image=e.image,
            tags=tuple(e.tags),
        )
        for e in found.entries
    )
    return FeedView(title=found.title, link=found.link, language=found.language, entries=entries)


def page(raw: bytes, *, where: str, url: str) -> PageView:
    """Read an article page, or a dropped text, Markdown or mail: told apart by content. Raises ParseError."""
    from digest.collect.extract import read_page

    p = read_page(raw, where=where, url=url)
    return PageView(
        url=p.url,
        title=p.title,
        standfirst=p.standfirst,
        text=p.text,
        author=p.author,
        publisher=p.publisher,
        published=_iso(p.published_at),
        language=p.language,
        image=p.image,
        free=p.is_free,
        word_count=p.word_count,
    )


def mail(raw: bytes) -> MailView:
    """Check a finished mail."""
    from digest.compose.lint import check

    found = check(raw)
    findings = tuple(MailFinding.model_validate(finding) for finding in found.findings)
    return MailView(ok=found.ok, size_bytes=found.size_bytes, html_bytes=found.html_bytes, findings=findings)


def bounce(raw: bytes) -> BounceView:
    """Read a mail that came back: a delivery report, a complaint, an automatic answer, or anything else."""
    from digest.bounces.read import read as read_mail
    from digest.bounces.report import Verdict

    report = read_mail(raw)
    recipients = tuple(
        BouncedView(
            address=r.address,
            status=r.status,
            reply=r.reply,
            action=r.action,
            hard=r.verdict is Verdict.HARD,
            reason=r.reason.value,
            verdict=r.verdict.value,
            sentence=r.sentence,
        )
        for r in report.recipients
    )
    return BounceView(kind=report.kind.value, recipients=recipients)


def stories(raw: bytes, *, where: str) -> StoriesView:
    """Group the articles of JSON lines into stories. Raises ParseError."""
    from digest.curate.cluster import group
    from digest.model.article import Kin

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
    return StoriesView(stories=tuple(tuple(rows[i]["id"] for i in found.articles) for found in group(kin, ())))


def summaries(raw: bytes, *, where: str, words: int) -> Iterator[Mapping[str, Any]]:
    """Summarise the stories of JSON lines: an id and a summary for each. Raises ParseError."""
    from digest.curate.summarise import Document, extract

    for row in _rows(raw, where):
        told = [d for d in row.get("docs") or () if isinstance(d, dict)]
        documents = [Document(title=str(d.get("title") or ""), text=str(d.get("text") or "")) for d in told]
        yield {"id": row["id"], "summary": extract(documents, words).text}


def _rows(raw: bytes, where: str) -> Sequence[dict[str, Any]]:
    """Parse the objects of JSON lines. Raises ParseError where a line is none, or has no id."""
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


def _date(text: object, where: str, number: int) -> datetime | None:
    """Parse an ISO date and time; without a zone it is UTC. Raises ParseError."""
    try:
        found = datetime.fromisoformat(text) if text else None  # type: ignore[arg-type]
    except (TypeError, ValueError) as problem:
        raise ParseError(where, f"row {number + 1}: {text!r} is no ISO date") from problem
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _iso(date: datetime | None) -> str | None:
    return date.isoformat() if date else None
