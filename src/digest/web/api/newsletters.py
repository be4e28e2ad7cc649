"""Newsletters, their sections and their rules."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from digest.errors import NotFound
from digest.model.api import Scope
from digest.model.issue import Note
from digest.model.states import ArchiveAccess, RuleKind
from digest.services import newsletters, notes, sections, selection
from digest.services.newsletters import Changes
from digest.services.views.issues import CandidateView
from digest.services.views.newsletters import NewsletterDetails, NewsletterView, RuleView, SectionView
from digest.web.api.call import After, Body, Call, Limit, Line, Name, Number, Page, Route, Text, page_of_all

LOOK, EDIT = Scope.CONTENT_LOOK, Scope.CONTENT_EDIT
MOST_STORIES = 200
MOST_WEIGHT = 1_000.0

SectionName = Annotated[str, Path(max_length=60, description="Name of a section, in any case.", examples=["World"])]
Stories = Annotated[int, Field(ge=0, le=MOST_STORIES)]


class NewsletterChanges(Body):
    """Values for a newsletter; what is left out, or null, stays."""

    title: Line | None = None
    list: Line | None = None
    at: Line | None = None
    days: Line | None = None
    zone: Line | None = None
    language: Line | None = None
    template: Line | None = None
    theme: Line | None = None
    max_stories: Annotated[int, Field(ge=1, le=MOST_STORIES)] | None = None
    min_stories: Stories | None = None
    archive: ArchiveAccess | None = None
    max_age: Line | None = None
    max_lateness: Line | None = None
    welcome_issue: bool | None = None
    join: tuple[Line, ...] = ()
    part: tuple[Line, ...] = ()
    pause: bool | None = None
    until: Line | None = None

    def changes(self) -> Changes:
        """Return them as the use case takes them."""
        return Changes(**self.model_dump(exclude={"name", "list"}), mlist=self.list)


class NewNewsletter(NewsletterChanges):
    """A newsletter to be made."""

    name: Line
    list: Line


class NewSection(Body):
    """A section to be added; one without topic, sources and words takes what no other takes."""

    name: Line
    topic: Line = ""
    sources: tuple[Line, ...] = ()
    words: Line = ""
    size: Annotated[int, Field(ge=1, le=MOST_STORIES)] = 5
    min_size: Stories = 0
    before: Line = ""


class NewRule(Body):
    """A rule to be added."""

    kind: RuleKind
    words: Line = ""
    topic: Line = ""
    section: Line = ""
    weight: Annotated[float, Field(ge=-MOST_WEIGHT, le=MOST_WEIGHT)] = 1.0


class NewNote(Body):
    """An editor's words that open an issue; empty: none."""

    text: Text
    by: Line = ""


# --- newsletters -----------------------------------------------------------------------------


def _every(call: Call, after: After = "", limit: Limit = 50) -> Page[NewsletterView]:
    """All newsletters, by name."""
    return page_of_all(call, newsletters.every(call.ctx), after=after, limit=limit, key=lambda found: found.name)


def _add(call: Call, given: NewNewsletter) -> NewsletterDetails:
    """Make a newsletter."""
    newsletters.add(call.ctx, given.name, given.changes())
    return newsletters.show(call.ctx, given.name)


def _show(call: Call, newsletter: Name) -> NewsletterDetails:
    """A newsletter with its list, sources and sections."""
    return newsletters.show(call.ctx, newsletter)


def _change(call: Call, newsletter: Name, given: NewsletterChanges) -> NewsletterDetails:
    """Change a newsletter, its timetable or its sources, pause or resume it."""
    newsletters.change(call.ctx, newsletter, given.changes())
    return newsletters.show(call.ctx, newsletter)


def _remove(call: Call, newsletter: Name) -> None:
    """Remove a newsletter that has published nothing."""
    newsletters.remove(call.ctx, newsletter)


def _note(call: Call, newsletter: Name, given: NewNote) -> NewsletterDetails:
    """Open the next issue with a note, whenever it comes."""
    notes.open_next(call.ctx, newsletters.get(call.ctx, newsletter), Note(text=given.text, by=given.by))
    return newsletters.show(call.ctx, newsletter)


