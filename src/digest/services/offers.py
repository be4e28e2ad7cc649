"""Offers: the lists that anybody may join, what the pages say of consent to one, and the form for other sites."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from digest.audience import signup as rules
from digest.errors import Conflict, NotFound
from digest.languages import SOURCE, load
from digest.model.signup import ConsentStep
from digest.model.states import ListAccess
from digest.model.subscriber import MUTED, WANTED, MailingList
from digest.model.tokens import LinkToken, Purpose, sign, verify
from digest.services import topics
from digest.services.context import Context, Place
from digest.store import newsletters, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A list that anybody may join."""

    list: str
    title: str  #: of the newsletters that it gets
    access: ListAccess
    topics: tuple[str, ...] = ()  #: that can be chosen


def every(ctx: Place) -> Sequence[Offer]:
    """Return the lists that anybody may join and that get a newsletter, by name."""
    with ctx.db.read() as tx:
        return [of(tx, mlist) for mlist in subscribers.lists(tx) if is_offered(tx, mlist)]


def get(ctx: Place, name: str) -> Offer:
    """Return one of them. Raises NotFound, whether there is no such list or it is closed."""
    with ctx.db.read() as tx:
        return of(tx, offered(tx, name))


def wording(chosen: Offer, language: str, *, step: ConsentStep) -> tuple[str, str]:
    """Return what the pages say about consent at a step, and its version."""
    made = rules.asking_text if step is ConsentStep.ASKED else rules.confirming_text
    text = made(load(language), chosen.title)
    return text, rules.version(text)


def snippet(ctx: Context, name: str, *, language: str = SOURCE) -> str:
    """Write the HTML of a form for other sites. It needs no script. Raises NotFound, Conflict where nobody can join, or BadInput where the language is unknown."""
    with ctx.db.read() as tx:
        found = subscribers.get_list(tx, name)
        if not is_offered(tx, found):
            raise Conflict(f"nobody can sign up for the list {found.name}", code="list_not_offered", list=found.name)
        chosen, _ = of(tx, found), load(language).gettext
    text, version = wording(chosen, language, step=ConsentStep.ASKED)
    return "\n".join(
        (
            f'<form action="{html.escape(ctx.base_url)}/subscribe/{chosen.list}" method="post" lang="{load(language).tag}">',
            f'<p><label>{html.escape(_("Your e-mail address"))} <input type="email" name="address" autocomplete="email" required></label></p>',
            f'<p hidden><label>{html.escape(_("Leave this empty"))} <input name="website" tabindex="-1" autocomplete="off"></label></p>',
            f'<input type="hidden" name="shown" value="{version}">',
            *_topic_fields(chosen, _),
            f"<p>{html.escape(text)}</p>",
            f"<button>{html.escape(_('Sign up'))}</button>",
            "</form>",
        )
    )


def _topic_fields(chosen: Offer, _: Callable[[str], str]) -> Sequence[str]:
    """Write a menu for each topic, folded away; nothing where there are none."""
    if not chosen.topics:
        return []
    wishes = {"": _("As usual"), WANTED: _("Wanted"), MUTED: _("None")}
    options = "".join(f'<option value="{wish}">{html.escape(words)}</option>' for wish, words in wishes.items())
    fields = [
        f'<p><label>{html.escape(topic)} <select name="{html.escape(topic_field(chosen.list, topic))}">{options}</select></label></p>'
        for topic in chosen.topics
    ]
    return ["<details>", f"<summary>{html.escape(_('Choose topics (not needed)'))}</summary>", *fields, "</details>"]


def topic_field(mlist: str, topic: str) -> str:
    """Return the name of a topic's field in forms."""
    return f"topic/{mlist}/{topic}"


def stamp(ctx: Place) -> LinkToken:
    """Sign the time at which a form is shown."""
    return sign(int(ctx.clock().timestamp()), Purpose.FORM, ctx.settings.secret_keys[0])


def kept_stamp(ctx: Place, stamp: str) -> str:
    """Return a stamp of ours, to be shown again; empty for any other."""
    return stamp if verify(stamp, Purpose.FORM, ctx.settings.secret_keys) is not None else ""


def offered(tx: Session, name: str) -> MailingList:
    """Return the stored list of an offer, within a transaction. Raises NotFound."""
    found = subscribers.find_list(tx, name)
    if found is None or not is_offered(tx, found):
        raise NotFound("list", name)
    return found


def is_offered(tx: Session, mlist: MailingList) -> bool:
    """Return whether anybody may join a list: it is not closed, and gets a newsletter."""
    return mlist.access is not ListAccess.CLOSED and bool(newsletters.of_list(tx, mlist.id))


def of(tx: Session, mlist: MailingList) -> Offer:
    """Make the offer of a list."""
    titles = [paper.title for paper in newsletters.of_list(tx, mlist.id)]
    return Offer(
        list=mlist.name,
        title=", ".join(titles) or mlist.title or mlist.name,
        access=mlist.access,
        topics=tuple(topics.offered(tx, mlist.id)),
    )
