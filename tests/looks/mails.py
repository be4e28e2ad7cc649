"""No mail overflows, hides text or breaks without its style; axe, the Nu checker and SpamAssassin have nothing against any."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from digest.services import preflight

pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed; `./run looks` installs it")
from tests.compose.cases import case, names

NAMES = names()
WORD_MAX = 640  #: px of text in the Word simulation
#: Rules about pages, which a message inside a mail program is not.
NOT_FOR_MAIL = ("region", "landmark-one-main", "bypass", "page-has-heading-one", "landmark-unique")
#: What mail needs and HTML5 calls old, and what is a matter of web pages.
NU_IGNORED = re.compile(
    r"attribute (?:on the|.* not allowed).*|.*(?:obsolete|X-UA|x-apple|supported-color-schemes|xmlns|aria-roledescription|mso|Trailing slash|mixed).*"
    r"|.*CSS: .*|.*attribute “(?:width|height|align|valign|border|cellpadding|cellspacing|bgcolor)”.*",
    re.IGNORECASE,
)
OVERFLOW = (
    "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth"
)
TEXT_WIDTH = """() => Math.max(...[...document.querySelectorAll('p,h1,h2,h3,li')].filter(e => e.textContent.trim().length > 40)
  .map(e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().width }), 0)"""
LUMINANCE = """() => { const c = getComputedStyle(document.querySelector('td.cd')).backgroundColor.match(/\\d+/g); return (+c[0] + +c[1] + +c[2]) / 765 }"""


def without_style(document: str) -> str:
    return re.sub(r"<style.*?</style>", "", document, flags=re.DOTALL)


def as_word(document: str) -> str:
    """What Word makes of it, roughly: conditional comments shown, media queries and box CSS that it does not know gone."""
    shown = re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", r"\1", document, flags=re.DOTALL)
    shown = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", shown)
    return re.sub(
        r'style="[^"]*"', lambda style: re.sub(r"(?:max-width|border-radius|display:inline-block)[^;\"]*;?", "", style[0]), shown
    )


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows_at_any_width_nor_without_style_nor_in_word(name: str, show: Any) -> None:
    page = case(name).part("html")
    shown = show(page, width=320)

    for width in (320, 375, 600, 1024):
        shown.set_viewport_size({"width": width, "height": 900})
        assert shown.evaluate(OVERFLOW) <= 1, width
    assert show(without_style(page), width=320).evaluate(OVERFLOW) <= 1
    assert show(as_word(page), width=1200).evaluate(TEXT_WIDTH) <= WORD_MAX


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious_and_dark_is_dark(name: str, scheme: str, show: Any, axe: str) -> None:
    shown = show(case(name).part("html"), width=600, scheme=scheme)
    shown.evaluate(axe)

    found = shown.evaluate(
        "o => axe.run(document, o).then(r => r.violations.map(v => [v.id, v.impact, v.nodes.length]))",
        {"rules": {rule: {"enabled": False} for rule in NOT_FOR_MAIL}},
    )

    assert [v for v in found if v[1] in ("serious", "critical")] == []
    assert (shown.evaluate(LUMINANCE) < 0.3) == (scheme == "dark")


def test_the_nu_checker_has_nothing_to_say_that_matters_in_mail(vnu: list[str], tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.html").write_text(case(name).part("html"), encoding="utf-8")

    told = subprocess.run(
        [*vnu, "--format", "json", "--exit-zero-always", str(tmp_path)], capture_output=True, timeout=300, check=True
    )

    messages = json.loads(told.stderr)["messages"]
    errors = {m["message"] for m in messages if m["type"] == "error" and not NU_IGNORED.fullmatch(m["message"])}
    assert errors == set()


@pytest.mark.parametrize("name", NAMES)
def test_spamassassin_has_nothing_against_it(name: str) -> None:
    found = preflight.spam(case(name).raw)
    if found is None:
        pytest.skip("SpamAssassin is not installed")

    assert [f.message for f in found] == []
