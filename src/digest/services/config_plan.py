"""
The plan of a configuration: the steps that make what is there what a file says. Pure.

What the file does not name stays, unless it is to be removed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from digest.services.config_file import Document, Item, Key
from digest.services.config_settings import Noun, Value


class Action(StrEnum):
    """Action of a step."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is added, changed or removed."""

    action: Action
    item: Item  #: as it is wanted; of a removal, as it is
    before: Mapping[str, Value] = field(default_factory=dict)  #: the present values of the settings that change
    in_front_of: str = ""  #: the section before which a section belongs; empty: it comes last
    moved: bool = False  #: its place among the sections is another


def steps(present: Sequence[Item], wanted: Document, *, prune: bool) -> Sequence[Step]:
    """Return the steps in an order in which each finds what it needs."""
    by_key = {item.key: item for item in present}
    found: list[Step] = []
    for noun in Noun:
        mine = [item for item in wanted.items if item.noun is noun]
        found += _placed(present, mine) if noun is Noun.SECTION else filter(None, (_step(item, by_key) for item in mine))
    gone = unnamed(present, wanted) if prune else []
    removals = [Step(action=Action.REMOVE, item=item) for noun in _REMOVED for item in gone if item.noun is noun]
    return [*found, *removals]


#: Nouns whose unnamed things are removed, those first that others need. Who may log in is never taken away by a file.
_REMOVED = (Noun.RULE, Noun.SECTION, Noun.SOURCE, Noun.NEWSLETTER, Noun.LIST)


def unnamed(present: Sequence[Item], wanted: Document) -> Sequence[Item]:
    """
    Return the things that are there and that the file does not name.

    Of a kind that has no table in the file nothing is returned, nor parts of a newsletter that it does not name: such a
    file says nothing of them.
    """
    named = {item.key for item in wanted.items}
    papers = {item.name for item in wanted.items if item.noun is Noun.NEWSLETTER}
    return [
        item
        for item in present
        if item.key not in named and (item.newsletter in papers if item.newsletter else item.noun in wanted.kinds)
    ]


def _step(item: Item, by_key: Mapping[Key, Item]) -> Step | None:
    there = by_key.get(item.key)
    if there is None:
        return Step(action=Action.ADD, item=item)
    other = _differences(there, item)
    return Step(action=Action.CHANGE, item=item, before=other) if other else None


def _differences(there: Item, wanted: Item) -> Mapping[str, Value]:
    """Return the present values of the settings that are to be another."""
    return {name: there.values[name] for name, value in wanted.values.items() if there.values[name] != value}


def _placed(present: Sequence[Item], wanted: Sequence[Item]) -> Iterator[Step]:
    """Return the steps of all newsletters' sections, each newsletter's from the last to the first."""
    for paper in dict.fromkeys(item.newsletter for item in wanted):
        there = {item.key: (place, item) for place, item in enumerate(present) if item.newsletter == paper}
        following, end = "", len(present)
        for item in reversed([item for item in wanted if item.newsletter == paper]):
            place, now = there.get(item.key, (None, None))
            if now is None or place is None:
                yield Step(action=Action.ADD, item=item, in_front_of=following)
            else:
                moved = place >= end
                end = end if moved else place
                other = _differences(now, item)
                if other or moved:
                    yield Step(action=Action.CHANGE, item=item, before=other, in_front_of=following, moved=moved)
            following = item.name
