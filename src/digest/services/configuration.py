"""
Configuration: what a place publishes from, how and for whom, as one file that can be under version control.

A file is carried out by the use cases that the commands call, all in one transaction, so that each change is checked,
recorded and audited as if it had been typed. A plan does the same and takes it back, so that what it promises holds.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from digest.errors import Conflict, DigestError, NothingToDo
from digest.services import config_file, config_plan, config_present
from digest.services.accounts import Invited
from digest.services.config_file import Item, Problem
from digest.services.config_plan import Action, Step
from digest.services.config_settings import SETTINGS
from digest.services.config_steps import carry_out
from digest.services.context import Context, Place
from digest.services.views.configuration import (
    ConfigChange,
    ConfigInvitation,
    ConfigProblem,
    ConfigSetting,
    ConfigThing,
    ConfigView,
)
from digest.store.engine import OpenTransaction


class _Undone(Exception):
    """Rolls a transaction back whose changes are not kept."""


def export(ctx: Place) -> str:
    """Return the configuration as the text of a file; the same configuration is always the same text."""
    with ctx.db.read() as tx:
        return config_file.write(config_present.things(ctx, tx), config_present.defaults(ctx))


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all, readable as the system's other files are. Raises OSError."""
    begun = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        begun.write_text(text, encoding="utf-8")
        begun.replace(file)
    finally:
        begun.unlink(missing_ok=True)


def plan(ctx: Context, raw: bytes, *, prune: bool = False) -> ConfigView:
    """
    Return what a file would change, and every problem with it. Nothing is changed.

    `prune`: what the file does not name is removed, where it names others of its kind.
    """
    return _compared(ctx, raw, prune=prune, keep=None)


def apply(ctx: Context, raw: bytes, planned: ConfigView, *, prune: bool = False) -> ConfigView:
    """
    Carry out a file as it was planned: all of it, or nothing where there is a problem.

    Raises:
        NothingToDo: the configuration is as the file says.
        Conflict: it was changed since it was planned.
    """
    if not planned.changes and not planned.problems:
        raise NothingToDo("the configuration is as the file says")
    return _compared(ctx, raw, prune=prune, keep=planned)


def _compared(ctx: Context, raw: bytes, *, prune: bool, keep: ConfigView | None) -> ConfigView:
    document = config_file.read(raw, config_present.defaults(ctx))
    document.items = [config_present.in_one_form(ctx, item) for item in document.items]
    result: ConfigView | None = None
    with suppress(_Undone), ctx.db.begin() as tx:
        present = config_present.things(ctx, tx)
        steps = config_plan.steps(present, document, prune=prune)
        changes = tuple(map(_change, steps))
        if keep is not None and changes != keep.changes:
            raise Conflict("the configuration was changed since it was planned; run the same command again")
        failed, invited = _carry_out(ctx, tx, steps)
        problems = sorted([*document.problems, *failed], key=lambda problem: problem.line)
        is_kept = keep is not None and not problems
        left = () if prune else config_plan.unnamed(present, document)
        result = ConfigView(
            changes=changes,
            unnamed=tuple(ConfigThing(noun=item.noun, newsletter=item.newsletter, name=item.name) for item in left),
            problems=tuple(map(_problem, problems)),
            invitations=tuple(map(_invitation, invited)) if is_kept else (),
            applied=is_kept,
        )
        if not is_kept:
            raise _Undone
    assert result is not None
    return result


def _carry_out(ctx: Context, tx: Session, steps: Sequence[Step]) -> tuple[Sequence[Problem], Sequence[Invited]]:
    """Carry out all steps within a transaction; one that fails changes nothing, and its problem is returned."""
    inside = replace(ctx, db=OpenTransaction(ctx.db, tx))
    problems, invited = [], []
    for step in steps:
        try:
            link = carry_out(inside, step)
        except DigestError as problem:
            problems.append(Problem(line=step.item.line, where=named(step.item), error=problem))
        else:
            invited += [link] if link else []
    return problems, invited


def named(item: Item) -> str:
    """Name a thing for a person."""
    return f"{item.noun} {item.name}" + (f" of {item.newsletter}" if item.newsletter else "")


def _change(step: Step) -> ConfigChange:
    item = step.item
    if step.action is Action.ADD:
        own = [s.name for s in SETTINGS[item.noun] if s.always or item.values[s.name] != s.default_for(item.name)]
        settings = [ConfigSetting(name=name, before=None, after=item.values[name]) for name in own]
    elif step.action is Action.CHANGE:
        settings = [ConfigSetting(name=name, before=old, after=item.values[name]) for name, old in step.before.items()]
    else:
        settings = []
    return ConfigChange(
        action=step.action,
        noun=item.noun,
        newsletter=item.newsletter,
        name=item.name,
        moved=step.moved,
        settings=tuple(settings),
        line=item.line or None,
    )


def _problem(problem: Problem) -> ConfigProblem:
    code = "" if problem.error.code == "bad_input" else problem.error.code
    return ConfigProblem(line=problem.line or None, where=problem.where, problem=str(problem.error), problem_code=code)


def _invitation(invited: Invited) -> ConfigInvitation:
    return ConfigInvitation(address=invited.account.address, link=invited.link, until=invited.until)
