"""
Select the stories of an issue, with their section, order, form and the reason.

Knows nothing about feeds, HTML or subscribers. Ties are broken by headline and number, so a
re-run of the same slot gives the same issue.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.curate import rank
from digest.curate.matching import has_topic, of_source, spoken_of, topics_of
from digest.curate.sentences import paragraphs
from digest.curate.summarise import Document, Summary, summarise
from digest.model.article import count_words
from digest.model.issue import Candidate, Coverage, Pick, Telling, ToldStory
from digest.model.states import Form, RuleKind
from digest.model.words import joined

#: In an issue with more stories than this, the lowest-ranked third are briefs.
BRIEFS_ABOVE = 6
WORDS_A_MINUTE = 230
ALSO_MAX = 4
#: A text without a link is printed whole up to this length.
WHOLE_WORDS, WHOLE_CHARACTERS = 60, 800


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """
    Rule of a section: it takes stories with one of its topics, of one of its sources or with one of its
    words, at least `least` of them or none, at most `size`. One without conditions takes what no other takes.
    """

    name: str
    topics: Sequence[str] = ()
    sources: Sequence[str] = ()
    words: Sequence[str] = ()
    size: int
    least: int = 0

    @property
    def takes_all(self) -> bool:
        """True if the section has no conditions."""
        return not (self.topics or self.sources or self.words)

    def takes(self, story: ToldStory) -> bool:
        """True if the section takes a story."""
        asked = has_topic(story, self.topics) or of_source(story, self.sources) or bool(spoken_of(story, self.words))
        return self.takes_all or asked


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorRule:
    """An editorial rule: stories with one of these words or this topic (of this section only) are boosted, required or muted."""

    kind: RuleKind
    words: Sequence[str] = ()
    topics: Sequence[str] = ()
    section: str = ""
    weight: float = 0.0

    def names(self, story: ToldStory) -> str:
        """Return the word or topic of the story that the rule matches; empty if it does not match."""
        if found := spoken_of(story, self.words):
            return found
        return next((topic for topic in self.topics if has_topic(story, [topic])), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A newsletter's rules for an issue."""

    sections: Sequence[SectionRule]  #: none: one section for each topic that occurs
    max_stories: int
    not_before: datetime  #: published or first seen earlier is too old
    printed: Mapping[int, int | None]  #: stories that were printed → the issue's number
    editor_rules: Sequence[EditorRule] = ()
    settled_by: datetime | None = None  #: a story that is not settled by then waits; None: none waits


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

    def beside(self, candidate: Candidate) -> Candidate:
        """Return the candidate with its diversity penalty beside the chosen stories."""
        lead = candidate.story.lead
        cost = rank.diversity(same_publisher=self.publishers[lead.publisher], same_topic=self.topics[lead.topic.casefold()])
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
        small = [s for s in rules.sections if 0 < chosen.count(s.name) < s.least]
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
    return replace(story, tellings=sorted(seen, key=lambda t: not _settled(t, rules)))


def _judged(
    stories: Sequence[ToldStory], rules: Rules, missed: Mapping[str, str], now: datetime
) -> tuple[list[Candidate], list[Candidate]]:
    """Split the stories into those that may be in and those that are out whatever the other stories are."""
    fit: list[Candidate] = []
    out: list[Candidate] = []
    for story in stories:
        section = _section(story, rules.sections)
        boost, unwanted = _by_editors(story, section, rules.editor_rules)
        reason = _exclusion_reason(story, rules) or unwanted or _unplaced_reason(story, rules, missed)
        candidate = Candidate(story=story, score=rank.score(story, now=now, boost=boost), reason=reason)
        (out if reason else fit).append(candidate)
    return fit, out


def _order(candidate: Candidate) -> tuple[bool, float, str, int]:
    return (not _pinned(candidate.story), -candidate.total, candidate.story.lead.headline, candidate.story.story_id)


def _pinned(story: ToldStory) -> bool:
    return any(telling.pinned for telling in story.tellings)


def _exclusion_reason(story: ToldStory, rules: Rules) -> str:
    """Return the reason that excludes a story from this issue whatever the other stories are; empty if there is none."""
    lead = story.lead
    if story.story_id in rules.printed:
        number = rules.printed[story.story_id]
        return f"printed in issue {number}" if number else "printed before"
    if all(telling.hidden for telling in story.tellings):
        return "withdrawn by its source" if story.lead.withdrawn else "hidden by an editor"
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


def _fill(fit: Sequence[Candidate], rules: Rules) -> tuple[_Choice, list[Candidate]]:
    """
    Take the best stories one after another, each scored beside those above it, until the issue is full.

    Places that are reserved for sections are kept as long as there are stories to fill them.
    """
    chosen, waiting = _Choice(), {c.story.story_id: c for c in fit}
    home = {number: _section(c.story, rules.sections) for number, c in waiting.items()}
    while waiting and len(chosen.picks) < rules.max_stories:
        promised = _reserved_places(chosen, [home[number] for number in waiting], rules)
        kept = sum(promised.values()) >= rules.max_stories - len(chosen.picks)
        may = [
            c
            for n, c in waiting.items()
            if not _full(home[n], chosen, rules) and (not kept or promised.get(home[n]) or _pinned(c.story))
        ]
        if not may:
            break
        best = min(map(chosen.beside, may), key=_order)
        chosen.take(best, home[best.story.story_id])
        del waiting[best.story.story_id]
    left = [(number, chosen.beside(c)) for number, c in waiting.items()]
    return chosen, [replace(c, reason=_overflow_reason(home[number], chosen, rules)) for number, c in left]


