"""
The path, written down once: collect, then prepare → freeze → queue → deliver.

Each step decides first and stores after, and can be run again. A dry run and a preview
decide only. The command line, and whatever else sends, call these and nothing else.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest import log
from digest.collect.gather import gather
from digest.compose import frozen
from digest.compose.mime import clean_name
from digest.compose.render import Paper, render
from digest.context import Context
from digest.curate import cluster, rank
from digest.curate.select import Rules, SectionRule, select
from digest.deliver import ledger
from digest.deliver.journal import Journal
from digest.errors import CollectError, NothingToDo
from digest.make import Maker
from digest.model.article import Article
from digest.model.delivery import Counts, IssueShare, all_picks
from digest.model.issue import Candidate, Issue, Pick, Telling, ToldStory
from digest.model.newsletter import Newsletter
from digest.model.rendition import HeaderFrame, Rendition, RenditionRow
from digest.model.source import Source
from digest.model.states import IssueState, SourceKind
from digest.model.timetable import Slot
from digest.model.tokens import key_id
from digest.store import articles, deliveries, issues, newsletters, sources

FIRST_ISSUE = timedelta(hours=24)  #: the very first issue of a newsletter takes no older stories
KIN_REACH = timedelta(days=14)  #: how long ago an article may have come to be told again
QUEUE_BATCH = 2_000  #: rows a transaction: a writer never holds SQLite for half a second


def _quiet(_count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a source gave at one check."""

    source: Source
    added: int
    problems: Sequence[str]  #: what of it could not be read
    failed: bool  #: it could not be read at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What an issue would print."""

    newsletter: Newsletter
    slot: Slot
    candidates: Sequence[Candidate]
    rendition: Rendition | None  #: None: too few stories

    @property
    def picks(self) -> Sequence[Pick]:
        """What is printed, in order."""
        return [candidate.pick for candidate in self.candidates if candidate.pick]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a send went."""

    issue: Issue
    newsletter: Newsletter
    stories: int
    counts: Counts
    tally: ledger.Tally
    resumed: bool


# --- collect ---------------------------------------------------------------------------------


def collect(ctx: Context, chosen: Sequence[Source], *, on_progress: Callable[[int], None] = _quiet) -> Sequence[Collected]:
    """Read each source and store what is new; one that fails stops no other. Then group stories."""
    reports = []
    for source in chosen:
        reports.append(_collect_one(ctx, source))
        on_progress(1)
    group_stories(ctx)
    return reports


def active_sources(ctx: Context, names: Sequence[str] = ()) -> Sequence[Source]:
    """The sources that are read: those named, or all that are not paused. Raises NotFound."""
    with ctx.db.read() as tx:
        if names:
            return [sources.get(tx, name) for name in names]
        return [source for source in sources.all_of(tx) if not source.paused]


def _collect_one(ctx: Context, source: Source) -> Collected:
    assert source.id is not None
    now = ctx.clock()
    try:
        with ctx.db.read() as tx:
            known = articles.guids(tx, source.id) if source.kind is SourceKind.FOLDER else frozenset()
        found = gather(source, ctx.fetcher, known=known, now=now)
    except CollectError as problem:
        log.get().warning("source.failed", source=source.id, error=str(problem))
        with ctx.db.begin() as tx:
            sources.checked(tx, source.id, at=now, error=problem.reason)
        return Collected(source=source, added=0, problems=(problem.reason,), failed=True)
    with ctx.db.begin() as tx:
        added = articles.add_new(tx, source.id, found.articles)
        sources.checked(tx, source.id, at=now, error="; ".join(found.problems))
    return Collected(source=source, added=len(added), problems=found.problems, failed=False)


def group_stories(ctx: Context) -> None:
    """Give every article that has none its story, and each story its lead."""
    now = ctx.clock()
    with ctx.db.begin() as tx:
        new = articles.without_story(tx)
        if not new:
            return
        by_id = {article.id: article for article in new}
        akin = articles.akin(tx, new, since=now - KIN_REACH)
        touched = []
        for story_id, members in cluster.group([_kin(a) for a in new], [_kin(a) for a in akin]):
            told = [by_id[number] for number in members]
            if story_id is None:
                story_id = articles.new_story(tx, at=min(a.first_seen_at for a in told)).id
            assert story_id is not None
            articles.tell(tx, story_id, told)
            touched.append(story_id)
        weights = {source.id: source.weight for source in sources.all_of(tx)}
        for story in _told(articles.of_stories(tx, touched), weights):
            articles.set_lead(tx, story.story_id, story.lead.article_id)


def _kin(article: Article) -> cluster.Kin:
    assert article.id is not None
    return cluster.Kin(
        article_id=article.id, canonical_url=article.canonical_url, fingerprint=article.fingerprint, story_id=article.story_id
    )


# --- prepare ---------------------------------------------------------------------------------


def prepare(ctx: Context, newsletter: Newsletter, slot: Slot, *, now: datetime) -> Prepared:
    """Decide what the issue of a slot prints. Stores nothing."""
    assert newsletter.id is not None
    with ctx.db.read() as tx:
        first = not issues.ever_printed(tx, newsletter.id)
        not_before = now - (FIRST_ISSUE if first else newsletter.max_age)
        stories = articles.stories_since(tx, newsletter.id, since=now - newsletter.max_age)
        told = articles.of_stories(tx, [story.id for story in stories if story.id])
        own = sources.ids_of(tx, newsletter.id)
        weights = {source.id: source.weight for source in sources.all_of(tx)}
        rules = Rules(
            sections=[SectionRule(name=s.name, topic=s.topic, size=s.size) for s in newsletters.sections(tx, newsletter.id)],
            max_stories=newsletter.max_stories,
            not_before=not_before,
            printed=issues.printed_stories(tx, newsletter.id),
        )
        number = issues.next_number(tx, newsletter.id)
    candidates = select(_told([a for a in told if a.source_id in own], weights), rules, now=now)
    prepared = Prepared(newsletter=newsletter, slot=slot, candidates=candidates, rendition=None)
    if len(prepared.picks) < max(1, newsletter.min_stories):
        return prepared
    day = slot.due_at.astimezone(newsletter.timetable.zone).date()
    names = [rule.name for rule in rules.sections]
    paper = _paper(ctx, newsletter, number=number, day=day, sections=names, nonce=secrets.token_hex(6))
    return replace(prepared, rendition=render(paper, prepared.picks))


def _told(found: Sequence[Article], weights: dict[int | None, float]) -> Sequence[ToldStory]:
    by_story: dict[int, list[Telling]] = {}
    for article in found:
        if article.story_id is not None:
            by_story.setdefault(article.story_id, []).append(_telling(article, weights.get(article.source_id, 1.0)))
    return [ToldStory(story_id=number, tellings=rank.lead_first(tellings)) for number, tellings in by_story.items()]


def _telling(article: Article, weight: float) -> Telling:
    assert article.id is not None
    return Telling(
        article_id=article.id,
        source_id=article.source_id,
        source_weight=weight,
        headline=article.headline,
        standfirst=article.standfirst,
        text=article.text,
        author=article.author,
        publisher=article.publisher,
        topic=article.topic,
        url=article.url,
        image=article.image,
        language=article.language,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        word_count=article.word_count,
        hidden=article.hidden,
        pinned=article.pinned,
    )


def _paper(ctx: Context, newsletter: Newsletter, *, number: int, day: date, sections: Sequence[str], nonce: str) -> Paper:
    name, address = ctx.sender
    domain = address.rpartition("@")[2]
    title = clean_name(newsletter.title)
    header = HeaderFrame(
        sender_name=clean_name(name) or title,
        sender_address=address,
        reply_to="",
        list_id=f"{title} <{newsletter.name}.{domain}>"
        if title.isascii() and title.replace(" ", "").isalnum()
        else f"<{newsletter.name}.{domain}>",
        message_domain=domain,
        feedback_id=f"{number}:{newsletter.name}:issue:digest",
        nonce=nonce,
        base_url=ctx.base_url,
        boundary=f"=_digest_{nonce}",
    )
    return Paper(
        title=newsletter.title,
        number=number,
        day=day,
        language=newsletter.language,
        template=newsletter.template,
        theme=newsletter.theme,
        reason=f"You get this because you are subscribed to {newsletter.title}.",
        postal_address=ctx.settings.postal_address,
        header=header,
        sections=sections,
        folders=ctx.templates(),
    )


# --- freeze, queue, deliver ------------------------------------------------------------------


def take_slot(ctx: Context, newsletter: Newsletter, slot: Slot) -> Issue:
    """The issue that holds the slot, made if there is none; a skipped one becomes a draft again."""
    assert newsletter.id is not None
    with ctx.db.begin() as tx:
        issue = issues.of_slot(tx, newsletter.id, slot.name)
        if issue is None:
            made = Issue(
                newsletter_id=newsletter.id, slot=slot.name, nonce=secrets.token_hex(6), due_at=slot.due_at, made_at=ctx.clock()
            )
            return issues.add(tx, made)
        if issue.state is IssueState.SKIPPED:
            issues.to_state(tx, issue, IssueState.DRAFT)
        return issue


def freeze(ctx: Context, issue: Issue, prepared: Prepared) -> Issue:
    """Keep picks, reasons and rendition; or skip the issue, with the reason, where there is too little to say."""
    assert issue.id is not None
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if prepared.rendition is None:
            wanted = max(1, prepared.newsletter.min_stories)
            issues.to_state(tx, stored, IssueState.SKIPPED, reason=f"{len(prepared.picks)} stories, at least {wanted} wanted")
            return stored
        row = RenditionRow(
            issue_id=issue.id,
            language=prepared.rendition.language,
            theme=prepared.rendition.theme,
            content=frozen.dump(prepared.rendition),
            made_at=ctx.clock(),
        )
        issues.freeze(tx, stored, prepared.candidates, [row], at=ctx.clock())
    log.get().info("issue.frozen", issue=issue.id, stories=len(prepared.picks))
    return stored


def queue(ctx: Context, issue: Issue, newsletter: Newsletter, *, on_progress: Callable[[int], None] = _quiet) -> Issue:
    """A row for every active reader, a batch a transaction; with the last one the issue is `sending`."""
    assert issue.id is not None
    assert issue.frozen_at is not None
    with ctx.db.read() as tx:
        rendition = issues.renditions(tx, issue.id)[0]
    assert rendition.id is not None
    share = IssueShare(
        issue_id=issue.id,
        newsletter_id=issue.newsletter_id,
        period=issue.slot,
        rendition_id=rendition.id,
        key_id=key_id(ctx.settings.secret_keys[0]),
        picks=all_picks(len(frozen.load(rendition.content).picks)),
    )
    after = 0
    while True:
        with ctx.db.begin() as tx:
            after, written = deliveries.queue(
                tx, share, mlist_id=newsletter.mlist_id, joined_by=issue.frozen_at, after=after, limit=QUEUE_BATCH
            )
            if not after:
                stored = issues.get(tx, issue.id)
                issues.to_state(tx, stored, IssueState.SENDING)
                return stored
        on_progress(written)


def deliver(ctx: Context, issue: Issue, *, on_progress: Callable[[int], None] = _quiet) -> ledger.Tally:
    """Send what is due of an issue; when nothing is open any more, the issue is `sent`."""
    assert issue.id is not None
    ledger.recover(ctx.db, ctx.journals, repeatable=ctx.transport.repeatable, clock=ctx.clock)
    journal = Journal(ctx.journals)
    tally = ledger.deliver(
        ctx.db, ctx.transport, Maker(ctx), issue_id=issue.id, journal=journal, clock=ctx.clock, on_progress=on_progress
    )
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if stored.state is IssueState.SENDING and not deliveries.any_open(tx, issue.id):
            stored.sent_at = ctx.clock()
            issues.to_state(tx, stored, IssueState.SENT)
    journal.close()
    return tally


# --- a send, whole ---------------------------------------------------------------------------


def send(
    ctx: Context, newsletter: Newsletter, *, on_queued: Callable[[int], None] = _quiet, on_sent: Callable[[int], None] = _quiet
) -> Sent:
    """
    A manual send: resume what is unfinished, else take today's slot.

    Raises:
        NothingToDo: today's issue was sent, is held or cancelled, or there is too little to say.
    """
    assert newsletter.id is not None
    now = ctx.clock()
    with ctx.db.read() as tx:
        waiting = issues.unfinished(tx, newsletter.id)
    if waiting:
        return finish(ctx, newsletter, waiting[0], resumed=True, on_queued=on_queued, on_sent=on_sent)
    slot = newsletter.timetable.today(now)
    issue = take_slot(ctx, newsletter, slot)
    if issue.state is not IssueState.DRAFT:
        raise NothingToDo(_why_not(issue, newsletter))
    issue = freeze(ctx, issue, prepare(ctx, newsletter, slot, now=now))
    if issue.state is IssueState.SKIPPED:
        raise NothingToDo(f"nothing is sent for {slot.name}: {issue.reason}; `digest send --explain` says why each story is out")
    return finish(ctx, newsletter, issue, resumed=False, on_queued=on_queued, on_sent=on_sent)


def finish(
    ctx: Context,
    newsletter: Newsletter,
    issue: Issue,
    *,
    resumed: bool,
    on_queued: Callable[[int], None],
    on_sent: Callable[[int], None],
) -> Sent:
    """Queue and deliver a frozen issue, from wherever it stands."""
    if issue.state is IssueState.READY:
        issue = queue(ctx, issue, newsletter, on_progress=on_queued)
    tally = deliver(ctx, issue, on_progress=on_sent)
    assert issue.id is not None
    with ctx.db.read() as tx:
        stored = issues.get(tx, issue.id)
        stories = sum(row.rank is not None for row in issues.candidates(tx, issue.id))
        counts = deliveries.counts(tx, issue.id)
    return Sent(issue=stored, newsletter=newsletter, stories=stories, counts=counts, tally=tally, resumed=resumed)


def _why_not(issue: Issue, newsletter: Newsletter) -> str:
    zone = newsletter.timetable.zone
    if issue.state is IssueState.SENT and issue.sent_at:
        return f"issue {issue.number} of {newsletter.name} ({issue.slot}) was sent at {issue.sent_at.astimezone(zone):%H:%M}"
    return f"the issue of {newsletter.name} for {issue.slot} is {issue.state}" + (f": {issue.reason}" if issue.reason else "")
