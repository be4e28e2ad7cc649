"""Carries out the steps of a configuration by the use cases that the commands call."""

from collections.abc import Mapping, Sequence

from digest.model.account import Role
from digest.model.states import ApprovalPolicy, ArchiveAccess, ListAccess, RuleKind, Silence, SourceKind
from digest.services import accounts, lists, newsletters, sections, sources
from digest.services.accounts import Invited
from digest.services.config_file import Item
from digest.services.config_plan import Action, Step
from digest.services.config_settings import SETTINGS, Noun, Value
from digest.services.context import Context
from digest.services.discovery import Asking, check_location
from digest.store import newsletters as stored_newsletters
from digest.store import sources as stored_sources


def carry_out(ctx: Context, step: Step) -> Invited | None:
    """
    Carry out a step; return the link of an account that was added.

    Raises:
        DigestError: as the use case of its command.
    """
    return _DO[step.item.noun](ctx, step)


def _list(ctx: Context, step: Step) -> None:
    name, values = step.item.name, step.item.values
    if step.action is Action.REMOVE:
        return lists.remove(ctx, name)
    title, access = str(values["title"]), ListAccess(str(values["access"]))
    if step.action is Action.ADD:
        lists.add(ctx, name, title=title, access=access)
    if step.action is Action.CHANGE or values["goodbye"]:
        lists.change(ctx, name, title=title, access=access, goodbye=bool(values["goodbye"]))
    return None


# --- newsletters -----------------------------------------------------------------------------

_ENUMS = {"archive": ArchiveAccess, "approval": ApprovalPolicy, "approval_silence": Silence}
_PAUSE = {"paused", "paused_until"}


def _newsletter(ctx: Context, step: Step) -> None:
    name = step.item.name
    if step.action is Action.REMOVE:
        return newsletters.remove(ctx, name)
    other = set(step.before) if step.action is Action.CHANGE else _own(step.item)
    given = {key: _given(key, step.item.values[key]) for key in other - _PAUSE}
    changes = newsletters.Changes(**{"mlist" if key == "list" else key: value for key, value in given.items()})  # type: ignore[arg-type]
    if step.action is Action.ADD:
        newsletters.add(ctx, name, changes)
    elif given:
        newsletters.change(ctx, name, changes)
    if other & _PAUSE:
        until = str(step.item.values["paused_until"])
        pause = bool(until) or bool(step.item.values["paused"])
        newsletters.change(ctx, name, newsletters.Changes(pause=pause, until=until or None))
    return None


def _own(item: Item) -> set[str]:
    """Return the names of the settings that do not have their default."""
    return {s.name for s in SETTINGS[item.noun] if s.always or item.values[s.name] != s.default_for(item.name)}


def _given(key: str, value: Value) -> object:
    """Return the value of a newsletter's setting as its use cases take it."""
    if key in _ENUMS:
        return _ENUMS[key](str(value))
    return ",".join(value) if isinstance(value, tuple) else value


# --- sources ---------------------------------------------------------------------------------


def _source(ctx: Context, step: Step) -> None:
    location = step.item.name
    if step.action is Action.REMOVE:
        with ctx.db.read() as tx:
            found = stored_sources.get(tx, location).id
        return sources.remove(ctx, found)
    if step.action is Action.ADD:
        _add_source(ctx, step.item)
    else:
        _change_source(ctx, step)
    if "paused" in (step.before if step.action is Action.CHANGE else _own(step.item)):
        sources.pause(ctx, location, paused=bool(step.item.values["paused"]))
    return None


def _add_source(ctx: Context, item: Item) -> None:
    values = item.values
    kind = SourceKind(str(values["kind"]))
    check_location(item.name, kind, home=ctx.settings.home)
    made = sources.new_source(
        ctx, kind=kind, location=item.name, name=str(values["name"]), topic=str(values["topic"]), weight=_number(values["weight"])
    )
    asking = Asking.checked(
        allow_private=bool(values["allow_private"]),
        agent=str(values["user_agent"]),
        headers=_texts(values["headers"]),
        basic_auth=str(values["basic_auth"]),
        cookie=str(values["cookie"]),
    )
    sources.add_source(ctx, asking.apply(made), _texts(values["newsletters"]), nowhere=not values["newsletters"])


def _change_source(ctx: Context, step: Step) -> None:
    location, values = step.item.name, step.item.values
    names = {"user_agent": "agent"}
    given: dict[str, object] = {names.get(key, key): values[key] for key in step.before.keys() - {"paused", "newsletters"}}
    if "kind" in given:
        given["kind"] = SourceKind(str(values["kind"]))
    wanted = _texts(values["newsletters"])
    if "newsletters" in step.before and wanted:
        given["newsletters"] = wanted
    if given:
        sources.change(ctx, location, sources.Changes(**given))  # type: ignore[arg-type]
    for paper in _texts(step.before.get("newsletters", ())) if not wanted else ():
        newsletters.change(ctx, paper, newsletters.Changes(part=[location]))


def _texts(value: Value) -> Sequence[str]:
    return value if isinstance(value, tuple) else (str(value),)


def _number(value: Value) -> float:
    assert isinstance(value, float | int)
    return float(value)


# --- sections and rules ----------------------------------------------------------------------


def _section(ctx: Context, step: Step) -> None:
    name, paper, values = step.item.name, step.item.newsletter, step.item.values
    if step.action is not Action.ADD:  # there is no command that changes one: it is made anew in its place
        sections.remove(ctx, paper, name)
    if step.action is not Action.REMOVE:
        sections.add(
            ctx,
            name,
            newsletter=paper,
            topic=str(values["topic"]),
            from_sources=_numbers(ctx, _texts(values["sources"])),
            words=str(values["words"]),
            size=int(_number(values["size"])),
            least=int(_number(values["min_size"])),
            before=step.in_front_of,
        )


def _numbers(ctx: Context, names: Sequence[str]) -> Sequence[str]:
    """Return the numbers of sources with these names, of which several may have the same; a name that none has stays."""
    with ctx.db.read() as tx:
        by_name = {source.name: str(source.id) for source in stored_sources.all_of(tx)}
    return [by_name.get(name, name) for name in names]


def _rule(ctx: Context, step: Step) -> None:
    item = step.item
    if step.action is not Action.ADD:
        former = {**item.values, **step.before}
        with ctx.db.read() as tx:
            paper = stored_newsletters.get(tx, item.newsletter)
            rules = stored_newsletters.rules(tx, paper.id)
        sections.remove_rule(ctx, next(rule.id for rule in rules if _is(rule, former)))
    if step.action is not Action.REMOVE:
        sections.add_rule(
            ctx,
            RuleKind(str(item.values["kind"])),
            newsletter=item.newsletter,
            words=str(item.values["words"]),
            topic=str(item.values["topic"]),
            section=str(item.values["section"]),
            weight=_number(item.values["weight"]),
        )


def _is(rule: object, values: Mapping[str, Value]) -> bool:
    return all(getattr(rule, name) == value for name, value in values.items())


def _account(ctx: Context, step: Step) -> Invited | None:
    values = step.item.values
    role, name = Role(str(values["role"])), str(values["name"])
    if step.action is Action.ADD:
        return accounts.add(ctx, step.item.name, name=name, role=role, sends=bool(values["sends"]))
    accounts.change(ctx, step.item.name, name=name, role=role, sends=bool(values["sends"]))
    return None


_DO = {
    Noun.LIST: _list,
    Noun.NEWSLETTER: _newsletter,
    Noun.SOURCE: _source,
    Noun.SECTION: _section,
    Noun.RULE: _rule,
    Noun.ACCOUNT: _account,
}
