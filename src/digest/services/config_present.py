"""The present configuration: rows of the database as the things of a configuration file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest import zones
from digest.audience.address import parse
from digest.errors import DigestError
from digest.model.account import Account, Role
from digest.model.newsletter import EditorialRule, Newsletter, Section
from digest.model.source import Source
from digest.model.subscriber import MailingList
from digest.services.config_file import Item, numbered, rule_name
from digest.services.config_settings import SETTINGS, Noun, Value, length
from digest.services.context import Place
from digest.services.newsletters import day
from digest.store import accounts, newsletters, sources, subscribers


def defaults(ctx: Place) -> Mapping[str, Value]:
    """Return the defaults that depend on the place."""
    return {"zone": str(ctx.settings.zone)}


def things(ctx: Place, tx: Session) -> Sequence[Item]:
    """Return all things of a configuration, each kind in its order in a file."""
    lists = {mlist.id: mlist for mlist in subscribers.lists(tx)}
    papers = newsletters.all_of(tx)
    found = [_list(mlist) for mlist in lists.values()]
    found += [_newsletter(paper, lists[paper.mlist_id].name, ctx.clock()) for paper in papers]
    found += sorted((_source(tx, source) for source in sources.all_of(tx)), key=_by_name)
    for paper in papers:
        found += [_section(section, paper.name) for section in newsletters.sections(tx, paper.id)]
        found += _rules(newsletters.rules(tx, paper.id), paper.name)
    return [*found, *sorted((_account(account) for account in accounts.every(tx)), key=lambda item: item.name)]


def in_one_form(ctx: Place, item: Item) -> Item:
    """Return a thing of a file as `things` returns it: its path as it is stored, its address as mail goes to it, its pause as it is now."""
    if item.noun is Noun.SOURCE:
        location = _in_place(ctx.settings.home.absolute(), item.name)
        return replace(item, name=location, values={**item.values, "location": location})
    if item.noun is Noun.ACCOUNT:
        sends = bool(item.values["sends"]) and item.values["role"] != Role.OWNER.value  # an owner may send anyway
        return replace(item, name=_address(item.name), values={**item.values, "sends": sends})
    if item.noun is Noun.NEWSLETTER and item.values["paused_until"]:
        return replace(item, values={**item.values, **_pause_of(item, ctx.clock())})
    return item


def _in_place(home: Path, location: str) -> str:
    return str(Path(location).relative_to(home)) if Path(location).is_relative_to(home) else location


def _address(text: str) -> str:
    try:
        return parse(text).text
    except DigestError:
        return text  # which its step refuses


def _pause_of(item: Item, now: datetime) -> Mapping[str, Value]:
    """Return the pause that a file asks for; one that is over is none."""
    zone = ZoneInfo(zones.find(str(item.values["zone"])) or "UTC")
    try:
        until = day(str(item.values["paused_until"]), zone)
    except DigestError:
        return {}  # its step refuses it
    return _pause(until, zone) if until > now else {"paused": False, "paused_until": ""}


def _pause(until: datetime, zone: ZoneInfo) -> Mapping[str, Value]:
    there = until.astimezone(zone)
    text = there.date().isoformat() if there.time() == time() else there.isoformat(timespec="minutes")
    return {"paused": True, "paused_until": text}


# --- rows ------------------------------------------------------------------------------------


def _values(noun: Noun, row: object, **other: Value) -> Mapping[str, Value]:
    """Return the settings of a row: those that are columns as they are, and the others."""
    names = [setting.name for setting in SETTINGS[noun]]
    return {name: other[name] if name in other else _plain(getattr(row, name)) for name in names}


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, str) else value  # an enum's member is a text too


def _list(mlist: MailingList) -> Item:
    return Item(noun=Noun.LIST, name=mlist.name, values=_values(Noun.LIST, mlist))


def _newsletter(paper: Newsletter, mlist: str, now: datetime) -> Item:
    paused = paper.is_paused(now)
    pause = _pause(paper.paused_until, paper.timetable.zone) if paused and paper.paused_until else {"paused": paused}
    values = _values(
        Noun.NEWSLETTER,
        paper,
        list=mlist,
        max_age="auto" if paper.max_age_s is None else length(paper.max_age_s),
        max_lateness=length(paper.max_lateness_s),
        approvers=tuple(filter(None, paper.approvers.split(","))),
        bounces=paper.bounce_rules or "default",
        **{"paused_until": "", **pause},
    )
    return Item(noun=Noun.NEWSLETTER, name=paper.name, values=values)


def _source(tx: Session, source: Source) -> Item:
    values = _values(
        Noun.SOURCE,
        source,
        headers=tuple(filter(None, source.headers.split("\n"))),
        newsletters=tuple(sorted(sources.newsletters_of(tx, source.id))),
    )
    return Item(noun=Noun.SOURCE, name=source.location, values=values)


def _by_name(item: Item) -> tuple[str, str]:
    return str(item.values["name"]).casefold(), item.name


def _section(section: Section, newsletter: str) -> Item:
    values = _values(Noun.SECTION, section, sources=tuple(filter(None, section.sources.split("\n"))))
    return Item(noun=Noun.SECTION, name=section.name, newsletter=newsletter, values=values)


def _rules(rules: Sequence[EditorialRule], newsletter: str) -> Sequence[Item]:
    """Return rules by what they say, since one that was changed is a new row."""
    found: list[Item] = []
    for values in sorted((_values(Noun.RULE, rule) for rule in rules), key=lambda values: [str(v) for v in values.values()]):
        item = Item(noun=Noun.RULE, name=rule_name(values), newsletter=newsletter, values=values)
        found.append(numbered(item, found))
    return found


def _account(account: Account) -> Item:
    sends = account.sends and account.role is not Role.OWNER
    return Item(noun=Noun.ACCOUNT, name=account.address, values=_values(Noun.ACCOUNT, account, sends=sends))
