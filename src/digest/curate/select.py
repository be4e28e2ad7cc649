"""
Which stories go into an issue, in which section, order and form, and why.

Knows nothing about feeds, HTML or subscribers. Ties are broken by headline and number, so a
re-run of the same slot gives the same issue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.curate import rank
from digest.curate.summarise import Document, Summary, summarise
from digest.model.issue import Candidate, Coverage, Pick, Telling, ToldStory
from digest.model.states import Form

#: Of an issue with more stories than this, the lowest-ranked third are briefs.
BRIEFS_ABOVE = 6
WORDS_A_MINUTE = 230
ALSO_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """A section takes the stories of its topic, at most `size`."""

    name: str
    topic: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a newsletter asks of an issue."""

    sections: Sequence[SectionRule]  #: none: one section for each topic that occurs
    max_stories: int
    not_before: datetime  #: published or first seen earlier is too old
    printed: Mapping[int, int | None]  #: stories that were printed → the issue's number


def select(stories: Sequence[ToldStory], rules: Rules, *, now: datetime) -> Sequence[Candidate]:
    """Every story as a candidate: first the picks in print order, then what is out, best first."""
    scored = [Candidate(story=story, score=rank.score(story, now=now), reason="") for story in stories]
    ordered = sorted(scored, key=lambda c: (not c.story.lead.pinned, -c.total, c.story.lead.headline, c.story.story_id))
    fit: list[Candidate] = []
    out: list[Candidate] = []
    taken: dict[str, int] = {}
    for candidate in ordered:
        reason = _out(candidate.story, rules, taken, len(fit))
        if reason:
            out.append(replace(candidate, reason=reason))
            continue
        fit.append(candidate)
        section = _section(candidate.story, rules)
        taken[section] = taken.get(section, 0) + 1
    return [*_print_order(fit, rules, now), *out]


def _out(story: ToldStory, rules: Rules, taken: Mapping[str, int], count: int) -> str:
    """Why a story is out; empty: it is in."""
    lead = story.lead
    if story.story_id in rules.printed:
        number = rules.printed[story.story_id]
        return f"printed in issue {number}" if number else "printed before"
    if all(telling.hidden for telling in story.tellings):
        return "hidden by an editor"
    if lead.since < rules.not_before:
        return f"too old: published {lead.since:%Y-%m-%d %H:%M} UTC, this issue begins at {rules.not_before:%Y-%m-%d %H:%M}"
    if count >= rules.max_stories:
        return f"the issue is full with {rules.max_stories} stories that score higher"
    rule = _rule(story, rules)
    if rules.sections and rule is None:
        return f"no section takes the topic {lead.topic}" if lead.topic else "it has no topic, and every section wants one"
    if rule and taken.get(rule.name, 0) >= rule.size:
        return f"section {rule.name} is full with {rule.size} stories that score higher"
    return ""


def _rule(story: ToldStory, rules: Rules) -> SectionRule | None:
    return next((rule for rule in rules.sections if rule.topic.casefold() == story.lead.topic.casefold()), None)


def _section(story: ToldStory, rules: Rules) -> str:
    rule = _rule(story, rules)
    return rule.name if rule else story.lead.topic


def _print_order(fit: Sequence[Candidate], rules: Rules, now: datetime) -> Sequence[Candidate]:
    """Top story, then full stories by section, then briefs; each with its pick and the reason."""
    briefs = len(fit) // 3 if len(fit) > BRIEFS_ABOVE else 0
    forms = [Form.TOP if i == 0 else Form.BRIEF if i >= len(fit) - briefs else Form.FULL for i in range(len(fit))]
    sections = _section_order(fit, rules)
    rows = list(zip(fit, forms, range(len(fit)), strict=True))
    rows.sort(key=lambda row: (row[1] is not Form.TOP, row[1] is Form.BRIEF, sections[_section(row[0].story, rules)], row[2]))
    return [
        replace(
            candidate, pick=_pick(candidate.story, _section(candidate.story, rules), form), reason=_why(candidate, place, now)
        )
        for candidate, form, place in rows
    ]


def _section_order(fit: Sequence[Candidate], rules: Rules) -> Mapping[str, int]:
    """As the newsletter has them; without sections of its own, by their best story, the nameless last."""
    if rules.sections:
        return {rule.name: i for i, rule in enumerate(rules.sections)}
    names = dict.fromkeys(_section(candidate.story, rules) for candidate in fit)
    return {name: i for i, name in enumerate(sorted(names, key=lambda n: (n == "", list(names).index(n))))}


def _why(candidate: Candidate, place: int, now: datetime) -> str:
    publishers = len({telling.publisher for telling in candidate.story.tellings})
    told = f"told by {publishers} publishers" if publishers > 1 else f"told by {candidate.story.lead.publisher}"
    pinned = "pinned by an editor, " if candidate.story.lead.pinned else ""
    return f"{pinned}number {place + 1} by score, {_age(now - candidate.story.lead.since)} old, {told}"


def _age(age: timedelta) -> str:
    hours = int(max(age, timedelta(0)).total_seconds() // 3600)
    return f"{hours} hours" if hours != 1 else "1 hour"


def _pick(story: ToldStory, section: str, form: Form) -> Pick:
    lead = story.lead
    documents = [Document(title=t.headline, standfirst=t.standfirst, text=t.text, language=t.language) for t in _readable(story)]
    summary = summarise(documents, Form.TOP if form is Form.TOP else Form.FULL)
    others = {t.publisher: t.url for t in reversed(story.tellings[1:]) if t.url and t.publisher != lead.publisher}
    return Pick(
        story_id=story.story_id,
        section=section,
        form=form,
        headline=lead.headline,
        summary=summary.text,
        made_from=_made_from(story, summary),
        publisher=lead.publisher,
        author=lead.author,
        url=lead.url,
        image=lead.image if lead.image.startswith("https://") else "",
        language=lead.language,
        minutes=-(-lead.word_count // WORDS_A_MINUTE) if lead.text else 0,
        also=tuple(Coverage(publisher=name, url=url) for name, url in reversed(others.items()))[:ALSO_MAX],
    )


def _readable(story: ToldStory) -> Sequence[Telling]:
    """The tellings that a summary may be made from: the lead's language, since a summary has one."""
    language = story.lead.language[:2]
    return [t for t in story.tellings if t is story.lead or (not t.hidden and t.language[:2] in ("", language))]


def _made_from(story: ToldStory, summary: Summary) -> str:
    """What a summary was made from, in words."""
    if not summary.text:
        return ""
    tellings = _readable(story)
    names = list(dict.fromkeys(tellings[number].publisher for number in summary.documents))
    return ("the standfirst of " if summary.standfirst else "sentences of ") + ", ".join(names)
