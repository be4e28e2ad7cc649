"""Edit and StoryEdit: what an editor wants of one story in the draft of one issue, whatever its sources bring until it is frozen."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from digest.model.columns import enum_type
from digest.model.states import Form

HEADLINE_MAX, SUMMARY_MAX = 200, 800  #: characters of what an editor writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Wishes of an editor for one story in one issue; what is None or empty stays as it would be."""

    is_hidden: bool = False  #: it is out of this issue
    is_kept: bool = False  #: it is in, whatever its score
    section: str | None = None
    form: Form | None = None
    place: int | None = None  #: among the stories of its section and form, from 0
    headline: str = ""
    summary: str = ""
    by: str = ""  #: who said so last


NO_EDIT = Edit()


class StoryEdit(SQLModel, table=True):
    """An edit as it is stored, beside the story: what its sources say of it changes the story, and never this."""

    __tablename__ = "story_edit"

    issue_id: int = Field(foreign_key="issue.id", primary_key=True, ondelete="CASCADE")
    story_id: int = Field(foreign_key="story.id", primary_key=True, index=True)
    is_hidden: bool = False
    is_kept: bool = False
    section: str | None = None
    form: Form | None = Field(default=None, sa_type=enum_type(Form))
    place: int | None = None
    headline: str = ""
    summary: str = ""
    by: str = ""
    at: datetime

    @property
    def edit(self) -> Edit:
        """The edit as a frozen value."""
        return Edit(**self.model_dump(exclude={"issue_id", "story_id", "at"}))
