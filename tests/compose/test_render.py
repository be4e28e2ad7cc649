"""A template or theme that is wrong says where, before any mail is made; a designer changes one file."""

from pathlib import Path

import pytest

from digest.compose.merge import body
from digest.compose.render import template_folders
from digest.errors import ComposeError
from tests.compose.making import TEMPLATES, facts, picks, rendition


def own(tmp_path: Path, name: str, text: str) -> tuple[Path, ...]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return (tmp_path, TEMPLATES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("line one\n{{ papre.title }}", r"footer\.html\.j2, line 2: 'papre' is undefined"),
        ("{% if %}", r"footer\.html\.j2, line 1: "),
        ("{{ paper.__class__.__mro__ }}", r"footer\.html\.j2, line 1: "),
        ("{{ 1 / 0 }}", "division by zero"),
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
    text = (TEMPLATES / "digest.html.j2").read_text(encoding="utf-8").replace("story %d full", "story %d fuller")

    with pytest.raises(ComposeError, match="the segment `story 0 full` is missing"):
        rendition(picks(3), folders=own(tmp_path, "digest.html.j2", text))


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
    with pytest.raises(ComposeError, match="DIGEST_TEMPLATES names"):
        template_folders(str(tmp_path / "none"), tmp_path)


def test_a_story_in_another_language_says_so() -> None:
    html = body(rendition(picks(3, language="de")), facts(3), "html")

    assert html.count('lang="de" dir="ltr"') == 3


def test_arabic_runs_from_right_to_left() -> None:
    html = body(rendition(picks(3, language="ar"), language="ar"), facts(3), "html")

    assert '<html lang="ar" dir="rtl"' in html
    assert 'dir="rtl"' in html[html.index("<body") :]
