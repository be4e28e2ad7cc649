"""What the reference says of the mails is so, as far as it can be seen without a browser."""

import re
from pathlib import Path

import pytest

from tests.compose.cases import case

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference" / "mail-quality.md"
ROWS = re.findall(r"^\| ([a-z]+-[a-z]+) \| ([\d.]+) \| ([\d.]+) \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_layout_theme_and_system_mail_is_measured() -> None:
    measured = {name for name, _, _ in ROWS}

    for template in ("digest", "weekly", "breaking", "minimal"):
        assert {f"{template}-{kind}" for kind in ("ledger", "meridian", "gazette", "sparse", "stress", "ar", "ko")} <= measured
    for kind in ("confirm", "welcome", "link", "move", "goodbye", "report"):
        assert {f"{kind}-{look}" for look in ("en", "meridian", "gazette", "ar", "ko")} <= measured


@pytest.mark.parametrize(("name", "kilobytes", "style"), ROWS)
def test_a_mail_has_the_size_that_the_reference_says(name: str, kilobytes: str, style: str) -> None:
    page = case(name).part("html").replace("\n", "\r\n")  # as it is sent

    assert f"{len(page.encode()) / 1000:.1f}" == kilobytes
    kept = re.findall(r"<style[^>]*>(.*?)</style>", re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL), re.DOTALL)
    assert f"{sum(map(len, kept)) / 1000:.1f}" == style
