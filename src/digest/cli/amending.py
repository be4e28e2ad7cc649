"""The commands of `digest issues` about what was wrong: other words for mails that have not gone, and corrections of those that have."""

from typing import TYPE_CHECKING

import click

from digest.cli.drafts import of_newsletter
from digest.cli.output import as_json, confirm, context, emit, note, progress, table, yes_option
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.context import Context
    from digest.services.views.issues import CorrectionPlan, IssueDetails

PLACE = click.IntRange(1)


@click.command()
@click.argument("number", metavar="NUMBER|SLOT|next")
@of_newsletter
@click.option("--note", "text", metavar="TEXT", help="What an editor says at its top; an empty TEXT takes it away.")
@click.option("--signed", metavar="NAME", default="", help="Who says it.  [default: the newsletter's title]")
@click.option("--story", type=PLACE, metavar="PLACE", help="Change this story, by its place in the issue.")
@click.option("--headline", metavar="TEXT", help="Its headline from now on.")
@click.option("--summary", metavar="TEXT", help="Its summary from now on; an empty TEXT takes it away.")
def edit(
    number: str, newsletter: str, text: str | None, signed: str, story: int | None, headline: str | None, summary: str | None
) -> None:
    """Open an issue with an editor's note, or change a story of one that is held or was sent.

    `next` is the coming issue, whenever it is made. Of an issue that is held while it is sent, who has not got it gets the
    new words; its pages show them at once, and `digest issues correct` tells those who got the others.

    \b
    Example:  digest issues edit next --newsletter daily --note "Good morning." --signed "Ines Aalto, editor"
              digest issues edit 214 --story 1 --headline "Two ships, not three"
    """
    if story is None:
        if text is None or headline is not None or summary is not None:
            raise click.UsageError("give --note, or --story with --headline or --summary")
        _note(number, newsletter, text.strip(), signed.strip())
        return
    if number == "next" or text is not None or (headline is None and summary is None):
        raise click.UsageError(
            "give --story with --headline or --summary, and the number of an issue; `digest issues rewrite` is for the next one"
        )
    from digest.services import amending

    ctx = context()
    found = _issue(ctx, newsletter, number)
    issue = amending.rewrite(ctx, found.id, _story(found, story), headline=headline, summary=summary)
    note(f"story {story} of issue {number} of {found.newsletter} has the new words in version {issue.version}")
    _say_next(found, number)


def _note(number: str, newsletter: str, text: str, signed: str) -> None:
    """Open an issue with a note, or with none."""
    from digest.model.issue import Note
    from digest.services import amending, newsletters, notes

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    written = Note(text=text, by=(signed or paper.title) if text else "")
    if number == "next":
        notes.open_next(ctx, paper, written)
        named = f"the next issue of {paper.name}"
        note(f"{named} opens with the note; `digest preview {paper.name}` shows it" if text else f"{named} has no note")
        return
    found = _issue(ctx, newsletter, number)
    issue = amending.introduce(ctx, found.id, written)
    named = f"issue {number} of {paper.name}"
    version = f" in version {issue.version}" if issue.version > 1 else f"; `digest preview {paper.name}` shows it"
    note(f"{named} opens with the note{version}" if text else f"{named} has no note")
    if issue.queued_at is not None:
        _say_next(found, number)


def _say_next(found: "IssueDetails", number: str) -> None:
    """Say how the mails that have not gone go on."""
    from digest.model.states import IssueState

    at = f"{number} --newsletter {found.newsletter}"
    nexts = {
        IssueState.HELD: f"`digest issues resume {at}` sends it to the rest, `digest issues correct {at}` tells who got the others",
        IssueState.CANCELLED: f"`digest issues reopen {at}` sends it to the rest",
    }
    note(nexts.get(found.state, f"its pages show it; `digest issues correct {at}` tells who got the others"))


@click.command()
@click.argument("number", metavar="NUMBER|SLOT")
@of_newsletter
@click.option("--story", "places", type=PLACE, multiple=True, metavar="PLACE", help="Tell of this story alone; may be repeated.")
@click.option("--sentence", metavar="TEXT", default="", help="What an editor says of it, below the first sentence.")
@click.option("--dry-run", is_flag=True, help="Write the mails that would go as .eml files; send nothing.")
@yes_option
@as_json
def correct(
    number: str, newsletter: str, places: tuple[int, ...], sentence: str, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Mail a correction to everybody who got a version of an issue with other words than it has now, and to nobody else.

    Change the words first, with `digest issues edit`, or withdraw the story. Run again after it was interrupted it goes on,
    and mails nobody twice.

    \b
    Example:  digest issues correct 214 --newsletter daily --yes
              digest issues correct 214 --sentence "We are sorry." --dry-run
    """
    from digest.cli.send import report
    from digest.runtime.signals import draining
    from digest.services import corrections, sending

    ctx = context()
    found = _issue(ctx, newsletter, number)
    if dry_run:
        _dry_run(ctx, found, places, sentence, as_json=as_json)
        return
    sending.recover(ctx)  # what a dead process had in hand is known then
    planned = corrections.plan(ctx, found.id, places=places)
    _show(planned, as_json=as_json)
    if planned.stories:
        question = f"Mail a correction of issue {number} of {found.newsletter} to {counted(planned.readers, 'reader')}?"
    else:
        question = f"Go on with correction {planned.unfinished} of {found.newsletter}?"
    confirm(question, yes=yes)
    issue, paper = corrections.correct(ctx, found.id, places=places, sentence=sentence, seen=planned.version)
    with progress("Sending") as advance, draining(note) as stop:
        sent = sending.finish(ctx, paper, issue, resumed=not planned.stories, on_sent=advance, stop=stop)
    report(ctx, sent, stopped=stop.is_set(), explain=False, as_json=as_json)


def _dry_run(ctx: "Context", found: "IssueDetails", places: tuple[int, ...], sentence: str, *, as_json: bool) -> None:
    from digest.services import corrections

    with progress("Writing") as advance:
        done = corrections.dry_run(ctx, found.id, places=places, sentence=sentence, on_progress=advance)
    if as_json:
        emit(done)
    told = f"{counted(done.stories, 'story', 'stories')} to {counted(done.mails, 'reader')}"
    note(f"Would correct {told}. The mails are in {done.folder}.")


def _show(planned: "CorrectionPlan", *, as_json: bool) -> None:
    """Show what was wrong and what is right, before anybody is mailed."""
    if as_json:
        return
    rows = [
        (place, "wrong" if kind else "", headline, summary)
        for story in planned.stories
        for place, kind, headline, summary in (
            *((story.place, True, one["headline"], one["summary"]) for one in story.wrong),
            ("", False, story.headline or "withdrawn", story.summary),
        )
    ]
    table(["story", "", "headline", "summary"], rows)


def _issue(ctx: "Context", newsletter: str, number: str) -> "IssueDetails":
    from digest.services import issues

    return issues.show(ctx, newsletter=newsletter, key=number)


def _story(found: "IssueDetails", place: int) -> int:
    """Return the number of a story by its place. Raises UsageError."""
    if place > len(found.stories):
        raise click.UsageError(f"issue {found.number} has {counted(len(found.stories), 'story', 'stories')}")
    return int(found.stories[place - 1]["story_id"])


COMMANDS = (edit, correct)
