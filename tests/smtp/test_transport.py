"""What every Transport promises. Each real one is tried with the same contract."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import TransportDown
from digest.model.ports import Envelope, Stage, Transport
from digest.smtp.blocking import hand_over
from digest.smtp.outbox import Outbox, file_name
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.support.envelopes import envelope
from tests.support.running import run
from tests.support.servers import Mailbox, smtp_server

pytestmark = pytest.mark.usefixtures("each_event_loop")


@pytest.fixture(params=["outbox", "smtp"])
def transport(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transport]:
    if request.param == "outbox":
        yield Outbox(tmp_path / "outbox")
        return
    with smtp_server(Mailbox()) as mailbox:
        yield Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test")


def test_every_envelope_gets_one_answer(transport: Transport) -> None:
    answers = list(hand_over(transport, [envelope(i) for i in range(5)]))

    assert sorted(a.delivery_id for a in answers) == list(range(5))
    assert all(a.stage is Stage.END and a.reply and a.reply.code == 250 for a in answers)


def test_the_intent_is_asked_before_each_content_is_ended(transport: Transport) -> None:
    asked: list[int] = []

    def before_end(number: int) -> bool:
        asked.append(number)
        return number != 1

    answers = {a.delivery_id: a for a in hand_over(transport, [envelope(i) for i in range(3)], before_end=before_end)}

    assert asked == [0, 1, 2]
    assert answers[1].reply is None
    assert answers[1].stage is Stage.CONTENT


def test_a_session_can_be_used_for_one_claim_after_another(transport: Transport) -> None:
    answered: list[int] = []

    async def two_claims() -> None:
        session = transport.session(before_end=lambda _: True, on_answer=lambda answer: answered.append(answer.delivery_id))
        for number in (1, 2):
            await session.send(envelope(number))
            await session.flush()
            assert answered[-1] == number
        await session.close()

    run(two_claims())

    assert answered == [1, 2]


def test_envelopes_are_taken_as_they_are_made(transport: Transport) -> None:
    made: list[int] = []

    def stream() -> Iterator[Envelope]:
        for i in range(3):
            made.append(i)
            yield envelope(i)

    answers = hand_over(transport, stream())
    next(answers)

    assert len(made) < 3
    assert len(list(answers)) == 2


def test_the_outbox_keeps_a_repeated_message_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o")
    for content in (b"first\r\n", b"again\r\n"):
        list(hand_over(outbox, [envelope(1, content)]))

    files = list((tmp_path / "o").iterdir())
    assert [f.name for f in files] == [file_name("<1@example.org>")]
    assert files[0].read_bytes() == b"again\r\n"
    assert files[0].stat().st_mode & 0o077 == 0


def test_an_outbox_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "o").write_text("x")

    with pytest.raises(TransportDown, match="is a file, not a folder"):
        list(hand_over(Outbox(tmp_path / "o"), [envelope(1)]))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o")
    # The part file's name is taken by a link to a device that is always full.
    name = file_name("<1@example.org>")
    (tmp_path / "o").mkdir()
    os.symlink("/dev/full", tmp_path / "o" / f".{name}.part")

    with pytest.raises(TransportDown, match="takes no more"):
        list(hand_over(outbox, [envelope(1)]))

    assert not list((tmp_path / "o").glob("*.eml"))
