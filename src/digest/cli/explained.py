"""Printing of candidates, for `digest send --explain` and `digest issues explain`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from digest.cli.output import table

if TYPE_CHECKING:
    from digest.services.views.issues import CandidateView


def print_explained(rows: "Sequence[CandidateView]") -> None:
    """Print every candidate: its place or `out`, its score and the reason in words."""
    table(
        ["", "headline", "section", "form", "score", "of", "why"],
        [(c.place or "out", c.headline, c.section, c.form, c.score, _parts(c.parts), c.reason) for c in rows],
        empty="no story was considered: nothing was collected",
    )


def _parts(parts: Mapping[str, float]) -> str:
    """Format the parts of a score: `coverage 0.25, freshness 0.87`."""
    return ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
