"""Every language says everything, with the same blanks, and each reader gets the one that serves them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digest.errors import BadInput
from digest.languages import best, catalogue_path, is_rtl, load, shipped

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "count": (1, 2)}


TEMPLATES = {
    "digest": ("templates/email/**.j2", "src/digest/web/templates/**.j2"),
    "admin": ("src/digest/web/admin/**.j2",),
}
CODE = {
    "digest": [("src/digest/web/admin/**", "ignore"), ("src/digest/**.py", "python")],
    "admin": [("src/digest/web/admin/**.py", "python")],
}
CATALOGUES = [(domain, name) for domain in TEMPLATES for name in shipped(domain)[1:]]


def said(domain: str) -> set[str]:
    """Every text that code and templates say."""
    templates = TEMPLATES[domain]
    maps = [*CODE[domain], *((pattern, "jinja2") for pattern in templates)]
    found: Iterator[tuple[str, int, object, object, object]] = extract_from_dir(
        str(ROOT), maps, {pattern: {"trimmed": "true"} for pattern in templates}, keywords=KEYWORDS
    )
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}  # type: ignore[index]


def catalogue(domain: str, name: str) -> Catalog:
    with catalogue_path(name, domain).open("rb") as file:
        return read_po(file, locale=name)


def test_no_module_has_another_name_for_gettext() -> None:
    """What is said under another name is not found, and stays English in every language."""
    files = (ROOT / "src" / "digest").rglob("*.py")
    named = {
        name
        for file in files
        for name in re.findall(r"(\w+)(?:, \w+)* = [\w.]+\.gettext\b(?!\()", file.read_text(encoding="utf-8"))
    }

    assert named == {"_"}


def blanks(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


def test_the_languages_are_those_that_are_promised() -> None:
    assert set(shipped()) == {"en", "de", "fr", "es", "ja", "ko", "ar", "vi"}
    assert set(shipped("admin")) == {"en", "de", "fr", "es"}


@pytest.mark.parametrize(("domain", "name"), CATALOGUES)
def test_a_catalogue_has_every_text_and_no_other(domain: str, name: str) -> None:
    have = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue(domain, name) if m.id}

    assert have == said(domain)


@pytest.mark.parametrize(("domain", "name"), CATALOGUES)
def test_every_text_is_translated_with_its_blanks_in_every_plural_form(domain: str, name: str) -> None:
    made = catalogue(domain, name)
    for message in made:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = blanks(message.id if isinstance(message.id, str) else message.id[1])
        assert not message.fuzzy
        assert all(forms), message.id
        assert len(forms) == (made.num_plurals if isinstance(message.id, tuple) else 1)
        for form in forms:  # one, two and none may be said in words
            assert blanks(form) | {"%(num)d", "%(spelled)s"} == wanted | {"%(num)d", "%(spelled)s"}, message.id


@pytest.mark.parametrize(
    ("wanted", "offered", "found"),
    [
        ("de", ("en", "de"), "de"),
        ("de-AT", ("en", "de"), "de"),
        ("DE_at", ("en", "de", "de-AT"), "de-AT"),
        ("de", ("de-CH", "en"), "de-CH"),
        ("pt", ("en", "de"), None),
        ("", ("en",), None),
    ],
)
def test_a_reader_gets_the_language_that_serves_them(wanted: str, offered: tuple[str, ...], found: str | None) -> None:
    assert best(wanted, offered) == found


def test_plurals_follow_the_language() -> None:
    arabic = load("ar")

    assert [arabic.count("%(num)d story", "%(num)d stories", n) for n in (1, 2, 5, 12)] == [
        "خبر واحد",
        "خبران",
        "5 أخبار",
        "12 خبرًا",
    ]
    assert load("fr").count("%(num)d story", "%(num)d stories", 0) == "0 article"


def test_directions() -> None:
    assert load("ar").direction == "rtl"
    assert is_rtl("he-IL")
    assert not is_rtl("de")
    assert not is_rtl("no such language")


def test_a_code_that_is_no_language_is_refused() -> None:
    with pytest.raises(BadInput, match="'xx-nowhere' is no language"):
        load("xx-nowhere")
