"""
The archive: published issues as anybody, or any subscriber, may read them; and the front page.

Nothing here is of one reader: an issue's page is made of its rendition with no name and no links that act for
somebody. What an editor has hidden since is left out, and a withdrawn issue is `Gone`.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session

from digest.compose import frozen
from digest.compose.merge import web_view
from digest.errors import ComposeError, Forbidden, Gone, NotFound
from digest.languages import best, shipped
from digest.model.article import Article
from digest.model.delivery import all_picks, without
from digest.model.issue import CandidateRow, Issue
from digest.model.newsletter import Newsletter
from digest.model.states import ArchiveAccess, IssueState, SubscriptionState
from digest.model.tokens import Purpose, verify
from digest.services.context import Context
from digest.store import articles, deliveries, issues, newsletters, subscribers, versions

NEWEST = 20  #: issues on the first page of an archive, in its feeds, and in the answer to a search
SEARCHED = 1_000  #: the newest issues, in whose headlines a search looks
MOST_WORDS, WORD_MAX = 5, 40  #: of a search; the longest word in characters
FRONT = 5  #: issues that the front page names: the newest, and those before it
SITEMAP_MAX = 49_000  #: a sitemap may name 50,000 addresses (sitemaps.org)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A newsletter as its archive presents it."""

    name: str
    path: str  #: of its archive
    title: str
    theme: str
    access: ArchiveAccess
    mlist: str  #: the list that gets it
    language: str  #: that its pages are in, for this visitor
    next_day: date | None  #: when its next issue comes; None: nobody knows
    uid: str  #: of its feeds; the same whatever the base URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story of a published issue."""

    section: str
    headline: str
    summary: str
    publisher: str
    url: str  #: its article's, or the path of its page here; empty: it is printed whole
    image: str
    image_alt: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A published issue in a list."""

    number: int
    path: str
    day: date  #: the local day that it was due
    published_at: datetime
    uid: str  #: the same whatever the base URL
    is_correction: bool  #: it tells what was wrong in another issue
    stories: tuple[Story, ...]  #: in print order, without what was hidden since

    @property
    def month(self) -> str:
        """Month of the issue in the index, such as `2026-03`."""
        return f"{self.day:%Y-%m}"

    @property
    def headline(self) -> str:
        """Headline of its top story; empty where every story was hidden."""
        return self.stories[0].headline if self.stories else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveIndex:
    """Issues of a paper, newest first, and the months that there are."""

    paper: Paper
    month: str  #: the one that is shown; empty: the newest issues
    words: tuple[str, ...]  #: that a search looked for; none: it is no search
    entries: tuple[Entry, ...]
    months: Mapping[str, int]  #: how many issues each month has, newest first
    since: date | None  #: the day of the first issue
    changed_at: datetime | None  #: None: it is not known, since a story was hidden

    @property
    def total(self) -> int:
        """Number of issues."""
        return sum(self.months.values())

    def matching(self, entry: Entry) -> Sequence[Story]:
        """Return the stories of an issue that a search was for."""
        return [story for story in entry.stories if all(word.casefold() in story.headline.casefold() for word in self.words)]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """An issue as a page."""

    paper: Paper
    entry: Entry
    html: str
    hidden: int  #: how many of its stories were hidden since
    amended_on: date | None  #: the local day on which its words were last changed, after mails had begun to go
    before: Entry | None
    after: Entry | None
    changed_at: datetime | None  #: None: it is not known, since a story was hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Visitor of an archive: languages in the browser's order, and the token of a web view where the URL has one."""

    languages: Sequence[str] = ()
    token: str = ""


ANYBODY = Visitor()


def index(ctx: Context, name: str, visitor: Visitor = ANYBODY, *, month: str = "", search: str = "") -> ArchiveIndex:
    """
    Return the newest issues of an archive, all of a month such as `2026-03`, or the newest that have all words in one headline.

    Raises:
        NotFound: there is no such archive, or it has no issue of this month.
        Forbidden: only subscribers may read it.
    """
    with ctx.db.read() as tx:
        found = _admitted(ctx, tx, name, visitor)
        return _index(ctx, tx, found, visitor, month=month, most=None if month else NEWEST, search=search)


