"""Fetching keeps its budgets and never goes inside, whatever a site does."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from digest.collect.fetch import WebFetcher
from digest.collect.gather import believable
from digest.collect.guard import guarded, is_public
from digest.errors import FetchError
from digest.model.ports import Fetched, Request
from tests.support.collecting import FEED
from tests.support.place import TUESDAY
from tests.support.servers import Site, http_server


@pytest.fixture
def site() -> Iterator[Site]:
    with http_server(Site()) as made:
        yield made


def fetch(*requests: Request) -> dict[int, Fetched | FetchError]:
    return {request.source_id: result for request, result in WebFetcher(user_agent="test").fetch_all(requests)}


def one(site: Site, path: str, *, private: bool = True, etag: str = "") -> Fetched | FetchError:
    return fetch(Request(source_id=1, location=site.url(path), allow_private=private, etag=etag))[1]


def test_a_feed_comes_with_what_its_server_says_of_its_version(site: Site) -> None:
    site.pages["/feed"] = (200, {"ETag": '"v1"', "Content-Type": "application/rss+xml"}, FEED)

    found = one(site, "/feed")

    assert isinstance(found, Fetched)
    assert (found.body, found.etag, found.content_type) == (FEED, '"v1"', "application/rss+xml")
    assert site.asked[0][1]["User-Agent"] == "test"


def test_what_is_unchanged_is_not_sent_again(site: Site) -> None:
    site.pages["/feed"] = (200, {"ETag": '"v1"'}, FEED)

    found = one(site, "/feed", etag='"v1"')

    assert isinstance(found, Fetched)
    assert found.unchanged
    assert found.etag == '"v1"'


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "is not there"), (410, "is gone for good"), (429, "too often"), (500, "trouble of its own"), (403, "refuses us")],
)
def test_a_status_is_said_in_words(site: Site, status: int, said: str) -> None:
    site.pages["/x"] = (status, {}, b"")

    found = one(site, "/x")

    assert isinstance(found, FetchError)
    assert said in found.reason
    assert str(status) in found.reason


def test_redirects_are_followed_and_a_loop_ends(site: Site) -> None:
    site.pages["/a"] = (301, {"Location": "/b"}, b"")
    site.pages["/b"] = (200, {}, FEED)
    site.pages["/loop"] = (302, {"Location": "/loop"}, b"")

    moved, loop = one(site, "/a"), one(site, "/loop")

    assert isinstance(moved, Fetched)
    assert moved.url == site.url("/b")
    assert isinstance(loop, FetchError)
    assert "redirects more than 5 times" in loop.reason


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x.example/", "gopher://x/"])
def test_a_redirect_out_of_the_web_is_refused(site: Site, target: str) -> None:
    site.pages["/x"] = (302, {"Location": target}, b"")

    assert isinstance(one(site, "/x"), FetchError)


def test_a_private_address_is_refused_unless_the_source_allows_it(site: Site) -> None:
    site.pages["/feed"] = (200, {}, FEED)

    refused = one(site, "/feed", private=False)

    assert isinstance(refused, FetchError)
    assert "its address 127.0.0.1 is private" in refused.reason
    assert not site.asked


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fc00::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "224.0.0.1",
    "ff02::1",
    "::",
    "64:ff9b:1::7f00:1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "fec0::1",
    "192.0.0.8",
    "192.88.99.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_spelling_of_an_inner_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::ffff:7f00:1]/",
        "http://localhost/",
        "http://[::1]/",
    ],
)
def test_every_way_to_write_loopback_is_refused(url: str) -> None:
    found = fetch(Request(source_id=1, location=url))[1]

    assert isinstance(found, FetchError)
    assert "private" in found.reason or "not found" in found.reason or "broke off" in found.reason or "not http" in found.reason


def test_odd_ports_are_refused_where_the_socket_is_made() -> None:
    with pytest.raises(OSError, match="port 22 is not 80 or 443"):
        guarded((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 22)))


def test_a_body_over_the_budget_is_not_read(site: Site) -> None:
    site.pages["/big"] = (200, {}, b"x" * 10_000_001)

    found = one(site, "/big")

    assert isinstance(found, FetchError)
    assert "larger than 10 MB" in found.reason


def test_a_bomb_is_measured_after_it_is_unpacked(site: Site) -> None:
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 100_000_000))

    found = one(site, "/bomb")

    assert isinstance(found, FetchError)
    assert "larger than 10 MB" in found.reason or "broke off" in found.reason


def test_gzip_is_unpacked(site: Site) -> None:
    site.pages["/feed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(FEED))

    found = one(site, "/feed")

    assert isinstance(found, Fetched)
    assert found.body == FEED


def test_a_body_that_drips_ends_with_the_time_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.collect.fetch.TOTAL_S", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(40):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    found = fetch(Request(source_id=1, location=f"http://127.0.0.1:{listener.getsockname()[1]}/", allow_private=True))[1]
    listener.close()

    assert isinstance(found, FetchError)
    assert "did not answer in" in found.reason


def test_one_slow_host_delays_nobody(site: Site) -> None:
    for i in range(30):
        site.pages[f"/{i}"] = (200, {}, FEED)
    with http_server(Site()) as slow:
        slow.pages["/slow"] = (200, {}, FEED)
        slow.slow["/slow"] = 1.0
        requests = [Request(source_id=99, location=slow.url("/slow"), allow_private=True)]
        requests += [Request(source_id=i, location=site.url(f"/{i}"), allow_private=True) for i in range(30)]

        order = [request.source_id for request, _ in WebFetcher(user_agent="t").fetch_all(requests)]

    assert order[-1] == 99
    assert len(order) == 31


def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = fetch(
        Request(source_id=1, location=f"http://127.0.0.1:{port}/", allow_private=True),
        Request(source_id=2, location="http://no-such-host.invalid/", allow_private=True),
    )

    assert isinstance(found[1], FetchError)
    assert "cannot be reached" in found[1].reason
    assert isinstance(found[2], FetchError)
    assert "its name is not found" in found[2].reason


def test_dates_ahead_are_no_news() -> None:
    assert believable(TUESDAY.replace(year=2030), TUESDAY) is None


def test_a_redirect_to_an_inner_address_is_refused_where_the_socket_is_made(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 stands for the open internet here; 127.0.0.2, on the same port, is inside."""
    monkeypatch.setattr("digest.collect.guard.is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr("digest.collect.guard.PORTS", {site.port})
    site.pages["/out"] = (302, {"Location": f"http://127.0.0.2:{site.port}/secret"}, b"")
    site.pages["/feed"] = (200, {}, FEED)

    allowed, refused = one(site, "/feed", private=False), one(site, "/out", private=False)

    assert isinstance(allowed, Fetched)
    assert isinstance(refused, FetchError)
    assert "127.0.0.2 is private" in refused.reason
    assert [path for path, _ in site.asked] == ["/feed", "/out"]
