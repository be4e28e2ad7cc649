"""The field that finds people, issues and stories at once."""

import pytest

from digest.services import find
from digest.services.find import Found
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def published(place: Place) -> Place:
    place.readers("ann@harbour.example", "bob@example.org")
    place.drop("The harbour opens again", "Émile sings", "A bridge closes")
    place.collect()
    place.send()
    return place


def shown(found: Found) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    return (
        [entry.person.address for entry in found.people],
        [(one.issue.slot, tuple(one.headlines)) for one in found.issues],
    )


@pytest.mark.parametrize(
    ("text", "people", "issues"),
    [
        ("harbour", ["ann@harbour.example"], [("2026-03-03", ("The harbour opens again",))]),
        ("opens  HARBOUR", [], [("2026-03-03", ("The harbour opens again",))]),
        ("émile", [], [("2026-03-03", ("Émile sings",))]),
        ("bob@", ["bob@example.org"], []),
        ("1", [], [("2026-03-03", ())]),
        ("2026-03", [], [("2026-03-03", ())]),
        ("100%", [], []),
        (" ", [], []),
    ],
)
def test_it_finds_what_begins_so_or_has_the_words(
    published: Place, text: str, people: list[str], issues: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert shown(find.find(published.ctx, text)) == (people, issues)
