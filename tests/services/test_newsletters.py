"""Newsletters, lists and sections as use cases: what they check, and what they return."""

import pytest

from digest.errors import BadInput, Conflict, NotFound
from digest.services import lists, newsletters, sections
from digest.services.newsletters import Changes
from tests.support.place import Place


def test_what_is_not_given_stays(place: Place) -> None:
    before = newsletters.show(place.ctx, "daily")

    changed = newsletters.change(place.ctx, "daily", Changes(at="18:00")).newsletter

    assert changed.at == "18:00"
    assert changed.model_dump(exclude={"at", "timetable_at", "next_due"}) == before.model_dump(
        include=set(type(changed).model_fields) - {"at", "timetable_at", "next_due"}
    )


@pytest.mark.parametrize(("given", "kept"), [("europe/berlin", "Europe/Berlin"), ("Asia/Tokyo", "Asia/Tokyo")])
def test_a_zone_is_kept_as_the_zone_database_spells_it(place: Place, given: str, kept: str) -> None:
    assert newsletters.change(place.ctx, "daily", Changes(zone=given)).newsletter.zone == kept


@pytest.mark.parametrize(
    "given",
    [
        Changes(zone="Mars/Base"),
        Changes(language="klingon"),
        Changes(template="nowhere"),
        Changes(days="someday"),
        Changes(max_age="0h"),
        Changes(min_stories=30),
        Changes(pause=True, until="2020-01-01"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_used_changes_nothing(place: Place, given: Changes) -> None:
    before = newsletters.show(place.ctx, "daily")

    with pytest.raises(BadInput):
        newsletters.change(place.ctx, "daily", given)

    assert newsletters.show(place.ctx, "daily") == before


def test_a_paused_newsletter_has_no_due_time(place: Place) -> None:
    paused = newsletters.change(place.ctx, "daily", Changes(pause=True)).newsletter

    assert (paused.paused, paused.next_due) == (True, None)
    named: list[str] = []
    assert newsletters.schedule(place.ctx, count=3, on_paused=named.append) == []
    assert named == ["daily"]


def test_a_list_that_a_newsletter_reads_stays(place: Place) -> None:
    with pytest.raises(Conflict) as refused:
        lists.remove(place.ctx, "readers")

    assert refused.value.code == "list_in_use"
    assert lists.show(place.ctx, "readers").newsletters == ("daily",)


def test_a_list_counts_its_people_by_what_becomes_of_an_issue_for_them(place: Place) -> None:
    place.readers("ann@example.org", "bob@example.org")

    [found] = lists.every(place.ctx)

    assert (found.readers, found.active, found.suppressed, found.pending, found.unsubscribed) == (2, 2, 0, 0, 0)


def test_a_topic_that_nothing_has_is_named_with_the_nearest(place: Place) -> None:
    sections.add(place.ctx, "World", topic="World")
    place.drop("A harbour opens again")
    place.collect()

    made = sections.add(place.ctx, "Sport", topic="Sprot")

    assert [one.topic for one in made.unknown] == ["Sprot"]


def test_a_rule_of_a_section_that_is_not_there_is_refused(place: Place) -> None:
    from digest.model.states import RuleKind

    with pytest.raises(NotFound) as missing:
        sections.add_rule(place.ctx, RuleKind.MUTE, words="horoscope", section="Nowhere")

    assert missing.value.facts["newsletter"] == "daily"
