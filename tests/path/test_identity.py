"""Which article an entry or a dropped file is: over days, among others of the same feed, and when it is taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import NothingToDo
from digest.model.article import vanished
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.services import collecting
from digest.services import sources as source_services
from tests.support.collecting import BRIDGE, ICE, added, feed, item, source, stored
from tests.support.place import Place
from tests.support.servers import Site

pytestmark = pytest.mark.any_database

NAMES = ("Word on the calm", "Second storm rising", "Third mast broken", "Fourth lamp lit")


def bare(title: str, text: str, *, link: str = "https://n.example/", published: datetime | None = None) -> str:
    when = f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if published else ""
    return f"<item><title>{title}</title><link>{link}</link>{when}<description>{text}</description></item>"


def read(place: Place, *bodies: bytes) -> Sequence[collecting.Collected]:
    """Collect a feed that is another each time."""
    path = place.folder / "feed.xml"
    reports = []
    for body in bodies:
        path.write_bytes(body)
        if not stored(place) and not reports:
            added(place, str(path))
        [report] = collecting.collect(place.ctx, collecting.active_sources(place.ctx))
        reports.append(report)
    return reports


def headlines(place: Place, *, withdrawn: bool = False) -> list[str]:
    return [a.headline for a in stored(place) if (a.withdrawn_at is not None) == withdrawn]


@pytest.mark.parametrize("guid", ["", "N/A"])
@pytest.mark.parametrize("link", ["https://n.example/", ""])
def test_entries_that_share_guid_and_link_stay_several_articles(place: Place, guid: str, link: str) -> None:
    def entries(names: Sequence[str], more: str = "") -> bytes:
        made = (bare(name, f"On {name}: nothing else is known.{more}", link=link) for name in names)
        return feed(
            *(one.replace("<item>", f"<item><guid isPermaLink='false'>{guid}</guid>" if guid else "<item>") for one in made)
        )

    reports = read(place, entries(NAMES[:3]), entries(NAMES[:3], " "), entries(NAMES))
    rolled = read(place, entries((NAMES[3], *NAMES[:2])), entries((*NAMES[2:], NAMES[0])))

    assert [r.added for r in (*reports, *rolled)] == [3, 0, 1, 0, 0]
    assert sorted(headlines(place)) == sorted(NAMES)
    place.readers("ann@example.org")
    assert place.send().stories == 4


def test_entries_of_one_title_and_link_stay_several_articles(place: Place) -> None:
    texts = (ICE, BRIDGE, "Oysters may be eaten again, inspectors found, as the water is clean.")

    body = feed(*(bare("Notes from the quay", text) for text in texts))
    reports = read(place, body, body.replace(b"<title>News</title>", b"<title>News </title>"))

    assert [r.added for r in reports] == [3, 0]


def test_the_same_entry_twice_in_one_feed_is_one_article(place: Place) -> None:
    [report] = read(place, feed(item("1", "Harbour opens", ICE), item("1", "Harbour opens", ICE)))

    assert report.added == 1


def test_a_daily_briefing_under_one_guid_and_address_is_a_new_article_each_day(place: Place) -> None:
    place.readers("ann@example.org")
    for title, text in (("Ferry fares go up", ICE), ("Oyster beds reopen", BRIDGE)):
        read(place, feed(item("briefing", title, text, published=place.clock())))
        read(place, feed(item("briefing", title, text + " It is so.", published=place.clock())))  # an edit of the day's
        assert place.send().stories == 1
        place.clock.turn(days=1)

    assert headlines(place) == ["Ferry fares go up", "Oyster beds reopen"]
    assert len({a.guid for a in stored(place)}) == 2


@pytest.mark.parametrize(
    ("title", "text", "hours"),
    [
        ("Harbour of Gent opens to forty ships", BRIDGE, 24),  # the headline is like the first one
        ("Ice gives way", ICE + " They were glad.", 24),  # the text is
        ("Ice gives way", BRIDGE, 0),  # the date is
    ],
)
def test_an_edit_leaves_headline_text_or_date_and_is_the_same_article(place: Place, title: str, text: str, hours: int) -> None:
    begun = place.clock() - timedelta(days=1)
    read(place, feed(item("1", "Harbour of Gent opens to ships", ICE, published=begun)))

    [report] = read(place, feed(item("1", title, text, published=begun + timedelta(hours=hours))))

    assert (report.added, report.changed) == (0, 1)


def folder(place: Place) -> Source:
    (place.folder / "texts").mkdir()
    made = source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(place.folder / "texts"), name="texts")
    return source_services.add_source(place.ctx, made)


TEXT = (
    f"{ICE} Nobody had thought it would last so long.\n\n{BRIDGE} It has done so before.\n\nThe oldest of them came from Riga.\n"
)


@pytest.mark.parametrize("renamed", [False, True])
def test_a_dropped_file_whose_headline_was_corrected_is_the_same_article(place: Place, renamed: bool) -> None:
    folder(place)
    path = place.folder / "texts" / "a.txt"
    path.write_text(f"Harbour opns\n\n{TEXT}")
    place.collect()
    place.clock.turn(hours=1)
    path.write_text(f"Ships return to Gent after six weeks\n\n{TEXT}")
    if renamed:
        path.rename(path.with_name("ships-return.txt"))

    place.collect()

    assert headlines(place) == ["Ships return to Gent after six weeks"]
    assert collecting.collect(place.ctx, collecting.active_sources(place.ctx))[0].changed == 0


def test_a_file_of_the_day_that_is_overwritten_is_a_new_article(place: Place) -> None:
    folder(place)
    path = place.folder / "texts" / "today.txt"
    for title, text in (("Ferry fares go up", ICE), ("A bridge is lent", BRIDGE)):
        path.write_text(f"{title}\n\n{text} {text}\n")
        place.collect()
        place.clock.turn(days=1)

    assert headlines(place) == ["A bridge is lent"]
    assert headlines(place, withdrawn=True) == ["Ferry fares go up"]


def test_a_copy_under_another_headline_is_another_article_and_stays_so(place: Place) -> None:
    folder(place)
    (place.folder / "texts" / "a.txt").write_text(f"Harbour opens\n\n{TEXT}")
    place.collect()
    (place.folder / "texts" / "b.txt").write_text(f"Ships return to Gent\n\n{TEXT}")
    place.collect()

    [report] = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert (report.added, report.changed, report.withdrawn) == (0, 0, 0)
    assert sorted(headlines(place)) == ["Harbour opens", "Ships return to Gent"]


def test_a_file_that_is_gone_does_not_go_out_and_one_that_is_back_does(place: Place) -> None:
    folder(place)
    place.readers("ann@example.org")
    path = place.folder / "texts" / "a.txt"
    path.write_text(f"Harbour opens\n\n{TEXT}")
    place.collect()
    path.rename(place.folder / "a.txt")
    place.collect()

    with pytest.raises(NothingToDo):
        place.send()
    (place.folder / "a.txt").rename(path)
    place.clock.turn(days=1)
    place.collect()

    assert place.send().stories == 1


def test_a_file_that_cannot_be_read_for_now_is_not_gone(place: Place) -> None:
    folder(place)
    path = place.folder / "texts" / "a.txt"
    path.write_text(f"Harbour opens\n\n{TEXT}")
    place.collect()
    path.write_bytes(b"\0\1\2")

    place.collect()

    assert headlines(place) == ["Harbour opens"]


def dated(place: Place, numbers: Sequence[int]) -> bytes:
    """Entries an hour apart, the newest first."""
    start = place.clock() - timedelta(hours=12)
    return feed(
        *(item(str(n), f"{WORDS[n]} is the news", f"All of {WORDS[n]}.", published=start + timedelta(hours=n)) for n in numbers)
    )


WORDS = "zero harbour bridge market tower river winter summer garden lantern storm".split()


def test_an_entry_that_left_its_place_does_not_go_out_and_one_that_scrolled_off_does(place: Place) -> None:
    reports = read(place, dated(place, [4, 3, 2, 1]), dated(place, [5, 4, 2]))

    assert reports[1].withdrawn == 1
    assert headlines(place, withdrawn=True) == ["market is the news"]
    place.readers("ann@example.org")
    assert place.send().stories == 4  # harbour scrolled off the end and goes out


def test_an_entry_that_comes_back_goes_out(place: Place) -> None:
    read(place, dated(place, [4, 3, 2, 1]), dated(place, [4, 2, 1]), dated(place, [5, 4, 3, 2, 1]))

    assert headlines(place, withdrawn=True) == []


@pytest.mark.parametrize(
    "after",
    [[4, 3], [2, 1], [1, 4, 3, 2], [6, 5, 4, 3], [9, 8, 7], []],
    ids=["shorter", "older only", "turned round", "rolled on", "rolled over", "empty"],
)
def test_what_may_have_scrolled_off_is_not_withdrawn(place: Place, after: list[int]) -> None:
    reports = read(place, dated(place, [4, 3, 2, 1]), dated(place, after))

    assert reports[-1].withdrawn == 0


def test_a_list_that_is_not_in_order_of_time_withdraws_nothing_where_something_new_came(place: Place) -> None:
    reports = read(place, dated(place, [2, 4, 1, 3]), dated(place, [2, 5, 1, 3]))

    assert reports[1].withdrawn == 0


def test_an_undated_feed_withdraws_what_left_where_nothing_new_came(place: Place) -> None:
    made = [item(str(n), f"{WORDS[n]} is the news", f"All of {WORDS[n]}.") for n in (4, 3, 2, 1)]

    reports = read(place, feed(*made), feed(made[0], *made[2:]))

    assert reports[1].withdrawn == 1


def test_a_withdrawn_story_says_so(place: Place) -> None:
    from digest.services.selection import choose

    read(place, dated(place, [4, 3, 2, 1]), dated(place, [4, 2, 1]))

    chosen = choose(place.ctx, place.daily, place.daily.timetable.today(place.clock()), now=place.clock())

    assert [c.reason for c in chosen.candidates if not c.pick] == ["withdrawn by its source"]


@given(st.lists(st.integers(1, 30), unique=True), st.data())
def test_only_what_stood_between_others_is_withdrawn(before: list[int], data: st.DataObject) -> None:
    now = data.draw(st.lists(st.integers(1, 40), unique=True))

    gone = vanished(before, now, dict.fromkeys(before))

    kept = [number for number in before if number in now]
    for number in gone:
        assert number not in now
        assert before.index(kept[0]) < before.index(number) < before.index(kept[-1])
    assert vanished(before, before, dict.fromkeys(before)) == []


def test_a_body_that_is_the_same_is_not_read_again(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE, published=place.clock())))
    added(place, site.url("/feed"))
    place.collect()
    first = source(place)
    place.clock.turn(hours=1)
    place.collect()

    assert source(place).body_hash == first.body_hash != ""
    assert source(place).rhythm_s > first.rhythm_s  # as where the server says 304
    site.pages["/feed"] = (200, {}, feed(item("2", "Bridge is lent", BRIDGE, published=place.clock())))
    place.collect()
    assert len(stored(place)) == 2


def test_a_body_that_could_not_be_read_is_tried_again(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {}, b"not a feed")
    added(place, site.url("/feed"))
    place.collect()
    place.collect()

    assert source(place).failures == 2
    assert source(place).error
