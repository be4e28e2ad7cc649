"""
Select the stories of an issue, with their section, order, form and the reason.

Knows nothing about feeds, HTML or subscribers. Ties are broken by headline and number, so a
re-run of the same slot gives the same issue.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from digest.curate import rank
from digest.curate.matching import topics_of
from digest.curate.picks import pick
from digest.curate.rules import EditorRule, Rules, SectionRule
from digest.model.issue import Candidate, ToldStory
from digest.model.states import Form, RuleKind

#: In an issue with more stories than this, the lowest-ranked third are briefs.
BRIEFS_ABOVE = 6


@dataclass(slots=True, kw_only=True)
class _Choice:
    """Stories chosen so far while an issue is filled."""

    picks: list[Candidate] = field(default_factory=list)
    sections: dict[int, str] = field(default_factory=dict)  #: by story
    publishers: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)

    def count(self, section: str) -> int:
        """Return the number of stories in a section."""
        return sum(name == section for name in self.sections.values())

    def penalty(self, publisher: str, topic: str) -> float:
        """Return the diversity penalty of a story beside the chosen ones; 0 or less."""
        return rank.diversity(same_publisher=self.publishers[publisher], same_topic=self.topics[topic])

    def beside(self, candidate: Candidate) -> Candidate:
        """Return the candidate with its diversity penalty beside the chosen stories."""
        cost = self.penalty(candidate.story.lead.publisher, candidate.story.lead.topic.casefold())
        return replace(candidate, score={**candidate.score, "diversity": cost}) if cost else candidate

    def take(self, candidate: Candidate, section: str) -> None:
        """Add a candidate to a section."""
        lead = candidate.story.lead
        self.picks.append(candidate)
        self.sections[candidate.story.story_id] = section
        self.publishers[lead.publisher] += 1
        self.topics[lead.topic.casefold()] += bool(lead.topic)


def select(stories: Sequence[ToldStory], rules: Rules, *, now: datetime) -> Sequence[Candidate]:
    """Return every story as a candidate: first the picks in print order, then the rejected ones, best first."""
    shown = [_presentable(story, rules) for story in stories]
    missed: dict[str, str] = {}  # sections that are not printed → why
    while True:
        fit, out = _judged(shown, rules, missed, now)
        chosen, left = _fill(fit, rules)
        kept = {chosen.sections[c.story.story_id] for c in chosen.picks if rules.edit(c.story).is_kept}
        small = [s for s in rules.sections if 0 < chosen.count(s.name) < s.least and s.name not in kept]
        if not small:
            return [*_print_order(chosen, rules, now), *sorted([*out, *left], key=_order)]
        # Drop one section at a time, the issue's last first: the places that it frees may bring another to its minimum.
        dropped = small[-1]
        there = sum(_section(c.story, rules.sections) == dropped.name for c in fit)
        lack = f"wants {dropped.least} stories and has {there}" if there < dropped.least else "has no room for what it wants"
        missed[dropped.name] = f"section {dropped.name} {lack}"
        rules = replace(rules, sections=[s for s in rules.sections if s.name != dropped.name])


def _presentable(story: ToldStory, rules: Rules) -> ToldStory:
    """Remove hidden tellings if the story has others, and put settled ones first, so that a settled one leads."""
    seen = [t for t in story.tellings if not t.hidden] or story.tellings
    if rules.settled_by is None:
        return replace(story, tellings=seen)
    return replace(story, tellings=sorted(seen, key=lambda t: not rules.is_settled(t)))


def _judged(
    stories: Sequence[ToldStory], rules: Rules, missed: Mapping[str, str], now: datetime
) -> tuple[list[Candidate], list[Candidate]]:
    """Split the stories into those that may be in and those that are out whatever the other stories are."""
    fit: list[Candidate] = []
    out: list[Candidate] = []
    for story in stories:
        boost, unwanted = _by_editors(story, _home(story, rules), rules.editor_rules)
        reason = _exclusion_reason(story, rules)
        if not rules.edit(story).is_kept:
            reason = reason or unwanted or _unplaced_reason(story, rules, missed)
        candidate = Candidate(story=story, score=rank.score(story, now=now, boost=boost), reason=reason)
        (out if reason else fit).append(candidate)
    return fit, out


def _order(candidate: Candidate) -> tuple[bool, float, str, int]:
    return (not _pinned(candidate.story), -candidate.total, candidate.story.lead.headline, candidate.story.story_id)


def _pinned(story: ToldStory) -> bool:
    return any(telling.pinned for telling in story.tellings)


def _exclusion_reason(story: ToldStory, rules: Rules) -> str:
    """Return the reason that excludes a story from this issue whatever the other stories are; empty if there is none."""
    lead, edit = story.lead, rules.edit(story)
    if story.story_id in rules.printed and not edit.is_kept:
        number = rules.printed[story.story_id]
        return f"printed in issue {number}" if number else "printed before"
    if all(telling.hidden for telling in story.tellings):
        return "withdrawn by its source" if story.lead.withdrawn else "hidden by an editor"
    if edit.is_hidden:
        return f"taken out of this issue by {edit.by or 'an editor'}"
    if edit.is_kept:
        return ""
    if lead.since < rules.not_before:
        return f"too old: published {lead.since:%Y-%m-%d %H:%M} UTC, this issue begins at {rules.not_before:%Y-%m-%d %H:%M}"
    if rules.settled_by is not None and lead.settles_at > rules.settled_by:
        return f"not settled yet: it may still change until {lead.settles_at:%H:%M} UTC, and waits for the next issue"
    return ""


def _by_editors(story: ToldStory, section: str, editor_rules: Sequence[EditorRule]) -> tuple[float, str]:
    """Return the boost that the editors' rules add to its score, or the reason that they exclude it."""
    mine = [rule for rule in editor_rules if rule.section.casefold() in ("", section.casefold())]
    muted = next((said for rule in mine if rule.kind is RuleKind.MUTE and (said := rule.names(story))), "")
    if muted:
        return 0.0, f"muted: it speaks of {muted}"
    required = [rule for rule in mine if rule.kind is RuleKind.REQUIRE]
    if required and not any(rule.names(story) for rule in required):
        wanted = ", ".join(word for rule in required for word in (*rule.words, *rule.topics))
        return 0.0, f"it speaks of none of what is required: {wanted}"
    return sum(rule.weight for rule in mine if rule.kind is RuleKind.BOOST and rule.names(story)), ""


