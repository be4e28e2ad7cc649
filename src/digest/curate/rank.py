"""
How much a story matters: its parts added up, so that a reader can check each.

| part | worth | why |
|---|---|---|
| coverage | 0.25 for the second publisher, less for each further | what many tell, happened |
| freshness | 1 now, half after 24 hours | news grows old |
| source | its source's weight, 1 unless an admin says otherwise | some sources matter more to a paper |
| substance | up to 0.5 for a text, 0.1 for a picture | a story that can be read beats a bare headline |
| rules | what the editors' boosts add | a paper has its own matters |
| diversity | 0.15 less for each story of the same publisher above it, 0.05 for each of the same topic | no source or topic floods an issue |
"""

from datetime import datetime, timedelta

from digest.model.issue import Telling, ToldStory

HALF_LIFE = timedelta(hours=24)
SAME_PUBLISHER, SAME_TOPIC = 0.15, 0.05  #: what each story above costs


def score(story: ToldStory, *, now: datetime, boost: float = 0.0) -> dict[str, float]:
    """The parts of a story's score, but for diversity; comparable only within one issue. A part that is nothing is left out."""
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
    """What stories above it of the same publisher and topic cost a story; 0 or less."""
    return -round(SAME_PUBLISHER * same_publisher + SAME_TOPIC * same_topic, 4)


def lead_first(tellings: list[Telling]) -> list[Telling]:
    """
    The tellings of a story, the one to link first: linkable before not, what everybody may read
    before what only subscribers may, then the heaviest source, then the fullest text, then the first seen.
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
    """Tell whether two tellings may stand for one another: both linkable or not, of sources of one weight, in one language."""
    standing = [(t.hidden, not t.url, t.source_weight, t.language[:2].lower()) for t in (one, other)]
    return standing[0] == standing[1]
