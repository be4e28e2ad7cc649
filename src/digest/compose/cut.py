"""
A rendered document is cut at marks into segments.

`begin …` and `end` enclose a segment, `middle` stands between the stories and the references.
What is outside segments is the frame, the same for everybody. A template chooses its layout by
the segments that it has: without section heads all but the top story are briefs; `full N` prints
the first N stories of a section in full and lists the others.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from digest.compose import mime
from digest.compose.marks import SLOTS, Marks
from digest.errors import ComposeError
from digest.model.rendition import PartPlan, Piece, Segment

FORMS = ("top", "full", "brief")


@dataclass(slots=True)
class _Document:
    """What is found between marks."""

    template: str
    full_stories: int | None = None
    head: str = ""
    middle: str | None = None
    tail: str = ""
    segments: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        if name not in self.segments:
            raise ComposeError(f"{self.template}: the segment `{name}` is missing; every story needs its three forms")
        return self.segments[name]


def cut(
    document: str, marks: Marks, *, kind: str, picks: int, sections: int, template: str, like: PartPlan | None = None
) -> PartPlan:
    """
    The document's segments, encoded; a text part has the layout of the HTML that it goes `like`.

    Raises:
        ComposeError: a segment is missing, there twice or unknown, or text stands between two
            segments, where it would be lost; names the template.
    """
    base64 = mime.shorter_in_base64(document)
    encode = mime.as_lines if base64 else mime.quoted_printable
    found = _read(document, marks, template)
    known = {"list_head", "list_tail", "brief_head", "brief_tail", "more", "nothing", *(f"section {i}" for i in range(sections))}
    known |= {f"story {i} {form}" for i in range(picks) for form in FORMS} | {f"reference {i}" for i in range(picks)}
    if unknown := sorted(set(found.segments) - known):
        raise ComposeError(f"{template}: there is no segment `{unknown[0]}`, so no mail would have it")
    if picks and found.middle is None:
        raise ComposeError(f"{template}: the mark `middle` is missing behind the last story")

    def segment(text: str) -> Segment:
        return _segment(text, marks, encode)

    sectioned = bool(like.sections) if like else "section 0" in found.segments
    full_stories = like.full_stories if like else found.full_stories
    needed = {"top", "brief", *(["full"] if sectioned and full_stories != 0 else [])}
    listed = sectioned and full_stories is not None and like is None
    return PartPlan(
        kind=kind,
        encoding="base64" if base64 else "quoted-printable",
        full_stories=full_stories,
        head=segment(found.head),
        middle=segment(found.middle or ""),
        tail=segment(found.tail),
        sections=[segment(found[f"section {i}"]) for i in range(sections)] if sectioned else [],
        list_head=segment(found["list_head"] if listed else found.segments.get("list_head", "")),
        list_tail=segment(found["list_tail"] if listed else found.segments.get("list_tail", "")),
        brief_head=segment(found["brief_head"] if picks else ""),
        brief_tail=segment(found["brief_tail"] if picks else ""),
        more=segment(found["more"] if picks else ""),
        nothing=segment(found.segments.get("nothing", "")),
        stories=[[segment(found[f"story {i} {form}"] if form in needed else "") for form in FORMS] for i in range(picks)],
        references=[segment(found.segments.get(f"reference {i}", "")) for i in range(picks)],
    )


def _read(document: str, marks: Marks, template: str) -> _Document:
    """The segments by name, and the frame: before the first, from `middle` on, behind the last."""
    stated = re.findall(rf"<!--zq{marks.nonce} full (\d+)-->", document)  # a statement, not a place
    document = re.sub(rf"<!--zq{marks.nonce} full \d+-->", "", document)
    parts = re.split(rf"<!--zq{marks.nonce} ([a-z0-9_ ]+)-->", document)
    found = _Document(template=template, head=parts[0], full_stories=int(stated[-1]) if stated else None)
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
        name = mark.removeprefix("begin ")
        if name in found.segments or (mark == "middle" and found.middle is not None):
            raise ComposeError(f"{template}: the {'mark' if mark == 'middle' else 'segment'} `{name}` is there twice")
        if mark == "middle":
            found.middle = text
        else:
            found.segments[name] = text
    found.tail = gap
    return found


def _segment(text: str, marks: Marks, encode: Callable[[str], bytes]) -> Segment:
    pieces: list[Piece] = []
    size = 0
    for i, part in enumerate(re.split(rf"zq{marks.nonce}([A-Z]+)qz", text)):
        if i % 2:
            if part not in SLOTS:
                raise ComposeError(f"there is no slot {part}; there are {', '.join(SLOTS)}")
            pieces.append(part)
        elif part:
            pieces.append(encode(part))
            size += len(mime.as_lines(part))
    return Segment(pieces=pieces, size=size)
