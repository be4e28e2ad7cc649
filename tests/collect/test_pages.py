"""Article pages: what they say of themselves, and where their body is."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks import pages as benchmark

from digest.collect import pages
from digest.collect.trimming import trim

PARAGRAPHS = [
    "The harbour of Gent opened again on Monday after six weeks of ice, and forty ships that had waited outside came in.",
    "The mayor thanked the crews of the icebreakers, who had worked in shifts since the middle of January without a day off.",
    "Trade worth two hundred million euros was held up, the chamber of commerce reckons, and some of it will not come back.",
]


def page(head: str = "", *, before: str = "", after: str = "", lang: str = "en") -> str:
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><title>Harbour opens - The Gent Post</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article>{before}{body}{after}</article><footer>© The Gent Post</footer></body></html>"
    )


def json_ld(**values: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@context': 'https://schema.org', **values})}</script>"


NEWS = {
    "@type": "NewsArticle",
    "headline": "Harbour of Gent opens again",
    "author": [{"@type": "Person", "name": "Ann Claes"}, {"@type": "Person", "name": "Bob De Vos"}],
    "datePublished": "2026-03-02T06:30:00+01:00",
    "publisher": {"@type": "Organization", "name": "The Gent Post"},
    "image": {"url": "/pictures/ice.jpg"},
    "articleSection": "Local",
    "description": "After six weeks of ice the harbour is open again.",
}


@pytest.mark.parametrize(
    "wrapped",
    [
        NEWS,
        {"@graph": [{"@type": "WebSite", "name": "x"}, NEWS]},
        {"@type": ["NewsArticle"], **{k: v for k, v in NEWS.items() if k != "@type"}},
    ],
)
def test_json_ld_is_believed_first(wrapped: dict[str, object]) -> None:
    found = pages.parse(
        page(json_ld(**wrapped) + "<meta property='og:title' content='Something else'>"),
        where="page",
        url="https://post.example/a/1",
    )

    assert found.title == "Harbour of Gent opens again"
    assert found.author == "Ann Claes, Bob De Vos"
    assert found.published_at == datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
    assert found.publisher == "The Gent Post"
    assert found.image == "https://post.example/pictures/ice.jpg"
    assert found.section == "Local"
    assert found.standfirst == NEWS["description"]
    assert found.language == "en"
    assert found.text.split("\n\n") == PARAGRAPHS


def test_open_graph_and_meta_names_serve_where_there_is_no_json_ld() -> None:
    head = (
        "<meta property='og:title' content='Harbour opens | The Gent Post'><meta property='og:site_name' content='The Gent Post'>"
        "<meta property='article:published_time' content='2026-03-02T06:30:00Z'><meta name='author' content='By Ann Claes'>"
        "<meta property='article:section' content='Local'><script type='application/ld+json'>{broken</script>"
    )

    found = pages.parse(page(head), where="page", url="https://post.example/a/1")

    assert (found.title, found.publisher, found.author, found.section) == ("Harbour opens", "The Gent Post", "Ann Claes", "Local")
    assert found.published_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("placeholder", ["0001-01-01T00:00:00Z", "1970-01-01", "yesterday", ""])
def test_a_date_that_cannot_be_true_is_not_believed(placeholder: str) -> None:
    head = (
        json_ld(**{**NEWS, "datePublished": placeholder})
        + "<meta property='article:published_time' content='2026-03-02T06:30:00Z'>"
    )

    assert pages.parse(page(head), where="page").published_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def test_the_address_is_the_pages_own_only_on_its_own_site() -> None:
    own, other = (f"<link rel='canonical' href='https://{site}/a/1'>" for site in ("post.example", "copies.example"))

    assert pages.parse(page(own), where="page", url="https://www.post.example/a/1?utm_source=x").url == "https://post.example/a/1"
    assert pages.parse(page(other), where="page", url="https://post.example/a/1").url == "https://post.example/a/1"


def test_headline_again_pointers_and_pleas_are_no_part_of_the_body() -> None:
    lines = [
        "Harbour opens again",
        "By Ann Claes",
        *PARAGRAPHS[:2],
        "Related: Ice holds the harbour",
        "READ MORE: How an icebreaker works",
        PARAGRAPHS[2],
        "(Reporting by Ann Claes; editing by Bob De Vos)",
        "Sign up for our newsletter here.",
        "ann@post.example",
    ]

    assert list(trim(lines, headline="Harbour opens again")) == PARAGRAPHS


@pytest.mark.parametrize(
    "ending",
    [
        "More information about the victims will be released on Friday, police said.",
        "Contact with the vessel was lost at 4am, the coast guard said.",
        "Emails seen by the newspaper show that he knew of it.",
        "This story is far from over, the prosecutor said on Tuesday.",
        "“Tell us the truth,” the families shouted outside the court.",
        "The delay contributed to 14 deaths, the coroner ruled.",
        "Reporting from the front has been banned since March.",
        "Maria Ressa is a journalist who won the Nobel Peace Prize in 2021.",
        "Anna Müller ist Redakteurin der Zeitung und wurde am Dienstag in Minsk verhaftet.",
        "More — much more — will be needed, she said.",
        "Watch this: the pier moves when a wave comes in.",
        "Read the original treaty and you will find nothing of it.",
        "Comments by the minister drew anger on Monday.",
    ],
)
def test_prose_that_begins_like_furniture_is_kept(ending: str) -> None:
    assert list(trim([*PARAGRAPHS, ending], headline="Harbour opens again")) == [*PARAGRAPHS, ending]


def test_the_json_ld_of_other_articles_is_not_taken_for_the_pages_own() -> None:
    other = {
        "@type": "NewsArticle",
        "headline": "Ten recipes for a rainy day",
        "author": {"name": "Rita Cook"},
        "datePublished": "2019-01-01",
    }
    listed = json_ld(**{"@type": "ItemList", "itemListElement": [{"item": other}, other]})
    head = "<meta property='og:title' content='Harbour of Gent opens again'>"

    alone = pages.parse(page(listed + head), where="page")
    beside = pages.parse(page(json_ld(**{"@graph": [other, NEWS]}) + head), where="page")

    assert (alone.title, alone.author, alone.published_at) == ("Harbour of Gent opens again", "", None)
    assert (beside.title, beside.author) == ("Harbour of Gent opens again", "Ann Claes, Bob De Vos")


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-05:00", "99999999999 Mar 05:00:00 03 Z", "0000-00-00"])
def test_dates_that_no_calendar_has_are_none(date: str) -> None:
    assert pages.parse(page(f"<meta property='article:published_time' content='{date}'>"), where="page").published_at is None


def test_nothing_is_trimmed_to_nothing() -> None:
    assert list(trim(["Sign up.", "Follow us."], headline="")) == ["Sign up.", "Follow us."]


def test_bodies_of_real_pages_are_found_and_what_they_say_is_what_their_json_ld_says(shared: Path) -> None:
    real = benchmark.load(shared / "corpora" / "pages")

    figures, said = benchmark.measure(real, benchmark.ours), benchmark.said(real)

    assert figures.f1 >= 0.968
    assert figures.exact >= 0.43
    assert said.headline >= 0.95
    assert said.author_there >= 0.95
    assert said.author >= 0.97
    assert said.date >= 0.98
