"""Parsing in a process of its own: the same values as in this one, and an end to whatever takes too long."""

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.collect import apart, extract, feeds
from digest.errors import ParseError

FEED = (
    b"<rss version='2.0'><channel><title>N &amp; V</title><ttl>60</ttl><item><guid>1</guid><title>Vec&lt;T&gt; \xe6\x9c\x9d</title>"
    b'<pubDate>28/11/26</pubDate><description>One.\n\nTwo \\ "three".</description></item></channel></rss>'
)
NOW = datetime(2026, 11, 29, tzinfo=UTC)
PAGE = b"<html><body><article><h1>Harbour opens</h1>" + b"<p>The harbour opened again after six weeks of ice, they said.</p>" * 6


def test_a_feed_is_the_same_as_in_this_process() -> None:
    here = feeds.parse(FEED, where="x", url="https://a.example/f", now=NOW)

    assert replace(apart.parse_feed(FEED, where="x", url="https://a.example/f", now=NOW), entries=()) == replace(here, entries=())
    assert list(apart.parse_feed(FEED, where="x", url="https://a.example/f", now=NOW).entries) == list(here.entries)


def test_a_page_is_the_same_as_in_this_process() -> None:
    assert apart.read_page(PAGE, where="x") == extract.read_page(PAGE, where="x")
    assert list(apart.read_pages(b"A headline\n\nAnd a text.", where="x")) == list(
        extract.read_pages(b"A headline\n\nAnd a text.", where="x")
    )


def test_what_is_no_feed_says_the_same_as_in_this_process() -> None:
    with pytest.raises(ParseError, match="is not a feed") as problem:
        apart.parse_feed(b"just words", where="feed.xml")

    assert problem.value.where == "feed.xml"


def test_a_large_body_goes_through() -> None:
    body = json.dumps({"items": [{"id": "1", "title": "x", "content_text": "word " * 1_800_000}]}).encode()

    assert len(apart.parse_feed(body, where="x").entries[0].content) > 8_000_000


def test_a_source_that_needs_too_much_time_fails_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    long = rss_of(20_000)
    with monkeypatch.context() as patched:
        patched.setattr(apart, "SECONDS", 0.05)
        with pytest.raises(ParseError, match="takes more than 0 s to read"):
            apart.parse_feed(long, where="x")

    assert len(apart.parse_feed(FEED, where="x").entries) == 1


def test_a_process_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(apart, "PATIENCE", 0.1)
        os.kill(apart._running().pid, signal.SIGSTOP)
        with pytest.raises(ParseError, match="did not answer"):
            apart.parse_feed(FEED, where="x")

    assert len(apart.parse_feed(FEED, where="x").entries) == 1


def rss_of(items: int) -> bytes:
    return b"<rss version='2.0'><channel><title>T</title>" + b"<item><title>x</title></item>" * items + b"</channel></rss>"


def test_the_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", "s" * 32)
    apart._end()
    apart.parse_feed(FEED, where="x")
    assert apart._child is not None
    with open(f"/proc/{apart._child.pid}/environ", "rb") as environment:
        assert b"DIGEST_SECRET_KEY" not in environment.read()