def issue(ctx: Context, name: str, number: str, visitor: Visitor = ANYBODY) -> IssuePage:
    """
    Make an issue as a page, in the first of the visitor's languages that it was rendered in, else in its newsletter's own.

    Raises:
        NotFound: there is no such archive or issue, or an earlier version of the program made it.
        Gone: it was withdrawn.
        Forbidden: only subscribers may read it.
    """
    with ctx.db.read() as tx:
        found = _admitted(ctx, tx, name, visitor)
        stored = _published(tx, found, number, visitor)
        rows = issues.picks(tx, stored.id)
        hidden = _hidden(tx, rows)
        spoken, content = _rendition(tx, found, stored, visitor)
        before, after = (_entry(tx, found, near, visitor) if near else None for near in issues.neighbours(tx, stored))
        entry = _listed(found, stored, rows, hidden, visitor)
        paper = _paper(ctx, tx, found, visitor, language=spoken)
        changed_at = None if hidden else issues.archive_changed_at(tx, found.id)
        amended_at = versions.amended_at(tx, stored.id)
    return IssuePage(
        paper=paper,
        entry=entry,
        html=_html(content, rows, hidden, view=f"{ctx.base_url}{entry.path}"),
        hidden=len(hidden),
        amended_on=amended_at.astimezone(found.timetable.zone).date() if amended_at else None,
        before=before,
        after=after,
        changed_at=changed_at,
    )


def story(ctx: Context, name: str, number: str, place: str, visitor: Visitor = ANYBODY) -> tuple[Article, Paper]:
    """
    Return the article of a story that has no address of its own, by its number in the issue, and the paper.

    Raises:
        NotFound: there is no such archive, issue or story, its article was hidden, or it has an address.
        Gone: the issue was withdrawn.
        Forbidden: only subscribers may read it.
    """
    with ctx.db.read() as tx:
        found = _admitted(ctx, tx, name, visitor)
        rows = issues.picks(tx, _published(tx, found, number, visitor).id)
        index = _number(place) - 1
        if not 0 <= index < len(rows):
            raise NotFound("story", place)
        pick = issues.to_pick(rows[index].snapshot or {})
        if not pick.has_page or rows[index].withdrawn_at:
            raise NotFound("story", place)
        article = articles.get(tx, pick.article_id)
        if article.hidden:
            raise NotFound("story", place)
        return article, _paper(ctx, tx, found, visitor, language=found.language)


def front(ctx: Context, visitor: Visitor = ANYBODY, *, open_lists: Collection[str] = ()) -> Sequence[ArchiveIndex]:
    """
    Return the content of the front page: every public archive's newest issues without corrections, the archive of the newest issue first.

    A newsletter without a public archive is named, without an issue, where anybody may join its list: one of `open_lists`.
    """
    with ctx.db.read() as tx:
        found = []
        for paper in newsletters.all_of(tx):
            public = paper.archive is ArchiveAccess.PUBLIC
            if public or subscribers.list_by_id(tx, paper.mlist_id).name in open_lists:
                made = _index(ctx, tx, paper, visitor, month="", most=2 * FRONT if public else 0)
                entries = [entry for entry in made.entries if not entry.is_correction]
                found.append(replace(made, entries=tuple(entries[:FRONT])))
    return sorted(found, key=lambda one: (not one.entries, -one.entries[0].day.toordinal() if one.entries else 0, one.paper.name))


def addresses(ctx: Context) -> Sequence[tuple[str, datetime | None]]:
    """Return the paths of all public pages of archives, and when each last changed, for a sitemap."""
    found: list[tuple[str, datetime | None]] = []
    with ctx.db.read() as tx:
        for paper in newsletters.all_of(tx):
            if paper.archive is not ArchiveAccess.PUBLIC:
                continue
            found.append((_path(paper, ANYBODY), issues.archive_changed_at(tx, paper.id)))
            numbers = issues.archived_numbers(tx, paper.id, limit=SITEMAP_MAX)
            found += [(_path(paper, ANYBODY, number), at) for number, at in numbers]
    return found[:SITEMAP_MAX]


