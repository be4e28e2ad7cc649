"""Mailing lists, and what was imported into them."""

from typing import Annotated

from fastapi import Query

from digest.model.api import Scope
from digest.model.states import ListAccess
from digest.services import imports, lists, undo
from digest.services.imports import Options, Upload
from digest.services.views.people import ImportLine, ImportView, ListView, UndoPlan
from digest.web.api.call import After, AfterNumber, Body, Call, Limit, Line, Name, Number, Page, Route, page, page_of_all

LOOK, EDIT = Scope.PEOPLE_LOOK, Scope.PEOPLE_EDIT
MAX_IMPORT = 8_000_000  #: bytes of a file; larger ones are imported on the machine, by `digest subscribers import`


class NewList(Body):
    """A list to be made."""

    name: Line
    title: Line = ""
    access: ListAccess = ListAccess.CLOSED


class ListChanges(Body):
    """Values for a list; what is left out, or null, stays."""

    title: Line | None = None
    access: ListAccess | None = None
    goodbye: bool | None = None


def _every(call: Call, after: After = "", limit: Limit = 50) -> Page[ListView]:
    """All mailing lists, by name."""
    return page_of_all(call, lists.every(call.ctx), after=after, limit=limit, key=lambda found: found.name)


def _add(call: Call, given: NewList) -> ListView:
    """Make a mailing list."""
    lists.add(call.ctx, given.name, title=given.title, access=given.access)
    return lists.show(call.ctx, given.name)


def _show(call: Call, mlist: Name) -> ListView:
    """A mailing list, with its people by what becomes of an issue for them."""
    return lists.show(call.ctx, mlist)


def _change(call: Call, mlist: Name, given: ListChanges) -> ListView:
    """Change what readers see of a list, who may join it, or whether it says goodbye."""
    return lists.change(call.ctx, mlist, title=given.title, access=given.access, goodbye=given.goodbye)


def _remove(call: Call, mlist: Name) -> None:
    """Remove a list that has no subscriptions and no newsletter."""
    lists.remove(call.ctx, mlist)


# --- imports ---------------------------------------------------------------------------------

DryRun = Annotated[bool, Query(description="Only say what would happen.")]
Overwrites = Annotated[bool, Query(description="Change names, languages and zones that are known; else fill empty ones.")]
Consent = Annotated[str, Query(max_length=500, description="Kept as evidence of how these people agreed.")]
FileName = Annotated[str, Query(max_length=200, description="What to call the file in the list of imports.")]


def _import(
    call: Call,
    mlist: Name,
    dry_run: DryRun = False,
    overwrites: Overwrites = False,
    consent: Consent = "",
    name: FileName = "people",
) -> ImportView:
    """Import the people of a CSV or NDJSON file into a list; each line is in exactly one of the counts."""
    chosen = Options(consent=consent, dry_run=dry_run, overwrites=overwrites)
    return imports.import_upload(call.ctx, Upload(name=name, content=call.body), mlist, chosen)


def _imports(call: Call, after: AfterNumber = None, limit: Limit = 50) -> Page[ImportLine]:
    """All imports and syncs, newest first."""
    found = [line for line in imports.listed(call.ctx) if after is None or line.id < after]
    return page(call, found[: limit + 1], limit=limit, key=lambda line: line.id)


def _plan_undo(call: Call, number: Number) -> UndoPlan:
    """Changes that an undo of an import would take back, and those that it would keep."""
    return undo.plan(call.ctx, number)


def _undo(call: Call, number: Number) -> UndoPlan:
    """Take back an import: subscriptions that it made, and values that it changed, where nothing has happened to them since."""
    return undo.undo(call.ctx, number)


ROUTES = (
    Route(method="GET", path="/lists", needs=LOOK, act=_every),
    Route(
        method="POST",
        path="/lists",
        needs=EDIT,
        act=_add,
        status=201,
        location="/lists/{name}",
        example={"name": "weekend", "title": "The weekend paper", "access": "public"},
    ),
    Route(method="GET", path="/lists/{mlist}", needs=LOOK, act=_show),
    Route(method="PATCH", path="/lists/{mlist}", needs=EDIT, act=_change, example={"access": "closed"}),
    Route(method="DELETE", path="/lists/{mlist}", needs=EDIT, act=_remove, status=204),
    Route(
        method="POST",
        path="/lists/{mlist}/imports",
        needs=EDIT,
        act=_import,
        takes=("text/csv", "application/x-ndjson"),
        max_bytes=MAX_IMPORT,
    ),
    Route(method="GET", path="/imports", needs=LOOK, act=_imports),
    Route(method="GET", path="/imports/{number}/undo", needs=LOOK, act=_plan_undo),
    Route(method="POST", path="/imports/{number}/undo", needs=EDIT, act=_undo),
)
