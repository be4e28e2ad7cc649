"""
Sync: lists in files under version control, a file a list, are made true in the database; a plan first.

A file says who is on its list, and what they are called. Whose line is gone is taken off the list, and
comes back with the line; nobody who left comes back by a file, and nobody who asked for the list themselves
is taken off it. A file that looks damaged changes nothing: one with a line that cannot be read, or that
would take off more than MAX_SHARE of its list.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest.audience.files import SAMPLE, ListFile, has_sample, lists_in
from digest.audience.importer import Opened, Report, Run, open_list
from digest.errors import BadInput, DigestError, NothingToDo
from digest.model.states import SubscriptionState
from digest.services import importing
from digest.services.context import Place
from digest.services.importing import Options, Part, Progress, Seen
from digest.services.imports import rejections
from digest.services.views.people import SyncFile, SyncView
from digest.store import imports, subscribers
from digest.store.imports import Change, Member

MAX_SHARE = 0.25  #: of a list's people that a sync takes off without being forced to
BATCH = 5_000  #: subscriptions a transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, with what its execution needs."""

    view: SyncView
    parts: Sequence[Part]
    stamps: Mapping[str, tuple[int, int]]  #: size and time of each file as it was planned


def plan(ctx: Place, folder: Path, *, force: bool = False, on_progress: Progress = lambda _count, _total: None) -> Planned:
    """
    Return what a sync would do; `force` allows it to take any number of people off a list.

    Raises:
        BadInput: it is no folder that can be read.
        NothingToDo: it holds no list.
    """
    parts = _parts(folder)
    stamps = {str(part.file): _stamp(part.file) for part in parts}
    files = tuple(_planned(ctx, part, force, on_progress) for part in parts)
    with ctx.db.read() as tx:
        without = tuple(mlist.name for mlist in subscribers.lists(tx) if mlist.name not in {part.mlist for part in parts})
    passed_by = (SAMPLE,) if has_sample(folder) else ()
    return Planned(view=SyncView(files=files, without_file=without, passed_by=passed_by), parts=parts, stamps=stamps)


def sync(ctx: Place, planned: Planned, *, on_progress: Progress = lambda _count, _total: None) -> SyncView:
    """
    Carry out a plan; files with a problem, and those that change nobody, are left alone.

    Raises:
        NothingToDo: nobody is changed by it.
    """
    todo = [file for file in planned.view.files if file.moves and not file.problem]
    if not todo and not any(file.problem for file in planned.view.files):
        raise NothingToDo("the lists are as their files say")
    files = tuple(
        _synced(ctx, file, part, planned.stamps[file.file], on_progress) if file in todo else file
        for file, part in zip(planned.view.files, planned.parts, strict=True)
    )
    return planned.view.model_copy(update={"files": files})


def _parts(folder: Path) -> Sequence[Part]:
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; a sync takes a folder with one file a list")
    parts = [Part(file=file, mlist=file.path.stem) for file in lists_in(folder)]
    counts = Counter(part.mlist for part in parts)
    for part in parts:
        if counts[part.mlist] > 1:
            raise BadInput(
                f"{folder} has several files for the list {part.mlist} ({_named(parts, part.mlist)}); a list has one file"
            )
    return parts


def _named(parts: Sequence[Part], mlist: str) -> str:
    return ", ".join(part.file.member or part.file.path.name for part in parts if part.mlist == mlist)


def _stamp(file: ListFile) -> tuple[int, int]:
    try:
        found = file.path.stat()
    except OSError:
        return (0, 0)  # It is gone, and is said to be so when it is read.
    return found.st_size, found.st_mtime_ns


# --- one file --------------------------------------------------------------------------------

_OPTIONS = Options(overwrites=True)
_REHEARSED = Options(overwrites=True, dry_run=True)


def _planned(ctx: Place, part: Part, force: bool, on_progress: Progress) -> SyncFile:
    seen = Seen()
    try:
        opened = open_list(part.file, mapped={}, encoding="")
        run, report = importing.run(ctx, opened, part, _REHEARSED, seen=seen, on_progress=on_progress)
    except DigestError as problem:
        return _view(part, Report(), problem=problem)
    off, asked, staying = 0, 0, 0
    for members in _members(ctx, run):
        missing = [member for member in members if hash(member.address_key) not in seen.states]
        off += sum(not member.asked for member in missing)
        asked += sum(member.asked for member in missing)
        staying += len(members) - len(missing)
    return _view(part, report, off=off, asked=asked, problem=_problem(report, off, staying, force))


def _problem(report: Report, off: int, staying: int, force: bool) -> DigestError | None:
    """Return why a file is not to be trusted; None if it is."""
    if report.rejected:
        return BadInput(f"{report.rejected} lines cannot be read; correct them first", code="lines_rejected")
    share = off / (off + staying) if off else 0.0
    if not force and (share == 1.0 or (off > 1 and share > MAX_SHARE)):
        what = f"it would take {off} of {off + staying} people off the list, which is more than {MAX_SHARE:.0%}"
        return BadInput(what, code="too_many_removals")
    return None


def _synced(ctx: Place, file: SyncFile, part: Part, stamp: tuple[int, int], on_progress: Progress) -> SyncFile:
    seen = Seen(whole=True)
    try:
        opened = _unchanged(part.file, stamp)
        run, report = importing.run(ctx, opened, part, _OPTIONS, seen=seen, on_progress=on_progress)
    except DigestError as problem:
        return file.model_copy(update={"problem": str(problem), "problem_code": problem.code})
    off = sum(_take_off(ctx, run, members, seen.keys) for members in _members(ctx, run))
    importing.finish(ctx, run, report, ended=off)
    return _view(part, report, off=off, asked=file.asked_themselves)


def _unchanged(file: ListFile, stamp: tuple[int, int]) -> Opened:
    """Open a file that was planned. Raises BadInput where it is another by now."""
    if _stamp(file) != stamp:
        raise BadInput(f"{file} was changed after it was planned; run the sync again")
    return open_list(file, mapped={}, encoding="")


def _members(ctx: Place, run: Run) -> Iterator[Sequence[Member]]:
    """Yield the subscriptions of the list that have not ended, a batch at a time."""
    after = 0
    while True:
        with ctx.db.read() as tx:
            found = imports.members(tx, subscribers.list_by_id(tx, run.made.mlist_id), after=after, limit=BATCH)
        if not found:
            return
        yield found
        after = found[-1].id


def _take_off(ctx: Place, run: Run, members: Sequence[Member], everybody: set[int]) -> int:
    """End the subscriptions of a batch that have no line; return how many."""
    said = f"taken off: no line in {run.made.file}, at {run.at} UTC"
    ends = [
        Change(member.id, SubscriptionState.UNSUBSCRIBED, run.now, said, reversible=True)
        for member in members
        if not member.asked and hash(member.address_key) not in everybody
    ]
    if ends:
        with ctx.db.begin() as tx:
            imports.change_subscriptions(tx, ends, run.made)
    return len(ends)


def _view(part: Part, report: Report, *, off: int = 0, asked: int = 0, problem: DigestError | None = None) -> SyncFile:
    return SyncFile(
        file=str(part.file),
        list=part.mlist,
        import_id=report.import_id,
        lines=report.lines,
        **{outcome.value: count for outcome, count in report.counts.items()},
        rejected=report.rejected,
        rejects=rejections(report),
        taken_off=off,
        asked_themselves=asked,
        problem=str(problem or ""),
        problem_code=problem.code if problem else "",
        moves=report.moved + off,
    )
