"""Readers with topics of their own: what their mail has, when it is skipped, and what changes after it was queued."""

import pytest

from digest.model.event import EventKind
from digest.model.states import SourceKind
from digest.services import events, freezing, messages, sections, sending
from digest.services import sources as source_services
from digest.services import subscribers as people
from digest.services.issues import unfinished
from digest.services.selection import prepare
from digest.store import deliveries
from tests.support.place import Place
from tests.support.signups import Post, plain

ANN, BOB = "ann@example.org", "bob@example.org"


def feed(place: Place, topic: str, *headlines: str) -> None:
    """A source of a topic with these headlines."""
    items = "".join(
        f"<entry><id>tag:x,2026:{h}</id><title>{h}</title><link href='https://news.example.com/{h.replace(' ', '-')}'/>"
        f"<updated>{place.clock().isoformat()}</updated><summary>{h} is what happened, and this says so.</summary></entry>"
        for h in headlines
    )
    path = place.folder / f"{topic}{place.clock():%d%H}.xml"
    path.write_text(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{topic}</title><id>n</id>"
        f"<updated>{place.clock().isoformat()}</updated>{items}</feed>",
        encoding="utf-8",
    )
    made = source_services.new_source(place.ctx, kind=SourceKind.FEED, location=str(path), name=path.stem, topic=topic)
    source_services.add_source(place.ctx, made)


@pytest.fixture
def two_topics(place: Place) -> Place:
    place.readers(ANN, BOB)
    feed(place, "Harbour", "The quay is mended")
    feed(place, "Sport", "The cup is won")
    place.collect()
    return place


def mails(place: Place) -> dict[str, str]:
    """Text of the newest mails by recipient."""
    return {str(mail["To"]): plain(mail) for mail in Post(place).new()}


@pytest.mark.parametrize(
    "choice", [{"wanted": ["harbour"]}, {"muted": ["Sport"]}, {"wanted": ["harbour", "sport"], "muted": ["SPORT"]}]
)
def test_a_reader_gets_the_stories_of_their_topics_and_others_all(two_topics: Place, choice: dict[str, list[str]]) -> None:
    people.change(two_topics.ctx, ANN, **choice)  # type: ignore[arg-type]

    two_topics.send()

    found = mails(two_topics)
    assert "The quay is mended" in found[ANN]
    assert "The cup is won" not in found[ANN]
    assert all(headline in found[BOB] for headline in ("The quay is mended", "The cup is won"))


def test_a_day_without_a_story_for_a_reader_is_skipped_with_its_reason(two_topics: Place) -> None:
    people.change(two_topics.ctx, ANN, wanted=["Weather"])

    sent = two_topics.send()

    assert {state.value: count for state, count in sent.counts.items()} == {"sent": 1, "skipped": 1}
    [delivery] = people.show(two_topics.ctx, ANN).deliveries
    assert (delivery.state, delivery.reason) == ("skipped", "topics")
    with two_topics.ctx.db.read() as tx:
        assert dict(deliveries.reasons(tx, sent.issue.id)) == {"topics": 1}


def test_the_topic_of_a_section_tags_what_it_takes_by_words(two_topics: Place) -> None:
    sections.add(two_topics.ctx, "Trophies", topic="prizes", words="cup")
    sections.add(two_topics.ctx, "All else")
    people.change(two_topics.ctx, ANN, muted=["prizes"])

    two_topics.send()

    assert "The cup is won" not in mails(two_topics)[ANN]


def test_a_story_that_is_muted_after_its_issue_was_queued_does_not_go(two_topics: Place) -> None:
    slot = two_topics.daily.timetable.today(two_topics.clock())
    issue = freezing.frozen_issue(two_topics.ctx, two_topics.daily, slot)
    sending.queue(two_topics.ctx, issue, two_topics.daily)
    people.change(two_topics.ctx, ANN, muted=["Sport"])
    people.change(two_topics.ctx, BOB, muted=["Sport", "Harbour"])
    [waiting] = unfinished(two_topics.ctx, two_topics.daily)
    sent = sending.finish(two_topics.ctx, two_topics.daily, waiting, resumed=True)

    assert {state.value: count for state, count in sent.counts.items()} == {"sent": 1, "skipped": 1}
    assert list(mails(two_topics)) == [ANN]
    assert "The cup is won" not in mails(two_topics)[ANN]


def test_what_was_sent_is_made_again_byte_for_byte_whatever_is_chosen_later(two_topics: Place) -> None:
    people.change(two_topics.ctx, ANN, wanted=["harbour"])
    two_topics.send()
    [number] = [delivery.id for delivery in people.show(two_topics.ctx, ANN).deliveries]
    people.change(two_topics.ctx, ANN, wanted=["sport"])

    with two_topics.ctx.db.read() as tx:
        row = deliveries.get(tx, number)
    made = messages.remake(two_topics.ctx, row)

    assert made in [mail.read_bytes() for mail in two_topics.mails()]


def test_a_dry_run_makes_the_same_mails(two_topics: Place) -> None:
    people.change(two_topics.ctx, ANN, wanted=["Weather"])
    people.change(two_topics.ctx, BOB, muted=["Sport"])
    now = two_topics.clock()
    made = prepare(two_topics.ctx, two_topics.daily, two_topics.daily.timetable.today(now), now=now)

    found = list(messages.would_send(two_topics.ctx, two_topics.daily, made.rendition, made.picks, now=now))

    assert [envelope.recipient for envelope in found] == [BOB]
    assert b"The cup is won" not in found[0].content


def test_choosing_is_recorded_and_the_same_choice_again_is_not(two_topics: Place) -> None:
    for _ in range(2):
        people.change(two_topics.ctx, ANN, wanted=["harbour"], muted=[])

    [event] = events.listed(two_topics.ctx, kind=EventKind.TOPICS_CHOSEN)
    assert event.facts == {"subscriber": 1, "list": "readers", "topics": {"wanted": ["harbour"], "muted": []}}
    [tie] = people.show(two_topics.ctx, ANN).subscriptions
    assert (tie.wanted, tie.muted) == (("harbour",), ())
