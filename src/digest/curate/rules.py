"""Rules by which the stories of an issue are chosen: the newsletter's sections, its editors' rules, and their edits of one issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.curate.matching import has_topic, of_source, spoken_of
from digest.model.draft import NO_EDIT, Edit
from digest.model.issue import Telling, ToldStory
from digest.model.states import RuleKind


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
    edits: Mapping[int, Edit] = field(default_factory=dict)  #: of stories in this issue

    def edit(self, story: ToldStory) -> Edit:
        """Return what an editor wants of a story in this issue."""
        return self.edits.get(story.story_id, NO_EDIT)

    def is_settled(self, telling: Telling) -> bool:
        """True if a telling is not expected to change any more."""
        return self.settled_by is None or telling.settles_at <= self.settled_by
