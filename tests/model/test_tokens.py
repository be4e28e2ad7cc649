"""Link tokens name one number for one purpose, and cannot be forged."""

import pytest
from benchmarks.tokens import accepted, forgeries
from hypothesis import given
from hypothesis import strategies as st

from digest.model import tokens
from digest.model.tokens import Purpose, sign, verify

KEYS = ("a" * 32, "b" * 32)
NUMBERS = st.integers(0, 2**63)


@given(number=NUMBERS, purpose=st.sampled_from(Purpose), key=st.sampled_from(KEYS))
def test_a_token_gives_back_its_number_under_old_and_new_keys(number: int, purpose: Purpose, key: str) -> None:
    assert verify(sign(number, purpose, key), purpose, KEYS) == number


@given(number=NUMBERS, at=st.integers(0, 40), character=st.sampled_from("ABCabc012-_="))
def test_a_token_with_any_character_changed_is_refused(number: int, at: int, character: str) -> None:
    token = sign(number, Purpose.UNSUBSCRIBE, KEYS[0])
    at = min(at, len(token) - 1)
    forged = token[:at] + character + token[at + 1 :]

    assert forged == token or verify(forged, Purpose.UNSUBSCRIBE, KEYS) is None


@given(number=NUMBERS, cut=st.integers(1, 30))
def test_a_truncated_or_extended_token_is_refused(number: int, cut: int) -> None:
    token = sign(number, Purpose.UNSUBSCRIBE, KEYS[0])

    assert verify(token[:-cut], Purpose.UNSUBSCRIBE, KEYS) is None
    assert verify(token + "A", Purpose.UNSUBSCRIBE, KEYS) is None


@given(text=st.text(max_size=60))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert verify(text, Purpose.UNSUBSCRIBE, KEYS) is None


def test_a_token_for_one_purpose_is_worth_nothing_for_another() -> None:
    assert verify(sign(7, Purpose.VIEW, KEYS[0]), Purpose.UNSUBSCRIBE, KEYS) is None


def test_a_token_of_a_key_that_is_gone_is_refused() -> None:
    assert verify(sign(7, Purpose.UNSUBSCRIBE, "c" * 32), Purpose.UNSUBSCRIBE, KEYS) is None


@given(number=st.integers(0, 2**40), key=st.text(min_size=32, max_size=40))
def test_an_envelope_sender_names_its_delivery_even_in_other_letters(number: int, key: str) -> None:
    address = tokens.verp("bounces@paper.example.org", number, key)

    assert len(address.partition("@")[0]) <= 64
    assert tokens.from_verp(address, [key]) == tokens.from_verp(address.upper(), [key]) == number
    assert tokens.from_verp(address, ["another key of thirty-two letters"]) is None
    assert tokens.from_verp(address.replace("+", "+a"), [key]) is None


@pytest.mark.parametrize("address", ["bounces@x.example", "bounces+@x.example", "bounces+!!@x.example", ""])
def test_other_senders_name_none(address: str) -> None:
    assert tokens.from_verp(address, ["k" * 32]) is None


def test_none_of_twenty_thousand_forged_truncated_and_swapped_tokens_is_accepted() -> None:
    """A sample that its seed fixes; `python -m benchmarks.tokens` tries a million."""
    assert [token for token, purpose in forgeries(20_000, seed=20_000) if accepted(token, purpose)] == []
