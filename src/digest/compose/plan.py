"""
Which of an issue's stories a reader's mail has, in which form, and under which heads.

Pure functions of rendition, bitmap and the reader's own slots. A section head appears exactly
when it has a story. The size is measured as the mail will have it: above the aim full stories
become briefs from the end, above the stop the last are left to the web.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.compose import mime
from digest.compose.lines import derived
from digest.model.delivery import chosen
from digest.model.rendition import PartPlan, Rendition, Segment

AIM_BYTES = 60_000  #: of HTML; above it, full stories become briefs from the end
STOP_BYTES = 95_000  #: never above: Gmail clips from 99,507 bytes, and the unsubscribe link with it
STOP_ENCODED = 102_400  #: nor above this as it is sent, since what Gmail counts is disputed
TOP, FULL, BRIEF = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section as one mail has it: picks printed in full, then those listed; indices into the issue's picks."""

    section: int
    full: Sequence[int]
    listed: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A reader's mail: the top story, sections, briefs (indices into the issue's picks), and how many did not fit."""

    top: int | None
    blocks: Sequence[Block]
    briefs: Sequence[int]
    dropped: int

    @property
    def stories(self) -> Sequence[int]:
        """All, in print order."""
        top = [] if self.top is None else [self.top]
        return [*top, *(i for block in self.blocks for i in (*block.full, *block.listed)), *self.briefs]


def arrange(rendition: Rendition, picks: bytes, own: Mapping[str, str], *, bounded: bool = True) -> Layout:
    """The layout of one mail; `own` are the reader's slots. Unbounded it has every story in its natural form."""
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
    The first is the top story; briefs are those that are by nature, or have no section to stand in. A
    demoted story joins its section's list where the template has such lists, else the briefs.
    """
    if not kept:
        return Layout(top=None, blocks=(), briefs=(), dropped=0)
    top, *others = kept
    plan = rendition.html
    lists = plan.full_stories is not None
    brief = {i for i in others if not plan.sections or rendition.picks[i].form == "brief" or (i in demoted and not lists)}
    blocks = []
    for section in range(len(plan.sections)):
        inside = [i for i in others if rendition.picks[i].section == section and i not in brief]
        if inside:
            count = len(inside) if plan.full_stories is None else plan.full_stories
            full = [i for i in inside[:count] if i not in demoted]
            blocks.append(Block(section=section, full=full, listed=[i for i in inside if i not in full]))
    return Layout(top=top, blocks=blocks, briefs=[i for i in others if i in brief], dropped=0)


def segments(part: PartPlan, layout: Layout) -> Iterator[Segment]:
    """The segments of one mail's part, in order."""
    yield part.head
    yield part.nothing if layout.top is None else part.stories[layout.top][TOP]
    for block in layout.blocks:
        yield part.sections[block.section]
        for i in block.full:
            yield part.stories[i][FULL]
        if block.listed:
            yield part.list_head
            for i in block.listed:
                yield part.stories[i][BRIEF]
            yield part.list_tail
    if layout.briefs:
        yield part.brief_head
        for i in layout.briefs:
            yield part.stories[i][BRIEF]
        yield part.brief_tail
    if layout.dropped:
        yield part.more
    yield part.middle
    for i in layout.stories:
        yield part.references[i]
    yield part.tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes of a mail's HTML, as it is and as it is sent."""

    html: int
    encoded: int

    @property
    def too_much(self) -> bool:
        """Beyond what Gmail shows whole."""
        return self.html > STOP_BYTES or self.encoded > STOP_ENCODED


def weigh(rendition: Rendition, layout: Layout, own: Mapping[str, str]) -> Weight:
    """What the HTML of a mail of this layout weighs, its slots filled."""
    part = rendition.html
    values = {**own, **derived(rendition, layout.stories, dropped=layout.dropped)}
    escaped = {name: html.escape(value) for name, value in values.items()}
    total = encoded = 0
    for segment in segments(part, layout):
        total += segment.size
        for piece in segment.pieces:
            total += len(escaped[piece].encode("utf-8", "replace")) if isinstance(piece, str) else 0
            encoded += len(mime.quoted_printable(escaped[piece]) if isinstance(piece, str) else piece)
    return Weight(html=total, encoded=-(-total // 57) * 78 if part.encoding == "base64" else encoded)
