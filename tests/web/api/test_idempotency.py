"""The API: a request with an idempotency key is carried out once."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from digest.errors import Conflict
from digest.services import idempotency, personal, subscribers
from digest.web import public
from tests.support.api import Program, account, owner, programs, secret_of
from tests.support.http import serving
from tests.support.place import Place

ANN = {"address": "ann@example.org", "list": "readers"}


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    with owner(place) as made:
        yield made


def add(program: Program, key: str, body: object = ANN) -> tuple[int, str]:
    answer = program.ask("POST", "/subscribers", json=body, headers={"Idempotency-Key": key})
    return answer.status_code, answer.headers.get("idempotency-replayed", "")


def people(place: Place) -> int:
    return len(subscribers.listed(place.ctx))


def test_a_repeated_request_gets_the_first_answer_and_is_not_carried_out(place: Place, program: Program) -> None:
    first = program.ask("POST", "/subscribers", json=ANN, headers={"Idempotency-Key": "a"})
    subscribers.remove(place.ctx, "ann@example.org")

    again = program.ask("POST", "/subscribers", json=ANN, headers={"Idempotency-Key": "a"})

    assert (again.status_code, again.json(), again.headers["location"]) == (201, first.json(), first.headers["location"])
    assert again.headers["idempotency-replayed"] == "true"
    assert people(place) == 0


def test_a_repeated_refusal_is_the_same_refusal(place: Place, program: Program) -> None:
    wrong = {**ANN, "list": "nowhere"}

    assert [add(program, "a", wrong) for _ in range(2)] == [(404, ""), (404, "true")]


def test_a_key_that_comes_with_another_request_is_refused(program: Program) -> None:
    add(program, "a")

    answer = program.ask("POST", "/subscribers", json={**ANN, "name": "Ann"}, headers={"Idempotency-Key": "a"})

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert program.ask("DELETE", "/lists/readers", headers={"Idempotency-Key": "a"}).status_code == 422


def test_keys_are_of_one_token(place: Place) -> None:
    address = account(place)
    with programs(public.app(place.ctx), secret_of(place, address), secret_of(place, address)) as [one, other]:
        assert add(one, "a") == (201, "")
        assert add(other, "a") == (409, "")  # carried out, and Ann is there already


def test_a_key_is_good_for_a_day(place: Place, program: Program) -> None:
    add(program, "a")
    place.clock.turn(hours=23)
    assert add(program, "a") == (201, "true")
    place.clock.turn(hours=1)

    assert idempotency.forget_old(place.ctx) == 1
    assert add(program, "a") == (409, "")


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\tb"])
def test_a_key_that_is_none_is_refused(program: Program, key: str) -> None:
    answer = program.client.post(
        "/api/v1/lists",
        json={"name": "x"},
        headers={**program.headers, b"Idempotency-Key": key.encode("latin-1")},  # type: ignore[dict-item]
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_key")


def test_after_a_kill_the_same_request_waits_a_minute_and_is_then_carried_out(place: Place) -> None:
    secret_of(place, account(place))
    assert idempotency.begin(place.ctx, 1, "a", request_hash="h") is None  # killed before it was answered

    with pytest.raises(Conflict) as waiting:
        idempotency.begin(place.ctx, 1, "a", request_hash="h")
    assert waiting.value.code == "in_progress"
    place.clock.turn(seconds=61)
    assert idempotency.begin(place.ctx, 1, "a", request_hash="h") is None
    with pytest.raises(Conflict):
        idempotency.begin(place.ctx, 1, "a", request_hash="h")


def test_an_erasure_takes_the_answers_that_name_the_person(place: Place, program: Program) -> None:
    add(program, "a")

    personal.erase(place.ctx, "ann@example.org")

    with place.ctx.db.read() as tx:
        assert tx.connection().exec_driver_sql("SELECT count(*) FROM api_answer").scalar_one() == 0


def test_of_twenty_requests_at_once_with_one_key_one_is_carried_out(place: Place) -> None:
    secret = secret_of(place, account(place))
    found: list[tuple[int, str]] = []

    def ask(port: int, start: threading.Barrier) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": "a"}
        start.wait()
        connection.request("POST", "/api/v1/subscribers", json.dumps(ANN), headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        found.append((answer.status, answer.headers.get("Idempotency-Replayed") or said.get("code", "carried out")))
        connection.close()

    with serving(public.app(place.ctx)) as port:
        start = threading.Barrier(20)
        threads = [threading.Thread(target=ask, args=(port, start)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found.count((201, "carried out")) == 1
    assert set(found) <= {(201, "carried out"), (201, "true"), (409, "in_progress")}
    assert len(found) == 20
    assert people(place) == 1
