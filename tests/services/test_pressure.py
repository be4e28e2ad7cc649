"""Under pressure a sign-up costs its sender something: a flood turns away those who paid nothing, and nobody else."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import BadInput, TooMany
from digest.model.signup import ConsentStep, How
from digest.model.tokens import challenge_key
from digest.services import offers, pressure, signup, signup_mails
from digest.services.pressure import Paid
from digest.services.signup import Application, Origin
from tests.support.dumps import dump
from tests.support.pages import solved
from tests.support.place import Place
from tests.support.signups import opened

LIMITS = "address=2/day,network=4/hour,domain=20/hour,all=40/hour"


@pytest.fixture
def public(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(pressure, "COST", 10)
    return limited(opened(place), LIMITS)


def limited(place: Place, limits: str) -> Place:
    return replace(place, ctx=replace(place.ctx, settings=place.ctx.settings.model_copy(update={"signup_limits": limits})))


@pytest.fixture
def pressed(public: Place) -> Place:
    """Half of what all may ask for is used, by as many networks and domains."""
    for n in range(20):
        ask(public, f"x@d{n}.example.com", ip=f"198.51.100.{n}")
    return public


def ask(place: Place, address: str, *, ip: str = "192.0.2.1", proof: str = "", stamp: str = "") -> str:
    _, version = offers.wording(offers.get(place.ctx, "readers"), "en", step=ConsentStep.ASKED)
    given = Application(address=address, version=version, stamp=stamp, proof=proof)
    return signup.ask(place.ctx, "readers", given, Origin(how=How.FORM, ip=ip))


def refusal(place: Place, address: str = "ann@example.org", **given: str) -> str:
    """The code with which a request is refused; nothing is stored of it."""
    before = dump(place.ctx)
    with pytest.raises(BadInput) as refused:
        ask(place, address, **given)
    assert dump(place.ctx) == before
    return refused.value.code


# --- when ------------------------------------------------------------------------------------


def test_below_half_of_each_limit_nobody_is_asked(public: Place) -> None:
    for n in range(19):
        ask(public, f"x@d{n}.example.com", ip=f"198.51.100.{n}")

    assert not pressure.is_high(public.ctx, "192.0.2.1")
    assert ask(public, "ann@example.org")


def test_from_half_of_a_limit_on_a_request_that_paid_nothing_is_shown_the_form_again(pressed: Place) -> None:
    assert pressure.is_high(pressed.ctx, "192.0.2.1")
    assert refusal(pressed) == "proof_needed"


@pytest.mark.any_database
def test_a_single_network_or_domain_is_asked_while_others_are_not(public: Place) -> None:
    for n in range(2):
        ask(public, f"a@d{n}.example.com", ip="198.51.100.1")
    for n in range(10):
        ask(public, f"{n}@busy.example.com", ip=f"198.51.101.{n}")

    assert refusal(public, "ann@other.example.com", ip="198.51.100.1") == "proof_needed"
    assert refusal(public, "ann@busy.example.com") == "proof_needed"
    assert ask(public, "ann@example.org")


@pytest.mark.any_database
def test_pressure_ends_with_the_window(pressed: Place) -> None:
    pressed.clock.turn(hours=1)

    assert not pressure.is_high(pressed.ctx, "192.0.2.1")
    assert ask(pressed, "ann@example.org")


# --- a proof of work -------------------------------------------------------------------------


def test_a_flood_turns_away_nobody_with_a_proof(pressed: Place) -> None:
    for n in range(200):
        assert refusal_of_flood(pressed, n) == "proof_needed"

    for n in range(50):
        proof = solved(pressure.challenge(pressed.ctx, "readers"))
        assert ask(pressed, f"real@r{n}.example.net", ip=f"203.0.113.{n}", proof=proof)


def refusal_of_flood(place: Place, n: int) -> str:
    with pytest.raises(BadInput) as refused:
        ask(place, f"victim{n % 10}@example.com", ip=f"10.{n // 250}.0.{n % 250}")
    return refused.value.code


def test_a_proof_counts_once(pressed: Place) -> None:
    proof = solved(pressure.challenge(pressed.ctx, "readers"))
    ask(pressed, "ann@example.org", proof=proof)

    assert refusal(pressed, "zoe@example.net", ip="203.0.113.7", proof=proof) == "proof_needed"


@pytest.mark.any_database
def test_a_request_that_is_refused_for_something_else_does_not_use_its_proof_up(pressed: Place) -> None:
    proof = solved(pressure.challenge(pressed.ctx, "readers"))
    with pytest.raises(BadInput):
        ask(pressed, "no address", proof=proof)

    assert ask(pressed, "ann@example.org", proof=proof)


@pytest.mark.any_database
def test_a_proof_is_of_one_list_and_of_half_an_hour(pressed: Place) -> None:
    other = solved(pressure.challenge(pressed.ctx, "other"))
    late = solved(pressure.challenge(pressed.ctx, "readers"))

    assert refusal(pressed, proof=other) == "proof_needed"
    pressed.clock.turn(minutes=30)
    assert refusal(pressed, proof=late) == "proof_needed"


@pytest.mark.any_database
def test_a_proof_under_an_older_key_is_good_and_under_a_foreign_one_is_not(pressed: Place) -> None:
    old = solved(pressure.challenge(pressed.ctx, "readers"))
    rotated = pressed.ctx.settings.model_copy(update={"secret_key": f"{'n' * 32},{'s' * 32}"})
    foreign = pressed.ctx.settings.model_copy(update={"secret_key": "f" * 32})

    assert refusal(pressed, proof=solved(pressure.challenge(replace(pressed.ctx, settings=foreign), "readers"))) == "proof_needed"
    assert ask(replace(pressed, ctx=replace(pressed.ctx, settings=rotated)), "ann@example.org", proof=old)


def tampered(proof: str, **changes: object) -> str:
    whole = json.loads(base64.b64decode(proof))
    whole["challenge"]["parameters"] |= changes
    return base64.b64encode(json.dumps(whole).encode()).decode()


@pytest.mark.any_database
def test_an_altered_or_unsolved_challenge_is_no_proof(pressed: Place) -> None:
    challenge = json.loads(pressure.challenge(pressed.ctx, "readers"))
    good = solved(json.dumps(challenge))
    unsolved = {"challenge": challenge, "solution": {"counter": 0, "derivedKey": "00" * 32}}

    for proof in (
        tampered(good, cost=1),
        tampered(good, keyPrefix=""),
        tampered(good, data={"list": "readers", "until": 9999999999}),
        tampered(good, expiresAt=1),
        base64.b64encode(json.dumps(unsolved).encode()).decode(),
        good[:-20],
        "e" * 5_000,
    ):
        assert refusal(pressed, proof=proof) == "proof_needed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.text(max_size=60)
    | st.builds(lambda value: base64.b64encode(json.dumps(value).encode()).decode(), JSON)
    | st.builds(
        lambda parameters, signature, solution: base64.b64encode(
            json.dumps({"challenge": {"parameters": parameters, "signature": signature}, "solution": solution}).encode()
        ).decode(),
        st.fixed_dictionaries(
            {"algorithm": JSON, "nonce": JSON, "salt": JSON, "cost": JSON}, optional={"data": JSON, "expiresAt": JSON}
        ),
        JSON,
        st.fixed_dictionaries({"counter": JSON, "derivedKey": JSON}),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_nothing_that_we_did_not_sign_is_a_proof_or_a_fault(public: Place, proof: str) -> None:
    assert pressure.effort(public.ctx, "readers", proof, stamp="", shown=None).paid is Paid.NOTHING


# --- without script --------------------------------------------------------------------------


def test_who_has_no_script_waits_a_minute(pressed: Place) -> None:
    stamp = offers.stamp(pressed.ctx)
    pressed.clock.turn(seconds=30)
    too_early = refusal(pressed, stamp=stamp)
    pressed.clock.turn(seconds=30)

    assert too_early == "proof_needed"
    assert ask(pressed, "ann@example.org", stamp=stamp)


def test_waiting_counts_once_a_form_and_once_an_hour_a_network(pressed: Place) -> None:
    stamp, other = offers.stamp(pressed.ctx), sign_earlier(pressed, seconds=1)
    pressed.clock.turn(minutes=2)
    ask(pressed, "ann@example.org", stamp=stamp)

    assert refusal(pressed, "zoe@example.net", stamp=stamp, ip="203.0.113.7") == "proof_needed"
    assert refusal(pressed, "zoe@example.net", stamp=other) == "proof_needed"
    assert ask(pressed, "zoe@example.net", stamp=other, ip="203.0.113.7")


def sign_earlier(place: Place, *, seconds: int) -> str:
    place.clock.turn(seconds=-seconds)
    made = offers.stamp(place.ctx)
    place.clock.turn(seconds=seconds)
    return made


@pytest.mark.any_database
def test_those_who_waited_are_refused_when_the_limit_is_used_up_and_those_with_a_proof_are_not(pressed: Place) -> None:
    stamps = [sign_earlier(pressed, seconds=n) for n in range(21)]
    pressed.clock.turn(minutes=2)
    for n, stamp in enumerate(stamps[:20]):
        ask(pressed, f"slow@s{n}.example.net", stamp=stamp, ip=f"203.0.113.{n}")

    with pytest.raises(TooMany):
        ask(pressed, "late@example.org", stamp=stamps[20], ip="203.0.113.99")
    assert ask(pressed, "ann@example.org", proof=solved(pressure.challenge(pressed.ctx, "readers")))


@pytest.mark.any_database
def test_even_with_proofs_ten_times_a_limit_is_the_end(pressed: Place) -> None:
    def again(n: int) -> str:
        proof = solved(pressure.challenge(pressed.ctx, "readers"))
        return ask(pressed, f"n{n}@gmail.com", ip="203.0.113.5", proof=proof)

    for n in range(40):
        assert again(n)
    with pytest.raises(TooMany):
        again(41)


# --- what stays ------------------------------------------------------------------------------


@pytest.mark.any_database
def test_a_victim_gets_two_mails_whatever_is_paid(pressed: Place) -> None:
    for n in range(30):
        proof = solved(pressure.challenge(pressed.ctx, "readers"))
        ask(pressed, "victim@example.org", ip=f"203.0.113.{n}", proof=proof)
        signup_mails.send_due(pressed.ctx)
        pressed.clock.turn(minutes=1)

    assert len([path for path in pressed.mails() if b"victim@example.org" in path.read_bytes()]) == 2


@pytest.mark.any_database
def test_the_key_of_challenges_is_no_other_key(place: Place) -> None:
    assert challenge_key("a" * 32) not in ("a" * 32, challenge_key("b" * 32))
