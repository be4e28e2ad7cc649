"""Whole mails as golden files: `./run golden` rewrites them, a person reads the diff."""

from pathlib import Path

import pytest

from digest.compose.render import CORRECTION, SYSTEM
from tests.compose.cases import VARIANTS, case

GOLDEN = Path(__file__).parent.parent / "golden"
NAMES = [
    *(f"{variant}-ledger" for variant in VARIANTS),
    *(f"{kind}-en" for kind in SYSTEM),
    f"{CORRECTION}-en",
    "digest-sparse",
    "digest-de",
    "digest-ar",
    "weekly-ko",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_as_it_was(name: str, request: pytest.FixtureRequest) -> None:
    made = case(name)
    files = {"eml": made.raw, "html": made.part("html").encode(), "txt": made.part("plain").encode()}

    for suffix, content in files.items():
        path = GOLDEN / name / f"expected.{suffix}"
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.read_bytes() == content
