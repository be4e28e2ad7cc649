"""The API: its description, its documents, and requests made up from the description."""

import inspect
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.model.api import Scope
from digest.model.states import ListAccess
from digest.services import lists
from digest.web import public
from digest.web.api import problems
from digest.web.api.app import ROUTES
from digest.web.api.call import Route
from tests.support.api import account, owner, programs, secret_of
from tests.support.http import serving
from tests.support.pages import send_first
from tests.support.place import Place

DOCS = Path(__file__).parents[3] / "docs"
Schema = Mapping[str, Any]


@pytest.fixture
def described(place: Place) -> Schema:
    with owner(place) as program:
        found = program.get("/openapi.json")
    assert found.headers["cache-control"] == "public, max-age=300"
    return dict(found.json())


def operations(described: Schema) -> list[tuple[str, str, Schema]]:
    return [(method.upper(), path, one) for path, methods in described["paths"].items() for method, one in methods.items()]


# --- the description -------------------------------------------------------------------------


def test_the_description_has_every_route_with_its_scope_and_an_example(described: Schema) -> None:
    found = {(method, path): one for method, path, one in operations(described)}

    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/api/v1"}]
    assert set(found) == {(route.method, route.path) for route in ROUTES}
    assert len({one["operationId"] for one in found.values()}) == len(found)
    for route in ROUTES:
        one = found[route.method, route.path]
        assert one["security"] == ([{"token": [route.needs.value]}] if route.needs else [])
        assert one["summary"]
        assert str(route.status) in one["responses"]
        for content in one.get("requestBody", {}).get("content", {}).values():
            assert "example" in content or "application/json" not in one["requestBody"]["content"], route.path


def test_every_reference_of_the_description_leads_somewhere(described: Schema) -> None:
    named = set(re.findall(r"'#/components/schemas/([^']+)'", str(described)))

    assert named <= set(described["components"]["schemas"])


def test_every_example_is_taken_by_the_path_that_it_is_for(place: Place) -> None:
    send_first(place, "old@example.org")
    with owner(place) as program:
        for route in ROUTES:
            if route.example and route.needs and not route.path.startswith("/sources"):  # which would be looked up
                where = re.sub(
                    r"\{\w+\}", lambda found: {"{mlist}": "readers", "{newsletter}": "daily"}.get(found[0], "1"), route.path
                )
                answer = program.ask(route.method, where, json=dict(route.example))
                assert answer.status_code != 422 or answer.json()["code"] != "bad_request", (route.path, answer.text)


def test_every_remedy_is_of_a_code_that_an_error_has() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "src" / "digest").rglob("*.py"))
    named = set(re.findall(r'code="(\w+)"', source)) | set(re.findall(r'^    code = "(\w+)"', source, re.MULTILINE))

    assert set(problems.REMEDIES) - named == set()


# --- the documents ---------------------------------------------------------------------------


def test_the_reference_has_every_path_with_its_scope_and_what_it_does() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")

    def line(route: Route) -> str:
        said = (inspect.getdoc(route.act) or "").splitlines()[0]
        return f"| `{route.method} {route.path}` | {f'`{route.needs.value}`' if route.needs else 'none'} | {said} |"

    assert re.findall(r"^\| `[A-Z]+ /.*$", text, re.MULTILINE) == [line(route) for route in ROUTES]
    assert re.findall(r"^\| `(\w+:\w+)`", text, re.MULTILINE) == [scope.value for scope in Scope]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="there is no curl")
def test_the_examples_with_curl_do_what_they_say(place: Place) -> None:
    lists.change(place.ctx, "readers", access=ListAccess.PUBLIC)
    secret = secret_of(place, account(place), [Scope.PEOPLE_LOOK, Scope.PEOPLE_EDIT])
    examples = re.findall(r"```sh\n(.*?)```", (DOCS / "howto" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 7

    with serving(public.app(place.ctx)) as port:
        for example in examples:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", example],
                env={"PAPER": f"http://127.0.0.1:{port}", "TOKEN": secret, "PATH": "/usr/bin:/bin"},
                cwd=place.folder,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, (example, done.stdout, done.stderr)


# --- requests made up from the description ---------------------------------------------------

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.lists(st.integers(), max_size=2),
    st.just({"a": 1}),
)
KNOWN = st.sampled_from(
    ["readers", "daily", "ann@example.org", "de", "Europe/Berlin", "2026-03-09", "07:00", "mon", "World", "env:X"]
)


def values(schema: Schema, schemas: Schema) -> st.SearchStrategy[Any]:
    """Values that a schema allows, and among them some that it does not."""
    if "$ref" in schema:
        return values(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return st.one_of(*(values(one, schemas) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | ODD
    if "properties" in schema:
        fields = {name: values(one, schemas) for name, one in schema["properties"].items()}
        asked = set(schema.get("required", ()))
        needed = {name: one for name, one in fields.items() if name in asked}
        return st.fixed_dictionaries(needed, optional={name: one for name, one in fields.items() if name not in asked}) | ODD
    if schema.get("type") == "array":
        return st.lists(values(schema.get("items", {}), schemas), max_size=3) | ODD
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": KNOWN | st.text(max_size=30),
        "integer": st.integers(0, 3) | st.integers(-(2**70), 2**70),
        "number": st.floats(),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return st.one_of(plain.get(str(schema.get("type")), ODD), ODD) if schema.get("type") != "boolean" else st.booleans()


def requests(described: Schema) -> st.SearchStrategy[tuple[str, str, dict[str, str], Any]]:
    """Requests: method, path, query and body."""
    every, schemas = operations(described), described["components"]["schemas"]

    @st.composite
    def one(draw: st.DrawFn) -> tuple[str, str, dict[str, str], Any]:
        method, path, operation = every[draw(st.integers(0, len(every) - 1))]
        in_path = KNOWN | st.integers(0, 3).map(str) | st.text(min_size=1, max_size=20)
        query: dict[str, str] = {}
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", draw(in_path))
            elif parameter["in"] == "query" and draw(st.booleans()):
                query[parameter["name"]] = str(draw(values(parameter["schema"], schemas)))
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return method, path, query, draw(values(content["schema"], schemas)) if content else None

    return one()


def test_no_request_that_can_be_made_up_ends_in_a_server_error(
    place: Place, described: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.api.gate.OF_TOKEN", 10**9)
    monkeypatch.setattr("digest.web.api.gate.OF_NETWORK", 10**9)
    send_first(place, "ann@example.org", "bob@example.org")
    secret = secret_of(place, "1")

    with programs(public.app(place.ctx), secret) as [program]:

        @settings(max_examples=250, suppress_health_check=list(HealthCheck))
        @given(requests(described))
        def law(request: tuple[str, str, dict[str, str], Any]) -> None:
            method, path, query, body = request
            answer = program.ask(method, f"{path_of(path)}?{urlencode(query, errors='replace')}", json=plain(body))

            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == problems.MEDIA_TYPE
                assert answer.json()["status"] == answer.status_code

        law()


def path_of(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="/").replace("/../", "/").replace("//", "/")


def plain(value: Any) -> Any:
    """What JSON can hold: no infinity."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
