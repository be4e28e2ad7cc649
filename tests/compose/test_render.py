"""A template or theme that is wrong says where, before any mail is made; a designer changes one file."""

import re
from pathlib import Path

import pytest

from digest.cli.remedies import worded
from digest.compose.lint import check
from digest.compose.merge import body, merge, subject
from digest.compose.render import render_in, template_folders
from digest.errors import ComposeError
from digest.model.issue import Coverage
from tests.compose.making import PAPER, TEMPLATES, facts, picks, rendition


def own(tmp_path: Path, name: str, text: str) -> tuple[Path, ...]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return (tmp_path, TEMPLATES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("line one\n{{ papre.title }}", r"footer\.html\.j2, line 2: `papre` is not known here; did you mean `paper`\?"),
        ("{% if %}", r"footer\.html\.j2, line 1: "),
        ("{{ paper.__class__.__mro__ }}", r"footer\.html\.j2, line 1: "),
        ("{{ 1 / 0 }}", "divides by zero"),
        ("{{ theme.size.nothing }}", "nothing"),
    ],
)
def test_a_wrong_template_names_file_line_and_fault(tmp_path: Path, text: str, said: str) -> None:
    folders = own(tmp_path, "partials/footer.html.j2", text)

    with pytest.raises(ComposeError, match=said):
        rendition(picks(3), folders=folders)


def test_one_partial_can_be_replaced(tmp_path: Path) -> None:
    folders = own(tmp_path, "partials/masthead.html.j2", "<h1>My own masthead</h1>")

    assert "My own masthead" in body(rendition(picks(3), folders=folders), facts(3), "html")


def test_text_between_two_segments_is_refused(tmp_path: Path) -> None:
    text = (
        (TEMPLATES / "digest.html.j2")
        .read_text(encoding="utf-8")
        .replace("{{ m.briefs(picks) }}", "lost words {{ m.briefs(picks) }}")
    )

    with pytest.raises(ComposeError, match=r"text stands behind the segment .* 'lost words'"):
        rendition(picks(3), folders=own(tmp_path, "digest.html.j2", text))


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    text = (TEMPLATES / "components" / "macros.html.j2").read_text(encoding="utf-8").replace("story %d full", "story %d fuller")

    with pytest.raises(ComposeError, match="there is no segment `story 0 fuller`"):
        rendition(picks(3), folders=own(tmp_path, "components/macros.html.j2", text))


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(ComposeError, match="no theme neon; there are gazette, ledger, meridian"):
        rendition(picks(3), theme="neon")


def test_a_theme_without_a_token_names_it(tmp_path: Path) -> None:
    text = (TEMPLATES / "themes" / "ledger.toml").read_text(encoding="utf-8").replace('accent = "#a3262a"\n', "")

    with pytest.raises(ComposeError, match=r"missing \[light\] accent"):
        rendition(picks(3), theme="mine", folders=own(tmp_path, "themes/mine.toml", text))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ComposeError, match="'xx-nowhere' is no language"):
        rendition(picks(3), language="xx-nowhere")


def test_a_folder_of_templates_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match="none, which is not a folder") as problem:
        template_folders(str(tmp_path / "none"), tmp_path)

    assert worded(problem.value).endswith("check DIGEST_TEMPLATES")


def test_a_story_in_another_language_says_so() -> None:
    html = body(rendition(picks(3, language="de")), facts(3), "html")

    assert html.count('lang="de" dir="ltr"') == 3


def test_arabic_runs_from_right_to_left() -> None:
    html = body(rendition(picks(3, language="ar"), language="ar"), facts(3), "html")

    assert '<html lang="ar" dir="rtl"' in html
    assert 'dir="rtl"' in html[html.index("<body") :]


@pytest.mark.parametrize(
    "changes",
    [
        {"headline": "https://elsewhere.example.net is down again"},
        {
            "headline": "<p class='a'> and &nbsp; are not <a href='x'>the same</a>, says a headline that is folded <b>inside of a tag"
        },
        {"headline": "x" * 5000, "summary": "word " * 9000},
        {"headline": "İstanbul ŉ ß ς straße", "summary": ""},
        {"headline": "\u200f\u200fعنوان", "language": "ar"},
        {"url": "https://ja.example.org/wiki/日本?q=ü&x=1"},
        {"url": "https://münchen.example/straße"},
        {"url": "https://example.org/?a=1&amp;b=2&copy=3"},
        {"url": "https://example.org/" + "a" * 1500},
        {"publisher": "", "minutes": 0, "summary": ""},
        {"publisher": "bbc.co.uk", "also": (Coverage(publisher="spiegel.de", url="https://www.spiegel.de/x"),)},
        {"image": "http://pictures.example.com/1.png"},
    ],
    ids=range(12),
)
def test_no_article_however_odd_makes_a_mail_unfit(changes: dict[str, object]) -> None:
    raw = merge(rendition(picks(3, **changes)), facts(3))

    assert [f for f in check(raw).findings if f.severity == "error"] == []