def any_public(ctx: Context) -> bool:
    """Return whether there is an archive that everybody may read."""
    with ctx.db.read() as tx:
        return any(paper.archive is ArchiveAccess.PUBLIC for paper in newsletters.all_of(tx))


def of_delivery(ctx: Context, delivery_id: int, *, token: str) -> Paper:
    """Return the paper of a delivery, as the holder of its web view's token may read it. Raises NotFound."""
    with ctx.db.read() as tx:
        stored = issues.get(tx, deliveries.get(tx, delivery_id).issue_id)
        found = newsletters.by_id(tx, stored.newsletter_id)
        return _paper(ctx, tx, found, Visitor(token=token), language=found.language)


# --- who may read ----------------------------------------------------------------------------


def _admitted(ctx: Context, tx: Session, name: str, visitor: Visitor) -> Newsletter:
    found = newsletters.find(tx, name)
    if found is None or found.archive is ArchiveAccess.OFF:
        raise NotFound("archive", name)
    if found.archive is ArchiveAccess.SUBSCRIBERS and not _subscribes(ctx, tx, found, visitor.token):
        raise Forbidden(f"only subscribers of {name} may read its archive", newsletter=name, title=found.title)
    return found


def _subscribes(ctx: Context, tx: Session, paper: Newsletter, token: str) -> bool:
    """Return whether a web view's token belongs to a mail of this newsletter to a person who is still subscribed."""
    number = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
    try:
        delivery = deliveries.get(tx, number) if number is not None else None
    except NotFound:
        return False
    if delivery is None or delivery.newsletter_id != paper.id:
        return False
    found = subscribers.subscription_by_id(tx, delivery.subscription_id)
    return found is not None and found[0].state is SubscriptionState.ACTIVE


def _published(tx: Session, paper: Newsletter, number: str, visitor: Visitor) -> Issue:
    found = issues.by_key(tx, paper, str(_number(number)))
    if found.state not in (IssueState.SENDING, IssueState.SENT):
        raise NotFound("issue", number)
    if found.withdrawn_at is not None:
        raise Gone("issue", number, title=paper.title, archive=_path(paper, visitor))
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and not text.startswith("0")):
        raise NotFound("number", text)
    return int(text)


# --- how it is shown -------------------------------------------------------------------------


def _index(
    ctx: Context, tx: Session, paper: Newsletter, visitor: Visitor, *, month: str, most: int | None, search: str = ""
) -> ArchiveIndex:
    zone = paper.timetable.zone
    days = {number: due_at.astimezone(zone).date() for number, due_at in issues.archived(tx, paper.id)}
    months = Counter(f"{day:%Y-%m}" for day in days.values())
    if month and month not in months:
        raise NotFound("month", month)
    words = tuple(word[:WORD_MAX] for word in search.split()[:MOST_WORDS])
    chosen = [number for number, day in days.items() if not month or f"{day:%Y-%m}" == month][:most]
    if words:
        chosen = list(issues.with_words(tx, list(days)[:SEARCHED], words, limit=NEWEST))
    shown = issues.with_ids(tx, chosen)
    rows = issues.picks_of(tx, [one.id for one in shown])
    hidden = _hidden(tx, [row for found in rows.values() for row in found])
    made = ArchiveIndex(
        paper=_paper(ctx, tx, paper, visitor, language=_language(visitor, (paper.language, *shipped()), paper.language)),
        month=month,
        words=words,
        entries=tuple(_listed(paper, one, rows[one.id], hidden, visitor) for one in shown),
        months=months,
        since=min(days.values(), default=None),
        changed_at=None if hidden else issues.archive_changed_at(tx, paper.id),
    )
    return replace(made, entries=tuple(entry for entry in made.entries if made.matching(entry))) if words else made


