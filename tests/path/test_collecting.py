"""What sources do over days: edit, rename, move, ask for time, die; and what that makes of the paper."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from digest.errors import FetchError, NothingToDo
from digest.model.article import Group, Story
from digest.model.job import Job
from digest.model.ports import Fetched, Fetcher, Request
from digest.model.states import IssueState, SourceKind
from digest.runtime import jobs
from digest.services import collecting
from digest.services import issues as issue_services
from digest.services import sources as source_services
from digest.services import stories as story_services
from digest.services.preflight import dropped_pictures
from digest.services.selection import prepare
from digest.store import articles, issues, newsletters
from tests.support.collecting import BRIDGE, ICE, added, feed, item, source, stored
from tests.support.place import Hands, Place, new_place
from tests.support.servers import Site

pytestmark = pytest.mark.any_database


def test_an_edited_entry_is_changed_in_place_and_not_mailed_again(place: Place) -> None:
    path = place.folder / "feed.xml"
    path.write_bytes(feed(item("1", "Harbour opens", ICE)))
    added(place, str(path))
    place.readers("ann@example.org")
    place.collect()
    place.send()
    place.clock.turn(days=1)
    path.write_bytes(
        feed(item("1", "Harbour of Gent opens again", ICE + " The mayor was there, and gave a speech about winters."))
    )

    report = collecting.collect(place.ctx, collecting.active_sources(place.ctx))[0]

    assert (report.added, report.changed) == (0, 1)
    assert [a.headline for a in stored(place)] == ["Harbour of Gent opens again"]
    with pytest.raises(NothingToDo, match="0 stories"):
        place.send()


def test_a_large_edit_that_the_reader_has_not_seen_is_marked(place: Place) -> None:
    path = place.folder / "feed.xml"
    path.write_bytes(feed(item("1", "Harbour may open", "Nobody knows when.")))
    added(place, str(path))
    place.readers("ann@example.org")
    place.collect()
    place.clock.turn(hours=3)
    path.write_bytes(feed(item("1", "Harbour opens after all", ICE)))
    place.collect()

    place.send()

    mail = place.mails()[0].read_text()
    assert "Updated" in mail
    assert "Harbour opens after all" in mail


def test_a_text_that_the_feed_cuts_short_later_is_kept(place: Place) -> None:
    path = place.folder / "feed.json"
    entry = {"id": "1", "title": "Harbour opens", "url": "https://n.example/1", "content_text": ICE * 5}
    import json

    path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [entry]}))
    added(place, str(path))
    place.collect()
    path.write_text(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{**entry, "content_text": ""}]})
    )
    place.collect()

    assert stored(place)[0].text == ICE * 5


def test_old_entries_with_new_guids_are_known_by_address_or_content(place: Place) -> None:
    path = place.folder / "feed.xml"
    texts = [f"Story number {i} of the archive is about {word}, and nothing else." for i, word in enumerate(WORDS)]
    path.write_bytes(
        feed(
            *(
                item(f"old{i}", f"About {w}", t, link=f"https://n.example/{w}")
                for i, (w, t) in enumerate(zip(WORDS, texts, strict=True))
            )
        )
    )
    added(place, str(path))
    place.collect()
    first = len(stored(place))

    # the site moves to another system: new guids; then new addresses too
    path.write_bytes(
        feed(
            *(
                item(f"new{i}", f"About {w}", t, link=f"https://n.example/{w}?utm_source=rss")
                for i, (w, t) in enumerate(zip(WORDS, texts, strict=True))
            )
        )
    )
    place.collect()
    path.write_bytes(
        feed(
            *(
                item(f"newer{i}", f"About {w}", t, link=f"https://n.example/2026/{w}.html")
                for i, (w, t) in enumerate(zip(WORDS, texts, strict=True))
            )
        )
    )
    place.collect()

    assert first == len(WORDS)
    assert len(stored(place)) == first


WORDS = [
    f"{a}{b}"
    for a in ("har", "bri", "mar", "tow", "riv", "win", "sum", "gar", "lan", "sto")
    for b in ("bour", "dge", "ket", "er", "ter", "den", "tern", "rk", "ne", "x")
]


def test_a_feed_that_links_every_entry_to_its_front_page_loses_none(place: Place) -> None:
    path = place.folder / "feed.xml"
    added(place, str(path))
    for start in (0, 10, 20):  # the feed rolls on
        path.write_bytes(
            feed(
                *(
                    item(f"g{i}", f"About {WORDS[i]}", f"Something on {WORDS[i]}.", link="https://n.example/")
                    for i in range(start, start + 10)
                )
            )
        )
        place.collect()

    assert len(stored(place)) == 30
    assert len({a.story_id for a in stored(place)}) == 30


def test_entries_that_share_a_guid_are_told_apart_and_keep_their_links(place: Place) -> None:
    path = place.folder / "feed.xml"
    path.write_bytes(
        feed(
            item("g", "Bridge closes", BRIDGE, link="https://n.example/1"),
            item("g", "Football club sold", ICE, link="https://n.example/2"),
        )
    )
    added(place, str(path))
    for _ in range(3):
        place.collect()

    assert [(a.headline, a.url, a.revised_at) for a in stored(place)] == [
        ("Bridge closes", "https://n.example/1", None),
        ("Football club sold", "https://n.example/2", None),
    ]


def test_a_link_that_was_mended_is_taken_over(place: Place) -> None:
    path = place.folder / "feed.xml"
    added(place, str(path))
    for link in ("https://n.example/borked", "https://n.example/right"):
        path.write_bytes(feed(item("1", "Harbour opens", ICE, link=link)))
        place.collect()

    assert [a.url for a in stored(place)] == ["https://n.example/right"]


def test_a_bulletin_in_the_same_words_is_a_new_article_each_time(place: Place) -> None:
    path = place.folder / "feed.xml"
    added(place, str(path))
    for day in range(3):
        told = [
            item(f"g{d}", "The evening bulletin", "The news of the day, read by Ann.", published=place.clock())
            for d in range(day, day + 1)
        ]
        path.write_bytes(feed(*told))
        place.collect()
        place.clock.turn(days=7)

    assert len(stored(place)) == 3


def test_a_dropped_text_whose_slip_is_mended_is_the_same_article(place: Place) -> None:
    folder = place.folder / "texts"
    folder.mkdir()
    text = f"The harbour opens\n\n{ICE} Nobody had thought it would last so long.\n\n{BRIDGE} It has done so before.\n\nThe oldest of them came from Riga.\n"
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(folder), name="texts")
    )
    (folder / "a.txt").write_text(text)
    place.collect()
    place.clock.turn(days=1)
    (folder / "a.txt").write_text(text.replace("oldest", "eldest", 1))
    place.collect()

    [article] = stored(place)
    assert "eldest" in article.text


def test_a_source_that_breaks_the_reader_stops_no_other(place: Place, site: Site) -> None:
    path = place.folder / "feed.xml"
    path.write_bytes(feed(item("x" * 8000, "Harbour opens", ICE), item("2", "Bridge is lent", BRIDGE)))
    added(place, "http://[bad/feed")
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location=str(path), name="good")
    )

    bad, good = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert bad.failed
    assert bad.problems == ("is no address that can be read; check it",)
    assert good.added == 2


def test_what_two_processes_group_at_once_is_one_story(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from digest.curate import cluster

    telling = "A magnitude 5.4 earthquake struck off Lisbon early on Tuesday, and woke the city."
    for name in ("post", "gazette"):
        path = place.folder / f"{name}.xml"
        path.write_bytes(
            feed(item(name, "Earthquake off Lisbon wakes city", telling)).replace(
                b"<title>News</title>", f"<title>{name}</title>".encode()
            )
        )
        source_services.add_source(
            place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location=str(path), name=name)
        )
    grouped, busy = cluster.group, []

    def meanwhile(new: list[object], known: list[object]) -> object:
        found = grouped(new, known)  # type: ignore[arg-type]
        if not busy:  # another process groups the first article while this one compares
            busy.append(True)
            with place.ctx.db.begin() as tx:
                articles.tell(tx, [Group(story_id=None, articles=(1,))], leads=[1])
        return found

    monkeypatch.setattr(cluster, "group", meanwhile)
    place.collect()

    assert {a.story_id for a in stored(place)} == {1}


def test_a_morning_of_more_stories_than_one_transaction_stores_is_grouped_whole(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story_services, "WRITTEN", 2)
    path = place.folder / "feed.xml"
    matters = ("harbour ice", "bridge film", "bronzes museum", "cup penalties", "puffins census")
    path.write_bytes(feed(*(item(str(i), f"The {m} of the day", f"All about the {m} {i}.") for i, m in enumerate(matters))))
    added(place, str(path))

    place.collect()

    assert [a.story_id for a in stored(place)] == [1, 2, 3, 4, 5]
    with place.ctx.db.read() as tx:
        assert [story.lead_id for story in tx.exec(select(Story).order_by(col(Story.id)))] == [1, 2, 3, 4, 5]


def test_the_scheduler_waits_until_an_article_is_settled_and_a_manual_send_does_not(tmp_path: Path, clock: Hands) -> None:
    place = new_place(tmp_path, clock, "sqlite:///var/digest.db", settle=15)
    path = place.folder / "feed.xml"
    path.write_bytes(
        feed(
            item("1", "Harbour opens", ICE, published=clock() - timedelta(hours=2)),
            item("2", "Bridge is lent", BRIDGE, published=clock()),
        )
    )
    added(place, str(path))
    place.readers("ann@example.org")
    place.collect()

    slot, _ = issue_services.due_slots(place.ctx, place.daily)
    jobs.publish_due(place.ctx)

    assert slot is None  # the newsletter has no slots before it was made
    from digest.services.selection import choose

    calm = choose(place.ctx, place.daily, place.daily.timetable.today(clock()), now=clock(), hurry=False)
    assert [p.headline for p in calm.picks] == ["Harbour opens"]
    [waiting] = [c.reason for c in calm.candidates if not c.pick]
    assert waiting.startswith("not settled yet: it may still change until ")
    assert len(choose(place.ctx, place.daily, place.daily.timetable.today(clock()), now=clock()).picks) == 2

    clock.turn(minutes=10)
    path.write_bytes(feed(item("2", "Bridge is lent to a crew", BRIDGE, published=clock())))
    place.collect()
    with place.ctx.db.read() as tx:
        assert articles.get(tx, 2).settles_at == clock() + timedelta(minutes=15)
        assert articles.get(tx, 2).revised_at is None
    place.ctx.db.close()


def test_an_article_that_never_rests_is_settled_after_two_hours(tmp_path: Path, clock: Hands) -> None:
    place = new_place(tmp_path, clock, "sqlite:///var/digest.db", settle=15)
    path = place.folder / "feed.xml"
    begun = clock()
    added(place, str(path))
    for minute in range(0, 150, 10):
        path.write_bytes(feed(item("1", "Live: the storm", f"{ICE} Update {minute}.", published=begun)))
        place.collect()
        clock.turn(minutes=10)

    assert stored(place)[0].settles_at == begun + timedelta(hours=2)
    place.ctx.db.close()


def test_a_source_that_moved_is_read_at_its_new_place(place: Place, site: Site) -> None:
    site.pages["/old"] = (301, {"Location": "/new"}, b"")
    site.pages["/new"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    added(place, site.url("/old"))
    place.collect()

    assert source(place).location == site.url("/new")


def test_a_source_that_is_gone_is_read_no_more(place: Place, site: Site) -> None:
    site.pages["/feed"] = (410, {}, b"")
    added(place, site.url("/feed"))
    place.collect()
    place.clock.turn(days=3)

    assert source(place).paused
    assert "gone for good" in source(place).error
    assert collecting.due_sources(place.ctx) == []


def test_a_server_that_asks_for_time_is_given_it_even_when_forced(place: Place, site: Site) -> None:
    site.pages["/feed"] = (503, {"Retry-After": "7200"}, b"")
    added(place, site.url("/feed"))
    place.collect()
    asked = len(site.asked)
    place.clock.turn(hours=1)

    (report,) = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert len(site.asked) == asked
    assert "asked us not to come before" in report.problems[0]
    place.clock.turn(hours=1)
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    assert collecting.collect(place.ctx, collecting.due_sources(place.ctx))[0].added == 1
    assert source(place).not_before is None


def test_a_source_is_due_by_its_own_rhythm(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE), more="<ttl>180</ttl>"))
    added(place, site.url("/feed"))
    place.collect()

    place.clock.turn(minutes=179)
    assert collecting.due_sources(place.ctx) == []
    place.clock.turn(minutes=1)
    assert len(collecting.due_sources(place.ctx)) == 1


def test_shortly_before_an_issue_every_source_is_read_once_more(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE), more="<ttl>180</ttl>"))
    added(place, site.url("/feed"))
    place.clock.turn(hours=22, minutes=50)  # the paper is due in seventy minutes
    place.collect()
    asked = len(site.asked)

    class AtOnce:
        def run(self, chosen: Iterable[Job]) -> None:
            for job in chosen:
                jobs.perform(place.ctx, job, threading.Event(), jobs.BackOff(place.clock))

        def wait(self) -> None:
            """Nothing is left."""

    place.clock.turn(minutes=40)
    jobs.collect_due(place.ctx, AtOnce())
    assert len(site.asked) == asked
    place.clock.turn(minutes=22)
    jobs.collect_due(place.ctx, AtOnce())
    assert len(site.asked) == asked + 1


def test_too_little_to_say_skips_the_slot_and_its_stories_come_with_the_next(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        paper = place.daily
        paper.min_stories = 2
        tx.add(paper)
    place.readers("ann@example.org")
    place.drop("The harbour opens again")
    place.collect()
    with pytest.raises(NothingToDo, match="1 story, at least 2 wanted"):
        place.send()
    place.clock.turn(days=1)
    place.drop("A bridge is lent")
    place.collect()

    sent = place.send()

    assert sent.issue.state is IssueState.SENT
    assert sent.stories == 2
    with place.ctx.db.read() as tx:
        assert [i.state for i in issues.latest(tx, limit=5)] == [IssueState.SENT, IssueState.SKIPPED]


def test_yesterdays_story_does_not_come_back_with_a_new_source_and_a_development_does(place: Place) -> None:
    def telling(name: str, title: str, text: str) -> None:
        path = place.folder / f"{name}.xml"
        path.write_bytes(
            feed(item(name, title, text, published=place.clock())).replace(
                b"<title>News</title>", f"<title>{name}</title>".encode()
            )
        )
        source_services.add_source(
            place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location=str(path), name=name)
        )

    place.readers("ann@example.org")
    telling(
        "post",
        "Strong earthquake shakes Lisbon",
        "A magnitude 5.4 earthquake struck off Lisbon early on Tuesday, and woke the city.",
    )
    place.collect()
    place.send()
    place.clock.turn(hours=24)
    telling(
        "gazette", "Earthquake off Lisbon wakes city", "An earthquake of magnitude 5.4 off Lisbon woke the city early on Tuesday."
    )
    place.collect()
    with pytest.raises(NothingToDo):
        place.send()
    place.clock.turn(hours=72)
    telling(
        "times",
        "Lisbon earthquake: rebuilding begins",
        "Four days after the earthquake off Lisbon, builders began to mend the walls of the old city.",
    )
    place.collect()

    sent = place.send()

    assert sent.stories == 1
    with place.ctx.db.read() as tx:
        [row] = issues.picks(tx, sent.issue.id)
    assert "goes on with what issue 1 told" in row.reason


class Pictures:
    """A Fetcher that has one host's pictures over https and leaves files to the real one."""

    def __init__(self, files: Fetcher, *, secure: str) -> None:
        self._files, self._secure = files, secure
        self.asked: list[str] = []

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        yield from self._files.fetch_all([request for request in wanted if "//" not in request.location])
        for request in (request for request in wanted if "//" in request.location):
            self.asked.append(request.location)
            has = request.location.startswith(f"https://{self._secure}/")
            yield request, Fetched(content_type="image/jpeg", body=b"x") if has else FetchError(request.location, "no")


