"""Logging in: what lets somebody in, how often it may be tried, and what the answer tells a stranger."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from digest.errors import Forbidden, TooMany
from digest.model.account import CODE_STEP_LASTS, LOGIN_IDLE, LOGIN_LASTS, Permission, Role
from digest.model.event import EventKind
from digest.services import credentials, events, login, passwords
from digest.services.login import TRIES, Visitor
from tests.support.newsroom import AT_HOME, PASSWORD, code, enter, person
from tests.support.place import Place

LOOK = Permission.LOOK


def elsewhere(n: int) -> Visitor:
    return Visitor(ip=f"198.51.{n // 250}.{n % 250}", browser="")


def refusal(place: Place, address: str, password: str, visitor: Visitor = AT_HOME) -> str:
    with pytest.raises((Forbidden, TooMany)) as problem:
        login.by_password(place.ctx, address, password, visitor)
    return problem.value.code


# --- password and code -----------------------------------------------------------------------


def test_a_password_alone_lets_nobody_in(place: Place) -> None:
    ann = person(place)

    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)

    assert not half.is_open
    with pytest.raises(Forbidden):
        login.admit(place.ctx, half.token, needs=LOOK, ip="")


def test_the_code_of_the_app_opens_a_log_in_under_a_new_token(place: Place) -> None:
    ann = person(place)
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)

    whole = login.by_code(place.ctx, half.token, code(place, ann.secret), AT_HOME)

    assert whole.token != half.token
    assert login.admit(place.ctx, whole.token, needs=LOOK, ip="").account_id == ann.number
    with pytest.raises(Forbidden):
        login.by_code(place.ctx, half.token, code(place, ann.secret), AT_HOME)


def test_a_code_works_once(place: Place) -> None:
    ann = person(place)
    enter(place, ann)
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)

    with pytest.raises(Forbidden) as problem:
        login.by_code(place.ctx, half.token, code(place, ann.secret), AT_HOME)
    assert problem.value.code == "wrong_code"


@pytest.mark.parametrize(("late", "works"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_the_clock_of_an_app_may_be_a_step_off(place: Place, late: int, works: bool) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    shown = code(place, secret)

    assert (passwords.step_of_code(secret, shown, place.clock.now + timedelta(seconds=late)) is not None) == works


def test_a_recovery_code_works_once_however_it_is_typed(place: Place) -> None:
    ann = person(place)
    typed = ann.recovery_codes[0].lower().replace("-", " ")
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)
    first = login.by_code(place.ctx, half.token, typed, AT_HOME)
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)

    with pytest.raises(Forbidden):
        login.by_code(place.ctx, half.token, typed, AT_HOME)
    who = login.admit(place.ctx, first.token, needs=LOOK, ip="")
    assert credentials.ways(who.ctx, who).recovery_codes == 9


def test_the_code_must_follow_the_password_soon(place: Place) -> None:
    ann = person(place)
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)
    place.clock.now += CODE_STEP_LASTS

    with pytest.raises(Forbidden) as problem:
        login.by_code(place.ctx, half.token, code(place, ann.secret), AT_HOME)
    assert problem.value.code == "not_logged_in"


@pytest.mark.any_database
def test_the_address_may_be_spelled_in_any_case(place: Place) -> None:
    person(place, "ann@example.org")

    assert login.by_password(place.ctx, " ANN@Example.org ", PASSWORD, AT_HOME).token


# --- limits ----------------------------------------------------------------------------------


def test_ten_wrong_passwords_lock_the_password_and_the_right_one_too(place: Place) -> None:
    ann = person(place)

    said = [refusal(place, ann.address, f"wrong {n}", elsewhere(n)) for n in range(TRIES)]

    assert said == ["wrong_login"] * TRIES
    assert refusal(place, ann.address, PASSWORD) == "too_many"
    place.clock.turn(minutes=15)
    assert login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME).token


@pytest.mark.any_database
def test_ten_thousand_tries_reach_the_password_ten_times_in_a_window(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = person(place)
    looked_at = []
    real = passwords.is_password
    monkeypatch.setattr(passwords, "is_password", lambda *given: looked_at.append(given) or real(*given))

    refused = [refusal(place, ann.address, f"guess {n}", elsewhere(n)) for n in range(10_000)]

    assert len(looked_at) == TRIES
    assert refused[TRIES:] == ["too_many"] * (10_000 - TRIES)


def test_a_network_cannot_try_one_password_on_everybody(place: Place) -> None:
    said = [refusal(place, f"person{n}@example.org", "Summer 2026!") for n in range(120)]

    assert said.count("wrong_login") == 100
    assert said[100:] == ["too_many"] * 20


def test_wrong_codes_lock_the_account_too(place: Place) -> None:
    ann = person(place)
    half = login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)
    for n in range(TRIES - 1):
        with pytest.raises(Forbidden):
            login.by_code(place.ctx, half.token, f"{n:06}", AT_HOME)

    with pytest.raises(TooMany):
        login.by_code(place.ctx, half.token, code(place, ann.secret), AT_HOME)


def test_a_log_in_forgets_the_wrong_tries_before_it(place: Place) -> None:
    ann = person(place)
    for _ in range(2):
        for n in range(TRIES - 2):
            assert refusal(place, ann.address, f"wrong {n}", elsewhere(n)) == "wrong_login"
        enter(place, ann)


def test_a_lock_is_recorded_once(place: Place) -> None:
    ann = person(place)
    for n in range(30):
        refusal(place, ann.address, f"wrong {n}", elsewhere(n))

    (event,) = events.listed(place.ctx, kind=EventKind.LOGIN_LOCKED)
    assert (event.noun_id, event.facts) == (ann.number, {"tries": 10, "minutes": 15, "network": "198.51.0.0/24"})


# --- what a stranger learns ------------------------------------------------------------------


def test_an_unknown_address_is_answered_alike_after_the_same_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = person(place)
    invited = "bob@example.org"
    person(place, "carl@example.org", role=Role.VIEWER)
    hashed: list[str] = []
    hasher = passwords._HASHER
    monkeypatch.setattr(
        passwords,
        "_HASHER",
        type(
            "Counting",
            (),
            {"verify": lambda _, stored, given: hashed.append(stored[:30]) or hasher.verify(stored, given), "hash": hasher.hash},
        )(),
    )

    said = [refusal(place, address, "wrong") for address in (ann.address, invited, "nobody@example.org", "no address", "")]

    assert set(said) == {"wrong_login"}
    assert len(hashed) == 5
    assert len(set(hashed)) == 1  # the same algorithm with the same cost


def test_an_unknown_address_is_locked_alike(place: Place) -> None:
    said = [refusal(place, "Nobody@example.org", "wrong", elsewhere(n)) for n in range(TRIES + 1)]

    assert said == ["wrong_login"] * TRIES + ["too_many"]


# --- inside ----------------------------------------------------------------------------------


def test_a_log_in_ends_without_use_and_goes_on_with_it(place: Place) -> None:
    token = enter(place, person(place))
    for _ in range(3):
        place.clock.now += LOGIN_IDLE - timedelta(minutes=10)
        login.admit(place.ctx, token, needs=LOOK, ip="")
    place.clock.now += LOGIN_IDLE

    with pytest.raises(Forbidden):
        login.admit(place.ctx, token, needs=LOOK, ip="")


def test_a_log_in_ends_after_a_week_whatever_it_does(place: Place) -> None:
    token = enter(place, person(place))
    for _ in range(int(LOGIN_LASTS / timedelta(hours=6)) - 1):
        place.clock.turn(hours=6)
        login.admit(place.ctx, token, needs=LOOK, ip="")
    place.clock.turn(hours=6)

    with pytest.raises(Forbidden):
        login.admit(place.ctx, token, needs=LOOK, ip="")


@pytest.mark.parametrize("needs", Permission)
def test_a_viewer_is_admitted_to_look_alone(place: Place, needs: Permission) -> None:
    token = enter(place, person(place, role=Role.VIEWER))

    if needs is LOOK:
        assert login.admit(place.ctx, token, needs=needs, ip="").role is Role.VIEWER
    else:
        with pytest.raises(Forbidden) as problem:
            login.admit(place.ctx, token, needs=needs, ip="")
        assert problem.value.code == "not_permitted"


def test_a_new_password_ends_all_other_log_ins(place: Place) -> None:
    ann = person(place)
    mine, stolen = enter(place, ann), enter(place, ann)
    who = login.admit(place.ctx, mine, needs=LOOK, ip="")

    credentials.set_password(who.ctx, who, password="quite another sentence", app=None)

    assert login.admit(place.ctx, mine, needs=LOOK, ip="")
    with pytest.raises(Forbidden):
        login.admit(place.ctx, stolen, needs=LOOK, ip="")
    assert refusal(place, ann.address, PASSWORD) == "wrong_login"


def test_nothing_that_is_stored_lets_anybody_in(place: Place) -> None:
    ann = person(place)
    token = enter(place, ann)

    with place.ctx.db.engine.connect() as connection:
        stored = str(
            [
                connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()
                for name in ("account", "login", "recovery_code", "event")
            ]
        )
    assert all(secret not in stored for secret in (token, PASSWORD, ann.secret, *ann.recovery_codes))
    assert "$argon2id$" in stored
