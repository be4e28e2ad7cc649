"""Supply: how each source does, what it gave in a month, and how much of that was published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.model.source import Source, is_silent
from digest.services.context import Place
from digest.services.views.content import ArticleLine, SourceView
from digest.store import articles, issues, sources

DAYS = 30
ARTICLES_SHOWN = 20


class Health(StrEnum):
    """Health of a source; the worst first."""

    FAILING = "failing"  #: it could not be read at the last check
    SILENT = "silent"  #: nothing has come for longer than it ever pauses
    HEALTHY = "healthy"
    PAUSED = "paused"  #: it is not read
    NEW = "new"  #: it was never read


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A source with what it gave."""

    source: SourceView
    newsletters: Sequence[str]
    health: Health
    last_at: datetime | None  #: its newest article of the last month
    gave: int
    printed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierDetail:
    """A source with its newest articles."""

    supplier: Supplier
    articles: Sequence[ArticleLine]


def every(ctx: Place) -> Sequence[Supplier]:
    """Return all sources, what fails first, then who is silent."""
    now = ctx.clock()
    since = now - timedelta(days=DAYS)
    with ctx.db.read() as tx:
        given, printed = articles.given(tx, since=since), issues.printed_by_source(tx, since=since)
        papers = sources.newsletters_by_source(tx)
        found = []
        for source in sources.all_of(tx):
            gave, last_at = given.get(source.id, (0, None))
            found.append(
                Supplier(
                    source=SourceView.model_validate(source),
                    newsletters=papers.get(source.id, ()),
                    health=_health(source, gave, last_at, now),
                    last_at=last_at,
                    gave=gave,
                    printed=printed.get(source.id, 0),
                )
            )
    order = list(Health)
    return sorted(found, key=lambda one: (order.index(one.health), one.source.name.casefold()))


def show(ctx: Place, number: int) -> SupplierDetail:
    """Return a source with its newest articles. Raises NotFound."""
    with ctx.db.read() as tx:
        sources.get(tx, number)
        newest = [ArticleLine.model_validate(article) for article in articles.of_source(tx, number, limit=ARTICLES_SHOWN)]
    return SupplierDetail(supplier=next(one for one in every(ctx) if one.source.id == number), articles=newest)


def _health(source: Source, gave: int, last_at: datetime | None, now: datetime) -> Health:
    if source.paused:
        return Health.PAUSED
    if source.error:
        return Health.FAILING
    if source.checked_at is None:
        return Health.NEW
    return Health.SILENT if is_silent(count=gave, days=DAYS, last_at=last_at, now=now) else Health.HEALTHY
