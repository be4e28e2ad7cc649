"""Replies are cut out of whatever a server sends, in whatever pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.smtp.replies import LINE, LINES, REPLY, TEXT, BadReply, ReplyParser, reply_of


def replies(*pieces: bytes) -> list[tuple[int, list[bytes]]]:
    parser, found = ReplyParser(), []
    for piece in pieces:
        parser.feed(piece)
        while (reply := parser.next()) is not None:
            found.append((reply[0], [*reply[1]]))
    return found


@given(
    st.lists(st.tuples(st.sampled_from([220, 250, 354, 421, 550]), st.lists(st.sampled_from([b"", b"ok", b"x y"]), min_size=1))),
    st.integers(1, 40),
)
def test_replies_do_not_depend_on_how_they_are_cut(said: list[tuple[int, list[bytes]]], size: int) -> None:
    octets = b"".join(
        b"%d%b%b\r\n" % (code, b" " if at == len(lines) - 1 else b"-", line)
        for code, lines in said
        for at, line in enumerate(lines)
    )

    assert replies(*(octets[at : at + size] for at in range(0, len(octets), size))) == said


def test_a_reply_that_has_not_arrived_whole_is_pending() -> None:
    parser = ReplyParser()
    assert not parser.pending

    parser.feed(b"250-first\r\n250 sec")

    assert parser.pending
    assert parser.next() is None
    parser.feed(b"ond\n")
    assert parser.next() == (250, [b"first", b"second"])
    assert not parser.pending


def test_of_differing_codes_the_last_one_counts() -> None:
    assert replies(b"250-fine\r\n550 not fine\r\n") == [(550, [b"fine", b"not fine"])]


@pytest.mark.parametrize("said", [b"hello\r\n", b"99 no\r\n", b"650 no\r\n", b"250_no\r\n", b"\r\n", b"\xff\xfe\r\n"])
def test_what_is_no_reply_is_refused(said: bytes) -> None:
    with pytest.raises(BadReply, match="no reply"):
        replies(said)


def test_a_long_line_is_cut_and_a_long_list_is_kept_in_part() -> None:
    [(_, [line])] = replies(b"250 " + b"x" * (LINE * 2) + b"\r\n")
    assert len(line) == LINE - 4

    [(_, lines)] = replies(b"250-x\r\n" * (LINES * 2) + b"250 y\r\n")
    assert len(lines) == LINES


def test_a_line_without_end_fills_no_memory() -> None:
    parser = ReplyParser()

    with pytest.raises(BadReply, match="no end"):
        for _ in range(2 * REPLY // 1000):
            parser.feed(b"2" * 1000)

    assert len(parser._rest) <= LINE


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([b"5.1.1 no such user"], "550 5.1.1 no such user"),
        ([b"5.1.1 no", b"5.1.1 such user"], "550 5.1.1 no such user"),
        ([b"5.1.1 no", b"such user"], "550 5.1.1 no such user"),
        ([b"no code"], "550 no code"),
        ([b"a\0b  c\td"], "550 a b c d"),
        ([b"caf\xe9"], "550 caf\ufffd"),
        ([b""], "550"),
    ],
)
def test_a_reply_is_told_on_one_line_with_its_enhanced_code(lines: list[bytes], text: str) -> None:
    assert str(reply_of(550, lines)) == text


def test_a_challenge_is_kept_whole_and_other_texts_are_cut() -> None:
    assert len(reply_of(334, [b"A" * 2000]).text) == 2000
    assert len(reply_of(250, [b"A" * 2000]).text) == TEXT
