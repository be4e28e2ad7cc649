"""
Cut a rendered document at marks into segments.

`begin …` and `end` enclose a segment, `middle` separates the stories from the references.
What is outside segments is the frame, the same for everybody. A template chooses its layout by
the segments that it has: without section heads all but the top story are briefs; `full N` prints
the first N stories of a section in full and lists the others. A form of a lead that a template does
not have is printed in the next simpler one.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from digest.compose import mime
from digest.compose.marks import FORMS, SLOTS, Marks
from digest.errors import ComposeError
from digest.model.rendition import PartPlan, Piece, Segment

#: Segments that occur at most once in a document, by their names in a part.
SINGLE = (
    "opening",
    "nothing",
    "sections_head",
    "sections_tail",
    "list_head",
    "list_next",
    "list_tail",
    "brief_next",
    "brief_end",
    "reader",
)
#: The fallback for a form that a template does not have.
STAND_IN = {"wide lead": "lead", "square lead": "lead", "lead": "full"}


@dataclass(slots=True)
class _Document:
    """Parsed document: the text between its marks."""

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

    def form(self, index: int, form: str, needed: Collection[str]) -> str:
        """Return a story in a form, or in the next simpler one that exists; empty if it is not needed."""
        while (name := f"story {index} {form}") not in self.segments and form in STAND_IN:
            form = STAND_IN[form]
        return self[name] if form in needed else self.segments.get(name, "")


def cut(
    document: str, marks: Marks, *, kind: str, forms: Sequence[str], sections: int, template: str, like: PartPlan | None = None
) -> PartPlan:
    """
    Cut a document into encoded segments; a text part has the layout of the HTML part `like`. `forms` are
    the natural ones of the picks: a brief need not have more.

    Raises:
        ComposeError: a segment is missing, there twice or unknown, or text stands between two
            segments, where it would be lost; names the template.
    """
    base64, picks = mime.shorter_in_base64(document), len(forms)
    encode = mime.as_lines if base64 else mime.quoted_printable
    found = _read(document, marks, template)
    known = {
        *SINGLE,
        "brief_head",
        "brief_tail",
        "more",
        *(f"{kind} {i}" for kind in ("section", "brief_section") for i in range(sections)),
    }
    known |= {f"story {i} {form}" for i in range(picks) for form in FORMS} | {f"reference {i}" for i in range(picks)}
    if unknown := sorted(set(found.segments) - known):
        raise ComposeError(f"{template}: there is no segment `{unknown[0]}`, so no mail would have it")
    if picks and found.middle is None:
        raise ComposeError(f"{template}: the mark `middle` is missing behind the last story")

    def segment(text: str) -> Segment:
        return _segment(text, marks, encode)

    def required(name: str) -> Segment:
        return segment(found[name] if picks else "")

    sectioned = bool(like.sections) if like else "section 0" in found.segments
    full_stories = like.full_stories if like else found.full_stories
    more = {"full"} if sectioned and full_stories != 0 else set()
    needed = [{"top", "brief"} | (more if form != "brief" else set()) for form in forms]
    listed = sectioned and full_stories is not None and like is None
    if listed:
        _ = found["list_head"], found["list_tail"]
    return PartPlan(
        kind=kind,
        encoding="base64" if base64 else "quoted-printable",
        full_stories=full_stories,
        head=segment(found.head),
        middle=segment(found.middle or ""),
        tail=segment(found.tail),
        sections=[segment(found[f"section {i}"]) for i in range(sections)] if sectioned else [],
        brief_head=required("brief_head"),
        brief_tail=required("brief_tail"),
        brief_sections=_all_or_none(found, "brief_section", sections, segment),
        more=required("more"),
        stories=[[segment(found.form(i, form, needed[i])) for form in FORMS] for i in range(picks)],
        references=[segment(found.segments.get(f"reference {i}", "")) for i in range(picks)],
        **{name: segment(found.segments.get(name, "")) for name in SINGLE},
    )


def _all_or_none(found: _Document, kind: str, count: int, segment: Callable[[str], Segment]) -> list[Segment]:
    return [segment(found[f"{kind} {i}"]) for i in range(count)] if f"{kind} 0" in found.segments else []


def _read(document: str, marks: Marks, template: str) -> _Document:
    """Parse the segments by name, and the frame: before the first, from `middle` on, after the last."""
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
        again = name in found.segments and not (name in SINGLE and found.segments[name] == text)
        if again or (mark == "middle" and found.middle is not None):
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
