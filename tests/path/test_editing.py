"""Sections, rules, OPML and feeds found behind web pages, as a person types them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.collecting import BRIDGE, ICE, feed, item
from tests.support.commands import Run
from tests.support.servers import Site, http_server


@pytest.fixture
def site() -> Iterator[Site]:
    with http_server(Site()) as made:
        yield made


@pytest.fixture
def paper(run: Run, site: Site) -> Run:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE), item("2", "Bridge is lent to a crew", BRIDGE)))
    assert run("init").code == 0
    assert run("sources", "add", site.url("/feed"), "--allow-private").code == 0
    return run


def test_sections_and_rules_shape_the_issue_and_explain_says_how(paper: Run) -> None:
    assert paper("sections", "add", "Water", "--words", "harbour, ship*").code == 0
    assert paper("sections", "add", "Rest", "--before", "Water").code == 0
    assert paper("rules", "add", "mute", "--words", "film crew").code == 0

    listed, ruled, told = (
        paper("sections", "list", "--json"),
        paper("rules", "list", "--json"),
        paper("send", "--dry-run", "--json"),
    )

    assert [s["name"] for s in listed.json] == ["Rest", "Water"]  # type: ignore[union-attr]
    assert ruled.json[0]["words"] == "film crew"  # type: ignore[index]
    candidates = {c["headline"]: c for c in told.json["candidates"]}  # type: ignore[index]
    assert candidates["Harbour opens"]["section"] == "Water"
    assert candidates["Bridge is lent to a crew"]["reason"] == "muted: it speaks of film crew"
    assert paper("rules", "remove", "1", "--yes").code == paper("sections", "remove", "water", "--yes").code == 0
    assert paper("sections", "list").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sections", "add", "Water", "--min", "6"), "cannot both be"),
        (("sections", "remove", "Nowhere"), "`digest sections list --newsletter daily` names them"),
        (("sections", "add", "Water", "--before", "Nowhere"), "`digest sections list --newsletter daily` names them"),
        (("rules", "add", "mute"), "--words or --topic"),
        (
            ("rules", "add", "boost", "--words", "x", "--section", "Nowhere"),
            "`digest sections list --newsletter daily` names them",
        ),
        (("rules", "remove", "9"), "`digest rules list --newsletter NAME` shows those of a newsletter"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(paper: Run, words: tuple[str, ...], said: str) -> None:
    found = paper(*words)

    assert found.code in (1, 2)
    assert said in found.err
    assert paper("sections", "list", "--json").json == []


def test_the_feed_behind_a_web_page_is_found(run: Run, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    site.pages["/"] = (
        200,
        {"Content-Type": "text/html"},
        b"<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head><body>x</body></html>",
    )
    run("init")

    found = run("sources", "add", site.url("/"), "--allow-private")

    assert found.code == 0
    assert f"its feed is {site.url('/feed')}" in found.err
    assert run("sources", "list", "--json").json[0]["location"] == site.url("/feed")  # type: ignore[index]


def test_several_feeds_are_named_and_none_is_guessed(run: Run, site: Site) -> None:
    links = "".join(
        f"<link rel='alternate' type='application/atom+xml' title='{t}' href='/{t}.xml'>" for t in ("news", "comments")
    )
    site.pages["/"] = (200, {}, f"<!doctype html><html><head>{links}</head></html>".encode())
    run("init")

    found = run("sources", "add", site.url("/"), "--allow-private")

    assert found.code != 0
    assert f"{site.url('/news.xml')} (news); {site.url('/comments.xml')} (comments)" in found.err


def test_a_feed_in_a_usual_place_is_found_without_a_link(run: Run, site: Site) -> None:
    site.pages["/blog"] = (200, {}, b"<!doctype html><html><body>x</body></html>")
    site.pages["/atom.xml"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    run("init")

    assert run("sources", "add", site.url("/blog"), "--allow-private").code == 0
    assert run("sources", "list", "--json").json[0]["location"] == site.url("/atom.xml")  # type: ignore[index]


def test_opml_goes_in_with_folders_as_topics_and_comes_out_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(
        "<?xml version='1.0'?><!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml version='2.0'><head/><body>"
        "<outline text='World'><outline type='rss' text='One &amp; Two' xmlUrl='https://one.example/feed'/></outline>"
        "<outline type='rss' text='&x;' title='Loose' xmlUrl='https://two.example/feed'/>"
        "<outline type='rss' text='Twice' xmlUrl='https://one.example/feed'/><outline text='bad' xmlUrl='javascript:alert(1)'/></body></opml>"
    )
    run("init")

    first, again = run("sources", "import", "feeds.opml"), run("sources", "import", "feeds.opml")

    assert first.code == 0
    assert "added 2 of 2 feeds" in first.err
    assert again.code == 3
    listed = {s["location"]: (s["name"], s["topic"]) for s in run("sources", "list", "--json").json}  # type: ignore[union-attr]
    assert listed == {"https://one.example/feed": ("One & Two", "World"), "https://two.example/feed": ("Loose", "")}
    (tmp_path / "out.opml").write_text(run("sources", "export").out)
    for name in listed.values():
        run("sources", "remove", name[0], "--yes")
    assert run("sources", "import", "out.opml").code == 0
    assert {s["location"]: (s["name"], s["topic"]) for s in run("sources", "list", "--json").json} == listed  # type: ignore[union-attr]


def test_what_is_no_opml_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.opml").write_text("<html></html>")
    (tmp_path / "b.opml").write_text("<opml><body/></opml>")
    run("init")

    assert "is no OPML" in run("sources", "import", "a.opml").err
    assert "names no feed" in run("sources", "import", "b.opml").err


def test_collect_reports_each_source(paper: Run) -> None:
    found = paper("collect", "--force")

    assert found.code == 0
    assert "News" in found.out


def test_editors_shape_the_coming_issue_by_commands(paper: Run, site: Site) -> None:
    assert paper("collect").code == 0
    shown = paper("issues", "draft", "--json").json
    numbers = {s["headline"]: str(s["story"]) for s in shown["stories"]}  # type: ignore[index]
    bridge = numbers["Bridge is lent to a crew"]

    assert paper("issues", "move", bridge, "--form", "top").code == 0
    assert paper("issues", "rewrite", bridge, "--headline", "A bridge for rent").code == 0
    assert paper("issues", "take-out", numbers["Harbour opens"]).code == 0
    assert paper("issues", "add", "--headline", "We move", "--summary", "From Monday.").code == 0
    again = paper("issues", "draft", "--json").json
    listed = paper("issues", "draft").out

    assert [s["headline"] for s in again["stories"]] == ["A bridge for rent", "We move"]  # type: ignore[index]
    assert again["out"][0]["reason"].startswith("taken out of this issue by ")  # type: ignore[index]
    assert "A bridge for rent" in listed
    assert paper("issues", "leave", numbers["Harbour opens"]).code == paper("issues", "put-in", bridge).code == 0
    assert len(paper("issues", "draft", "--json").json["stories"]) == 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("move", "1"), "--section, --form or --place"),
        (("move", "1", "--section", "Nowhere"), "`digest sections list --newsletter daily` names them"),
        (("put-in", "99"), "`digest issues draft --newsletter NAME` shows their numbers"),
        (("add",), "give a URL, or --headline"),
        (("add", "nonsense"), "nonsense is no web address"),
        (("add", "http://127.0.0.1:9/x"), "could not be added"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why_and_what_to_do(paper: Run, words: tuple[str, ...], said: str) -> None:
    assert paper("collect").code == 0
    refused = paper("issues", *words)

    assert refused.code == 2
    assert said in refused.err
