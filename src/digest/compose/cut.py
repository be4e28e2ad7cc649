"""
A rendered document is cut at marks into segments.

A mark is `<!--zqNONCE name-->`; `begin …` and `end` enclose a segment, `middle` stands between
the stories and the references. What is outside segments is the frame, the same for everybody.
The nonce keeps an article's own text from passing for a mark or a slot.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.compose import mime
from digest.errors import ComposeError
from digest.model.rendition import PartPlan, Piece

SLOTS = ("COUNT", "MINUTES", "MORE", "SUBJECT", "PREHEADER", "NAME", "UNSUBSCRIBE", "VIEW")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks and slot tokens of one rendering."""

    nonce: str  #: lower-case letters and digits

    def begin(self, name: str) -> str:
        """Opens a segment."""
        return f"<!--zq{self.nonce} begin {name}-->"

    @property
    def end(self) -> str:
        """Closes a segment."""
        return f"<!--zq{self.nonce} end-->"

    @property
    def middle(self) -> str:
        """Behind the last story."""
        return f"<!--zq{self.nonce} middle-->"

    def slot(self, name: str) -> str:
        """Stands for a slot's value: a bare ASCII token, which premailer and URLs leave alone."""
        return f"zq{self.nonce}{name}qz"


def cut(document: str, marks: Marks, *, kind: str, picks: int, sections: int, template: str) -> PartPlan:
    """
    The document's segments, encoded.

    Raises:
        ComposeError: a segment is missing or there twice, or text stands between two segments,
            where it would be lost; names the template.
    """
    base64 = mime.shorter_in_base64(document)
    encode = (lambda text: text.encode("utf-8", "replace")) if base64 else mime.quoted_printable
    segments, frame = _segments(document, marks, template)

    def pieces(name: str) -> Sequence[Piece]:
        if name not in segments:
            raise ComposeError(f"{template}: the segment `{name}` is missing; every story needs its three forms")
        return _pieces(segments[name], marks, encode)

    forms = ("top", "full", "brief")
    stories = [[pieces(f"story {i} {form}") for form in forms] for i in range(picks)]
    names = [f"section {i}" for i in range(sections)] + ["brief_head", "brief_tail"]
    rest = frame + [segments.get(name, "") for name in names]
    return PartPlan(
        kind=kind,
        encoding="base64" if base64 else "quoted-printable",
        head=_pieces(frame[0], marks, encode),
        middle=_pieces(frame[1], marks, encode),
        tail=_pieces(frame[2], marks, encode),
        sections=[pieces(f"section {i}") for i in range(sections)],
        brief_head=pieces("brief_head"),
        brief_tail=pieces("brief_tail"),
        stories=stories,
        references=[_pieces(segments.get(f"reference {i}", ""), marks, encode) for i in range(picks)],
        sizes=[[len(segments[f"story {i} {form}"].encode()) for form in forms] for i in range(picks)],
        frame_size=sum(len(text.encode()) for text in rest),
    )


def _segments(document: str, marks: Marks, template: str) -> tuple[dict[str, str], list[str]]:
    """The segments by name, and the frame: before the first, from `middle` on, behind the last."""
    parts = re.split(rf"<!--zq{marks.nonce} ([a-z0-9_ ]+)-->", document)
    segments: dict[str, str] = {}
    middle: str | None = None
    name, gap = "", ""
    for mark, text in zip(parts[1::2], parts[2::2], strict=True):
        if mark == "end":
            gap = text
            continue
        if gap.strip():
            raise ComposeError(
                f"{template}: text stands behind the segment `{name}` and before the next, where no reader would see it: {gap.strip()[:60]!r}"
            )
        gap = ""
        if mark == "middle":
            middle = text
            continue
        name = mark.removeprefix("begin ")
        if name in segments:
            raise ComposeError(f"{template}: the segment `{name}` is there twice")
        segments[name] = text
    if middle is None:
        raise ComposeError(f"{template}: the mark `middle` is missing behind the last story")
    return segments, [parts[0], middle, gap]


def _pieces(text: str, marks: Marks, encode: Callable[[str], bytes]) -> Sequence[Piece]:
    found: list[Piece] = []
    for i, part in enumerate(re.split(rf"zq{marks.nonce}([A-Z]+)qz", text)):
        if i % 2:
            if part not in SLOTS:
                raise ComposeError(f"there is no slot {part}; there are {', '.join(SLOTS)}")
            found.append(part)
        elif part:
            found.append(encode(part))
    return found
