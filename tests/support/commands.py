"""The command line, called in the process of the tests."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from digest.cli import COMMANDS, digest, main

TEXT = "A harbour opens again\n\nThe harbour opened again on Monday, after eleven years in which no boat could land there. Two hundred people came.\n\nThe first boat brought the post and a piano, and left with the post and the man who had tuned it.\n"
Run = Callable[..., "Said"]


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> object:
        return json.loads(self.out)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in ("DIGEST_ENV", "DIGEST_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["digest", *words])
        monkeypatch.setattr(sys, "stdin", None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


@pytest.fixture
def paper(run: Run, tmp_path: Path) -> Run:
    """A place that `digest init` made, with a folder of texts and two readers."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT)
    (tmp_path / "people.csv").write_text("address,name\nann@example.org,Ann\nbob@example.org,Bob\n")
    assert run("init").code == 0
    assert run("sources", "add", "texts").code == 0
    assert run("subscribers", "import", "people.csv", "--list", "readers").code == 0
    return run


def commands(command: click.Command = digest, path: str = "digest") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    ctx = click.Context(command)
    for name in COMMANDS if command is digest else command.commands:
        found = command.get_command(ctx, name)
        assert found is not None
        yield from commands(found, f"{path} {name}")


ALL = dict(commands())
