"""
Selection: choose the stories of a slot's issue and render it, in memory alone; nothing is stored.

A send, a dry run, a preview and a check all begin here.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest.bounces.providers import echo
from digest.compose import frozen, theme
from digest.compose.mime import clean_name
from digest.compose.render import SYSTEM, Paper, render_in
from digest.curate.matching import listed
from digest.curate.rules import EditorRule, Rules, SectionRule
from digest.curate.select import select
from digest.languages import best, shipped
from digest.model.issue import NO_NOTE, Candidate, Issue, Note, Pick, ToldStory
from digest.model.newsletter import EditorialRule, Newsletter, Section
from digest.model.rendition import HeaderFrame, Rendition
from digest.model.timetable import Slot
from digest.model.words import counted
from digest.services import stories as story_services
from digest.services.context import Context
from digest.services.views.issues import CandidateView
from digest.store import articles, drafts, issues, newsletters, sources, subscribers

FIRST_ISSUE = timedelta(hours=24)  #: the very first issue of a newsletter takes no older stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Content of an issue that is not frozen yet."""

    newsletter: Newsletter
    slot: Slot
    candidates: Sequence[Candidate]
    note: Note = NO_NOTE  #: that opens it
    revision: int = 0  #: of the draft that it was made of
    number: int = 0  #: that its mails have
    renditions: Sequence[Rendition]  #: one a language, the newsletter's own first; none: too few stories

    @property
    def picks(self) -> Sequence[Pick]:
        """Published stories, in order."""
        return [candidate.pick for candidate in self.candidates if candidate.pick]

    @property
    def shortage(self) -> str:
        """Reason why there is no issue: `1 story, at least 3 wanted`."""
        return f"{counted(len(self.picks), 'story', 'stories')}, at least {max(1, self.newsletter.min_stories)} wanted"

    def rendition(self, language: str = "") -> Rendition:
        """Return the rendition for a reader of this language; the newsletter's own where there is none."""
        return next(r for r in self.renditions if r.language == served(language, [r.language for r in self.renditions]))


def prepare(ctx: Context, newsletter: Newsletter, slot: Slot, *, now: datetime, hurry: bool = True) -> Prepared:
    """
    Choose the stories of a slot's issue, and render it. Unless in a `hurry`, articles that may still change wait.

    Raises:
        ComposeError: a template or theme is wrong.
    """
    return render(ctx, choose(ctx, newsletter, slot, now=now, hurry=hurry))


def render(ctx: Context, prepared: Prepared, *, only: str | None = None) -> Prepared:
    """
    Render the stories that were chosen, unless they are too few for an issue.

    `only`: the one language to render; None: all of the issue.

    Raises:
        ComposeError: a template or theme is wrong.
    """
    newsletter, slot = prepared.newsletter, prepared.slot
    if len(prepared.picks) < max(1, newsletter.min_stories):
        return prepared
    with ctx.db.read() as tx:
        number = issues.number_for(tx, newsletter.id, slot.name)
        names = [section.name for section in newsletters.sections(tx, newsletter.id)]
        note = issues.note_for(tx, newsletter, slot.name)
    day = slot.due_at.astimezone(newsletter.timetable.zone).date()
    paper = paper_of(ctx, newsletter, number=number, day=day, sections=names, nonce=secrets.token_hex(6))
    paper = replace(
        paper, note=note.text, note_by=note.by, considered=len(prepared.candidates), next_day=_next_day(newsletter, slot)
    )
    spoken = coming_languages(ctx, newsletter) if only is None else [only]
    return replace(prepared, note=note, number=number, renditions=render_in(paper, prepared.picks, spoken))