def _candidates(call: Call, newsletter: Name) -> list[CandidateView]:
    """Why each story would be in or out of today's issue now."""
    return list(selection.considered(call.ctx, newsletters.get(call.ctx, newsletter)))


# --- sections and rules ----------------------------------------------------------------------


def _sections(call: Call, newsletter: Name) -> list[SectionView]:
    """The sections of a newsletter, in their order."""
    return list(sections.every(call.ctx, newsletter).sections)


def _add_section(call: Call, newsletter: Name, given: NewSection) -> SectionView:
    """Add a section, in front of another or as the last."""
    made = sections.add(
        call.ctx,
        given.name,
        newsletter=newsletter,
        topic=given.topic,
        from_sources=given.sources,
        words=given.words,
        size=given.size,
        least=given.min_size,
        before=given.before,
    )
    return next(found for found in sections.every(call.ctx, newsletter).sections if found.id == made.id)


def _remove_section(call: Call, newsletter: Name, section: SectionName) -> None:
    """Take a section away; its stories go where they fit."""
    sections.remove(call.ctx, newsletter, section)


def _rules(call: Call, newsletter: Name) -> list[RuleView]:
    """The rules of a newsletter, oldest first."""
    return list(sections.rules(call.ctx, newsletter).rules)


def _add_rule(call: Call, newsletter: Name, given: NewRule) -> RuleView:
    """Add a rule: boost, require or mute words or topics."""
    made = sections.add_rule(
        call.ctx,
        given.kind,
        newsletter=newsletter,
        words=given.words,
        topic=given.topic,
        section=given.section,
        weight=given.weight,
    )
    return next(found for found in sections.rules(call.ctx, newsletter).rules if found.id == made.id)


def _remove_rule(call: Call, newsletter: Name, number: Number) -> None:
    """Take a rule away."""
    if number not in {rule.id for rule in sections.rules(call.ctx, newsletter).rules}:
        raise NotFound("rule", number, newsletter=newsletter)
    sections.remove_rule(call.ctx, number)


ROUTES = (
    Route(method="GET", path="/newsletters", needs=LOOK, act=_every),
    Route(
        method="POST",
        path="/newsletters",
        needs=EDIT,
        act=_add,
        status=201,
        location="/newsletters/{name}",
        example={"name": "weekend", "title": "The Weekend Ledger", "list": "readers", "days": "sat", "at": "08:00"},
    ),
    Route(method="GET", path="/newsletters/{newsletter}", needs=LOOK, act=_show),
    Route(method="PATCH", path="/newsletters/{newsletter}", needs=EDIT, act=_change, example={"at": "06:30"}),
    Route(method="DELETE", path="/newsletters/{newsletter}", needs=EDIT, act=_remove, status=204),
    Route(
        method="PUT",
        path="/newsletters/{newsletter}/note",
        needs=EDIT,
        act=_note,
        example={"text": "Tomorrow we are ten years old.", "by": "Ann, editor"},
    ),
    Route(method="GET", path="/newsletters/{newsletter}/candidates", needs=LOOK, act=_candidates),
    Route(method="GET", path="/newsletters/{newsletter}/sections", needs=LOOK, act=_sections),
    Route(
        method="POST",
        path="/newsletters/{newsletter}/sections",
        needs=EDIT,
        act=_add_section,
        status=201,
        example={"name": "World", "topic": "World", "size": 5},
    ),
    Route(method="DELETE", path="/newsletters/{newsletter}/sections/{section}", needs=EDIT, act=_remove_section, status=204),
    Route(method="GET", path="/newsletters/{newsletter}/rules", needs=LOOK, act=_rules),
    Route(
        method="POST",
        path="/newsletters/{newsletter}/rules",
        needs=EDIT,
        act=_add_rule,
        status=201,
        example={"kind": "mute", "words": "horoscope"},
    ),
    Route(method="DELETE", path="/newsletters/{newsletter}/rules/{number}", needs=EDIT, act=_remove_rule, status=204),
)
