"""Passkeys: made and used with an authenticator of software; whatever is not quite right lets nobody in."""

import json
from collections.abc import Callable, Iterator

import pytest

from digest.services import accounts
from tests.support.authenticator import Authenticator, b64
from tests.support.newsroom import ORIGIN, Browser, Person, browsers, hidden, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

WRITES = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


@pytest.fixture
def three(place: Place) -> Iterator[list[Browser]]:
    with browsers(place) as made:
        yield made


@pytest.fixture
def mara(place: Place) -> Person:
    return person(place)


def options(browser: Browser, page: str, path: str, **fields: str) -> dict[str, object]:
    """What the script asks for first."""
    form = hidden(browser.open(page).text)
    made: dict[str, object] = browser.client.post(path, data=form | fields, headers=WRITES).json()
    return made


def answer(browser: Browser, page: str, path: str, credential: str, **fields: str) -> tuple[int, dict[str, str]]:
    form = hidden(browser.open(page).text)
    sent = browser.client.post(path, data={**form, **fields, "credential": credential}, headers=WRITES)
    return sent.status_code, sent.json()


def add_passkey(browser: Browser, key: Authenticator) -> tuple[int, dict[str, str]]:
    asked = options(browser, "/admin/me", "/admin/me/passkeys/options")
    return answer(browser, "/admin/me", "/admin/me/passkeys", key.make(asked), name="My laptop")


def log_in(browser: Browser, made: Callable[[dict[str, object]], str]) -> tuple[int, dict[str, str]]:
    asked = options(browser, "/admin/login", "/admin/login/passkey/options")
    return answer(browser, "/admin/login", "/admin/login/passkey", made(asked))


def test_the_first_owner_makes_a_passkey_and_logs_in_with_it(place: Place, three: list[Browser]) -> None:
    first, second, _ = three
    key, link = Authenticator(ORIGIN), accounts.first_link(place.ctx, ORIGIN)
    assert link is not None
    where, typed = link.removeprefix(ORIGIN), {"name": "Mara", "address": "mara@ledger.example.org"}
    asked = options(first, where, f"{where}/passkey/options", **typed)
    made = answer(first, where, f"{where}/passkey", key.make(asked), **typed)

    assert made == (200, {"next": "/admin/"})
    assert first.open("/admin/accounts").status_code == 200
    assert log_in(second, key.get) == (200, {"next": "/admin/"})
    assert second.open("/admin/me").status_code == 200


def test_a_passkey_is_added_used_and_removed(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, other, third = three
    key = Authenticator(ORIGIN)
    mine.log_in(place, mara)
    added = add_passkey(mine, key)
    used = log_in(other, key.get)
    page = mine.open("/admin/me").text
    mine.send("/admin/me/passkeys/1/remove", "/admin/me")

    assert (added[0], used[0], "My laptop" in page) == (200, 200, True)
    assert log_in(third, key.get)[0] == 403


def test_a_passkey_opens_a_log_in_while_the_password_is_locked(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, other, _ = three
    key = Authenticator(ORIGIN)
    mine.log_in(place, mara)
    add_passkey(mine, key)
    locked = [other.log_in(place, mara, password=f"wrong {n}").status_code for n in range(11)][-1]

    assert (locked, log_in(other, key.get)[0]) == (429, 200)


def test_the_only_way_in_cannot_be_removed(place: Place, three: list[Browser]) -> None:
    browser, key = three[0], Authenticator(ORIGIN)
    link = accounts.first_link(place.ctx, ORIGIN)
    assert link is not None
    where, typed = link.removeprefix(ORIGIN), {"name": "Mara", "address": "mara@ledger.example.org"}
    answer(browser, where, f"{where}/passkey", key.make(options(browser, where, f"{where}/passkey/options", **typed)), **typed)

    refused = browser.send("/admin/me/passkeys/1/remove", "/admin/me")

    assert (refused.status_code, "your only way to log in" in refused.text) == (409, True)
    assert log_in(three[1], key.get)[0] == 200


def forged(key: Authenticator, **changes: object) -> Callable[[dict[str, object]], str]:
    """Answer with something in the options changed."""
    return lambda asked: key.get(asked | changes)


@pytest.mark.parametrize(
    "wrong",
    ["another origin", "another host", "a challenge of its own", "not verified", "another key", "no answer", "nonsense"],
)
def test_an_answer_that_does_not_hold_lets_nobody_in(place: Place, mara: Person, three: list[Browser], wrong: str) -> None:
    mine, other, _ = three
    key = Authenticator(ORIGIN)
    mine.log_in(place, mara)
    add_passkey(mine, key)
    twin = Authenticator(ORIGIN, id=key.id)
    makers: dict[str, Callable[[dict[str, object]], str]] = {
        "another origin": Authenticator("https://evil.example", id=key.id, key=key.key).get,
        "another host": forged(key, rpId="evil.example"),
        "a challenge of its own": forged(key, challenge=b64(bytes(40))),
        "not verified": lambda asked: key.get(asked, flags=0x01),
        "another key": twin.get,
        "no answer": lambda _: "",
        "nonsense": lambda _: json.dumps({"id": b64(key.id), "response": {}}),
    }

    status, said = log_in(other, makers[wrong])

    assert (status, said) == (403, {"problem": "We do not know this passkey."})
    assert other.open("/admin/me").status_code == 303


def test_an_answer_counts_in_the_browser_it_was_asked_of_and_for_five_minutes(
    place: Place, mara: Person, three: list[Browser]
) -> None:
    mine, other, third = three
    key = Authenticator(ORIGIN)
    mine.log_in(place, mara)
    add_passkey(mine, key)
    asked = options(other, "/admin/login", "/admin/login/passkey/options")
    stolen = answer(third, "/admin/login", "/admin/login/passkey", key.get(asked))
    place.clock.turn(minutes=6)
    late = answer(other, "/admin/login", "/admin/login/passkey", key.get(asked))

    assert (stolen[0], late[0]) == (403, 403)


def test_a_copy_of_an_authenticator_is_noticed_by_its_counter(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, other, third = three
    key = Authenticator(ORIGIN)
    mine.log_in(place, mara)
    add_passkey(mine, key)
    copy = Authenticator(ORIGIN, id=key.id, key=key.key)
    for _ in range(3):
        log_in(other, key.get)
        other.send("/admin/logout", "/admin/me")

    assert log_in(third, copy.get)[0] == 403
