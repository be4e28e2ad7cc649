"""Header lines and encoded pieces keep their standards for any text."""

import base64
import email
import email.header
import email.policy
import quopri
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import mime
from digest.smtp.dkim import relaxed_body

TEXT = st.text(st.characters(codec="utf-8"), max_size=200)
NAMES = st.one_of(
    TEXT,
    st.sampled_from(
        [
            "Jörg Müller",
            'O"Hara, Siobhán',
            "李梅",
            "نورة",
            "A" * 120,
            "=?utf-8?q?x?=",
            "a\r\nBcc: x@example.org",
            "\u202eevil",
            "😀" * 40,
        ]
    ),
)


def decoded(raw: bytes) -> str:
    value = raw.decode("utf-8").partition(":")[2]
    unfolded = re.sub(r"\r\n(?=[ \t])", "", value).strip()
    return str(email.header.make_header(email.header.decode_header(unfolded)))


@given(pieces=st.lists(TEXT, max_size=8))
@settings(max_examples=300)
def test_quoted_printable_pieces_join_to_the_whole_within_76(pieces: list[str]) -> None:
    encoded = b"".join(mime.quoted_printable(piece) for piece in pieces)

    assert quopri.decodestring(encoded) == "".join(pieces).replace("\n", "\r\n").encode()
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines)
    assert not any(line.endswith((b" ", b"\t")) or line.startswith((b".", b"From ")) for line in lines)
    assert relaxed_body(encoded + b".\r\n") == encoded + b".\r\n"
    assert encoded == b"" or encoded.endswith(b"\r\n")


@given(text=st.text(alphabet=st.sampled_from("From .=\t\nü"), max_size=300))
@settings(max_examples=300)
def test_lines_that_mail_programs_mistake_are_protected(text: str) -> None:
    encoded = mime.quoted_printable(text)

    assert quopri.decodestring(encoded) == text.replace("\n", "\r\n").encode()
    assert not any(line.startswith((b".", b"From ")) for line in encoded.split(b"\r\n"))
    assert b"  " not in encoded
    assert b"\t" not in encoded


@given(subject=NAMES)
@settings(max_examples=500)
def test_any_subject_is_one_field_that_reads_as_it_was(subject: str) -> None:
    raw = mime.unstructured("Subject", subject)

    assert_field(raw)
    assert decoded(raw) == mime.clean(subject)


@given(name=NAMES)
@settings(max_examples=500)
def test_any_name_is_one_mailbox_and_injects_nothing(name: str) -> None:
    raw = mime.mailbox("To", mime.clean_name(name), "ann@example.org")

    assert_field(raw)
    message = email.message_from_bytes(raw + b"\r\n", policy=email.policy.default)
    assert [a.addr_spec for a in message["To"].addresses] == ["ann@example.org"]
    assert message.keys() == ["To"]


def assert_field(raw: bytes) -> None:
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 78 or b" " not in line.strip() for line in lines)
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:-1])
    assert raw.isascii()
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", raw)
    for word in re.findall(rb"=\?utf-8\?q\?\S*\?=", raw):
        assert len(word) <= 75


def test_a_long_unsubscribe_address_is_never_encoded_nor_folded() -> None:
    url = "https://paper.example.org/u/" + "a" * 300

    assert mime.tokens("List-Unsubscribe", [f"<{url}>"]).replace(b"\r\n ", b" ") == f"List-Unsubscribe: <{url}>\r\n".encode()


def test_an_address_as_a_name_is_dropped() -> None:
    assert mime.clean_name("boss@example.org") == ""
    assert mime.clean_name("boss＠example.org") == ""


@given(text=st.binary(max_size=500))
def test_base64_lines_are_76_and_give_back_the_whole(text: bytes) -> None:
    encoded = mime.base64_body(text)

    assert base64.b64decode(encoded) == text
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))


def test_korean_is_shorter_in_base64_and_english_is_not() -> None:
    assert mime.shorter_in_base64("등대지기의 아들이 다시 불을 밝히다 " * 50)
    assert not mime.shorter_in_base64("The lighthouse is lit again by hand. " * 50)


@pytest.mark.parametrize("tail", ["x", "ü", "=", ".", " ", "üxx", "xüx", "xxü", "üxxx", "xüü"])
@pytest.mark.parametrize("length", range(60, 160))
def test_no_seam_is_a_column_too_wide_nor_inside_an_encoded_octet(length: int, tail: str) -> None:
    encoded = mime.quoted_printable("x" * length + tail) + mime.quoted_printable("next")

    assert quopri.decodestring(encoded) == ("x" * length + tail + "next").encode()
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert not re.search(rb"=(?![0-9A-F]{2}|\r\n)", encoded)