def test_pictures_of_http_are_taken_over_https_where_their_server_has_it_and_named_where_not(place: Place) -> None:
    def pictured(guid: str, title: str, text: str, image: str) -> str:
        return item(guid, title, text).replace("</item>", f"<enclosure url='{image}' type='image/jpeg'/></item>")

    path = place.folder / "feed.xml"
    named = [
        pictured("1", "Harbour opens", ICE, "http://safe.example/a.jpg"),
        pictured("2", "Bridge lent to film crew", BRIDGE, "http://safe.example:80/b.jpg"),
        pictured(
            "3", "Orchard sold at last", "The old orchard behind the mill was sold to a school.", "http://plain.example/c.jpg"
        ),
        pictured(
            "4", "Choir sings", "The choir of the upper town sang for an hour in the rain.", "http://safe.example:8080/d.jpg"
        ),
    ]
    path.write_bytes(feed(*named))
    added(place, str(path))
    fetcher = Pictures(place.ctx.fetcher, secure="safe.example")
    ctx = replace(place.ctx, fetcher=fetcher)

    collecting.collect(ctx, collecting.active_sources(ctx))
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, "")
    prepared = prepare(ctx, paper, paper.timetable.today(place.clock()), now=place.clock())

    assert fetcher.asked == ["https://safe.example/a.jpg", "https://plain.example/c.jpg"]
    assert [a.image for a in stored(place)] == [
        "https://safe.example/a.jpg",
        "https://safe.example/b.jpg",
        "http://plain.example/c.jpg",
        "http://safe.example:8080/d.jpg",
    ]
    assert sorted(finding.where for finding in dropped_pictures(prepared)) == [
        "http://plain.example/c.jpg",
        "http://safe.example:8080/d.jpg",
    ]


def test_a_picture_found_over_https_stays_when_its_entry_is_edited(place: Place) -> None:
    path = place.folder / "feed.xml"
    enclosure = "<enclosure url='http://safe.example/a.jpg' type='image/jpeg'/></item>"
    path.write_bytes(feed(item("1", "Harbour opens", ICE).replace("</item>", enclosure)))
    added(place, str(path))
    ctx = replace(place.ctx, fetcher=Pictures(place.ctx.fetcher, secure="safe.example"))
    collecting.collect(ctx, collecting.active_sources(ctx))
    place.clock.turn(hours=5)
    path.write_bytes(feed(item("1", "Harbour opens", f"{ICE} The mayor spoke.").replace("</item>", enclosure)))

    collecting.collect(ctx, collecting.active_sources(ctx))

    assert [(a.image, "mayor" in a.standfirst + a.text) for a in stored(place)] == [("https://safe.example/a.jpg", True)]
