"""How commands talk: tables and JSON to stdout, notes and progress to stderr."""

import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

NUMBER = click.IntRange(1, 2**63 - 1)  #: what a row of the database can have
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, all rows, instead of a table.")

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def context() -> Any:
    """The working context of this place's settings."""
    from digest import context as contexts
    from digest import settings

    return contexts.build(settings.read())


def note(text: str) -> None:
    """A sentence for the person at the terminal."""
    click.echo(harmless(text), err=True)


def harmless(text: str) -> str:
    """Text from outside that cannot steer a terminal."""
    return _CONTROL.sub("\ufffd", text)


def confirm(question: str, *, yes: bool) -> None:
    """
    Ask before something is destroyed or mailed, unless `yes`.

    Raises:
        UsageError: there is nobody to ask; nothing was changed.
    """
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nothing was changed: there is no terminal to ask at; say --yes")
    click.confirm(question, abort=True, err=True)


def emit(value: object) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str = "") -> None:
    """Rows under their headings; `empty` is said on stderr where there are none."""
    if not rows:
        if empty:
            note(empty)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(harmless(_cell(value))) for value in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(grid)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar while stderr is a terminal; nothing elsewhere. Yields what to call with each step."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


def local(instant: datetime | None, zone: Any = None) -> str:
    """An instant as a person reads it."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M") if instant else "–"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return local(value) if isinstance(value, datetime) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
