"""Views of what is collected: articles and sources."""

from datetime import datetime
from typing import Any

from digest.model.states import SourceKind
from digest.services.views import View


class ArticleLine(View):
    """An article in a list."""

    id: int
    source_id: int
    story_id: int | None
    guid: str
    headline: str
    standfirst: str
    author: str
    publisher: str
    topic: str
    url: str
    canonical_url: str | None
    language: str
    image: str
    image_info: dict[str, Any]
    published_at: datetime | None
    first_seen_at: datetime
    settles_at: datetime
    revised_at: datetime | None
    tags: str
    hidden: bool
    pinned: bool
    file: str
    withdrawn_at: datetime | None
    is_free: bool | None


class ArticleView(ArticleLine):
    """An article with its text."""

    text: str
    fingerprint: str
    source: str
    word_count: int


class SourceView(View):
    """A source, how it is asked for and how its last checks went."""

    id: int
    kind: SourceKind
    location: str
    name: str
    topic: str
    weight: float
    paused: bool
    removed_at: datetime | None
    allow_private: bool
    etag: str
    last_modified: str
    failures: int
    added_at: datetime
    checked_at: datetime | None
    due_at: datetime | None
    not_before: datetime | None
    rhythm_s: int
    succeeded_at: datetime | None
    error: str
    user_agent: str
    headers: str
    basic_auth: str
    cookie: str

    @property
    def is_local(self) -> bool:
        """True where it lies on this machine's disk."""
        return "://" not in self.location


class SourceDetails(SourceView):
    """A source with the newsletters that publish from it."""

    newsletters: tuple[str, ...]


class FoundArticle(View):
    """An article that a source would give."""

    headline: str
    standfirst: str
    author: str
    publisher: str
    url: str
    published_at: datetime | None


class SourceTest(View):
    """Articles that a location gives, without being added."""

    kind: SourceKind
    name: str
    articles: tuple[FoundArticle, ...]
    problems: tuple[str, ...]


class CollectedView(View):
    """Result of one check of a source."""

    source: str
    added: int
    edited: int
    withdrawn: int
    failed: bool
    problems: tuple[str, ...]
