"""The API before schemathesis: requests made up from its description, answers held against it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from digest.web import public
from tests.support.api import account, secret_of
from tests.support.pages import send_first
from tests.support.place import Place

EXAMPLES = 40  #: requests a route
#: What paths lead to, beside what schemathesis makes up.
KNOWN = {"mlist": "readers", "newsletter": "daily", "section": "World", "address": "ann@example.org", "number": 1, "story": 1}


@pytest.fixture(autouse=True)
def many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.api.gate.OF_TOKEN", 10**9)
    monkeypatch.setattr("digest.web.api.gate.OF_NETWORK", 10**9)


@pytest.mark.filterwarnings("ignore")
def test_no_request_ends_in_a_server_error_and_every_answer_is_as_described(place: Place) -> None:
    with ThreadPoolExecutor(1) as pool:  # a browser of another test may have an event loop in this thread, and requests need one
        pool.submit(ask_everything, place).result()


def ask_everything(place: Place) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    judged = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    send_first(place, "ann@example.org", "bob@example.org")
    headers = {"Authorization": f"Bearer {secret_of(place, account(place))}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", public.app(place.ctx))
    asked = 0

    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None
        )
        @given(case=operation.as_strategy(), is_known=st.booleans())
        def law(case: Any, is_known: bool) -> None:
            nonlocal asked
            if is_known and case.path_parameters:
                case.path_parameters = {name: KNOWN[name] for name in case.path_parameters}
            answer = case.call(headers=headers)
            asked += 1
            case.validate_response(answer, checks=judged)

        law()

    assert asked > 1_000