def _unplaced_reason(story: ToldStory, rules: Rules, missed: Mapping[str, str]) -> str:
    """Return the reason that no section takes it; empty if one does. `missed` has the reasons of sections that are not printed."""
    if (rules.sections and _section(story, rules.sections)) or not (rules.sections or missed):
        return ""
    if missed:
        return ", ".join(missed.values())
    topics = list(dict.fromkeys(topic for telling in story.tellings for topic in topics_of(telling)))
    return f"no section takes the topic {', '.join(topics[:3])}" if topics else "it has no topic, and every section wants one"


def _section(story: ToldStory, sections: Sequence[SectionRule]) -> str:
    """Return the section that takes a story: the first that matches, then one that takes all; without sections, its topic."""
    if not sections:
        return story.lead.topic
    asking = (section for section in sections if not section.takes_all and section.takes(story))
    found = next(asking, next((section for section in sections if section.takes_all), None))
    return found.name if found else ""


def _home(story: ToldStory, rules: Rules) -> str:
    """Return the section that a story would stand in: the one that an editor says, else the one that takes it; one that is kept has to stand somewhere."""
    edit, names = rules.edit(story), [section.name for section in rules.sections]
    if edit.section is not None and (not names or edit.section in names):
        return edit.section
    return _section(story, rules.sections) or (names[-1] if names and edit.is_kept else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A candidate that is not chosen yet, with what is asked of it for every place of the issue."""

    candidate: Candidate
    home: str  #: the section that it would stand in
    is_kept: bool
    is_pinned: bool
    total: float  #: score beside no other story
    publisher: str
    topic: str

    @classmethod
    def of(cls, candidate: Candidate, rules: Rules) -> "_Waiting":
        lead = candidate.story.lead
        return cls(
            candidate=candidate,
            home=_home(candidate.story, rules),
            is_kept=rules.edit(candidate.story).is_kept,
            is_pinned=_pinned(candidate.story),
            total=candidate.total,
            publisher=lead.publisher,
            topic=lead.topic.casefold(),
        )

    def order(self, penalty: float) -> tuple[bool, float, str, int]:
        """Return its key of `_order` with a penalty."""
        return (not self.is_pinned, -(self.total + penalty), self.candidate.story.lead.headline, self.candidate.story.story_id)


def _fill(fit: Sequence[Candidate], rules: Rules) -> tuple[_Choice, list[Candidate]]:
    """
    Take the best stories one after another, each scored beside those above it, until the issue is full.

    Places that are reserved for sections are kept as long as there are stories to fill them.
    """
    chosen, waiting = _Choice(), {c.story.story_id: _Waiting.of(c, rules) for c in sorted(fit, key=_order)}
    while may := _eligible(chosen, waiting.values(), rules):
        best = _best(may, chosen)
        chosen.take(chosen.beside(best.candidate), best.home)
        del waiting[best.candidate.story.story_id]
    left = [(one.home, chosen.beside(one.candidate)) for one in waiting.values()]
    return chosen, [replace(c, reason=_overflow_reason(home, chosen, rules)) for home, c in left]


def _best(may: Sequence[_Waiting], chosen: _Choice) -> _Waiting:
    """Return the best of some candidates, which are in order of their scores, beside the chosen stories; these only make a score worse."""
    best, best_order = may[0], may[0].order(chosen.penalty(may[0].publisher, may[0].topic))
    for one in may[1:]:
        if (not one.is_pinned, -one.total) > best_order[:2]:
            break  # with a penalty it would be even further behind, and so would all that follow
        order = one.order(chosen.penalty(one.publisher, one.topic))
        if order < best_order:
            best, best_order = one, order
    return best


def _eligible(chosen: _Choice, waiting: Collection[_Waiting], rules: Rules) -> Sequence[_Waiting]:
    """Return the stories of which the next is taken: those that editors keep always, others while there is room beside them."""
    kept = [one for one in waiting if one.is_kept]
    room = rules.max_stories - len(chosen.picks)
    if room <= len(kept):
        return kept
    promised = _reserved_places(chosen, Counter(one.home for one in waiting), rules)
    is_reserved = sum(promised.values()) >= room
    to_come = Counter(one.home for one in kept)
    full = {section.name for section in rules.sections if _full(section.name, chosen, rules, to_come[section.name])}
    return [
        one
        for one in waiting
        if one.is_kept or (one.home not in full and (not is_reserved or promised.get(one.home) or one.is_pinned))
    ]


def _full(section: str, chosen: _Choice, rules: Rules, to_come: int = 0) -> bool:
    return any(chosen.count(s.name) + to_come >= s.size for s in rules.sections if s.name == section)


def _reserved_places(chosen: _Choice, there: Mapping[str, int], rules: Rules) -> Mapping[str, int]:
    """
    Return the number of places still reserved for each section that the waiting stories can bring to its minimum.

    In the newsletter's order, as long as there are places: a reservation that cannot be met blocks no other.
    """
    room = rules.max_stories - len(chosen.picks)
    found: dict[str, int] = {}
    for section in rules.sections:
        wanting = section.least - chosen.count(section.name)
        if 0 < wanting <= min(room, there[section.name]):
            found[section.name] = wanting
            room -= wanting
    return found


def _overflow_reason(section: str, chosen: _Choice, rules: Rules) -> str:
    """Return the reason that a suitable story is out."""
    if _full(section, chosen, rules):
        return f"section {section} is full with {chosen.count(section)} stories"
    if len(chosen.picks) >= rules.max_stories:
        return f"the issue is full with {rules.max_stories} stories"
    return "the places that are left are kept for other sections"


def _print_order(chosen: _Choice, rules: Rules, now: datetime) -> Sequence[Candidate]:
    """Sort into top story, full stories by section, then briefs; each with its pick and the reason."""
    names = [chosen.sections[c.story.story_id] for c in chosen.picks]
    places = _section_order(names, rules)
    rows = list(zip(chosen.picks, _forms(chosen.picks, rules), names, range(len(names)), strict=True))

    def group(row: tuple[Candidate, Form, str, int]) -> tuple[bool, bool, int]:
        return row[1] is not Form.TOP, row[1] is Form.BRIEF, places[row[2]]

    rows.sort(key=lambda row: (group(row), row[3]))
    best = sorted((c.total for c in chosen.picks), reverse=True)
    return [
        replace(
            candidate,
            pick=pick(candidate.story, name, form, rules),
            original=pick(candidate.story, name, form, replace(rules, edits={})) if _is_rewritten(candidate, rules) else None,
            reason=_inclusion_reason(candidate, best.index(candidate.total), rules, now),
        )
        for _, together in groupby(rows, key=group)
        for candidate, form, name, _ in _arranged(list(together), rules)
    ]


def _forms(fit: Sequence[Candidate], rules: Rules) -> Sequence[Form]:
    """Return the form of each story: as editors say, else the best is the top story and the lowest third are briefs."""
    forms = [rules.edit(c.story).form for c in fit]
    top = next((i for wanted in (Form.TOP, None) for i, form in enumerate(forms) if form is wanted), 0)
    briefs = (len(fit) // 3 if len(fit) > BRIEFS_ABOVE else 0) - forms.count(Form.BRIEF)
    free = [i for i, form in enumerate(forms) if form is None and i != top]
    brief = set(free[len(free) - briefs :]) if briefs > 0 else set()
    return [
        Form.TOP if i == top else Form.BRIEF if i in brief or form is Form.BRIEF else Form.FULL for i, form in enumerate(forms)
    ]


def _arranged(rows: Sequence[tuple[Candidate, Form, str, int]], rules: Rules) -> Sequence[tuple[Candidate, Form, str, int]]:
    """Put the stories of a section that editors have given a place there, and leave the others in their order around them."""
    placed = [(place, row) for row in rows if (place := rules.edit(row[0].story).place) is not None]
    found = [row for row in rows if rules.edit(row[0].story).place is None]
    for place, row in sorted(placed, key=lambda one: (one[0], one[1][3])):
        found.insert(place, row)
    return found


def _is_rewritten(candidate: Candidate, rules: Rules) -> bool:
    edit = rules.edit(candidate.story)
    return bool(edit.headline or edit.summary)


def _section_order(names: Sequence[str], rules: Rules) -> Mapping[str, int]:
    """Return the position of each section: as the newsletter has them; without sections of its own, by best story, the nameless last."""
    if rules.sections:
        return {rule.name: i for i, rule in enumerate(rules.sections)}
    seen = list(dict.fromkeys(names))
    return {name: i for i, name in enumerate(sorted(seen, key=lambda n: (n == "", seen.index(n))))}


def _inclusion_reason(candidate: Candidate, place: int, rules: Rules, now: datetime) -> str:
    """Return the reason that a story is in, worded for a reader."""
    story = candidate.story
    publishers = len({telling.publisher for telling in story.tellings})
    told = f"told by {publishers} publishers" if publishers > 1 else f"told by {story.lead.publisher}"
    said = [f"number {place + 1} by score", f"{_age(now - story.lead.since)} old", told]
    if _pinned(story):
        said.insert(0, "pinned by an editor")
    if (edit := rules.edit(story)).is_kept:
        said.insert(0, f"kept in by {edit.by or 'an editor'}")
    if candidate.score.get("rules"):
        said.append("boosted by a rule")
    if story.predecessor_id is not None and story.predecessor_id in rules.printed:
        number = rules.printed[story.predecessor_id]
        said.append(f"goes on with what issue {number} told" if number else "goes on with what was told before")
    return ", ".join(said)


def _age(age: timedelta) -> str:
    hours = int(max(age, timedelta(0)).total_seconds() // 3600)
    return f"{hours} hours" if hours != 1 else "1 hour"
