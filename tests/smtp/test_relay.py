"""The warm-up in the address of a relay."""

import pytest

from digest.errors import BadInput
from digest.smtp.relay import Relay


def warmup(text: str) -> tuple[int, ...]:
    return Relay.parse(f"smtp://mail.example.org?warmup={text}&rate=5").limits.warmup


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("50,100,500", (50, 100, 500)),
        ("50", (50,)),
        ("50*2..400", (50, 100, 200, 400)),
        ("50*2..399", (50, 100, 200)),
        ("10*1.5..40", (10, 15, 22, 33)),
        ("1000*10..1000000", (1000, 10_000, 100_000, 1_000_000)),
    ],
)
def test_a_warm_up_names_the_messages_of_each_day_or_how_they_grow(text: str, days: tuple[int, ...]) -> None:
    assert warmup(text) == days


@pytest.mark.parametrize("text", ["0", "50,0", "50;100", "x", "50*1..400", "50*1.01..400", "400*2..50", "0*2..50", "50*2", "50,"])
def test_a_warm_up_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadInput, match="`warmup` that is not like `50,100,500`"):
        warmup(text)
