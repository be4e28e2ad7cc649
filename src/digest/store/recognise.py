"""
Matching of an entry with the stored article that its source gave before, if any.

The entries of one read are matched one to one, the most reliable criteria first: by guid and content, by
guid, by content (a source gives old entries new guids), by address, by text, by the dropped file. So
entries that share a guid and an address stay several articles, and keep their rows when the feed rolls
on.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from digest.model.article import SLIGHT, Article, replaces, same_matter, same_text, same_time, shared

DIGEST_LENGTH = 64  #: characters of the hash that the guid of a dropped file begins with
OPENING = 200  #: characters of a text by which a dropped file is found again that was renamed and headed anew


class Known:
    """Articles of a source that some of `found` may be; not those whose dropped files, by their `standing` guids, are still there."""

    def __init__(self, tx: Session, source_id: int, found: Sequence[Article], standing: Collection[str] = ()) -> None:
        self._own = {article.guid for article in found}
        self._names: set[str] = set()
        self._guids, self._contents, self._urls, self._headlines, self._files, self._openings = (
            defaultdict[str, list[Article]](list) for _ in range(6)
        )
        self._same_name = Counter((article.guid, article.canonical_url) for article in found)
        for row in _stored_candidates(tx, source_id, found):
            self._names.add(row.guid)
            if row.guid not in self._own and row.guid[:DIGEST_LENGTH] in standing:
                continue
            self._contents[row.fingerprint].append(row)
            (self._urls if row.canonical_url else self._headlines)[row.canonical_url or row.headline].append(row)
            self._files[row.file].append(row)
            self._openings[row.text[:OPENING]].append(row)
            for guid in {row.guid, row.guid.rpartition(" ")[0], row.guid.rpartition(" ")[0].rpartition(" ")[0]} - {""}:
                self._guids[guid].append(row)

    def match(self, found: Sequence[Article]) -> Sequence[Article | None]:
        """Return the known article that each entry matches, no article twice; None: it is new."""
        ways: Sequence[Callable[[Article], Iterator[Article]]] = (
            self._exactly,
            self._by_guid,
            self._by_content,
            self._by_url,
            self._by_text,
            self._by_file,
        )
        matched: dict[int, Article] = {}
        taken: set[int] = set()
        for way in ways:
            for i, article in enumerate(found):
                if i not in matched:
                    same = next((row for row in way(article) if id(row) not in taken and not replaces(article, row)), None)
                    if same is not None:
                        matched[i] = same
                        taken.add(id(same))
        return [matched.get(i) for i in range(len(found))]

    def _exactly(self, article: Article) -> Iterator[Article]:
        for row in self._guids.get(article.guid, ()):
            if row.canonical_url == article.canonical_url and row.headline == article.headline:
                yield row

    def _by_guid(self, article: Article) -> Iterator[Article]:
        """Match by guid with the URL or a similar headline; where several share both, the headline must be similar."""
        rows = self._guids.get(article.guid, ())
        same_url = [row for row in rows if row.canonical_url == article.canonical_url]
        told_apart = len(same_url) < 2 and self._same_name[article.guid, article.canonical_url] < 2
        for row in rows:
            if (told_apart and row in same_url) or same_matter(row.headline, article.headline):
                yield row

    def _by_content(self, article: Article) -> Iterator[Article]:
        return (row for row in self._contents.get(article.fingerprint, ()) if same_time(row, article))

    def _by_url(self, article: Article) -> Iterator[Article]:
        """Match by URL, but not an entry that is still in the feed under its own guid: that one was not given a new guid."""
        rows = self._urls.get(article.canonical_url or "", ())
        return (row for row in rows if row.guid not in self._own and same_matter(row.headline, article.headline))

    def _by_text(self, article: Article) -> Iterator[Article]:
        rows = self._headlines.get(article.headline, ()) if not article.canonical_url else ()
        return (row for row in rows if row.guid not in self._own and same_text(row, article))

    def _by_file(self, article: Article) -> Iterator[Article]:
        """Match a dropped file that was edited, its headline too; or one that was renamed with it."""
        if article.file and article.text:
            rows = [*self._files.get(article.file, ()), *self._openings.get(article.text[:OPENING], ())]
            yield from (row for row in rows if shared(row.text, article.text) >= SLIGHT)

    def free_guid(self, article: Article, *, of: Article | None = None) -> str:
        """Return the guid to store; where another article of the source has it, a variant that distinguishes the two."""
        if of is not None:
            self._names.discard(of.guid)
        guid = next(name for name in _possible_guids(article) if name not in self._names)
        self._names.add(guid)
        return guid


def _possible_guids(article: Article) -> Iterator[str]:
    """Yield the guids that an article may be stored under: its own, and variants that distinguish it from others with the same."""
    yield article.guid
    if article.canonical_url:
        yield f"{article.guid} {article.canonical_url}"
    yield f"{article.guid} {article.fingerprint}"
    seen = article.first_seen_at
    while True:  # its twin of another day
        yield f"{article.guid} {article.fingerprint} {seen.isoformat()}"
        seen += timedelta(microseconds=1)


def _stored_candidates(tx: Session, source_id: int, found: Sequence[Article]) -> Sequence[Article]:
    """Return the articles stored under a guid, a URL, a content, a headline or a file of theirs, the oldest first."""
    named = [[name for name, _ in zip(_possible_guids(a), range(3), strict=False)] for a in found]
    keys = (
        (col(Article.guid), [guid for names in named for guid in names]),
        (col(Article.canonical_url), [a.canonical_url for a in found if a.canonical_url]),
        (col(Article.fingerprint), [a.fingerprint for a in found]),
        (col(Article.headline), [a.headline for a in found if not a.canonical_url]),
        (col(Article.file), [a.file for a in found if a.file]),
        (func.substr(col(Article.text), 1, OPENING), [a.text[:OPENING] for a in found if a.file and a.text]),
    )
    rows: dict[int, Article] = {}
    for column, values in keys:
        for start in range(0, len(values), 500):  # SQLite takes 999 bound values in old builds
            query = select(Article).where(Article.source_id == source_id, column.in_(values[start : start + 500]))
            rows |= {row.id: row for row in tx.exec(query)}
    return [rows[number] for number in sorted(rows)]
