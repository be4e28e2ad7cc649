"""The API: whoever follows the links of a list gets every item once, in order."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.services import lists, subscribers
from tests.support.api import Program, owner
from tests.support.place import Place

pytestmark = pytest.mark.any_database

EVENTS = ("/events", "id")
FILLED = (
    ("/lists", "name"),
    ("/subscribers", "id"),
    ("/subscribers?list=readers", "id"),
    ("/suppressions", "address_hmac"),
    ("/sources", "id"),
    ("/articles", "id"),
    ("/newsletters", "name"),
    ("/issues", "id"),
    ("/deliveries", "id"),
    ("/deliveries?issue=1", "id"),
    EVENTS,
    ("/events?kind=list.added&kind=subscription.started", "id"),
)


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    with owner(place) as made:
        for name in "abcdefg":
            lists.add(place.ctx, f"list-{name}")
            made.ask("POST", "/suppressions", json={"address": f"{name}@example.net", "reason": "a test"})
        for number in range(7):
            made.ask("POST", "/subscribers", json={"address": f"r{number}@example.org", "list": "readers"})
            made.ask("POST", "/subscribers", json={"address": f"r{number}@example.org", "list": "list-b"})
        for day in range(4):
            place.drop(*(f"Story {day} {number}" for number in range(3)))
            place.collect()
            place.send()
            place.clock.turn(days=1)
        for name in "abcd":
            made.ask("POST", "/newsletters", json={"name": f"paper-{name}", "list": "list-a"})
        yield made


def walk(program: Program, path: str, limit: int) -> Iterator[list[dict[str, object]]]:
    """The pages of a list, by their links."""
    where: str | None = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while where:
        answer = program.get(where)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert (f'<{page["next"]}>; rel="next"' if page["next"] else None) == answer.headers.get("link")
        yield page["items"]
        where = page["next"]


def test_a_page_that_cannot_be_is_refused(program: Program) -> None:
    asked = {"": 200, "list=nowhere": 404, "limit=0": 422, "limit=201": 422, "after=x": 422, "after=-1": 422}

    assert {query: program.get(f"/subscribers?{query}").status_code for query in asked} == asked


def test_every_item_comes_once_and_in_order_whatever_the_size_of_a_page(program: Program) -> None:
    whole = {path: next(walk(program, path, 200)) for path, _ in FILLED}

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(FILLED), st.integers(1, 30))
    def law(listed: tuple[str, str], limit: int) -> None:
        path, key = listed
        pages = list(walk(program, path, limit))
        found = [item for page in pages for item in page]

        assert found == whole[path]
        assert all(len({item[key] for item in page}) <= limit for page in pages)
        assert all(page for page in pages)

    assert all(len(items) > 3 for path, items in whole.items() if "issue=" not in path)
    law()


def test_what_comes_or_goes_meanwhile_moves_nothing_else(place: Place, program: Program) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 10**9))
    def law(limit: int, when: int, salt: int) -> None:
        before = [line.id for line in subscribers.listed(place.ctx)]
        gone = salt % len(before)
        seen: list[object] = []
        for number, page in enumerate(walk(program, "/subscribers", limit)):
            seen += [item["id"] for item in page]
            if number == when:
                program.ask("DELETE", f"/subscribers/{before[gone]}")
                program.ask("POST", "/subscribers", json={"address": f"s{salt}@example.org", "list": "readers"})
        stay = {line.id for line in subscribers.listed(place.ctx)} & set(before)

        assert stay <= set(seen)
        assert seen == sorted(seen, key=lambda number: int(str(number)))

    law()