def test_only_pictures_over_https_are_printed_and_none_where_the_theme_wants_none() -> None:
    assert "<img" not in body(rendition(picks(3, image="http://pictures.example.com/1.png")), facts(3), "html")
    assert "<img" not in body(rendition(picks(3, image="https://pictures.example.com/1.png"), theme="gazette"), facts(3), "html")
    assert body(rendition(picks(1, image="https://pictures.example.com/1.png")), facts(1), "html").count("<img") == 1


def test_a_subject_of_ones_own_keeps_its_words_and_shortens_the_headline(tmp_path: Path) -> None:
    folders = own(tmp_path, "digest.subject.j2", "{{ slot.headline }} · {{ slot.count }}")

    said = subject(rendition(picks(5, headline="A headline that goes on " * 9), folders=folders), facts(5))

    assert said.endswith("… · 5 stories")
    assert len(said) <= 70


def test_a_layout_of_ones_own_lists_as_many_as_it_says(tmp_path: Path) -> None:
    text = (TEMPLATES / "weekly.html.j2").read_text(encoding="utf-8").replace("full_stories(1)", "full_stories(2)")
    made = rendition(picks(9), template="magazine", folders=own(tmp_path, "magazine.html.j2", text))

    assert body(made, facts(9), "html").count("<h3") == 6  # two sections, and both again in brief
    assert body(made, facts(9), "html").count("<li") == 4
    assert body(made, facts(9), "plain").count("\n* ") == 4


def test_several_languages_are_rendered_at_once() -> None:
    made = render_in(PAPER, picks(4), ["en", "ar", "ko"])

    assert [r.language for r in made] == ["en", "ar", "ko"]
    assert "إلغاء الاشتراك" in body(made[1], facts(4), "html")
    assert made[2].texts.story_count[2] == "기사 2건"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "digest.html.j2",
            "{{ m.briefs(picks) }}",
            "{{ begin('sectoin 0') }}x{{ end }}{{ m.briefs(picks) }}",
            "there is no segment `sectoin 0`",
        ),
        ("digest.html.j2", "{{ m.briefs(picks) }}", "{{ m.briefs(picks) }}{{ middle }}", "the mark `middle` is there twice"),
        (
            "digest.txt.j2",
            '{{ begin("section %d"|format(here)) }}',
            "{{ begin('section 9') }}",
            "there is no segment `section 9`|the segment `section 9` is there twice",
        ),
        ("digest.html.j2", '{% extends "layouts/base.html.j2" %}', "", "it makes no whole page"),
    ],
)
def test_a_layout_that_would_lose_text_is_refused(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(ComposeError, match=said):
        rendition(picks(3), folders=own(tmp_path, name, text.replace(old, new)))


def test_a_text_part_that_has_another_layout_is_refused(tmp_path: Path) -> None:
    folders = own(tmp_path, "x.html.j2", (TEMPLATES / "digest.html.j2").read_text(encoding="utf-8"))
    own(tmp_path, "x.txt.j2", (TEMPLATES / "breaking.txt.j2").read_text(encoding="utf-8"))

    with pytest.raises(ComposeError, match=r"x\.txt\.j2: the segment `section 0` is missing"):
        rendition(picks(3), template="x", folders=folders)


def test_a_headline_of_nothing_visible_is_its_publisher() -> None:
    raw = merge(rendition(picks(2, headline="\ufffd\ufffc", publisher="Harbour Wire")), facts(2))

    assert check(raw).ok
    assert b"Subject: Harbour Wire" in raw


@pytest.mark.parametrize(
    ("code", "shown"), [("en_US", ""), ("de_AT.UTF-8", "de-AT"), ("nonsense!", ""), ("zh-Hant-TW", "zh-Hant-TW")]
)
def test_a_storys_language_is_told_as_a_tag_where_it_is_another(code: str, shown: str) -> None:
    html = body(rendition(picks(2, language=code)), facts(2), "html")

    assert set(re.findall(r'<(?:div|span) lang="([^"]*)" dir="(?:ltr|rtl)">', html)) == ({shown} if shown else set())
