"""
Plan a reader's mail: the stories that it has, their forms, and their section heads.

Pure functions of rendition, bitmap and the reader's own slots. A section head appears exactly
if it has a story. The size is that of the finished mail: above the aim, full stories
become briefs from the end; above the stop, the last are only on the web.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.compose import mime
from digest.compose.layout import Block, Layout
from digest.compose.lines import derived
from digest.compose.marks import FORMS, NUMBER
from digest.model.delivery import chosen
from digest.model.rendition import PartPlan, Rendition, Segment

AIM_BYTES = 60_000  #: of HTML; above it, full stories become briefs from the end
STOP_BYTES = 95_000  #: never above: Gmail clips from 99,507 bytes, and the unsubscribe link with it
STOP_ENCODED = 102_400  #: nor above this as it is sent, since what Gmail counts is disputed
NAMED_MAX = 3  #: headlines in the opening


def arrange(rendition: Rendition, picks: bytes, own: Mapping[str, str], *, bounded: bool = True) -> Layout:
    """Compute the layout of one mail; `own` are the reader's slots. If not `bounded`, it has every story in its natural form."""
    kept = list(chosen(picks, len(rendition.picks)))
    demoted: set[int] = set()
    layout = _placed(rendition, kept, demoted)
    while bounded and weigh(rendition, layout, own).html > AIM_BYTES:
        full = [i for block in layout.blocks for i in block.full]
        if not full:
            break
        demoted.add(max(full))
        layout = _placed(rendition, kept, demoted)
    wanted = len(kept)
    while bounded and len(kept) > 1 and weigh(rendition, layout, own).too_much:
        kept.pop()
        layout = replace(_placed(rendition, kept, demoted), dropped=wanted - len(kept))
    return layout


def _placed(rendition: Rendition, kept: Sequence[int], demoted: set[int]) -> Layout:
    """
    Place the stories: the first is the top story; briefs are those that are by nature, or have no section. A
    demoted story joins its section's list where the template has such lists, else the briefs.
    """
    picks, plan = rendition.picks, rendition.html
    if not kept:
        return Layout(picks=picks, top=None, blocks=(), briefs=(), named=(), dropped=0)
    top, *others = kept
    lists = plan.full_stories is not None
    brief = {i for i in others if not plan.sections or picks[i].form == "brief" or (i in demoted and not lists)}
    blocks: list[Block] = []
    for section in range(len(plan.sections)):
        inside = [i for i in others if picks[i].section == section and i not in brief]
        if inside:
            count = len(inside) if plan.full_stories is None else plan.full_stories
            full = [i for i in inside[:count] if i not in demoted]
            shape = _shape(picks[full[0]].shapes, [block.shape for block in blocks]) if full else ""
            blocks.append(Block(section=section, full=full, listed=[i for i in inside if i not in full], shape=shape))
    return Layout(
        picks=picks,
        top=top,
        blocks=blocks,
        briefs=sorted(brief, key=lambda i: (picks[i].section, i)) if plan.brief_sections else sorted(brief),
        named=[i for block in blocks if picks[i := block.first].short][:NAMED_MAX] if plan.opening.pieces else (),
        dropped=0,
    )


def _shape(shapes: Sequence[str], before: Sequence[str]) -> str:
    """Choose the shape of a lead's picture: wide and square alternately, and none after two sections with one."""
    if not shapes or (len(before) > 1 and before[-1] and before[-2]):
        return ""
    last = next((shape for shape in reversed(before) if shape), "square")
    wanted = "wide" if last == "square" else "square"
    return wanted if wanted in shapes else shapes[0]


def segments(part: PartPlan, layout: Layout, *, shared: bool = False) -> Iterator[Segment]:
    """Yield the segments of one mail's part, in order; `shared`: without those that only its reader may have."""
    numbers = layout.numbers

    def story(index: int, form: str) -> Segment:
        return _numbered(part.stories[index][FORMS.index(form)], part, numbers.get(index))

    yield part.head
    if layout.named:
        yield part.opening
    yield part.nothing if layout.top is None else story(layout.top, "top")
    if layout.blocks:
        yield part.sections_head
        for block in layout.blocks:
            yield from _section(part, block, story)
        yield part.sections_tail
    if layout.briefs:
        yield from _briefs(part, layout, story)
    if layout.dropped:
        yield part.more
    yield part.middle
    for i in layout.stories:
        yield _numbered(part.references[i], part, numbers.get(i))
    if not shared:
        yield part.reader
    yield part.tail


def _section(part: PartPlan, block: Block, story: Callable[[int, str], Segment]) -> Iterator[Segment]:
    yield part.sections[block.section]
    for place, i in enumerate(block.full):
        if place == 0 and block.shape:
            yield story(i, f"{block.shape} lead")
        else:
            yield story(i, "full" if place else "lead")
    if block.listed:
        yield part.list_head
        yield from _between(part.list_next, [story(i, "brief") for i in block.listed])
        yield part.list_tail


def _briefs(part: PartPlan, layout: Layout, story: Callable[[int, str], Segment]) -> Iterator[Segment]:
    yield part.brief_head
    groups = layout.brief_groups if part.brief_sections else [(0, layout.briefs)]
    for section, group in groups:
        if part.brief_sections:
            yield part.brief_sections[section]
        yield from _between(part.brief_next, [story(i, "brief") for i in group])
        yield part.brief_end
    yield part.brief_tail


def _between(separator: Segment, items: Sequence[Segment]) -> Iterator[Segment]:
    for place, item in enumerate(items):
        if place:
            yield separator
        yield item


def _numbered(segment: Segment, part: PartPlan, number: int | None) -> Segment:
    """Fill in the story's number among this mail's references."""
    if NUMBER not in segment.pieces:
        return segment
    text = "" if number is None else str(number)
    encode = mime.as_lines if part.encoding == "base64" else mime.quoted_printable
    pieces = [encode(text) if piece == NUMBER else piece for piece in segment.pieces]
    return Segment(pieces=pieces, size=segment.size + len(text) * segment.pieces.count(NUMBER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Size of a mail's HTML in bytes, plain and encoded."""

    html: int
    encoded: int

    @property
    def too_much(self) -> bool:
        """True if Gmail would clip the mail."""
        return self.html > STOP_BYTES or self.encoded > STOP_ENCODED


def weigh(rendition: Rendition, layout: Layout, own: Mapping[str, str]) -> Weight:
    """Compute the size of the HTML of a mail of this layout, with its slots filled."""
    part = rendition.html
    values = {**own, **derived(rendition, layout)}
    escaped = {name: html.escape(value) for name, value in values.items()}
    total = encoded = 0
    for segment in segments(part, layout):
        total += segment.size
        for piece in segment.pieces:
            total += len(escaped[piece].encode("utf-8", "replace")) if isinstance(piece, str) else 0
            encoded += len(mime.quoted_printable(escaped[piece]) if isinstance(piece, str) else piece)
    return Weight(html=total, encoded=-(-total // 57) * 78 if part.encoding == "base64" else encoded)