def as_frozen(ctx: Context, newsletter: Newsletter, issue: Issue) -> Prepared:
    """Return a frozen issue as it stands: its picks and its renditions. Raises ComposeError where an earlier version made them."""
    with ctx.db.read() as tx:
        made = issues.renditions(tx, issue.id)
        picks = [issues.to_pick(row.snapshot or {}) for row in issues.picks(tx, issue.id)]
    told = [Candidate(story=ToldStory(story_id=pick.story_id, tellings=()), score={}, reason="", pick=pick) for pick in picks]
    return Prepared(
        newsletter=newsletter,
        slot=Slot(name=issue.slot, due_at=issue.due_at),
        candidates=told,
        note=Note(text=issue.note, by=issue.note_by),
        revision=issue.revision,
        renditions=[frozen.load(row.content) for row in made],
    )


def rendered_again(ctx: Context, newsletter: Newsletter, issue: Issue, changed: Prepared) -> Prepared:
    """
    Render a frozen issue anew after its picks or its note were changed, in its languages.

    Its mails keep the header that they had, and with it their Message-IDs.

    Raises:
        ComposeError: a template or theme is wrong.
    """
    before = changed.renditions[0]
    day = issue.due_at.astimezone(newsletter.timetable.zone).date()
    with ctx.db.read() as tx:
        names = [section.name for section in newsletters.sections(tx, newsletter.id)]
        considered = len(issues.candidates(tx, issue.id))
    paper = paper_of(
        ctx,
        newsletter,
        number=issue.number or 0,
        day=day,
        sections=names,
        nonce=before.header.nonce,
        theme_name=before.theme,
    )
    paper = replace(
        paper,
        header=before.header,
        note=changed.note.text,
        note_by=changed.note.by,
        considered=considered,
        next_day=_next_day(newsletter, changed.slot),
    )
    return replace(changed, renditions=render_in(paper, changed.picks, [r.language for r in changed.renditions]))


def choose(
    ctx: Context,
    newsletter: Newsletter,
    slot: Slot,
    *,
    now: datetime,
    hurry: bool = True,
    more_rules: Sequence[EditorialRule] = (),
) -> Prepared:
    """Decide what the issue of a slot would publish, `more_rules` beside the stored ones; nothing is rendered."""
    with ctx.db.read() as tx:
        first = not issues.ever_printed(tx, newsletter.id)
        not_before = now - (FIRST_ISSUE if first else newsletter.max_age)
        revision, edits = drafts.edits(tx, newsletter.id, slot.name)
        recent = articles.stories_since(tx, newsletter.id, since=now - newsletter.max_age)
        named = articles.stories(tx, edits.keys() - {story.id for story in recent})
        stories = sorted([*recent, *named], key=lambda story: story.id)
        told = articles.of_stories(tx, [story.id for story in stories])
        own = sources.ids_of(tx, newsletter.id) | {drafts.desk_id(tx)}
        by_id = sources.by_id(tx)
        rules = Rules(
            sections=[_section(section) for section in newsletters.sections(tx, newsletter.id)],
            editor_rules=[_editor_rule(rule) for rule in (*newsletters.rules(tx, newsletter.id), *more_rules)],
            settled_by=None if hurry else now,
            max_stories=newsletter.max_stories,
            not_before=not_before,
            printed=issues.printed_stories(tx, newsletter.id, slot=slot.name),
            edits=edits,
        )
    before = {story.id: story.predecessor_id for story in stories if story.predecessor_id}
    candidates = select(story_services.told([a for a in told if a.source_id in own], by_id, before), rules, now=now)
    return Prepared(newsletter=newsletter, slot=slot, candidates=candidates, revision=revision, renditions=())


def _section(section: Section) -> SectionRule:
    return SectionRule(
        name=section.name,
        topics=listed(section.topic),
        sources=section.sources.split("\n") if section.sources else (),
        words=listed(section.words),
        size=section.size,
        least=section.min_size,
    )


def _editor_rule(rule: EditorialRule) -> EditorRule:
    return EditorRule(
        kind=rule.kind, words=listed(rule.words), topics=listed(rule.topic), section=rule.section, weight=rule.weight
    )


def considered(ctx: Context, newsletter: Newsletter) -> Sequence[CandidateView]:
    """Say why each story would be in or out of today's issue now."""
    now = ctx.clock()
    return candidates_of(choose(ctx, newsletter, newsletter.timetable.today(now), now=now))