def _entry(tx: Session, paper: Newsletter, stored: Issue, visitor: Visitor) -> Entry:
    rows = issues.picks(tx, stored.id)
    return _listed(paper, stored, rows, _hidden(tx, rows), visitor)


def _listed(paper: Newsletter, stored: Issue, rows: Sequence[CandidateRow], hidden: Collection[int], visitor: Visitor) -> Entry:
    path = _path(paper, visitor, stored.number)
    stories = [_story(path, place, row) for place, row in enumerate(rows, start=1) if row.story_id not in hidden]
    return Entry(
        number=stored.number or 0,
        path=path,
        day=stored.due_at.astimezone(paper.timetable.zone).date(),
        published_at=stored.queued_at or stored.due_at,
        uid=uuid5(NAMESPACE_URL, f"digest:issue:{stored.nonce}").urn,
        is_correction=stored.is_correction,
        stories=tuple(stories),
    )


def _story(path: str, place: int, row: CandidateRow) -> Story:
    pick = issues.to_pick(row.snapshot or {})
    return Story(
        section=pick.section,
        headline=pick.headline,
        summary=pick.summary,
        publisher=pick.publisher,
        url=f"{path}/{place}" if pick.has_page else pick.url,
        image=pick.image if pick.image.startswith("https://") else "",
        image_alt=pick.image_info.alt,
        language=pick.language,
    )


def _hidden(tx: Session, rows: Sequence[CandidateRow]) -> frozenset[int]:
    """Return the stories among these picks that were withdrawn, or whose article an editor has hidden since."""
    told = {row.story_id: (row.snapshot or {}).get("article_id", 0) for row in rows}
    away = articles.hidden(tx, [number for number in told.values() if number])
    return frozenset(row.story_id for row in rows if row.withdrawn_at or told[row.story_id] in away)


def _paper(ctx: Context, tx: Session, found: Newsletter, visitor: Visitor, *, language: str) -> Paper:
    slot = found.next_slot(ctx.clock())
    return Paper(
        name=found.name,
        path=_path(found, visitor),
        title=found.title,
        theme=found.theme,
        access=found.archive,
        mlist=subscribers.list_by_id(tx, found.mlist_id).name,
        language=language,
        next_day=slot.due_at.astimezone(found.timetable.zone).date() if slot else None,
        uid=uuid5(NAMESPACE_URL, f"digest:newsletter:{found.id}:{found.made_at.isoformat()}").urn,
    )


def _language(visitor: Visitor, offered: Sequence[str], own: str) -> str:
    """Return the first of the visitor's languages that is offered, else the first offered, else the newsletter's own."""
    wanted = next((found for code in visitor.languages if (found := best(code, offered))), None)
    return wanted or next(iter(offered), own)


def _path(paper: Newsletter, visitor: Visitor, number: int | None = None) -> str:
    """Return the path of an archive or an issue: below the visitor's own web view where only subscribers may read it."""
    own = f"/view/{visitor.token}" if paper.archive is ArchiveAccess.SUBSCRIBERS and visitor.token else ""
    return f"{own}/archive/{quote(paper.name)}" + (f"/{number}" if number else "")


def _rendition(tx: Session, paper: Newsletter, stored: Issue, visitor: Visitor) -> tuple[str, bytes]:
    """Return the language and the content of the rendition that serves the visitor."""
    made = issues.rendition_languages(tx, [stored.id])
    spoken = _language(visitor, [language for _, language in made], paper.language)
    key = next(key for key, language in made if language == spoken)
    return spoken, issues.rendition(tx, key).content


def _html(content: bytes, rows: Sequence[CandidateRow], hidden: Collection[int], *, view: str) -> str:
    """Return a rendition as a page without personal data. Raises NotFound where an earlier version of the program made it."""
    picks = without(all_picks(len(rows)), [place for place, row in enumerate(rows) if row.story_id in hidden])
    try:
        return web_view(frozen.load(content), picks, view=view)
    except ComposeError as problem:
        raise NotFound("rendition", view) from problem
