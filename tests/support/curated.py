"""Rules and stories to choose from."""

from dataclasses import replace
from datetime import timedelta

from digest.curate.rules import Rules
from digest.model.issue import Telling, ToldStory
from tests.support.place import TUESDAY


def telling(number: int, **changes: object) -> Telling:
    made = Telling(
        article_id=number,
        source_id=1,
        source_weight=1.0,
        headline=f"Headline {number:03}",
        standfirst=f"What happened at place {number} is told here in one whole sentence.",
        text="",
        author="",
        publisher="News",
        topic="",
        url=f"https://a.example/{number}",
        image="",
        language="en",
        published_at=TUESDAY - timedelta(hours=number),
        first_seen_at=TUESDAY - timedelta(hours=number),
        settles_at=TUESDAY - timedelta(hours=number),
        word_count=12,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def stories(count: int, **changes: object) -> list[ToldStory]:
    return [ToldStory(story_id=i, tellings=[telling(i, **changes)]) for i in range(1, count + 1)]


def rules(**changes: object) -> Rules:
    made = Rules(sections=(), max_stories=20, not_before=TUESDAY - timedelta(days=4), printed={})
    return replace(made, **changes)  # type: ignore[arg-type]
