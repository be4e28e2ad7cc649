"""Whole mails as golden files: `./run golden` rewrites them, a person reads the diff."""

from pathlib import Path

import pytest

from digest.compose.merge import body, merge
from tests.compose.making import facts, picks, rendition

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = {"twelve-stories": (picks(12), "en"), "one-story": (picks(1), "en"), "german": (picks(4, language="de"), "de")}


@pytest.mark.parametrize("name", CASES)
def test_a_mail_is_as_it_was(name: str, request: pytest.FixtureRequest) -> None:
    chosen, language = CASES[name]
    made = rendition(chosen, language=language)
    mail = facts(len(chosen))
    files = {"eml": merge(made, mail), "html": body(made, mail, "html").encode(), "txt": body(made, mail, "plain").encode()}

    for suffix, content in files.items():
        path = GOLDEN / name / f"expected.{suffix}"
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.read_bytes() == content
