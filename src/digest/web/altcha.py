"""
The widget that solves a proof of work in the visitor's browser: files of our own, and only on forms under pressure.

Vendored, since no page loads anything from elsewhere (static/altcha/README.md). Under the policy of these forms a script
and a worker come from our own files alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

from digest.languages import Language
from digest.web import pages

FOLDER = Path(__file__).parent / "static" / "altcha"
TYPES = {".js": "text/javascript", ".css": "text/css"}
#: Policy of a page with the widget.
HEADERS = {"Content-Security-Policy": pages.HEADERS["Content-Security-Policy"] + "; script-src 'self'; worker-src 'self'"}
_NAMES = {"fr": "fr-fr", "es": "es-es"}  #: languages whose files of the widget have another name


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """Proof of work that a form asks a browser for."""

    challenge: str  #: JSON
    language: str  #: of the widget
    scripts: Sequence[str]  #: paths, in the order in which they are loaded


def puzzle(challenge: str, spoken: Language) -> Puzzle:
    """Return the puzzle of a challenge, in the visitor's language."""
    language = _NAMES.get(spoken.tag, spoken.tag)
    # What the widget says and where its worker is must be known before it starts.
    scripts = [f"/altcha/{name}" for name in (f"i18n/{language}.js", "start.js", "altcha.min.js")]
    return Puzzle(challenge=challenge, language=language, scripts=scripts)


def add_routes(app: FastAPI) -> None:
    """Add the widget's files to the application."""

    @app.api_route("/altcha/{name:path}", methods=["GET", "HEAD"])
    async def file(name: str) -> Response:
        content = _files().get(name)
        if content is None:
            return Response(status_code=404, headers=pages.HEADERS)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=86400"}
        return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)


@cache
def _files() -> dict[str, bytes]:
    """Read the widget's files, by their path below `/altcha/`."""
    return {str(path.relative_to(FOLDER)): path.read_bytes() for path in FOLDER.rglob("*") if path.suffix in TYPES}
