"""Hosts are asked seldom, and what they say of when and whether to come is done."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect import courtesy, fetch
from digest.collect.courtesy import fresh_for, retry_after
from digest.collect.feeds import parse
from digest.collect.rhythm import LONGEST, OFTEN, SELDOM, SOON, USUAL, after_failures, after_silence, rhythm
from digest.errors import FetchError
from digest.model.ports import Fetched, Request
from tests.support.collecting import FEED
from tests.support.place import TUESDAY
from tests.support.servers import Site, http_server


@pytest.fixture
def site() -> Iterator[Site]:
    with http_server(Site()) as made:
        yield made


def fetched(*requests: Request) -> list[Fetched | FetchError]:
    found = dict(fetch.WebFetcher(user_agent="digest/test").fetch_all(requests))
    return [found[request] for request in requests]


def page(site: Site, path: str, number: int = 1) -> Request:
    return Request(source_id=number, location=site.url(path), allow_private=True, robots=True)


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ((200, {}, b"User-agent: *\nDisallow: /private/"), True),
        ((200, {}, b"User-agent: *\nDisallow: /news/"), False),
        ((200, {}, b"User-agent: digest\nDisallow: /\n\nUser-agent: *\nAllow: /"), False),
        ((404, {}, b""), True),
        ((500, {}, b""), False),
        ((200, {}, b"\xff\xfe nonsense"), True),
    ],
)
def test_pages_are_read_as_robots_txt_allows(site: Site, robots: tuple[int, dict[str, str], bytes], allowed: bool) -> None:
    site.pages["/robots.txt"] = robots
    site.pages["/news/1"] = site.pages["/news/2"] = (200, {}, b"<html><body>A page</body></html>")

    found = fetched(page(site, "/news/1"), page(site, "/news/2", 2))

    assert [isinstance(f, Fetched) for f in found] == [allowed, allowed]
    assert sum(path == "/robots.txt" for path, _ in site.asked) == 1
    if not allowed:
        assert all("robots.txt" in f.reason for f in found if isinstance(f, FetchError))


def test_a_robots_txt_that_comes_in_pieces_is_read_to_its_end() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for body in (b"User-agent: other\nAllow: /\n\n", b"User-agent: *\nDisallow: /\n"), (b"<html></html>",):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                for part in body:
                    connection.sendall(part)
                    time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/news"
    [found] = fetched(Request(source_id=1, location=url, allow_private=True, robots=True))
    listener.close()

    assert isinstance(found, FetchError)
    assert "robots.txt" in found.reason


def test_a_server_that_asks_for_no_wait_shuts_nobody_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "AT_ONCE_OWN", 1)
    site.pages["/0"] = (503, {"Retry-After": "0"}, b"")
    site.pages["/1"] = (200, {}, FEED)

    found = fetched(*(Request(source_id=i, location=site.url(f"/{i}"), allow_private=True) for i in range(2)))

    assert isinstance(found[1], Fetched)


def test_a_move_to_the_front_page_or_away_from_a_log_in_is_not_for_good(site: Site) -> None:
    site.pages["/feed"] = (301, {"Location": "/"}, b"")
    site.pages["/"] = (200, {}, FEED)

    [found] = fetched(Request(source_id=1, location=site.url("/feed"), allow_private=True))

    assert isinstance(found, Fetched)
    assert found.moved_to == ""


def test_feeds_are_read_without_asking_robots_txt(site: Site) -> None:
    site.pages["/feed"] = (200, {}, FEED)

    fetched(Request(source_id=1, location=site.url("/feed"), allow_private=True))

    assert [path for path, _ in site.asked] == ["/feed"]


def test_a_host_that_says_too_many_is_not_asked_again_in_this_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "AT_ONCE_OWN", 1)
    for i in range(5):
        site.pages[f"/{i}"] = (429, {"Retry-After": "120"}, b"")

    found = fetched(*(Request(source_id=i, location=site.url(f"/{i}"), allow_private=True) for i in range(5)))

    assert len(site.asked) == 1
    assert all(isinstance(f, FetchError) and f.wait == timedelta(seconds=120) for f in found)


def test_a_slow_host_with_many_feeds_keeps_no_slot_from_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "AT_ONCE", 9)
    with http_server(Site()) as slow:
        for i in range(20):
            slow.pages[f"/{i}"] = (200, {}, FEED)
            slow.slow[f"/{i}"] = 0.4
        site.pages["/quick"] = (200, {}, FEED)
        slow_ones = [Request(source_id=i, location=slow.url(f"/{i}"), allow_private=True) for i in range(20)]
        quick = Request(source_id=99, location=site.url("/quick"), allow_private=True)

        order = [request.source_id for request, _ in fetch.WebFetcher(user_agent="t").fetch_all([*slow_ones, quick])]

    assert order.index(99) < 9


def test_where_a_source_has_moved_for_good_is_said(site: Site) -> None:
    site.pages["/old"] = (301, {"Location": "/new"}, b"")
    site.pages["/detour"] = (302, {"Location": "/new"}, b"")
    site.pages["/new"] = (200, {"Cache-Control": "public, max-age=5400"}, FEED)

    moved, detour = fetched(
        *(Request(source_id=i, location=site.url(p), allow_private=True) for i, p in enumerate(("/old", "/detour")))
    )

    assert isinstance(moved, Fetched)
    assert isinstance(detour, Fetched)
    assert (moved.moved_to, detour.moved_to) == (site.url("/new"), "")
    assert moved.fresh_for == timedelta(minutes=90)


def test_a_host_is_given_a_pause_between_requests(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "AT_ONCE_OWN", 1)
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.3")
    for i in range(3):
        site.pages[f"/{i}"] = (200, {}, b"<html></html>")

    begun = time.monotonic()
    fetched(*(page(site, f"/{i}", i) for i in range(3)))

    assert time.monotonic() - begun >= 0.6  # a lower bound of waiting, not a speed


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Tue, 03 Mar 2026 06:30:00 GMT", timedelta(minutes=30)),
        ("Tue, 03 Mar 2020 06:30:00 GMT", timedelta(0)),
        ("99999999999", courtesy.MAX_WAIT),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, wait: timedelta | None) -> None:
    assert retry_after({"Retry-After": said}, now=datetime(2026, 3, 3, 6, 0, tzinfo=UTC)) == wait


def test_cache_control_says_how_long_an_answer_is_fresh() -> None:
    assert fresh_for({"Cache-Control": "private, MAX-AGE=60"}) == timedelta(minutes=1)
    assert fresh_for({"Cache-Control": "no-cache"}) is None


def test_a_source_that_fell_silent_is_asked_seldom() -> None:
    once = [TUESDAY - timedelta(days=400, minutes=10 * i) for i in range(10)]

    assert rhythm(once, now=TUESDAY) == SELDOM
    assert after_silence(timedelta(hours=1)) == timedelta(minutes=75)
    assert after_silence(SELDOM) == SELDOM
    assert after_silence(LONGEST) == LONGEST


def test_a_source_is_read_at_half_the_pace_at_which_it_publishes() -> None:
    hourly = [TUESDAY - timedelta(hours=i) for i in range(10)]
    weekly = [TUESDAY - timedelta(days=7 * i) for i in range(10)]

    assert rhythm(hourly, now=TUESDAY) == timedelta(minutes=30)
    assert rhythm(weekly, now=TUESDAY) == SELDOM
    assert rhythm([TUESDAY - timedelta(minutes=i) for i in range(10)], now=TUESDAY) == OFTEN
    assert rhythm([], now=TUESDAY) == rhythm(hourly[:2], now=TUESDAY) == USUAL


@given(
    st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), max_size=20),
    st.lists(st.timedeltas(timedelta(0), timedelta(days=99))),
)
def test_a_rhythm_keeps_its_bounds_and_what_is_asked(dates: list[datetime], asked: list[timedelta]) -> None:
    found = rhythm([d.replace(tzinfo=UTC) for d in dates], now=TUESDAY, asked=[*asked, None])

    assert OFTEN <= found <= LONGEST
    assert all(found >= min(wish, LONGEST) for wish in asked)


def test_a_failing_source_rests_longer_each_time_but_is_back_soon_after_an_outage() -> None:
    assert [after_failures(USUAL, n) for n in (1, 2, 3, 16)] == [2 * USUAL, SOON, SOON, SOON]
    assert after_failures(timedelta(hours=6), 1) == SOON
    assert after_failures(USUAL, 17) == after_failures(USUAL, 10_000) == LONGEST


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<ttl>often</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(days=1)),
        ("", None),
    ],
)
def test_a_feed_says_how_often_to_come(said: str, every: timedelta | None) -> None:
    raw = f"<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>T</title>{said}<item><title>x</title></item></channel></rss>"

    assert parse(raw.encode(), where="feed").every == every
