"""A journal tells what its dead owner did, wherever it was cut off."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from digest import log
from digest.deliver import journal as journals
from digest.deliver.journal import Journal
from digest.model.ports import Reply, Stage
from digest.model.states import DeliveryState
from tests.support.place import Place

GONE = "0123456789abcdef"
LINES = b"i 1\na 1 end 250 2.0.0 ok\ni 2\na 2 end 250 2.0.0 ok\ni 3\n"


def written(folder: Path, body: bytes) -> journals.Replay:
    """What is read from a dead owner's journal of these lines."""
    made = Journal(folder)
    head = made.path.read_bytes()
    made.close(settled=True)
    (folder / GONE).write_bytes(head + body)
    [dead] = list(journals.abandoned(folder))
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

    assert list(journals.abandoned(tmp_path)) == []
    assert journals.present(tmp_path) == {mine.owner}
    mine.close(settled=True)
    assert journals.present(tmp_path) == frozenset()


def test_a_killed_process_leaves_its_journal_unlocked_with_every_line(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from digest.deliver.journal import Journal; from digest.model.ports import Reply, Stage\n"
        "j = Journal(Path(sys.argv[1])); p = j.writer(); p.intent(7); p.answer(7, Stage.END, Reply(code=250, text='ok')); p.intent(8); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)

    [dead] = list(journals.abandoned(tmp_path))
    replay = dead.read(range(100))
    dead.close(settled=True)

    assert replay.intents == {7, 8}
    assert {number: str(answer.reply) for number, answer in replay.answers.items()} == {7: "250 ok"}


def test_a_journal_of_another_boot_says_so(tmp_path: Path) -> None:
    (tmp_path / GONE).write_bytes(b"boot another\ni 1\n")

    [dead] = list(journals.abandoned(tmp_path))

    assert not dead.read(range(100)).same_boot
    dead.close(settled=False)
    assert os.path.exists(tmp_path / GONE)


def test_what_was_answered_at_an_earlier_try_says_nothing_of_a_later_one(tmp_path: Path) -> None:
    replay = written(tmp_path, b"i 1\na 1 end 451 4.3.0 later\ni 1\n")

    assert replay.intents == {1}
    assert replay.answers == {}


def test_a_refusal_is_written_at_once_and_a_250_with_the_next_intent_or_when_there_is_none(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    pen, said = journal.writer(), lambda: journal.path.read_text().splitlines()[1:]
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


def test_what_was_ended_and_is_known_not_to_be_taken_is_no_intent(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    pen = journal.writer()
    for number in (1, 2):
        pen.intent(number)
    pen.answer(1, Stage.END, Reply(code=250, text="ok"))
    pen.untaken(2)
    lines = journal.path.read_bytes().partition(b"\n")[2]
    journal.close(settled=True)

    replay = written(tmp_path / "other", lines)

    assert (replay.intents, set(replay.answers), replay.corrupt) == ({1}, {1}, False)


@pytest.mark.parametrize(
    "line",
    [
        b"i " + b"9" * 6000,
        b"i -1",
        b"i x",
        b"x 1",
        b"",
        b"\0" * 100,
        b"\xff\xfe\x00",
        b"a 1 end 2\xb250 ok",
        b"i \xd9\xa1",
        b"y" * 100_000,
    ],
)
def test_a_line_that_no_owner_writes_makes_a_journal_corrupt_and_hides_no_other(tmp_path: Path, line: bytes) -> None:
    replay = written(tmp_path, b"i 1\n" + line + b"\ni 2\na 2 end 250 2.0.0 ok\n")

    assert replay.intents == {1, 2}
    assert set(replay.answers) == {2}
    assert replay.corrupt or line.startswith(b"a 1 end")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(path))


ODDITIES: dict[str, Callable[[Path], object]] = {
    "a folder": lambda folder: (folder / "lost+found").mkdir(),
    "a full folder": lambda folder: (folder / "backup" / "deep").mkdir(parents=True),
    "a folder like a journal": lambda folder: (folder / GONE).mkdir(),
    "a fifo": lambda folder: os.mkfifo(folder / "fifo"),
    "a fifo like a journal": lambda folder: os.mkfifo(folder / GONE),
    "a socket": lambda folder: a_socket(folder / "sock"),
    "a socket like a journal": lambda folder: a_socket(folder / GONE),
    "a link": lambda folder: (folder / GONE).symlink_to("/etc/passwd"),
    "a link to nothing": lambda folder: (folder / "link").symlink_to("nowhere"),
    "a link to a folder": lambda folder: (folder / "link").symlink_to("/"),
    "a foreign file": lambda folder: (folder / "notes.txt").write_text("mine"),
    "a backup of a journal": lambda folder: (folder / f"{GONE}~").write_text("boot x\ni 1\n"),
    "an empty file": lambda folder: (folder / "empty").touch(),
    "a device": lambda folder: (folder / GONE).symlink_to("/dev/zero"),
    "a corrupt journal": lambda folder: (folder / GONE).write_bytes(b"boot x\ni " + b"9" * 6000 + b"\n"),
    "a binary journal": lambda folder: (folder / GONE).write_bytes(bytes(range(256)) * 1000),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_what_does_not_belong_into_the_journal_folder_is_moved_aside_and_named_and_stops_no_send(
    place: Place, capfd: pytest.CaptureFixture[str], oddity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.setup()  # which forgets what other tests have logged: a fault that is repeated is logged once a minute
    folder = place.ctx.journals
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    ODDITIES[oddity](folder)
    [odd] = folder.iterdir()
    place.readers("ann@example.org")
    place.drop("The harbour opens again")
    place.collect()

    assert place.send().counts == {DeliveryState.SENT: 1}

    said = capfd.readouterr().err
    assert "journal.set_aside" in said
    assert str(odd) in said
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []
    [aside] = (folder / journals.ASIDE).iterdir()
    assert aside.name.startswith(odd.name)


def test_an_empty_journal_is_one_whose_owner_lost_power(place: Place) -> None:
    place.ctx.journals.mkdir(parents=True)
    (place.ctx.journals / GONE).touch()

    [dead] = list(journals.abandoned(place.ctx.journals))
    assert not dead.read(range(100)).same_boot
    dead.close(settled=True)

    assert not (place.ctx.journals / journals.ASIDE).exists()


@pytest.mark.parametrize("odd", ["empty", "binary", "folder", "fifo", "link"])
def test_a_place_without_a_proper_name_gets_a_new_one(tmp_path: Path, odd: str) -> None:
    file = tmp_path / ".place"
    make: dict[str, Callable[[], object]] = {
        "empty": file.touch,
        "binary": lambda: file.write_bytes(b"\xff" * 100),
        "folder": file.mkdir,
        "fifo": lambda: os.mkfifo(file),
        "link": lambda: file.symlink_to("nowhere"),
    }
    make[odd]()

    name = journals.place(tmp_path)

    assert len(name) == 16
    assert journals.place(tmp_path) == name
    assert stat.S_ISREG(file.lstat().st_mode)


def test_what_cannot_be_moved_is_left_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / journals.ASIDE).write_text("in the way")

    assert list(journals.abandoned(tmp_path)) == []
    assert (tmp_path / "lost+found").is_dir()
