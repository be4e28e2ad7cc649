"""Match stories against the topics, sources and words of sections and rules."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from digest.model.issue import Telling, ToldStory

OPENING = 600  #: characters of a text that are searched for words; later mentions are asides


def listed(text: str) -> Sequence[str]:
    """Split a comma-separated list, without empty parts."""
    return [part for raw in text.split(",") if (part := " ".join(raw.split()))]


def has_topic(story: ToldStory, topics: Sequence[str]) -> bool:
    """True if one of its tellings has one of these topics: its source's, or one that the article is filed under."""
    wanted = {topic.casefold() for topic in topics}
    return any(own.casefold() in wanted for telling in story.tellings for own in topics_of(telling))


def topics_of(telling: Telling) -> Iterator[str]:
    """Yield the topic of an article's source first, then the topics that the article is filed under."""
    if telling.topic:
        yield telling.topic
    yield from telling.tags


def of_source(story: ToldStory, names: Sequence[str]) -> bool:
    """True if one of its tellings is from one of these sources."""
    wanted = {name.casefold() for name in names}
    return any(telling.source_name.casefold() in wanted for telling in story.tellings)


def spoken_of(story: ToldStory, words: Sequence[str]) -> str:
    """Return the first of these words or phrases in a telling's headline, standfirst, opening or tags; empty if none occurs."""
    said = "\n".join("\n".join((t.headline, t.standfirst, t.text[:OPENING], *t.tags)) for t in story.tellings)
    return next((word for word in words if _pattern(word).search(said)), "")


@lru_cache(maxsize=1000)
def _pattern(word: str) -> re.Pattern[str]:
    """Compile a pattern for whole words, whatever their case; `elect*` takes any ending; scripts without spaces have no whole words."""
    plain = r"\s+".join(re.escape(part) for part in word.removesuffix("*").split())
    spaced = not re.search(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", word)
    after = r"(?!\w)" if spaced and not word.endswith("*") else ""
    return re.compile(rf"(?<!\w){plain}{after}" if spaced else plain, re.IGNORECASE)
