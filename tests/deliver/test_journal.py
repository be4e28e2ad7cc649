"""A journal tells what its dead owner did, wherever it was cut off."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digest.deliver import journal as journals
from digest.deliver.journal import Journal
from digest.model.ports import Reply, Stage

LINES = b"i 1\na 1 end 250 2.0.0 ok\ni 2\na 2 end 250 2.0.0 ok\ni 3\n"


def written(folder: Path, body: bytes) -> journals.Replay:
    """What is read from a dead owner's journal of these lines."""
    made = Journal(folder)
    head = made.path.read_bytes()
    made.close(settled=True)
    (folder / "gone").write_bytes(head + body)
    [dead] = list(journals.dead(folder))
    try:
        return dead.read(range(100))
    finally:
        dead.close(settled=True)


@pytest.mark.parametrize("cut", range(len(LINES) + 1))
def test_a_journal_cut_at_any_byte_tells_only_whole_lines(tmp_path: Path, cut: int) -> None:
    whole = LINES[:cut].rpartition(b"\n")[0].split(b"\n")

    replay = written(tmp_path, LINES[:cut])

    assert replay.same_boot
    assert replay.intents == {int(line.split()[1]) for line in whole if line.startswith(b"i ")}
    assert set(replay.answers) == {int(line.split()[1]) for line in whole if line.startswith(b"a ")}


def test_a_living_owners_journal_is_left_alone(tmp_path: Path) -> None:
    mine = Journal(tmp_path)

    assert list(journals.dead(tmp_path)) == []
    assert journals.present(tmp_path) == {mine.owner}
    mine.close(settled=True)
    assert journals.present(tmp_path) == frozenset()


def test_a_killed_process_leaves_its_journal_unlocked_with_every_line(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from digest.deliver.journal import Journal; from digest.model.ports import Reply, Stage\n"
        "j = Journal(Path(sys.argv[1])); p = j.pen(); p.intent(7); p.answer(7, Stage.END, Reply(code=250, text='ok')); p.intent(8); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)

    [dead] = list(journals.dead(tmp_path))
    replay = dead.read(range(100))
    dead.close(settled=True)

    assert replay.intents == {7, 8}
    assert {number: str(answer.reply) for number, answer in replay.answers.items()} == {7: "250 ok"}


def test_a_journal_of_another_boot_says_so(tmp_path: Path) -> None:
    (tmp_path / "gone").write_bytes(b"boot another\ni 1\n")

    [dead] = list(journals.dead(tmp_path))

    assert not dead.read(range(100)).same_boot
    dead.close(settled=False)
    assert os.path.exists(tmp_path / "gone")


def test_what_was_answered_at_an_earlier_try_says_nothing_of_a_later_one(tmp_path: Path) -> None:
    replay = written(tmp_path, b"i 1\na 1 end 451 4.3.0 later\ni 1\n")

    assert replay.intents == {1}
    assert replay.answers == {}


def test_a_refusal_is_written_at_once_and_a_250_with_the_next_intent_or_when_there_is_none(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    pen, said = journal.pen(), lambda: journal.path.read_text().splitlines()[1:]
    pen.intent(1)
    pen.answer(1, Stage.END, Reply(code=250, text="ok"))
    assert said() == ["i 1"]
    pen.intent(2)
    assert said() == ["i 1", "a 1 end 250 - ok", "i 2"]
    pen.answer(2, Stage.END, Reply(code=451, enhanced="4.3.0", text="later"))
    assert said()[-1] == "a 2 end 451 4.3.0 later"
    pen.intent(3)
    pen.answer(3, Stage.END, Reply(code=250, text="ok"))
    pen.flush()
    assert said()[-1] == "a 3 end 250 - ok"
    journal.close(settled=True)
