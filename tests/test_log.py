"""The log: one line an event, no address, token or password in it, a repeated fault once a minute."""

import errno
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from digest import log


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    log.setup(verbose=True)
    yield
    log.setup()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann@example.org", "a***@example.org"),
        ("RCPT TO:<o'brien+news@example.org>", "RCPT TO:<o***@example.org>"),
        ("bounces+mfrggzdf@ledger.example.org", "b***@ledger.example.org"),
        (f"{'x' * 200}@example.org", "x***@example.org"),
        ("jürgen@bücher.example", "j***@bücher.example"),
        ("postgresql://digest:p@ss@db.example.org/x", "postgresql://***@db.example.org/x"),
        ("https://feeds.example.org/a?api_key=s3cret&page=2", "https://feeds.example.org/a?api_key=***&page=2"),
        ("GET /u/AbCdEfGhIjKlMnOpQrStUvWx HTTP/1.1", "GET /u/*** HTTP/1.1"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ("nothing to hide: 3 of 4", "nothing to hide: 3 of 4"),
    ],
)
def test_addresses_and_secrets_are_hidden(text: str, shown: str) -> None:
    assert log.mask(text) == shown


@given(st.text(max_size=2_000))
def test_whatever_a_field_holds_an_event_is_one_line_without_control_characters(text: str) -> None:
    event = log._clean(None, "", {"event": "x", "error": text})

    assert str(event["error"]).isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in str(event["error"]))
    assert len(str(event["error"])) <= log.LONGEST + 1


def test_fields_that_are_no_text_are_cleaned_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.get().info("source.failed", error=ValueError("ann@example.org\n\x1b[31m"), source=3)

    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "ann@" not in line
    assert "\x1b" not in line
    assert "source=3" in line


def test_in_json_each_line_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    log.use_json()

    log.get().info("issue.sent", issue=3, newsletter="Zeitung „Früh“")
    logging.getLogger("some.library").error("it broke for %s", "ann@example.org")

    sent, broke = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (sent["event"], sent["level"], sent["issue"], sent["newsletter"]) == ("issue.sent", "info", 3, "Zeitung „Früh“")
    assert (broke["event"], broke["logger"], broke["message"]) == (
        "library.logged",
        "some.library",
        "it broke for a***@example.org",
    )


def test_a_library_exception_is_one_line_that_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise RuntimeError("no room")
    except RuntimeError:
        logging.getLogger("some.library").exception("Fatal error on transport")

    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "RuntimeError: no room" in line
    assert "test_log.py:" in line
    assert "Traceback" not in line


class Hand:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def passes(repeats: log.Repeats, **event: object) -> dict[str, object] | None:
    try:
        return dict(repeats(None, "", {"level": "warning", "event": "transport.down", **event}))
    except structlog.DropEvent:
        return None


def test_a_repeated_fault_is_printed_once_a_minute_with_the_count() -> None:
    hand = Hand()
    repeats = log.Repeats(hand)

    printed = []
    for hand.now in range(0, 180, 5):
        printed += [event] if (event := passes(repeats, error="refused")) else []

    assert [event.get("repeated") for event in printed] == [None, 11, 11]


def test_different_faults_and_plain_events_are_not_held_back() -> None:
    repeats = log.Repeats(Hand())

    assert passes(repeats, issue=1)
    assert passes(repeats, issue=2)
    assert passes(repeats, level="info", issue=1)
    assert passes(repeats, level="info", issue=1)


def test_a_fault_that_stops_is_counted_when_its_minute_is_over() -> None:
    hand = Hand()
    repeats = log.Repeats(hand)
    for _ in range(5):
        passes(repeats, error="refused")
    early = repeats.over()
    hand.now = log.REPEAT_S

    [late] = repeats.over()

    assert early == []
    assert (late["event"], late["repeated"]) == ("transport.down", 4)
    assert repeats.over() == []


def test_the_count_of_a_fault_that_stopped_is_printed_by_a_flush(capsys: pytest.CaptureFixture[str]) -> None:
    hand = Hand()
    log.setup(clock=hand)
    for _ in range(3):
        log.get().warning("transport.down", issue=1)
    hand.now = 61.0

    log.flush()

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "repeated=2" in lines[1]


def test_a_line_is_written_with_its_end_so_that_threads_do_not_mix_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    class Recorded(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    monkeypatch.setattr("sys.stderr", Recorded())

    log.get().warning("transport.down", issue=1)
    log.get().warning("transport.down", issue=2)

    assert [text.count("\n") for text in written] == [1, 1]
    assert all(text.endswith("\n") for text in written)


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stderr", Full())

    log.get().warning("transport.down", issue=1)

    assert "transport.down" in tried[0]


def test_an_event_that_the_caller_reports_itself_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(reported=("source.failed",))
    log.get().warning("source.failed", source=3)
    log.get().warning("journal.moved")
    log.setup()

    assert "source.failed" not in (said := capsys.readouterr().err)
    assert "journal.moved" in said
