"""Sections and rules: what an issue of a newsletter is made of, and what its editors ask of the choice."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from digest.curate.matching import listed
from digest.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.newsletter import EditorialRule, Section
from digest.model.states import RuleKind
from digest.services import events
from digest.services.context import Place
from digest.services.views.newsletters import RuleView, SectionView
from digest.store import newsletters, sources
from digest.store.articles import topics

NAME_MAX = 60  #: characters of a section's name


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTopic:
    """A topic that nothing has had so far: a typing error would leave a section empty for ever."""

    topic: str
    nearest: str  #: a topic with almost this name; empty where there is none
    known: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A section or rule that was added."""

    id: int
    newsletter: str
    unknown: Sequence[UnknownTopic]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfNewsletter:
    """The sections or rules of a newsletter."""

    newsletter: str
    sections: Sequence[SectionView] = ()
    rules: Sequence[RuleView] = ()


def add(
    ctx: Place,
    name: str,
    *,
    newsletter: str = "",
    topic: str = "",
    from_sources: Sequence[str] = (),
    words: str = "",
    size: int = 5,
    least: int = 0,
    before: str = "",
) -> Added:
    """
    Add a section, in front of another or as the last. One without topic, sources and words takes what no other takes.

    Raises:
        BadInput: a value cannot be used.
        NotFound: there is no such newsletter, source or other section.
        Conflict: the name is taken.
    """
    if not name.strip() or len(name) > NAME_MAX:
        raise BadInput(f"a section needs a name of at most {NAME_MAX} characters")
    for option, given in (("--topic", topic), ("--words", words)):
        if given and not listed(given):
            raise BadInput(f"{option} {given!r} names nothing; write words with commas between")
    if least > size:
        raise BadInput(f"at least {least} stories and at most {size} cannot both be")
    with ctx.db.begin() as tx:
        paper = newsletters.get(tx, newsletter)
        names = "\n".join(sources.get(tx, source).name for source in from_sources)
        made = Section(
            newsletter_id=paper.id, position=0, name=name, topic=topic, sources=names, words=words, size=size, min_size=least
        )
        newsletters.add_section(tx, made, before=before)
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, paper, name=paper.name, changed=["sections"], added=name)
        return Added(id=made.id, newsletter=paper.name, unknown=_unknown(topic, topics(tx)))


def every(ctx: Place, newsletter: str) -> OfNewsletter:
    """Return the sections of a newsletter, in their order. Raises NotFound."""
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
        found = [SectionView.model_validate(section) for section in newsletters.sections(tx, paper.id)]
    return OfNewsletter(newsletter=paper.name, sections=found)


def newsletter_of(ctx: Place, newsletter: str, name: str) -> str:
    """Return the name of the newsletter that has this section. Raises NotFound."""
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
        newsletters.get_section(tx, paper.id, name)
    return paper.name


def remove(ctx: Place, newsletter: str, name: str) -> None:
    """Take a section away; its stories go where they fit. Raises NotFound."""
    with ctx.db.begin() as tx:
        paper = newsletters.get(tx, newsletter)
        newsletters.remove_section(tx, paper.id, name)
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, paper, name=paper.name, changed=["sections"], removed=name)


def add_rule(
    ctx: Place, kind: RuleKind, *, newsletter: str = "", words: str = "", topic: str = "", section: str = "", weight: float = 0.5
) -> Added:
    """
    Add an editorial rule.

    Raises:
        BadInput: it names no story.
        NotFound: there is no such newsletter or section.
    """
    if not (words.strip(" ,") or topic.strip(" ,")):
        raise BadInput("a rule needs words or topics", code="rule_names_nothing")
    with ctx.db.begin() as tx:
        paper = newsletters.get(tx, newsletter)
        if section and section.casefold() not in {s.name.casefold() for s in newsletters.sections(tx, paper.id)}:
            raise NotFound("section", section, newsletter=paper.name)
        made = EditorialRule(newsletter_id=paper.id, kind=kind, words=words, topic=topic, section=section, weight=weight)
        newsletters.add_rule(tx, made)
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, paper, name=paper.name, changed=["rules"], added=made.id)
        return Added(id=made.id, newsletter=paper.name, unknown=_unknown(topic, topics(tx)))


def rules(ctx: Place, newsletter: str) -> OfNewsletter:
    """Return the rules of a newsletter, oldest first. Raises NotFound."""
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
        found = [RuleView.model_validate(rule) for rule in newsletters.rules(tx, paper.id)]
    return OfNewsletter(newsletter=paper.name, rules=found)


def check_rule(ctx: Place, rule_id: int) -> None:
    """Raise NotFound where there is no such rule."""
    with ctx.db.read() as tx:
        newsletters.get_rule(tx, rule_id)


def remove_rule(ctx: Place, rule_id: int) -> None:
    """Take a rule away. Raises NotFound."""
    with ctx.db.begin() as tx:
        paper = newsletters.by_id(tx, newsletters.get_rule(tx, rule_id).newsletter_id)
        newsletters.remove_rule(tx, rule_id)
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, paper, name=paper.name, changed=["rules"], removed=rule_id)


def _unknown(given: str, known: Collection[str]) -> Sequence[UnknownTopic]:
    by_folded = {topic.casefold(): topic for topic in known}
    return [
        UnknownTopic(topic=topic, nearest=_nearest(topic.casefold(), by_folded), known=sorted(known))
        for topic in listed(given)
        if topic.casefold() not in by_folded
    ]


def _nearest(name: str, by_folded: dict[str, str]) -> str:
    near = difflib.get_close_matches(name, by_folded, n=1)
    return by_folded[near[0]] if near else ""
