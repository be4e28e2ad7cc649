"""Newsletters: periodicals, their timetables, lists and sources."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest import zones
from digest.audience.address import parse
from digest.bounces import rules
from digest.errors import BadInput
from digest.model.event import EventKind
from digest.model.newsletter import Newsletter
from digest.model.states import ApprovalPolicy, ArchiveAccess, Silence
from digest.model.timetable import local, parse_duration, parse_times
from digest.services import events
from digest.services.context import Context, Place
from digest.services.lists import check_name
from digest.services.views.newsletters import DueSlot, NewsletterDetails, NewsletterView
from digest.store import issues, newsletters, sources, subscribers

USUAL_BOUNCE_RULES = rules.DEFAULT_TEXT  #: those of a newsletter that has none of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Values for a newsletter; None leaves a value as it is."""

    title: str | None = None
    mlist: str | None = None
    at: str | None = None
    days: str | None = None
    zone: str | None = None
    language: str | None = None
    template: str | None = None
    theme: str | None = None
    max_stories: int | None = None
    min_stories: int | None = None
    archive: ArchiveAccess | None = None
    bounces: str | None = None  #: rules for what came back, as `bounces.rules` reads them; `default`: as elsewhere
    max_age: str | None = None  #: such as 36h; `auto`: by the timetable
    max_lateness: str | None = None
    welcome_issue: bool | None = None  #: whether a new reader is mailed the newest issue
    approval: ApprovalPolicy | None = None
    approval_min: int | None = None  #: minutes before its hour until which approvers answer
    approval_silence: Silence | None = None
    approvers: str | None = None  #: addresses, commas between; empty: the admins'
    join: Sequence[str] = ()  #: sources to publish from too, by number or name
    part: Sequence[str] = ()  #: sources to publish nothing of any more
    pause: bool | None = None  #: whether its due times are skipped
    until: str | None = None  #: the day that a pause ends


