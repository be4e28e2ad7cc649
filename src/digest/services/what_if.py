"""What if: what a rule would change in the issue that comes next, before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from digest.curate.matching import listed
from digest.errors import BadInput
from digest.model.newsletter import EditorialRule
from digest.model.states import RuleKind
from digest.services import selection
from digest.services.context import Context
from digest.services.selection import Prepared
from digest.store import newsletters


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A story that an issue would gain or lose, or that would stand elsewhere in it."""

    headline: str
    section: str
    before: int | None  #: its place without the rule, from 1; None: it was out
    after: int | None  #: its place with the rule; None: it is out


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Effect of a rule."""

    candidates: int
    moved: Sequence[Moved]  #: those that come, then those that go, then those that stand elsewhere

    @property
    def gained(self) -> int:
        """Number of the stories that come."""
        return sum(one.before is None for one in self.moved)

    @property
    def lost(self) -> int:
        """Number of the stories that go."""
        return sum(one.after is None for one in self.moved)


def rule(ctx: Context, newsletter: str, kind: RuleKind, *, words: str, topic: str, section: str, weight: float) -> Effect:
    """
    Return what one rule more would change if the issue were made now.

    Raises:
        BadInput: it names no story.
        NotFound: there is no such newsletter.
    """
    if not (listed(words) or listed(topic)):
        raise BadInput("a rule needs words or topics", code="rule_names_nothing")
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
    more = EditorialRule(newsletter_id=paper.id, kind=kind, words=words, topic=topic, section=section, weight=weight)
    now = ctx.clock()
    slot = paper.timetable.today(now)
    before = selection.choose(ctx, paper, slot, now=now)
    after = selection.choose(ctx, paper, slot, now=now, more_rules=[more])
    return Effect(candidates=len(before.candidates), moved=_moved(before, after))


def _moved(before: Prepared, after: Prepared) -> Sequence[Moved]:
    was = {pick.story_id: (place, pick) for place, pick in enumerate(before.picks, 1)}
    now = {pick.story_id: (place, pick) for place, pick in enumerate(after.picks, 1)}
    found = []
    for story in dict.fromkeys([*now, *was]):
        place, pick = now.get(story) or was[story]
        one = Moved(
            headline=pick.headline,
            section=pick.section,
            before=was[story][0] if story in was else None,
            after=place if story in now else None,
        )
        if one.before != one.after:
            found.append(one)
    return sorted(found, key=lambda one: (one.before is not None, one.after is not None, one.after or one.before or 0))
