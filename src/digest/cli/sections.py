"""`digest sections` and `digest rules`: what an issue is made of."""

from typing import TYPE_CHECKING, Any

import click

from digest.cli.output import NUMBER, as_json, confirm, emit, nearest, note, open_place, table, yes_option
from digest.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection

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
    from digest.curate.matching import listed
    from digest.model.newsletter import Section
    from digest.store import newsletters as store
    from digest.store import sources
    from digest.store.articles import topics

    if not name.strip() or len(name) > 60:
        raise BadInput("a section needs a name of at most 60 characters")
    for option, given in (("--topic", topic), ("--words", words)):
        if given and not listed(given):
            raise BadInput(f"{option} {given!r} names nothing; write words with commas between")
    if least > size:
        raise BadInput(f"at least {least} stories and at most {size} cannot both be")
    ctx = open_place()
    with ctx.db.begin() as tx:
        paper = store.get(tx, newsletter)
        names = "\n".join(sources.get(tx, source).name for source in from_sources)
        made = Section(
            newsletter_id=paper.id, position=0, name=name, topic=topic, sources=names, words=words, size=size, min_size=least
        )
        store.add_section(tx, made, before=before)
        known = topics(tx)
    _warn_unknown(topic, known)
    note(f"added the section {name} to {paper.name}")


@sections.command("list")
@of_newsletter
@as_json
def list_(newsletter: str, as_json: bool) -> None:
    """The sections of a newsletter, in their order.

    \b
    Example:  digest sections list --newsletter daily
    """
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        paper = store.get(tx, newsletter)
        found = store.sections(tx, paper.id)
    if as_json:
        emit([section.model_dump(mode="json") for section in found])
        return
    rows = [(s.name, s.topic, ", ".join(s.sources.split("\n")), s.words, s.min_size or "", s.size) for s in found]
    table(
        ["section", "topics", "sources", "words", "at least", "at most"],
        rows,
        empty=f"no sections: an issue of {paper.name} has one for each topic that occurs; `digest sections add NAME --newsletter {paper.name}` makes your own",
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
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        paper = store.get(tx, newsletter)
        store.get_section(tx, paper.id, name)
    confirm(f"Remove the section {name} from {paper.name}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove_section(tx, paper.id, name)
    note(f"removed the section {name} from {paper.name}")


def _warn_unknown(given: str, known: "Collection[str]") -> None:
    """Say which topics nothing has had so far: a slip of the pen would leave a section empty for ever."""
    from digest.curate.matching import listed

    have = {topic.casefold() for topic in known}
    for topic in listed(given):
        if topic.casefold() not in have:
            shown = f"; there are {', '.join(sorted(known)[:12])}" if known else ""
            note(f"warning: no source and no recent article has the topic {topic}{nearest(topic, known) or shown}")


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
    from digest.model.newsletter import EditorialRule
    from digest.model.states import RuleKind
    from digest.store import newsletters as store
    from digest.store.articles import topics

    if not (words.strip(" ,") or topic.strip(" ,")):
        raise BadInput("a rule needs --words or --topic")
    ctx = open_place()
    with ctx.db.begin() as tx:
        paper = store.get(tx, newsletter)
        if section and section.casefold() not in {s.name.casefold() for s in store.sections(tx, paper.id)}:
            raise NotFound("section", section, f"`digest sections list --newsletter {paper.name}` names them")
        made = EditorialRule(
            newsletter_id=paper.id, kind=RuleKind(kind), words=words, topic=topic, section=section, weight=weight
        )
        store.add_rule(tx, made)
        known = topics(tx)
    _warn_unknown(topic, known)
    note(f"added rule {made.id} to {paper.name}; `digest send {paper.name} --dry-run --explain` shows what it does")


@rules.command("list")
@of_newsletter
@as_json
def list_rules(newsletter: str, as_json: bool) -> None:
    """The rules of a newsletter.

    \b
    Example:  digest rules list --newsletter daily
    """
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        paper = store.get(tx, newsletter)
        found = store.rules(tx, paper.id)
    if as_json:
        emit([rule.model_dump(mode="json") for rule in found])
        return
    rows: list[tuple[Any, ...]] = [
        (r.id, r.kind, r.words, r.topic, r.section, r.weight if r.kind == "boost" else "") for r in found
    ]
    table(
        ["no.", "rule", "words", "topics", "section", "adds"],
        rows,
        empty=f"no rules; `digest rules add mute --words WORDS --newsletter {paper.name}` makes one",
    )


@rules.command("remove")
@click.argument("number", type=NUMBER)
@yes_option
def remove_rule(number: int, yes: bool) -> None:
    """Take a rule away.

    \b
    Example:  digest rules remove 3 --yes
    """
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        store.get_rule(tx, number)
    confirm(f"Remove rule {number}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove_rule(tx, number)
    note(f"removed rule {number}")
