"""Real pages as crude scrapers store them, where the corpora lie beside the checkout."""

import json
from pathlib import Path

from benchmarks import feeds
from benchmarks.dropped_texts import measure

from digest.collect import texts
from digest.collect.feeds import parse
from digest.errors import ParseError


def test_bodies_and_headlines_of_real_pages_are_found(shared: Path) -> None:
    figures = measure(shared / "corpora" / "texts")

    assert figures.pages == 91
    assert figures.f1 >= 0.90
    assert figures.headlines >= 0.85


def test_the_real_scraped_article_yields_every_field(shared: Path) -> None:
    raw = next((shared / "corpora" / "seed").glob("*.txt")).read_text(encoding="utf-8")

    page = texts.parse(raw, where="seed")

    assert page.title == "South Korea Strengthens NATO Ties Amid Growing Defense Demands"
    assert page.standfirst.startswith("South Korean Foreign Minister Cho Tae-yul will attend")
    assert page.text.startswith("The South Korean Foreign Minister, Cho Tae-yul,")
    assert page.text.endswith("evolving international security dynamics.")
    assert (page.publisher, page.author) == ("vietnamnews.vn", "Isaac Bennett")


def test_no_real_feed_breaks_the_reader(shared: Path) -> None:
    read = 0
    for path in sorted((shared / "corpora" / "feeds").rglob("*")):
        if path.suffix not in (".xml", ".json"):
            continue
        try:
            json.dumps([entry.title for entry in parse(path.read_bytes(), where=path.name).entries])
            read += 1
        except ParseError:
            continue

    assert read > 500


def test_feeds_are_read_as_feedparser_reads_its_own_suite(shared: Path) -> None:
    read, same = feeds.agreement(shared / "corpora" / "feeds")

    assert read > 500
    assert dict.fromkeys(same, read) == same
