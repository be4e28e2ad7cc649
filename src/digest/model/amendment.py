"""Amendment: a change of an issue whose mails had begun to go, and what the stories of its versions said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel


class Amendment(SQLModel, table=True):
    """A change that made the next version of an issue; of one story, or of the introduction."""

    __tablename__ = "amendment"

    issue_id: int = Field(foreign_key="issue.id", primary_key=True, ondelete="CASCADE")
    version: int = Field(primary_key=True)  #: that it made
    story_id: int | None = Field(default=None, foreign_key="story.id", index=True)  #: None: the introduction
    headline: str = ""  #: of the story, before
    summary: str = ""  #: of the story, or the introduction, before
    is_out: bool = False  #: the story was withdrawn
    by: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words of a story in one version of an issue."""

    headline: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A story of which some versions of an issue said something else than the last one, or that is not in that any more."""

    story_id: int
    changed_in: int  #: the version that brought the last change
    versions: frozenset[int]  #: that were wrong
    wordings: Sequence[Wording]  #: of these, each once, oldest first
    is_out: bool


def wrong(amendments: Sequence[Amendment], story_id: int, now: Wording) -> Wrong | None:
    """Return what was wrong of a story before the version that says `now`; None where nothing was. Amendments are by version."""
    own = [one for one in amendments if one.story_id == story_id]
    if not own:
        return None
    is_out = own[-1].is_out
    versions: dict[int, Wording] = {}
    first = 1
    for one in own:
        said = Wording(headline=one.headline, summary=one.summary)
        versions |= {version: said for version in range(first, one.version) if is_out or said != now}
        first = one.version
    if not versions:
        return None
    return Wrong(
        story_id=story_id,
        changed_in=own[-1].version,
        versions=frozenset(versions),
        wordings=tuple(dict.fromkeys(versions.values())),
        is_out=is_out,
    )
