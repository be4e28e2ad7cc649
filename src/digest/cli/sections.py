"""`digest sections` and `digest rules`: what an issue is made of."""

from typing import TYPE_CHECKING

import click

from digest.cli.output import NUMBER, as_json, confirm, emit, note, open_place, table, yes_option

if TYPE_CHECKING:
    from digest.services.sections import Added

of_newsletter = click.option("--newsletter", default="", metavar="NAME", help="Needed where there are several.")


@click.group()
def sections() -> None:
    """The parts of a newsletter: which stories they take, how many."""


@sections.command()
@click.argument("name")
@of_newsletter
@click.option("--topic", default="", metavar="TOPICS", help="Takes stories with these topics, commas between.")
@click.option(
    "--source", "from_sources", multiple=True, metavar="SOURCE", help="Takes what this source tells, by number or name."
)
@click.option(
    "--words", default="", help="Takes stories that speak of these words or phrases, commas between; elect* takes any ending."
)
@click.option("--max", "size", type=click.IntRange(1, 100), default=5, show_default=True, help="At most so many stories.")
@click.option("--min", "least", type=click.IntRange(0, 100), default=0, show_default=True, help="At least so many, or none.")
@click.option("--before", default="", metavar="SECTION", help="Place it before this section; else it comes last.")
def add(
    name: str, newsletter: str, topic: str, from_sources: tuple[str, ...], words: str, size: int, least: int, before: str
) -> None:
    """Add a section. One without topic, source and words takes what no other takes.

    \b
    Example:  digest sections add World --topic World,Europe --words "united nations" --max 6 --min 2
    """
    from digest.services import sections as service

    made = service.add(
        open_place(),
        name,
        newsletter=newsletter,
        topic=topic,
        from_sources=from_sources,
        words=words,
        size=size,
        least=least,
        before=before,
    )
    _warn_unknown(made)
    note(f"added the section {name} to {made.newsletter}")


@sections.command("list")
@of_newsletter
@as_json
def list_(newsletter: str, as_json: bool) -> None:
    """The sections of a newsletter, in their order.

    \b
    Example:  digest sections list --newsletter daily
    """
    from digest.services import sections as service

    found = service.every(open_place(), newsletter)
    if as_json:
        emit(found.sections)
        return
    table(
        ["section", "topics", "sources", "words", "at least", "at most"],
        [(s.name, s.topic, ", ".join(s.sources.split("\n")), s.words, s.min_size or "", s.size) for s in found.sections],
        empty=f"no sections: an issue of {found.newsletter} has one for each topic that occurs;"
        f" `digest sections add NAME --newsletter {found.newsletter}` makes your own",
    )


@sections.command()
@click.argument("name")
@of_newsletter
@yes_option
def remove(name: str, newsletter: str, yes: bool) -> None:
    """Take a section away; its stories go where they fit.

    \b
    Example:  digest sections remove World --newsletter daily --yes
    """
    from digest.services import sections as service

    ctx = open_place()
    paper = service.newsletter_of(ctx, newsletter, name)
    confirm(f"Remove the section {name} from {paper}?", yes=yes)
    service.remove(ctx, paper, name)
    note(f"removed the section {name} from {paper}")


def _warn_unknown(made: "Added") -> None:
    for one in made.unknown:
        shown = f"; there are {', '.join(one.known[:12])}" if one.known else ""
        meant = f"; did you mean {one.nearest}?" if one.nearest else shown
        note(f"warning: no source and no recent article has the topic {one.topic}{meant}")


@click.group()
def rules() -> None:
    """What editors ask of the choice: boost, require or mute words and topics."""


@rules.command("add")
@click.argument("kind", type=click.Choice(["boost", "require", "mute"]))
@click.option(
    "--words", default="", help="Stories that speak of these words or phrases, commas between; elect* takes any ending."
)
@click.option("--topic", default="", metavar="TOPICS", help="Stories with these topics, commas between.")
@click.option("--section", default="", help="Only stories of this section.")
@click.option("--weight", type=click.FloatRange(0, 10), default=0.5, show_default=True, help="What a boost adds to the score.")
@of_newsletter
def add_rule(kind: str, words: str, topic: str, section: str, weight: float, newsletter: str) -> None:
    """Add a rule.

    \b
    Example:  digest rules add mute --words "horoscope, royal wedding"
              digest rules add boost --topic Climate --weight 0.8
    """
    from digest.model.states import RuleKind
    from digest.services import sections as service

    made = service.add_rule(
        open_place(), RuleKind(kind), newsletter=newsletter, words=words, topic=topic, section=section, weight=weight
    )
    _warn_unknown(made)
    paper = made.newsletter
    note(f"added rule {made.id} to {paper}; `digest send {paper} --dry-run --explain` shows what it does")


@rules.command("list")
@of_newsletter
@as_json
def list_rules(newsletter: str, as_json: bool) -> None:
    """The rules of a newsletter.

    \b
    Example:  digest rules list --newsletter daily
    """
    from digest.services import sections as service

    found = service.rules(open_place(), newsletter)
    if as_json:
        emit(found.rules)
        return
    table(
        ["no.", "rule", "words", "topics", "section", "adds"],
        [(r.id, r.kind, r.words, r.topic, r.section, r.weight if r.kind == "boost" else "") for r in found.rules],
        empty=f"no rules; `digest rules add mute --words WORDS --newsletter {found.newsletter}` makes one",
    )


@rules.command("remove")
@click.argument("number", type=NUMBER)
@yes_option
def remove_rule(number: int, yes: bool) -> None:
    """Take a rule away.

    \b
    Example:  digest rules remove 3 --yes
    """
    from digest.services import sections as service

    ctx = open_place()
    service.check_rule(ctx, number)
    confirm(f"Remove rule {number}?", yes=yes)
    service.remove_rule(ctx, number)
    note(f"removed rule {number}")