def candidates_of(prepared: Prepared) -> Sequence[CandidateView]:
    """Make the views of what was considered for an issue, picks first."""
    return [
        CandidateView.made(
            c.headline,
            c.reason,
            c.score,
            rank=place if c.pick else None,
            section=c.pick.section if c.pick else "",
            form=c.pick.form if c.pick else None,
            made_from=c.pick.made_from if c.pick else "",
        )
        for place, c in enumerate(prepared.candidates)
    ]


def last_printed(ctx: Context, newsletter: Newsletter) -> Sequence[Pick]:
    """Return the picks of the newsletter's newest issue that has any; none where it has published nothing."""
    with ctx.db.read() as tx:
        for issue in issues.latest(tx, newsletter.id, limit=20):
            rows = issues.picks(tx, issue.id)
            if rows and not issue.is_correction:
                return [issues.to_pick(row.snapshot) for row in rows if row.snapshot]
    return ()


def coming_languages(ctx: Context, newsletter: Newsletter) -> Sequence[str]:
    """Return the languages that the newsletter's next issue is rendered in."""
    with ctx.db.read() as tx:
        return languages(newsletter, subscribers.languages(tx, newsletter.mlist_id))


def languages(newsletter: Newsletter, spoken: Sequence[str]) -> Sequence[str]:
    """Return the languages that an issue is rendered in: the newsletter's, and those of its readers that have a catalogue."""
    offered = [newsletter.language, *(code for code in shipped() if code != newsletter.language)]
    return list(dict.fromkeys([newsletter.language, *(served(code, offered) for code in spoken)]))


def served(language: str, offered: Sequence[str]) -> str:
    """Return the offered language (the newsletter's is first) that a reader of this language gets."""
    return (best(language, offered) if language else None) or offered[0]


def paper_of(
    ctx: Context,
    newsletter: Newsletter,
    *,
    number: int,
    day: date,
    sections: Sequence[str] = (),
    nonce: str,
    template: str = "",
    theme_name: str = "",
) -> Paper:
    """
    Make the values that an issue's renderings share; `template` and `theme_name` replace the newsletter's where they are given.

    Raises:
        ComposeError: the theme is wrong.
    """
    folders, look = ctx.templates(), theme_name or newsletter.theme
    own = template or newsletter.template
    name, address = ctx.sender
    domain = address.rpartition("@")[2]
    title = clean_name(newsletter.title)
    header = HeaderFrame(
        sender_name=clean_name(name) or title,
        sender_address=address,
        reply_to=theme.load(folders, look)["brand"]["reply_to"],
        list_id="" if own in SYSTEM else _list_id(title, f"{newsletter.name}.{domain}"),
        message_domain=domain,
        feedback_id=f"{number}:{newsletter.name}:issue:digest",
        nonce=nonce,
        base_url=ctx.base_url,
        boundary=f"=_digest_{nonce}",
        dkim=tuple(ctx.signer.keys) if ctx.signer else (),
        echoes=tuple(field for provider, field in echo.FIELDS.items() if getattr(ctx.settings, f"hook_{provider}")),
        leave_address=ctx.settings.bounce_address if ctx.settings.bounce_mailbox else "",
    )
    return Paper(
        title=newsletter.title,
        number=number,
        day=day,
        language=newsletter.language,
        template=own,
        theme=look,
        postal_address=ctx.settings.postal_address,
        header=header,
        sections=sections,
        folders=folders,
    )


def _next_day(newsletter: Newsletter, slot: Slot) -> date | None:
    """Return the day of the issue after this slot's; None while the newsletter is paused without an end."""
    after = newsletter.next_slot(slot.due_at)
    return after.due_at.astimezone(newsletter.timetable.zone).date() if after else None


def _list_id(title: str, label: str) -> str:
    """Return the List-ID (RFC 2919), with a phrase only where it needs no quoting."""
    return f"{title} <{label}>" if title.isascii() and title.replace(" ", "").isalnum() else f"<{label}>"
