"""The commands of `digest issues` about the coming issue: how it would go, and what editors want of its stories."""

from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, at, context, emit, facts, note, table
from digest.model.states import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.model.newsletter import Newsletter
    from digest.services.context import Context
    from digest.services.editing import Seen
    from digest.services.views.issues import DraftStory

of_newsletter = click.option("--newsletter", default="", metavar="NAME", help="Needed where there are several.")
which_story = click.argument("story", type=NUMBER)


@click.command()
@of_newsletter
@as_json
def draft(newsletter: str, as_json: bool) -> None:
    """The coming issue as it would go now, with the numbers of its stories.

    \b
    Example:  digest issues draft --newsletter daily
    """
    from digest.services import drafts, newsletters
    from digest.services.tallies import Tallies

    ctx = context()
    found = drafts.draft(ctx, newsletters.get(ctx, newsletter), Tallies())
    if as_json:
        emit(found)
        return
    facts(
        [
            ("slot", found.slot),
            ("due", at(found.due_at, found.timezone)),
            ("state", f"{found.state}: {found.reason}" if found.reason else found.state),
            ("opens with", found.note),
        ]
    )
    rows = [(s.story, s.section, s.form, s.headline, s.score, _mark(s), s.reason) for s in found.stories]
    table(["story", "section", "form", "headline", "score", "", "why it is in"], rows, empty="no story is in")
    out = [(s.story, s.headline, s.score, s.reason) for s in found.out]
    table(["story", "headline", "score", "why it is out"], out)


@click.command("put-in")
@which_story
@of_newsletter
def put_in(story: int, newsletter: str) -> None:
    """Keep a story in the coming issue, whatever its score.

    \b
    Example:  digest issues put-in 12 --newsletter daily
    """
    from digest.services import editing

    paper = _edited(newsletter, story, editing.put_in)
    note(f"story {story} stays in the coming issue of {paper.name}")


@click.command("take-out")
@which_story
@of_newsletter
def take_out(story: int, newsletter: str) -> None:
    """Keep a story out of the coming issue alone; `digest articles hide` keeps an article out of all.

    \b
    Example:  digest issues take-out 12 --newsletter daily
    """
    from digest.services import editing

    paper = _edited(newsletter, story, editing.take_out)
    note(f"story {story} is out of the coming issue of {paper.name}; `digest issues leave {story}` takes that back")


@click.command()
@which_story
@of_newsletter
def leave(story: int, newsletter: str) -> None:
    """Take back all that editors said of a story of the coming issue.

    \b
    Example:  digest issues leave 12 --newsletter daily
    """
    from digest.services import editing

    paper = _edited(newsletter, story, editing.leave)
    note(f"story {story} is as its sources and the rules of {paper.name} make it")


def _edited(newsletter: str, story: int, edit: "Callable[[Context, Newsletter, int, Seen], int]") -> "Newsletter":
    """Make a change of one story of the coming issue, whatever its draft is by now; return the newsletter."""
    from digest.services import editing, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    edit(ctx, paper, story, editing.Seen())
    return paper


@click.command()
@which_story
@of_newsletter
@click.option("--section", metavar="NAME", help="Into this section.")
@click.option("--form", type=click.Choice([form.value for form in Form]), help="How much of it is printed.")
@click.option("--place", type=click.IntRange(1), help="Its place among the stories of its section and form.")
def move(story: int, newsletter: str, section: str | None, form: str | None, place: int | None) -> None:
    """Give a story of the coming issue another place, section or form.

    \b
    Example:  digest issues move 12 --place 1
              digest issues move 12 --form top
    """
    from digest.services import editing, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    if section is None and form is None and place is None:
        raise click.UsageError("say where to: give --section, --form or --place")
    target = editing.Target(section=section, form=Form(form) if form else None, place=place)
    editing.move(ctx, paper, story, editing.Seen(), target)
    note(f"story {story} was moved; `digest issues draft --newsletter {paper.name}` shows where to")


@click.command()
@which_story
@of_newsletter
@click.option("--headline", default="", help="Instead of the source's; empty: the source's.")
@click.option("--summary", default="", help="Instead of the one that is made of the source's; empty: that one.")
def rewrite(story: int, newsletter: str, headline: str, summary: str) -> None:
    """Print a story of the coming issue in words of your own, whatever its sources say later.

    \b
    Example:  digest issues rewrite 12 --headline "The harbour is open"
    """
    from digest.services import editing, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    editing.rewrite(ctx, paper, story, editing.Seen(), headline=headline, summary=summary)
    note(f"story {story} has {'your' if headline or summary else 'its own'} words in the coming issue of {paper.name}")


@click.command()
@click.argument("url", required=False, default="")
@of_newsletter
@click.option("--headline", default="", help="Write the story yourself; URL is then its link, and may be left away.")
@click.option("--summary", default="", help="Its text, with --headline.")
@click.option("--publisher", default="", help="Who tells it.  [default: the newsletter's title]")
@click.option("--section", default="", metavar="NAME", help="Into this section.")
@click.option("--allow-private", is_flag=True, help="The page may have a private address, on any port.")
def add(url: str, newsletter: str, headline: str, summary: str, publisher: str, section: str, allow_private: bool) -> None:
    """Add a story to the coming issue: from a link, or in words of your own.

    \b
    Example:  digest issues add https://example.org/harbour
              digest issues add --headline "We move" --summary "From Monday we are at 12 Harbour Street."
    """
    from digest.services import contributions, editing, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    seen = editing.Seen()
    if headline:
        number = contributions.by_hand(
            ctx, paper, seen, headline=headline, summary=summary, url=url, publisher=publisher, section=section
        )
    elif url:
        number = contributions.from_link(ctx, paper, seen, url, section=section, allow_private=allow_private)
    else:
        raise click.UsageError("give a URL, or --headline")
    note(f"story {number} is in the coming issue of {paper.name}; `digest issues draft --newsletter {paper.name}` shows it")


def _mark(story: "DraftStory") -> str:
    return "rewritten" if story.is_rewritten else "kept" if story.is_kept else ""


COMMANDS = (draft, put_in, take_out, leave, move, rewrite, add)
