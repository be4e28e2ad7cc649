"""Sources from disk: what is new is collected once, what is broken is named and stops nothing."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.cli.remedies import remedy
from digest.collect.disk import MAX_BYTES, read_file
from digest.collect.extract import read_page
from digest.collect.gather import believable, opening
from digest.errors import FetchError, ParseError
from digest.model.states import SourceKind
from digest.services import collecting
from digest.services import sources as source_services
from digest.store import articles, sources
from tests.support.place import TUESDAY, Place

STORY = "A headline that says it\n\nThe first paragraph tells what happened, and where, in one long sentence. It goes on.\n\nThe second paragraph adds what was said about it, and by whom it was said.\n"


def folder(place: Place, **files: bytes) -> Path:
    where = place.folder / "texts"
    where.mkdir()
    for name, raw in files.items():
        (where / name.replace("_", ".")).write_bytes(raw)
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(where), name="texts")
    )
    return where


def collect(place: Place) -> collecting.Collected:
    return collecting.collect(place.ctx, collecting.active_sources(place.ctx))[-1]


def test_a_folder_gives_each_file_once_whatever_it_is_called(place: Place) -> None:
    where = folder(place, a_txt=STORY.encode())

    assert collect(place).added == 1
    (where / "a.txt").rename(where / "renamed.txt")
    assert collect(place).added == 0


def test_broken_files_are_named_and_the_others_go_on(place: Place) -> None:
    where = folder(place, good_txt=STORY.encode(), empty_txt=b"", binary_txt=b"\x00\x01\x02" * 100)
    (where / "huge.txt").write_bytes(b"x" * (MAX_BYTES + 1))

    report = collect(place)

    assert report.added == 1
    assert [p.partition(":")[0] for p in report.problems] == ["binary.txt", "empty.txt", "huge.txt"]
    with place.ctx.db.read() as tx:
        assert "is binary" in sources.get(tx, "texts").error


def test_links_hidden_files_and_other_kinds_are_passed_by(place: Place) -> None:
    where = folder(place, a_txt=STORY.encode())
    (where / "link.txt").symlink_to("/etc/passwd")
    (where / ".hidden.txt").write_text(STORY)
    (where / "picture.jpg").write_bytes(b"\xff\xd8")

    assert collect(place).added == 1


def test_a_missing_source_fails_alone_with_the_remedy(place: Place) -> None:
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FEED, location="/nowhere/feed.xml", name="gone")
    )
    place.drop("Still here")

    reports = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert [(r.failed, r.added) for r in reports] == [(True, 0), (False, 1)]
    assert "remove the source" in reports[0].problems[0]
    assert "digest sources remove gone" in remedy(reports[0].code, {"source": "gone"})


def test_a_feed_read_twice_gives_nothing_new(place: Place) -> None:
    place.drop("One", "Two")

    place.collect()
    place.collect()

    with place.ctx.db.read() as tx:
        assert articles.count(tx) == 2


def test_the_same_page_from_two_sources_is_one_story(place: Place) -> None:
    place.drop("Shared story")
    place.drop("Shared story")

    place.collect()

    with place.ctx.db.read() as tx:
        assert len({a.story_id for a in articles.latest(tx, limit=10)}) == 1


@pytest.mark.parametrize("raw", [b"", b"\n \n"])
def test_an_empty_page_is_an_error(raw: bytes) -> None:
    with pytest.raises(ParseError, match="is empty"):
        read_page(raw, where="x")


def test_a_page_a_mail_and_a_text_are_told_apart_by_content() -> None:
    body = "<p>" + "</p><p>".join(["A long paragraph of an article that goes on and on about its matter. " * 3] * 4) + "</p>"
    page = read_page(
        f"<html><head><title>T</title></head><body><article><h1>The page</h1>{body}</article></body></html>".encode(), where="x"
    )
    mail = read_page(
        b"From: Ann <ann@example.org>\r\nSubject: The mail\r\nDate: Tue, 03 Mar 2026 05:00:00 +0000\r\n\r\n" + STORY.encode(),
        where="x",
    )
    text = read_page(STORY.encode(), where="x")

    assert page.title == "The page"
    assert (mail.title, mail.publisher) == ("The mail", "Ann")
    assert mail.published_at == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert text.title == "A headline that says it"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_of_many_charsets_are_read(charset: str) -> None:
    page = read_page(STORY.replace("A headline that says it", "Grüße aus Köln").encode(charset), where="x")

    assert page.title == "Grüße aus Köln"


def test_a_pipe_does_not_make_the_collector_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    with pytest.raises(FetchError, match="is not a file"):
        read_file(tmp_path / "pipe.txt")


def test_a_date_from_the_future_is_not_believed() -> None:
    assert believable(TUESDAY + timedelta(days=2), TUESDAY) is None
    assert believable(TUESDAY + timedelta(hours=1), TUESDAY) == TUESDAY
    assert believable(TUESDAY - timedelta(days=1), TUESDAY) == TUESDAY - timedelta(days=1)


def test_a_headline_made_from_a_text_ends_between_words() -> None:
    assert opening("word " * 40).endswith("word…")


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (
            "Moss on a weather balloon survived nine months. Moss! It just sat there, at minus sixty, in the wind.",
            "Moss on a weather balloon survived nine months.",
        ),
        (
            "Does anyone know why the tram stops at Korenmarkt? Asking for a friend who stands there every day.",
            "Does anyone know why the tram stops at Korenmarkt?",
        ),
        (
            "Der Zug nach Köln fährt heute ab Gleis neun am Bahnhof. Wer es eilig hat, nimmt den Bus von der anderen Seite.",
            "Der Zug nach Köln fährt heute ab Gleis neun am Bahnhof.",
        ),
        (
            "夜行フェリーが十一年ぶりに海峡へ帰ってくる。" + "最初の便は三時間で満席となった。" * 5,
            "夜行フェリーが十一年ぶりに海峡へ帰ってくる。",
        ),
        (
            "The letter that Dr. Smith sent to Prof. Jones says that U.S. Steel will not close the old mill before next June.",
            "The letter that Dr. Smith sent to Prof. Jones says that U.S. Steel will not…",
        ),
        (
            "Ok. Then the parser was twenty years old, and nobody had looked at it since the day on which it was written.",
            "Ok. Then the parser was twenty years old, and nobody had looked at it since…",
        ),
        ("Bridge of the day. Built 1911, painted yesterday.", "Bridge of the day. Built 1911, painted yesterday."),
    ],
)
def test_a_post_without_a_title_has_its_first_sentence_as_headline(text: str, headline: str) -> None:
    assert opening(text) == headline
