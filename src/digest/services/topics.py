"""Topics: which a list's newsletters have, what a reader chooses of them, and the stories that are left for the reader."""

from collections.abc import Sequence

from sqlmodel import Session

from digest.curate.choice import bitmap
from digest.curate.matching import listed
from digest.model.delivery import without
from digest.model.event import EventKind
from digest.model.issue import CandidateRow
from digest.model.subscriber import MailingList, Subscription, TopicChoice
from digest.services import events
from digest.services.context import Place
from digest.store import choices, issues, newsletters, sources


def offered(tx: Session, mlist_id: int) -> Sequence[str]:
    """Return the topics of the sources and sections of a list's newsletters, each in its first spelling, in order."""
    found: dict[str, str] = {}
    for paper in newsletters.of_list(tx, mlist_id):
        named = [topic for section in newsletters.sections(tx, paper.id) for topic in listed(section.topic)]
        for topic in (*named, *(source.topic for source in sources.of_newsletter(tx, paper.id))):
            if topic:
                found.setdefault(topic.casefold(), topic)
    return [found[key] for key in sorted(found)]


def choose(ctx: Place, tx: Session, tie: Subscription, mlist: MailingList, choice: TopicChoice, *, actor: str = "") -> None:
    """
    Keep which topics of a list a reader wants, within a transaction; also for what is queued for them. Idempotent.

    A delivery that was claimed before stays as it is: whenever its mail is made, it is the same.
    """
    if choice == tie.topics:
        return
    tie.wanted, tie.muted = choice.stored
    tx.add(tie)
    tx.flush()
    facts = {"wanted": list(choice.wanted), "muted": list(choice.muted)}
    events.record(ctx, tx, EventKind.TOPICS_CHOSEN, tie, actor=actor, subscriber=tie.subscriber_id, list=mlist.name, topics=facts)
    papers = [paper.id for paper in newsletters.of_list(tx, mlist.id)]
    for issue_id in choices.waiting_issues(tx, tie.subscriber_id, papers):
        picks = without(bitmap(of_picks(issues.picks(tx, issue_id)), choice), issues.withdrawn(tx, issue_id))
        choices.narrow(tx, issue_id, [tie.subscriber_id], picks)


def of_picks(rows: Sequence[CandidateRow]) -> Sequence[Sequence[str]]:
    """Return the topics of each pick of an issue; an issue of an earlier version has none."""
    return [(row.snapshot or {}).get("topics", ()) for row in rows]


def narrow(tx: Session, issue_id: int, mlist_id: int, topics: Sequence[Sequence[str]], *, after: int, until: int) -> None:
    """Leave in the queued deliveries of an issue, to subscriber numbers in `after` < number ≤ `until`, the picks that each reader wants."""
    groups: dict[bytes, list[int]] = {}
    known: dict[TopicChoice, bytes] = {}  # most readers who choose choose the same
    for number, choice in choices.of_readers(tx, mlist_id, after=after, until=until):
        picks = known[choice] if choice in known else known.setdefault(choice, bitmap(topics, choice))
        groups.setdefault(picks, []).append(number)
    for picks, numbers in groups.items():
        choices.narrow(tx, issue_id, numbers, picks)
