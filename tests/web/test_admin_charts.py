"""The page of charts: its figures are those of the rows, and each picture says them in words."""

from datetime import date, timedelta

import pytest

from digest.model.states import DeliveryState
from digest.services import newsroom, statistics, subscribers
from digest.services.tallies import Tallies
from digest.web.admin import charts
from tests.support.bounced import dsn, process, rows
from tests.support.newsroom import browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def lived(place: Place) -> Place:
    """A place after some days: five came, one left, an issue was sent."""
    place.readers("r0@example.org", "r1@example.org")
    place.clock.turn(days=1)
    place.readers("r2@example.org", "r3@example.org", "r4@example.org")
    place.clock.turn(days=1)
    subscribers.change(place.ctx, "r0@example.org", leave="readers")
    place.drop("The harbour opens again", "A bridge is closed")
    place.collect()
    place.send()
    return place


def test_readers_over_time_are_those_who_were_active_that_day(lived: Place) -> None:
    found = dict(statistics.statistics(lived.ctx, Tallies()).readers)
    first = date(2026, 3, 3)

    assert [found[first + timedelta(days=n)] for n in (-1, 0, 1, 2)] == [0, 2, 5, 4]
    assert len(found) == statistics.DAYS


def test_who_came_and_went_before_the_days_that_are_shown_counts_too(lived: Place) -> None:
    lived.clock.turn(days=statistics.DAYS - 2)  # the day on which three came is the first shown
    assert [count for _, count in statistics.statistics(lived.ctx, Tallies()).readers][:2] == [5, 4]

    lived.clock.turn(days=50)
    assert {count for _, count in statistics.statistics(lived.ctx, Tallies()).readers} == {4}


def test_issues_and_sources_are_told_with_what_was_sent_and_printed(lived: Place) -> None:
    found = statistics.statistics(lived.ctx, Tallies())

    assert [(one.sent, one.bounced, one.minutes) for one in found.issues] == [(4, 0, 0.0)]
    assert found.sources == [("feed1", 2)]


def test_the_page_of_an_issue_counts_what_came_back_after_somebody_looked_at_the_charts(lived: Place) -> None:
    tallies = Tallies()
    statistics.statistics(lived.ctx, tallies)
    process(lived, dsn(rows(lived)["r4@example.org"]))

    assert newsroom.issue_detail(lived.ctx, tallies, 1).counts == {DeliveryState.SENT: 3, DeliveryState.BOUNCED: 1}


def test_the_page_says_its_figures_in_words(lived: Place) -> None:
    who = person(lived)
    with browsers(lived) as (browser, *_):
        browser.log_in(lived, who)
        page = browser.open("/admin/charts").text

    assert 'aria-label="From 0 to 4; 5 at most"' in page
    assert "Printed stories by source" in page


def test_an_empty_place_has_empty_charts(place: Place) -> None:
    who = person(place)
    with browsers(place) as (browser, *_):
        browser.log_in(place, who)
        page = browser.open("/admin/charts").text

    assert "No issue was sent yet." in page
    assert "Nothing was printed yet." in page


def test_a_line_begins_at_nought_and_columns_are_never_too_thin_to_see() -> None:
    line = charts.line([50, 100])
    parts = charts.columns([0, 1, 10_000], tone="ok")

    assert line.points == "0.0,42.0 320.0,0.0"
    assert [part.height for part in parts] == [0.0, 1.0, charts.CHART_HEIGHT]
