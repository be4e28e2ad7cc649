import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces import notice
from digest.bounces.mime import LEVELS, PARTS, SIZE, TEXT, parse
from digest.bounces.read import read
from digest.bounces.report import Kind
from tests.bounces.hostile import MAILS, nested
from tests.bounces.samples import SAMPLES

RAW = [f"{sample.head}\n{sample.body}".encode() for sample in SAMPLES]


@given(st.binary(max_size=2_000))
def test_whatever_the_octets_a_mail_is_read(raw: bytes) -> None:
    assert read(raw).kind in Kind


@given(st.sampled_from(RAW), st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_report_that_was_cut_and_shuffled_is_read(raw: bytes, chance: random.Random, times: int) -> None:
    mail = bytearray(raw)
    for _ in range(times):
        at, other = chance.randrange(len(mail)), chance.randrange(len(mail))
        change = chance.randrange(4)
        if change == 0:
            mail[at] = chance.randrange(256)
        elif change == 1:
            del mail[at : at + chance.randrange(50)]
            mail = mail or bytearray(b"x")
        elif change == 2:
            mail[at:at] = mail[other : other + 80]
        else:
            mail[at:at] = chance.choice(
                [b"\n", b"\0", b"--b0\n", b"=?utf-8?Q?", b"Content-Type: multipart/mixed\n", b"charset=utf-99"]
            )

    assert read(bytes(mail)).kind in Kind


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_the_text_every_address_found_is_in_it(before: str, after: str) -> None:
    text = f"{before}\n<ann@example.org>: 550 no\n{after}"

    assert all(named.address in text for named in notice.recipients(text))


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_made_to_be_expensive_stays_within_bounds(name: str) -> None:
    mail = parse(MAILS[name])
    report = read(MAILS[name])

    assert len(mail.parts) <= PARTS
    assert all(len(part.text) <= TEXT for part in mail.parts)
    assert sum(len(part.body) for part in mail.parts) <= SIZE
    assert len(report.recipients) <= notice.RECIPIENTS


def test_parts_nest_ten_levels_and_what_is_deeper_is_text() -> None:
    assert [part.text for part in parse(nested(LEVELS)).parts] == ["<ann@example.org>: 550 5.1.1 user unknown\n"]
    assert parse(nested(LEVELS + 1)).parts[0].text.startswith("--b10\n")
