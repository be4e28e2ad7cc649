"""How a rendition is stored: JSON, its pieces as ASCII. Written once, read many times."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from digest.model.rendition import DerivedTexts, HeaderFrame, PartPlan, PickLine, Piece, Rendition


def dump(rendition: Rendition) -> bytes:
    """The rendition as bytes; `load` gives an equal one back."""
    return json.dumps(asdict(rendition), default=_latin, separators=(",", ":")).encode("ascii")


def load(raw: bytes) -> Rendition:
    """The rendition that `dump` wrote."""
    values = json.loads(raw)
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
    fields = dict(values)
    for name in ("head", "middle", "tail", "brief_head", "brief_tail"):
        fields[name] = _pieces(values[name])
    for name in ("sections", "references"):
        fields[name] = [_pieces(pieces) for pieces in values[name]]
    fields["stories"] = [[_pieces(pieces) for pieces in forms] for forms in values["stories"]]
    return PartPlan(**fields)


def _pieces(values: Sequence[Any]) -> Sequence[Piece]:
    return [value if isinstance(value, str) else value["b"].encode("latin-1") for value in values]
