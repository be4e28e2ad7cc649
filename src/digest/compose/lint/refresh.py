"""
`python -m digest.compose.lint.refresh data.json LICENSE` regenerates the shipped caniemail data: from
https://www.caniemail.com/api/data.json, and the licence of github.com/hteumeuleu/caniemail.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.compose.lint.clients import DATA, PROGRAMS


def reduce(published: Mapping[str, Any], licence: str) -> Mapping[str, Any]:
    """Reduce the published data to the shipped part: the latest answer of each program; if its variants differ, the worst."""
    features = {}
    for feature in published["data"]:
        answers = {program: _answer(feature["stats"], places) for program, places in PROGRAMS.items()}
        features[feature["slug"]] = {program: answer for program, answer in answers.items() if answer}
    return {
        "source": "https://www.caniemail.com, https://github.com/hteumeuleu/caniemail",
        "date": published.get("last_update_date", ""),
        "licence": licence,
        "features": features,
    }


def _answer(stats: Mapping[str, Any], places: tuple[tuple[str, str], ...]) -> str:
    versions = [list(stats.get(family, {}).get(platform, {}).values()) for family, platform in places]
    latest = {found[-1].split()[0] for found in versions if found}
    return next((answer for answer in ("n", "a", "y") if answer in latest), "")


def main() -> None:
    """Write the shipped file from the published one; the second argument is the licence's file."""
    published, licence = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    DATA.write_text(json.dumps(reduce(json.loads(published), licence), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
