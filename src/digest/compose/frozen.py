"""Serialise renditions: JSON, pieces as ASCII. Written once, read many times."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from digest.errors import ComposeError
from digest.model.rendition import DerivedTexts, HeaderFrame, PartPlan, PickLine, Rendition, Segment

VERSION = 3  #: of the stored form


def dump(rendition: Rendition) -> bytes:
    """Serialise a rendition; `load` returns one that makes the same mails."""
    return json.dumps({"version": VERSION, **asdict(rendition)}, default=_latin, separators=(",", ":")).encode("ascii")


def load(raw: bytes) -> Rendition:
    """
    Deserialise a rendition that `dump` wrote.

    Raises:
        ComposeError: an earlier version of the program wrote it.
    """
    values = json.loads(raw)
    if values.get("version") != VERSION:
        raise ComposeError("this issue was printed by an earlier version of digest, and its mails cannot be made again")
    return Rendition(
        language=values["language"],
        theme=values["theme"],
        header=HeaderFrame(**values["header"]),
        picks=tuple(PickLine(**pick) for pick in values["picks"]),
        texts=DerivedTexts(**values["texts"]),
        html=_part(values["html"]),
        plain=_part(values["plain"]),
    )


def _latin(value: object) -> Mapping[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"cannot be stored: {value!r}")
    return {"b": value.decode("latin-1")}


def _part(values: Mapping[str, Any]) -> PartPlan:
    return PartPlan(**{name: _segments(value) for name, value in values.items()})


def _segments(value: Any) -> Any:
    """Restore a segment, lists of them at any depth, or a plain value."""
    if isinstance(value, list):
        return [_segments(part) for part in value]
    if isinstance(value, dict):
        pieces = [piece if isinstance(piece, str) else piece["b"].encode("latin-1") for piece in value["pieces"]]
        return Segment(pieces=pieces, size=value["size"])
    return value