def _full(section: str, chosen: _Choice, rules: Rules) -> bool:
    return any(chosen.count(s.name) >= s.size for s in rules.sections if s.name == section)


def _reserved_places(chosen: _Choice, there: Sequence[str], rules: Rules) -> Mapping[str, int]:
    """
    Return the number of places still reserved for each section that the waiting stories can bring to its minimum.

    In the newsletter's order, as long as there are places: a reservation that cannot be met blocks no other.
    """
    room = rules.max_stories - len(chosen.picks)
    found: dict[str, int] = {}
    for section in rules.sections:
        wanting = section.least - chosen.count(section.name)
        if 0 < wanting <= min(room, there.count(section.name)):
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
    fit = chosen.picks
    briefs = len(fit) // 3 if len(fit) > BRIEFS_ABOVE else 0
    forms = [Form.TOP if i == 0 else Form.BRIEF if i >= len(fit) - briefs else Form.FULL for i in range(len(fit))]
    names = [chosen.sections[c.story.story_id] for c in fit]
    places = _section_order(names, rules)
    rows = list(zip(fit, forms, names, range(len(fit)), strict=True))
    rows.sort(key=lambda row: (row[1] is not Form.TOP, row[1] is Form.BRIEF, places[row[2]], row[3]))
    best = sorted((c.total for c in fit), reverse=True)
    return [
        replace(
            candidate,
            pick=_pick(candidate.story, name, form, rules),
            reason=_inclusion_reason(candidate, best.index(candidate.total), rules, now),
        )
        for candidate, form, name, _ in rows
    ]


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
    if candidate.score.get("rules"):
        said.append("boosted by a rule")
    if story.predecessor_id is not None and story.predecessor_id in rules.printed:
        number = rules.printed[story.predecessor_id]
        said.append(f"goes on with what issue {number} told" if number else "goes on with what was told before")
    return ", ".join(said)


def _age(age: timedelta) -> str:
    hours = int(max(age, timedelta(0)).total_seconds() // 3600)
    return f"{hours} hours" if hours != 1 else "1 hour"


def _pick(story: ToldStory, section: str, form: Form, rules: Rules) -> Pick:
    tellings = _peers(story, rules)
    documents = [Document(title=t.headline, standfirst=t.standfirst, text=t.text, language=t.language) for t in tellings]
    whole = "" if story.lead.url else _whole(story.lead)
    if whole:
        summary = Summary(text=whole, document=tellings.index(story.lead))
    else:
        summary = summarise(documents, Form.TOP if form is Form.TOP else Form.FULL)
    chosen = tellings[summary.document]
    others = {t.publisher: t.url for t in reversed(story.tellings) if t.url and t.publisher != chosen.publisher}
    minutes = _minutes(chosen, summary.text)
    return Pick(
        story_id=story.story_id,
        section=section,
        form=form,
        headline=chosen.headline,
        summary=summary.text,
        made_from=_made_from(chosen, summary),
        publisher=chosen.publisher,
        author=chosen.author,
        url=chosen.url,
        image=chosen.image if chosen.image.startswith("https://") else "",
        image_info=chosen.image_info,
        complete=not chosen.url and (bool(whole) or not (chosen.text or chosen.standfirst)),
        language=chosen.language,
        minutes=minutes,
        also=tuple(Coverage(publisher=name, url=url) for name, url in reversed(others.items()))[:ALSO_MAX],
        updated=chosen.revised_at is not None,
        article_id=chosen.article_id,
        has_page=not chosen.url and minutes > 0,
        topics=_topics(story, section, rules),
    )


def _topics(story: ToldStory, section: str, rules: Rules) -> Sequence[str]:
    """Return the topics of a story: of all its tellings, and of the section that took it for another reason."""
    own = [topic for telling in story.tellings for topic in topics_of(telling)]
    return tuple(dict.fromkeys([*own, *(topic for rule in rules.sections if rule.name == section for topic in rule.topics)]))


def _minutes(telling: Telling, summary: str) -> int:
    """Return the reading time in minutes; 0 if the text is not known, is only for subscribers, or is all in the summary."""
    if not telling.text or telling.is_free is False or (not telling.url and telling.word_count <= count_words(summary)):
        return 0
    return -(-telling.word_count // WORDS_A_MINUTE)


def _whole(telling: Telling) -> str:
    """Return the whole text if it is short enough to be printed; else empty."""
    text = telling.text or telling.standfirst
    return joined(paragraphs(text)) if count_words(text) <= WHOLE_WORDS and len(text) <= WHOLE_CHARACTERS else ""


def _peers(story: ToldStory, rules: Rules) -> Sequence[Telling]:
    """
    Return the tellings that may be printed for a story: its lead, and its equals.

    Headline, summary and link are of one telling. The one most representative of all is
    printed, but none of a source that weighs less than the lead's, nor one that may still change.
    """
    lead = story.lead
    return [t for t in story.tellings if t is lead or (_settled(t, rules) and rank.peers(t, lead))]


def _settled(telling: Telling, rules: Rules) -> bool:
    return rules.settled_by is None or telling.settles_at <= rules.settled_by


def _made_from(telling: Telling, summary: Summary) -> str:
    """Describe in words the source of a summary."""
    if not summary.text:
        return ""
    return f"{'the standfirst' if summary.standfirst else 'sentences'} of {telling.publisher}"
