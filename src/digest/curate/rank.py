"""
Score stories: a sum of named parts, so that a reader can check each.

| part | value | why |
|---|---|---|
| coverage | 0.25 for the second publisher, less for each further | what many report, happened |
| freshness | 1 now, half after 24 hours | news loses value with age |
| source | its source's weight, 1 unless an admin says otherwise | some sources matter more to a newsletter |
| substance | up to 0.5 for a text, 0.1 for a picture | a story that can be read beats a bare headline |
| rules | what the editors' boosts add | a newsletter has its own priorities |
| diversity | 0.15 less for each story of the same publisher above it, 0.05 for each of the same topic | no source or topic floods an issue |
"""

from datetime import datetime, timedelta

from digest.model.issue import Telling, ToldStory

HALF_LIFE = timedelta(hours=24)
SAME_PUBLISHER, SAME_TOPIC = 0.15, 0.05  #: penalty for each story above


def score(story: ToldStory, *, now: datetime, boost: float = 0.0) -> dict[str, float]:
    """Return the parts of a story's score except diversity; comparable only within one issue. Parts that are zero are left out."""
    publishers = len({telling.publisher for telling in story.tellings})
    age = max(timedelta(0), now - story.lead.since)
    parts = {
        "coverage": round(0.5 * (1 - 0.5 ** (publishers - 1)), 4),
        "freshness": round(0.5 ** (age / HALF_LIFE), 4),
        "source": round(max(telling.source_weight for telling in story.tellings), 4),
        "substance": round(min(max(t.word_count for t in story.tellings), 300) / 600 + 0.1 * bool(story.lead.image), 4),
    }
    return {**parts, "rules": round(boost, 4)} if boost else parts


def diversity(*, same_publisher: int, same_topic: int) -> float:
    """Return the penalty for stories of the same publisher and topic above a story; 0 or less."""
    return -round(SAME_PUBLISHER * same_publisher + SAME_TOPIC * same_topic, 4)


def lead_first(tellings: list[Telling]) -> list[Telling]:
    """
    Sort the tellings of a story, the one to link first: linkable before not, free to read
    before only for subscribers, then the heaviest source, then the longest text, then the first seen.
    """
    return sorted(
        tellings,
        key=lambda t: (
            t.hidden,
            not t.url,
            t.is_free is False,
            -t.source_weight,
            -min(t.word_count, 2000) // 100,
            t.first_seen_at,
            t.article_id,
        ),
    )


def peers(one: Telling, other: Telling) -> bool:
    """True if two tellings are interchangeable: both linkable or not, of sources of one weight, in one language."""
    standing = [(t.hidden, not t.url, t.source_weight, t.language[:2].lower()) for t in (one, other)]
    return standing[0] == standing[1]