_AS_GIVEN = (
    *("title", "at", "days", "zone", "language", "template", "theme"),
    *("max_stories", "min_stories", "archive", "welcome_issue", "approval", "approval_min", "approval_silence"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A newsletter that was made or changed, and the list that gets it."""

    newsletter: NewsletterView
    list: str


def get(ctx: Place, name: str) -> Newsletter:
    """Return a newsletter by name; an empty name means the only one. Raises NotFound, or BadInput where there are several."""
    with ctx.db.read() as tx:
        return newsletters.get(tx, name)


def rows(ctx: Place) -> Sequence[Newsletter]:
    """Return all newsletters as they are stored, by name."""
    with ctx.db.read() as tx:
        return newsletters.all_of(tx)


def every(ctx: Place) -> Sequence[NewsletterView]:
    """Return all newsletters, by name."""
    with ctx.db.read() as tx:
        return [_view(ctx, paper) for paper in newsletters.all_of(tx)]


def show(ctx: Place, name: str) -> NewsletterDetails:
    """Return a newsletter with its list, sources and sections. Raises NotFound."""
    with ctx.db.read() as tx:
        found = newsletters.get(tx, name)
        return NewsletterDetails.of(
            _view(ctx, found),
            list=subscribers.list_by_id(tx, found.mlist_id).name,
            sources=tuple(source.name for source in sources.of_newsletter(tx, found.id)),
            sections=tuple(section.name for section in newsletters.sections(tx, found.id)),
            max_age_is_s=int(found.max_age.total_seconds()),
            bounce_rules_are=rules.worded(rules.parse(found.bounce_rules)),
        )


def add(ctx: Context, name: str, given: Changes) -> Made:
    """
    Make a newsletter.

    Raises:
        BadInput: its name or a value cannot be used.
        NotFound: there is no such list or source.
        Conflict: the name is taken.
    """
    check_name("newsletter", name)
    _refuse_unknown(ctx, given)
    now = ctx.clock()
    with ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, given.mlist or "")
        made = Newsletter(
            name=name, title=name.title(), mlist_id=mlist.id, zone=str(ctx.settings.zone), made_at=now, timetable_at=now
        )
        _apply(made, given, now)
        newsletters.add(tx, made)
        _join(tx, made, given)
        events.record(ctx, tx, EventKind.NEWSLETTER_ADDED, made, name=made.name, list=mlist.name)
        return Made(newsletter=_view(ctx, made), list=mlist.name)


def change(ctx: Context, name: str, given: Changes) -> Made:
    """
    Change a newsletter; what is not given stays.

    Raises:
        BadInput: a value cannot be used.
        NotFound: there is no such newsletter, list or source.
        Conflict: it did not publish from a source that is taken away.
    """
    _refuse_unknown(ctx, given)
    now = ctx.clock()
    with ctx.db.begin() as tx:
        found = newsletters.get(tx, name)
        before = _audited(tx, found)
        if given.mlist is not None:
            found.mlist_id = subscribers.get_list(tx, given.mlist).id
        _join(tx, found, given)
        _apply(found, given, now)
        if given.until or given.pause is not None:
            _pause(found, given.pause is not False, given.until, now)
        _move_waiting(tx, found, now)
        changed = [field.name for field in fields(given) if getattr(given, field.name) not in (None, ())]
        other = events.differences(before, _audited(tx, found))
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, found, name=found.name, changed=changed, **other)
        return Made(newsletter=_view(ctx, found), list=subscribers.list_by_id(tx, found.mlist_id).name)


def _audited(tx: Session, paper: Newsletter) -> dict[str, object]:
    """Return the values of a newsletter whose changes are recorded."""
    values = {name: getattr(paper, name) for name in (*_AS_GIVEN, "max_age_s", "max_lateness_s", "approvers", "bounce_rules")}
    until = paper.paused_until.isoformat() if paper.paused_until else None
    return {
        **values,
        "archive": paper.archive.value,
        "list": subscribers.list_by_id(tx, paper.mlist_id).name,
        "sources": sorted(source.name for source in sources.of_newsletter(tx, paper.id)),
        "paused": paper.paused_from is not None,
        "paused_until": until,
    }


def remove(ctx: Place, name: str) -> None:
    """Remove a newsletter that has published nothing. Raises NotFound, or Conflict."""
    with ctx.db.begin() as tx:
        found = newsletters.get(tx, name)
        events.record(ctx, tx, EventKind.NEWSLETTER_REMOVED, found, name=found.name)
        newsletters.remove(tx, found)


def count_readers(ctx: Place, newsletter: Newsletter) -> int:
    """Count the readers who would be mailed."""
    with ctx.db.read() as tx:
        return subscribers.count_readers(tx, newsletter.mlist_id)


def schedule(ctx: Place, *, count: int, on_paused: Callable[[str], None]) -> Sequence[DueSlot]:
    """Return the next `count` due times of each newsletter, the earliest first; `on_paused` is told the name of each that is paused."""
    with ctx.db.read() as tx:
        papers = newsletters.all_of(tx)
    rows = []
    for paper in papers:
        after = ctx.clock()
        for _ in range(count):
            slot = paper.next_slot(after)
            if slot is None:
                on_paused(paper.name)
                break
            after = slot.due_at
            when = local(slot.due_at, paper.timetable.zone)
            rows.append(DueSlot(newsletter=paper.name, slot=slot.name, due_at=slot.due_at, local=when))
    return sorted(rows, key=lambda row: row.due_at)


def zone_of_all(ctx: Place) -> ZoneInfo:
    """Return where times are told that belong to no newsletter: the zone that all newsletters share, else the place's."""
    with ctx.db.read() as tx:
        zones = {paper.zone for paper in newsletters.all_of(tx)}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else ctx.settings.zone


def _view(ctx: Place, paper: Newsletter) -> NewsletterView:
    now = ctx.clock()
    due = paper.next_slot(now)
    return NewsletterView.of(paper, paused=paper.is_paused(now), next_due=due.due_at if due else None)


def _join(tx: Session, paper: Newsletter, given: Changes) -> None:
    for name in given.join:
        sources.join(tx, paper.id, sources.get(tx, name).id)
    for name in given.part:
        sources.part(tx, paper.id, sources.get(tx, name))


def _refuse_unknown(ctx: Context, given: Changes) -> None:
    """Raise BadInput or ComposeError where template or theme is not there, or wrong: before anything is changed."""
    from digest.compose import theme
    from digest.compose.render import template_names

    templates = template_names(ctx.templates())
    if given.template is not None and given.template not in templates:
        raise BadInput(f"there is no template {given.template}; there are {', '.join(templates)}")
    if given.theme is not None:
        theme.load(ctx.templates(), given.theme)


def _apply(paper: Newsletter, given: Changes, now: datetime) -> None:
    """Set what was given, checked; a new timetable counts from now."""
    for field, value in checked(given).items():
        setattr(paper, field, value)
    if paper.min_stories > paper.max_stories:
        raise BadInput(f"at least {paper.min_stories} stories and at most {paper.max_stories} cannot both be")
    paper.timetable  # noqa: B018  # raises BadInput where days or times cannot be read
    if any(value is not None for value in (given.at, given.days, given.zone)):
        paper.timetable_at = now


def _move_waiting(tx: Session, paper: Newsletter, now: datetime) -> None:
    """Give the issues that wait for their hour the one that they have in the timetable now; an hour that is over changes nothing."""
    for issue in issues.unqueued(tx, paper.id):
        slot = paper.timetable.named(issue.slot)
        if slot is not None and slot.due_at > now:
            issue.due_at = slot.due_at


def checked(given: Changes) -> dict[str, object]:
    """Check single values; return them as a newsletter keeps them. Raises BadInput."""
    from digest.languages import load

    values: dict[str, object] = {name: value for name in _AS_GIVEN if (value := getattr(given, name)) is not None}
    if given.zone is not None:
        values["zone"] = _zone(given.zone)
    if given.language is not None:
        load(given.language)  # raises BadInput where it is unknown
    if given.at is not None:
        values["at"] = ",".join(f"{at:%H:%M}" for at in parse_times(given.at))
    if given.approvers is not None:
        values["approvers"] = ",".join(parse(address.strip()).text for address in given.approvers.split(",") if address.strip())
    if given.max_age is not None:
        values["max_age_s"] = None if given.max_age == "auto" else _seconds(given.max_age)
    if given.bounces is not None:
        own = rules.DEFAULT if given.bounces == "default" else rules.parse(given.bounces)
        values["bounce_rules"] = rules.worded(own, all_of_them=False)
    if given.max_lateness is not None:
        values["max_lateness_s"] = _seconds(given.max_lateness)
    return values


def _zone(text: str) -> str:
    found = zones.find(text)
    if found is None:
        raise BadInput(f"{text!r} is no time zone; write one like Europe/Berlin")
    return found


def _seconds(text: str) -> int:
    found = int(parse_duration(text).total_seconds())
    if not found:
        raise BadInput(f"{text!r} is no time at all; write one like 6h")
    return found


def _pause(paper: Newsletter, on: bool, until: str | None, now: datetime) -> None:
    """Begin or end its pause. A pause that ends leaves no slots behind that were missed."""
    if not on:
        if paper.is_paused(now):
            paper.timetable_at = now
        paper.paused_from = paper.paused_until = None
        return
    end = day(until, paper.timetable.zone) if until else None
    if end is not None and end <= now:
        raise BadInput(f"--until {until} is over; name a day to come")
    paper.paused_from, paper.paused_until = now, end


def day(text: str, zone: ZoneInfo) -> datetime:
    """Read the beginning of a day there, or an hour of it, in UTC. Raises BadInput."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadInput(f"--until {text}: write a day like 2026-08-15") from problem
