"""The pages of sources and rules: how each source does, what is changed, and what a rule would do before it is stored."""

import re
from collections.abc import Iterator

import pytest

from digest.model.states import RuleKind
from digest.services import sections, sources, supply, what_if
from digest.services.supply import Health
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
RUNS = re.compile(r"<script>|<img src=x|onerror=alert\(2\)>\s*<", re.IGNORECASE)
OPML = b"""<opml version="2.0"><body><outline text="Coast"><outline text="One" xmlUrl="https://one.example/feed"/>
<outline text="Two" xmlUrl="https://two.example/feed"/></outline></body></opml>"""


@pytest.fixture
def known(place: Place) -> Place:
    """A place with two sources, of which one gave two stories that were printed."""
    place.readers("ann@example.org")
    place.drop("The harbour opens again", "A port strike ends")
    place.collect()
    place.send()
    place.clock.turn(days=1)
    place.drop("Heat pumps outsell boilers", "A dock strike begins")
    place.collect()
    return place


@pytest.fixture
def browser(known: Place) -> Iterator[Browser]:
    who = person(known)
    with browsers(known) as (made, *_):
        made.log_in(known, who)
        yield made


def test_each_source_says_what_it_gave_and_how_much_was_printed(known: Place, browser: Browser) -> None:
    counted = {one.source.name: (one.health, one.gave, one.printed) for one in supply.every(known.ctx)}
    page = browser.open("/admin/sources").text

    assert counted == {"feed1": (Health.HEALTHY, 2, 2), "feed2": (Health.HEALTHY, 2, 0)}
    assert "gave 2, 2 printed" in page
    assert "gave 2, 0 printed" in page


def test_what_fails_comes_first(known: Place, browser: Browser) -> None:
    (known.folder / "feed2.xml").unlink()
    known.clock.turn(hours=3)
    known.collect()

    assert [one.health for one in supply.every(known.ctx)] == [Health.FAILING, Health.HEALTHY]
    assert "feed1" not in browser.open("/admin/sources?health=failing").text


def test_a_source_is_added_by_its_address_and_no_file_of_the_machine_is(known: Place, browser: Browser) -> None:
    added = browser.send("/admin/sources/new", address="https://127.0.0.1/feed", name="Coast", topic="sea")
    refused = [browser.send("/admin/sources/new", address=place) for place in ("/etc", "file:///etc/passwd", "feed1.xml")]
    found = sources.every(known.ctx)[-1]

    assert added.headers["location"] == f"/admin/sources/{found.id}"
    assert (found.name, found.topic, found.allow_private) == ("Coast", "sea", False)
    assert [answer.status_code for answer in refused] == [422] * 3
    assert all("begins with https" in answer.text for answer in refused)


def test_a_source_is_changed_paused_and_removed(known: Place, browser: Browser) -> None:
    bad = browser.send("/admin/sources/1", name="Harbour", topic="sea", weight="heavy")
    browser.send("/admin/sources/1", name="Harbour", topic="sea", weight="1,5", **{"in-daily": "yes"})
    changed = sources.show(known.ctx, "1")
    browser.send("/admin/sources/1/pause", "/admin/me", paused="yes")
    paused = sources.show(known.ctx, "1").paused
    asked = browser.open("/admin/sources/1/remove").text
    browser.send("/admin/sources/1/remove")

    assert (bad.status_code, changed.name, changed.topic, changed.weight, paused) == (422, "Harbour", "sea", 1.5, True)
    assert "it gave 2 articles, of which 2 were printed" in asked
    assert [source.name for source in sources.every(known.ctx)] == ["feed2"]


def test_a_source_is_tried_and_nothing_is_stored(known: Place, browser: Browser) -> None:
    page = browser.send("/admin/sources/2/test", "/admin/me").text

    assert "Heat pumps outsell boilers" in page
    assert "2 articles" in page


def test_opml_goes_in_and_comes_out(known: Place, browser: Browser) -> None:
    done = browser.upload("/admin/sources/opml", "feeds.opml", OPML)
    again = browser.upload("/admin/sources/opml", "feeds.opml", OPML)
    broken = browser.upload("/admin/sources/opml", "feeds.opml", b"<opml")
    out = browser.open("/admin/sources.opml")

    assert "2 of 2 feeds were added" in done.text
    assert "0 of 2 feeds were added" in again.text
    assert broken.status_code == 422
    assert "https://one.example/feed" in out.text


def test_a_rule_says_what_it_would_change_and_stores_nothing(known: Place, browser: Browser) -> None:
    effect = what_if.rule(known.ctx, "daily", RuleKind.MUTE, words="strike", topic="", section="", weight=0.5)
    page = browser.open("/admin/newsletters/daily/rules?kind=mute&words=strike").text

    assert [(one.headline, one.after) for one in effect.moved if one.after is None] == [("A dock strike begins", None)]
    assert effect.lost == 1
    assert "A dock strike begins" in page
    assert sections.rules(known.ctx, "daily").rules == []


def test_a_rule_that_was_looked_at_is_saved_and_removed(known: Place, browser: Browser) -> None:
    path = "/admin/newsletters/daily/rules"
    form = f"{path}?kind=boost&words=harbour&weight=0.7"
    browser.send(path, form, kind="boost", words="harbour", weight="0.7")
    (rule,) = sections.rules(known.ctx, "daily").rules
    browser.send(f"{path}/{rule.id}/remove", path)
    refused = browser.open(f"{path}?kind=mute&words=,")

    assert (rule.kind, rule.words, rule.weight) == (RuleKind.BOOST, "harbour", 0.7)
    assert sections.rules(known.ctx, "daily").rules == []
    assert (refused.status_code, "needs words or topics" in refused.text) == (422, True)


def test_a_section_is_added_and_removed(known: Place, browser: Browser) -> None:
    path = "/admin/newsletters/daily"
    bad = browser.send(f"{path}/sections", f"{path}/rules", section="Sea", size="0")
    browser.send(f"{path}/sections", f"{path}/rules", section="Sea", topic="harbour", size="4", least="1")
    added = [(one.name, one.size, one.min_size) for one in sections.every(known.ctx, "daily").sections]
    browser.send(f"{path}/sections/remove", f"{path}/rules", section="Sea")

    assert (bad.status_code, ("Sea", 4, 1) in added) == (422, True)
    assert "Sea" not in [one.name for one in sections.every(known.ctx, "daily").sections]


def test_whatever_a_source_brought_is_shown_and_not_run(known: Place, browser: Browser) -> None:
    with known.ctx.db.engine.begin() as connection:
        nasty = NASTY.replace("'", "''")
        connection.exec_driver_sql(f"UPDATE source SET name = '{nasty}', error = '{nasty}', topic = '{nasty}'")
        connection.exec_driver_sql(f"UPDATE article SET headline = '{nasty}', author = '{nasty}'")

    for path in (
        "/admin/sources",
        "/admin/sources/1",
        "/admin/sources/1/remove",
        "/admin/newsletters/daily/rules?kind=mute&words=script",
    ):
        text = browser.open(path).text
        assert "script&gt;" in text, path
        assert not RUNS.search(text), path
