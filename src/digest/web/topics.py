"""The fields of a form that choose topics: one a topic, with wanted, as usual (empty) or muted."""

from collections.abc import Mapping, Sequence

from digest.model.subscriber import ALL_TOPICS, TopicChoice
from digest.services.offers import topic_field

MOST_FIELDS = 500  #: of a form that has one for each topic


def sent(fields: Mapping[str, str], mlist: str, topics: Sequence[str], before: TopicChoice = ALL_TOPICS) -> TopicChoice | None:
    """Return the topics of a list that a form chose; one that it does not name stays as `before`. None: it names no topic."""
    if not any(topic_field(mlist, topic) in fields for topic in topics):
        return None
    return TopicChoice.of_wishes({topic: fields.get(topic_field(mlist, topic), before.wish(topic)) for topic in topics})


def rows(
    fields: Mapping[str, str], mlist: str, topics: Sequence[str], before: TopicChoice = ALL_TOPICS
) -> Sequence[Mapping[str, str]]:
    """Return the topics of a list as a page shows them: as they were sent, else as they were chosen before."""
    named = [(topic, topic_field(mlist, topic)) for topic in topics]
    return [{"name": topic, "field": field, "value": fields.get(field, before.wish(topic))} for topic, field in named]
