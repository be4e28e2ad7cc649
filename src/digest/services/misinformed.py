"""The misinformed: who got a version of an issue that said something wrong, what it was, and the deliveries that tell them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from digest.model.amendment import Amendment, Wording, Wrong, wrong
from digest.model.delivery import IssueShare, chosen
from digest.model.issue import CandidateRow, Issue
from digest.model.states import DeliveryState
from digest.services.context import Place
from digest.store import issues, versions
from digest.store import misinformed as stored

AT_ONCE = 1_000  #: readers that are read at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongStory:
    """A story of an issue that some of its versions had wrong."""

    row: CandidateRow
    place: int  #: in the issue, from 0
    wrong: Wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Misinformed:
    """A reader who got something wrong."""

    subscriber_id: int
    subscription_id: int
    address: str
    address_hmac: str
    name: str
    language: str
    picks: bytes  #: bitmap over the wrong stories


def wrong_stories(tx: Session, issue: Issue, *, until: int) -> Sequence[WrongStory]:
    """Return the stories that versions of an issue had wrong before its version `until`, in order of publication."""
    made = versions.amendments(tx, issue.id)
    found = []
    for place, row in enumerate(issues.picks(tx, issue.id)):
        said = wrong([one for one in made if one.version <= until], row.story_id, _wording(made, row, until))
        if said is not None:
            found.append(WrongStory(row=row, place=place, wrong=said))
    return found


def _wording(made: Sequence[Amendment], row: CandidateRow, version: int) -> Wording:
    """Return the words of a story in a version of its issue."""
    later = next((one for one in made if one.story_id == row.story_id and one.version > version), None)
    if later is not None:
        return Wording(headline=later.headline, summary=later.summary)
    return Wording(headline=row.headline, summary=str((row.snapshot or {}).get("summary", "")))


def bitmap(stories: Sequence[WrongStory], *, version: int, picks: bytes) -> bytes:
    """Return which of these stories were wrong for a reader who got this version with these picks of the issue."""
    bits = bytearray(-(-len(stories) // 8))
    got = set(chosen(picks, 8 * len(picks)))
    for index, story in enumerate(stories):
        if version in story.wrong.versions and story.place in got:
            bits[index // 8] |= 0x80 >> index % 8
    return bytes(bits)


def _versions(stories: Sequence[WrongStory]) -> frozenset[int]:
    return frozenset().union(*(story.wrong.versions for story in stories))


def in_hand(tx: Session, issue: Issue, stories: Sequence[WrongStory]) -> int:
    """Count the mails of a wrong version that may still go out: a process has claimed them."""
    return versions.in_hand(tx, issue.id, _versions(stories))


def count(tx: Session, issue: Issue, stories: Sequence[WrongStory], *, now: datetime) -> int:
    """Count the readers who got one of these stories wrong and may still be mailed."""
    found = stored.counts(tx, issue.id, _versions(stories), now=now)
    return sum(number for version, picks, number in found if any(bitmap(stories, version=version, picks=picks)))


def readers(
    tx: Session, issue: Issue, stories: Sequence[WrongStory], *, now: datetime, after: int = 0, limit: int | None = None
) -> Iterator[Misinformed]:
    """Yield these readers, those with a subscriber number above `after`; of the next `limit` people who got a wrong version, or of all."""
    known: dict[tuple[int, bytes], bytes] = {}  # most readers got the same
    while True:
        size = limit or AT_ONCE
        rows = stored.following(tx, issue.id, _versions(stories), now=now, after=after, limit=size)
        for row in rows:
            values = dict(row)
            after, key = values["subscriber_id"], (values.pop("version"), values.pop("picks"))
            if key not in known:
                known[key] = bitmap(stories, version=key[0], picks=key[1])
            yield Misinformed(**values, picks=known[key])
        if limit or len(rows) < size:
            return


#: Writes the next deliveries of an issue, to subscriber numbers above the one that it is given; returns the last number looked at or 0, and how many it wrote.
Batch = Callable[[Session, int], tuple[int, int]]


def batches(ctx: Place, correction: Issue, share: IssueShare, *, limit: int) -> Batch:
    """Return the function that writes the deliveries of a correction, to `limit` readers at a time."""
    with ctx.db.read() as tx:
        issue = issues.get(tx, correction.corrects_id or 0)
        told = [row.story_id for row in issues.picks(tx, correction.id)]
        known: Mapping[int, WrongStory] = {
            story.row.story_id: story for story in wrong_stories(tx, issue, until=correction.corrects_version or 0)
        }
    stories = [known[number] for number in told]

    def write(tx: Session, after: int) -> tuple[int, int]:
        found = list(readers(tx, issue, stories, now=ctx.clock(), after=after, limit=limit))
        rows = [_row(share, reader) for reader in found if any(reader.picks)]
        return (found[-1].subscriber_id if found else 0), stored.queue(tx, rows)

    return write


def _row(share: IssueShare, reader: Misinformed) -> dict[str, object]:
    return {
        "issue_id": share.issue_id,
        "newsletter_id": share.newsletter_id,
        "period": share.period,
        "key_id": share.key_id,
        "subscriber_id": reader.subscriber_id,
        "subscription_id": reader.subscription_id,
        "state": DeliveryState.QUEUED,
        "address": reader.address,
        "address_hmac": reader.address_hmac,
        "name": reader.name,
        "rendition_id": share.by_language.get(reader.language, share.rendition_id),
        "picks": reader.picks,
        "reason": "",
        "reply": "",
        "relay": "",
        "tries": 0,
        "version": 0,
    }
