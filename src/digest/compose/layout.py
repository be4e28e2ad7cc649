"""Layout of one reader's mail: its stories, their forms and section heads, as plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from digest.model.rendition import PickLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section in one mail: picks printed in full, the lead first, then those listed; indices into the issue's picks."""

    section: int
    full: Sequence[int]
    listed: Sequence[int]
    shape: str = ""  #: of the lead's picture: wide, square or empty

    @property
    def first(self) -> int:
        """First pick of the section."""
        return [*self.full, *self.listed][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A reader's mail: the top story, sections, briefs (indices into the issue's picks), and how many did not fit."""

    picks: Sequence[PickLine]  #: of the issue
    top: int | None
    blocks: Sequence[Block]
    briefs: Sequence[int]  #: by section
    named: Sequence[int]  #: leads whose headlines are in the opening
    dropped: int

    @property
    def stories(self) -> Sequence[int]:
        """All stories in print order."""
        top = [] if self.top is None else [self.top]
        return [*top, *(i for block in self.blocks for i in (*block.full, *block.listed)), *self.briefs]

    @property
    def brief_groups(self) -> Iterator[tuple[int, Sequence[int]]]:
        """Iterator of sections with their briefs."""
        return ((section, list(group)) for section, group in groupby(self.briefs, lambda i: self.picks[i].section))

    @property
    def numbers(self) -> dict[int, int]:
        """Number of each linked story among this mail's references: 1, 2, 3 …"""
        return {i: number for number, i in enumerate((i for i in self.stories if self.picks[i].linked), start=1)}

    @property
    def words(self) -> int:
        """Number of words of the stories as this mail prints them."""
        briefs = {*self.briefs, *(i for block in self.blocks for i in block.listed)}
        return sum(self.picks[i].brief_words if i in briefs else self.picks[i].words for i in self.stories)
