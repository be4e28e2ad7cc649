"""What a fresh place begins with: tables, the list `readers`, the newsletter `daily`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from digest.errors import BadInput, Conflict
from digest.model.newsletter import Newsletter
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.model.subscriber import MailingList
from digest.services.place import Place, check_pepper
from digest.store import newsletters, schema, sources, subscribers

NEWSLETTER = "daily"
LIST = "readers"


def set_up(ctx: Place, *, title: str = "The Morning Paper") -> Sequence[str]:
    """Bring the database up and make what is missing; a sentence for each thing made."""
    schema.upgrade(ctx.db)
    check_pepper(ctx.db, ctx.settings.pepper)
    said = []
    now = ctx.clock()
    with ctx.db.begin() as tx:
        mlist = subscribers.find_list(tx, LIST)
        if mlist is None and not subscribers.lists(tx):
            mlist = subscribers.add_list(tx, MailingList(name=LIST, title="Readers", made_at=now))
            said.append(f"made the list {LIST}")
        if mlist is not None and not newsletters.all_of(tx):
            zone = str(ctx.settings.zone)
            newsletters.add(
                tx, Newsletter(name=NEWSLETTER, title=title, mlist_id=mlist.id, zone=zone, made_at=now, timetable_at=now)
            )
            said.append(f"made the newsletter {NEWSLETTER}: weekdays 07:00 {zone}, for the list {LIST}")
    return said


def add_source(ctx: Place, source: Source, names: Sequence[str] = ()) -> Source:
    """Store a source for the newsletters named, or for the only one. Raises Conflict, or NotFound."""
    home = ctx.settings.home.absolute()
    source.location = _in_place(home, source.location)
    with ctx.db.begin() as tx:
        if source.is_local and any(s.is_local and home / s.location == home / source.location for s in sources.all_of(tx)):
            raise Conflict(f"{source.location} is a source already")
        papers = [newsletters.get(tx, name) for name in names] or newsletters.all_of(tx)
        if not names and len(papers) > 1:
            raise BadInput(f"there are {len(papers)} newsletters; say which prints from it with --newsletter")
        stored = sources.add(tx, source)
        for paper in papers:
            sources.join(tx, paper.id, stored.id)
        return stored


def _in_place(home: Path, location: str) -> str:
    """A location as it is stored: a path inside the place counts from there, so that the place can be moved."""
    return str(Path(location).relative_to(home)) if Path(location).is_relative_to(home) else location


def change_source(ctx: Place, key: str, values: Mapping[str, object], names: Sequence[str] = ()) -> Source:
    """
    Give a source other values; with `names`, these newsletters publish from it and no others.

    Raises:
        NotFound: there is no such source or newsletter.
        Conflict: another source has the new location.
    """
    if "location" in values:
        values = {**values, "location": _in_place(ctx.settings.home.absolute(), str(values["location"]))}
    with ctx.db.begin() as tx:
        source = sources.change(tx, sources.get(tx, key), values)
        if names:
            wanted = {newsletters.get(tx, name).id for name in names}
            sources.publish_in(tx, source.id, wanted)
        return source


def new_source(
    ctx: Place, *, kind: SourceKind, location: str, name: str, topic: str = "", weight: float = 1.0, allow_private: bool = False
) -> Source:
    """A source as it is before it was ever read."""
    return Source(
        kind=kind, location=location, name=name, topic=topic, weight=weight, allow_private=allow_private, added_at=ctx.clock()
    )
