"""Output of commands: tables and JSON to stdout, notes and progress to stderr."""

import getpass
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TextIO
from zoneinfo import ZoneInfo

import click

from digest.model.timetable import local as local

if TYPE_CHECKING:
    from digest.model.event import Person
    from digest.services.context import Context, Place
    from digest.settings import Settings

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

NUMBER = click.IntRange(1, 2**63 - 1)  #: what a row of the database can have
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, all rows, instead of a table.")

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def open_place() -> "Place":
    """Open settings, database and clock: enough to read and change rows, and quick to load."""
    from digest.services import context as contexts

    return replace(contexts.open_place(_settings()), person=person())


def context() -> "Context":
    """Build the context, with the parts that collect, render and send."""
    from digest.services import context as contexts

    return replace(contexts.build(_settings()), person=person())


def person() -> "Person":
    """Return the user of the system that types the command; by number where the number has no name, as in a container."""
    from digest.model.event import Person

    try:
        return Person(name=getpass.getuser())
    except (KeyError, OSError):
        return Person(name=f"uid {os.getuid()}")


def _settings() -> "Settings":
    """Read the settings, and log events as they say from here on."""
    from digest import log, settings

    read = settings.read()
    if read.log_format == "json":
        log.use_json()
    return read


def note(text: str) -> None:
    """Print a sentence for the person at the terminal, to stderr."""
    click.echo(harmless(text), err=True)


def announce(text: str) -> None:
    """Print a sentence of a command that runs as a service; as an event where its log is JSON."""
    from digest import log

    if log.is_json():
        log.get().info("serve.noted", message=log.Plain(harmless(text)))  # it may have the link that makes the first account
    else:
        note(text)


def harmless(text: str) -> str:
    """Remove control characters from external text, so that it cannot control the terminal."""
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


def emit(value: object, file: TextIO | None = None) -> None:
    """Print one JSON document to stdout, or to a file."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2), file=file)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str = "") -> None:
    """Print rows under their headings; print `empty` to stderr where there are none."""
    if not rows:
        if empty:
            note(empty)
        return
    cells = [[harmless(_cell(value)) for value in row] for row in rows]
    if not sys.stdout.isatty():
        _plain_table(columns, cells)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=any(columns))
    for name in columns:
        grid.add_column(name, overflow="fold")
    for row in cells:
        grid.add_row(*map(Text, row))
    Console(highlight=False).print(grid)


def _plain_table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Print a row per line, whatever its width, as `grep` and `awk` expect it; only a last column keeps its line breaks."""
    lines = [[*(" ".join(cell.split()) for cell in row[:-1]), row[-1]] for row in (columns, *cells)]
    widths = [max(map(len, column)) for column in list(zip(*lines, strict=True))[:-1]]
    indent = " " * (sum(widths) + 2 * len(widths))
    for row in lines if any(columns) else lines[1:]:
        padded = "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        click.echo((padded + row[-1].replace("\n", f"\n{indent}")).rstrip())


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator["Advance"]:
    """Show a progress bar if stderr is a terminal. Yields the function to call with each step, and with the total once it is known."""
    if not sys.stderr.isatty():
        yield lambda _count, _total=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count, total=total: bar.update(task, advance=count, total=total)


class Advance(Protocol):
    """Report of a progress bar's step."""

    def __call__(self, count: int, total: int | None = None, /) -> None:
        """Add `count`."""


def zone(ctx: "Place") -> ZoneInfo:
    """Return the time zone for times that belong to no newsletter."""
    from digest.services import newsletters

    return newsletters.zone_of_all(ctx)


def at(instant: datetime | None, timezone: str) -> str:
    """Format an instant in a newsletter's time; empty where there is none."""
    return local(instant, ZoneInfo(timezone)) if instant else ""


def facts(rows: Sequence[tuple[str, object]]) -> None:
    """Print one thing: a name and a value a row, those without a value left out."""
    table(["", ""], [(name, value) for name, value in rows if value not in (None, "", [])])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _plain(value: object) -> object:
    """Return the JSON form of types that `json` does not support. Raises TypeError."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    raise TypeError(f"no JSON for {type(value).__name__}")
