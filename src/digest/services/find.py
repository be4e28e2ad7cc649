"""Find people, issues and published stories by what a person types, for the field that stands on every admin page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.services import directory
from digest.services.context import Place
from digest.services.directory import Entry, Search
from digest.store import issues, newsletters

SHOWN = 10  #: of each kind
SEARCHED = 1_000  #: the newest issues, in whose headlines a search looks
MOST_WORDS, WORD_MAX = 5, 40  #: that are looked for; the longest in characters


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssue:
    """An issue by its number or slot, or since headlines of it have the words."""

    issue: Issue
    paper: Newsletter
    headlines: Sequence[str]  #: that have the words; none: its number or slot was typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """People and issues for what was typed; of each the first ones."""

    people: Sequence[Entry]
    issues: Sequence[FoundIssue]


NOTHING = Found(people=(), issues=())


def find(ctx: Place, text: str) -> Found:
    """Return the people whose address, name or domain begins with a text, and the issues that it names or whose headlines have its words."""
    text = " ".join(text.split())
    if not text:
        return NOTHING
    people = directory.page(ctx, Search(text=text)).entries[:SHOWN]
    with ctx.db.read() as tx:
        return Found(people=people, issues=_issues(tx, text))


def _issues(tx: Session, text: str) -> Sequence[FoundIssue]:
    papers = {paper.id: paper for paper in newsletters.all_of(tx)}
    newest = issues.latest(tx, limit=SEARCHED)
    named = [issue for issue in newest if text == str(issue.number) or issue.slot.startswith(text)][:SHOWN]
    words = [word[:WORD_MAX] for word in text.split()[:MOST_WORDS]]
    worded = issues.with_words(tx, [issue.id for issue in newest], words, limit=SHOWN)
    picks = issues.picks_of(tx, worded)
    return [
        *(FoundIssue(issue=issue, paper=papers[issue.newsletter_id], headlines=()) for issue in named),
        *(
            FoundIssue(issue=issue, paper=papers[issue.newsletter_id], headlines=found)
            for issue in issues.with_ids(tx, worded)
            if (found := [row.headline for row in picks[issue.id] if _has(row.headline, words)])
        ),
    ]


def _has(headline: str, words: Sequence[str]) -> bool:
    return all(word.casefold() in headline.casefold() for word in words)
