"""
Group articles that report the same story.

Articles with the same canonical URL or content are one story. The rest is clustered by average linkage: the
two most similar groups are joined, again and again, as long as they are similar enough.
Incremental: new articles join existing stories, or each other; two existing stories are never
merged. A copy joins at any age; otherwise similarity decays with time, so that an event of
days later is a story of its own, which names its predecessor. A publisher reports a
story once: its later article on the same matter, or its column of every morning, is no copy.
"""

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from digest.curate.likeness import BARE, Likeness, compare
from digest.model.article import Group, Kin, same_matter

ALIKE = 0.18  #: groups at least this similar, on average, report the same story
COPY = 0.85  #: texts this similar are copies of one another, whenever they were published
CONFIRMED = 0.3  #: texts this similar report the same story whatever their headlines name
PATTERN = 0.5  #: share of common words; headlines above it that name different things follow one pattern, but are not one story
REPOSTED = timedelta(hours=12)  #: within it, the same headline over a copy by the same publisher is the same article
_WORD = re.compile(r"\w[\w.,'’-]*\w|\w")


@dataclass(slots=True, kw_only=True)
class _Cluster:
    members: list[int]  #: indices into the candidates
    story_id: int | None
    neighbours: dict[int, float] = field(default_factory=dict)  #: other clusters → the sum of similarities to their members


def group(new: Sequence[Kin], known: Sequence[Kin]) -> Sequence[Group]:
    """
    Assign a story to each new article. Groups come in the order of their first new article.

    `known` are articles that have a story. The result does not depend on the order of the arguments' articles.
    """
    fresh = sorted(new, key=lambda k: k.article_id)
    candidates = [*fresh, *sorted(known, key=lambda k: k.article_id)]
    pairs = list(compare(candidates, new=len(fresh)))
    clusters = _exact(candidates)
    _link(clusters, candidates, pairs)
    _join(clusters)
    found = [c for c in clusters.values() if min(c.members) < len(fresh)]
    found.sort(key=lambda c: min(c.members))
    ancestors = _ancestors(found, candidates, pairs)
    return [
        Group(
            story_id=c.story_id,
            articles=tuple(candidates[i].article_id for i in sorted(c.members) if i < len(fresh)),
            predecessor_id=ancestors.get(n),
        )
        for n, c in enumerate(found)
    ]


def _exact(candidates: Sequence[Kin]) -> dict[int, _Cluster]:
    """Cluster articles that share a story, URL or content (transitively); of several stories in reach the oldest takes new articles."""
    parent = list(range(len(candidates)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[str, str | int], int] = {}
    common = _common_urls(candidates)
    for i, k in enumerate(candidates):
        for key in _keys(k, common):
            begun = candidates[first.setdefault(key, i)]
            if key[0] == "content" and _is_recurring_text(begun, k):
                first[key] = i
                continue
            one, other = root(i), root(first[key])
            parent[max(one, other)] = min(one, other)
    clusters: dict[int, _Cluster] = {}
    for i, k in enumerate(candidates):
        cluster = clusters.setdefault(root(i), _Cluster(members=[], story_id=None))
        cluster.members.append(i)
        cluster.story_id = min((n for n in (cluster.story_id, k.story_id) if n is not None), default=None)
    return clusters


def _is_recurring_text(before: Kin, now: Kin) -> bool:
    """True if one publisher repeats a text at another URL on another day, as bulletins do."""
    return _same_publisher(before, now) and before.canonical_url != now.canonical_url and _apart(before, now)


def _common_urls(candidates: Sequence[Kin]) -> frozenset[str]:
    """Return URLs that one publisher uses for several stories (a front page, a list); they do not identify a story."""
    headlines: dict[tuple[str, str], str] = {}
    found = set()
    for k in candidates:
        if k.canonical_url:
            before = headlines.setdefault((k.publisher.casefold(), k.canonical_url), k.headline)
            if not same_matter(before, k.headline):
                found.add(k.canonical_url)
    return frozenset(found)


def _keys(candidate: Kin, common: frozenset[str]) -> Iterator[tuple[str, str | int]]:
    yield "content", candidate.fingerprint
    if candidate.canonical_url and candidate.canonical_url not in common:
        yield "url", candidate.canonical_url
    if candidate.story_id is not None:
        yield "story", candidate.story_id


def _link(clusters: dict[int, _Cluster], candidates: Sequence[Kin], pairs: Sequence[Likeness]) -> None:
    """Store in each cluster the similarities to its neighbours."""
    of = {i: number for number, cluster in clusters.items() for i in cluster.members}
    for pair in pairs:
        a, b = of[pair.first], of[pair.second]
        if a != b and (similarity := _clustering_similarity(pair, candidates)):
            for one, other in ((a, b), (b, a)):
                neighbours = clusters[one].neighbours
                neighbours[other] = neighbours.get(other, 0.0) + similarity


def _clustering_similarity(pair: Likeness, candidates: Sequence[Kin]) -> float:
    """Return a pair's similarity for clustering: a copy's does not decay; two texts of one publisher have none unless they are copies."""
    one, other = candidates[pair.first], candidates[pair.second]
    bare = not (one.text.strip() or other.text.strip())
    copy = pair.ever >= COPY * (BARE if bare else 1.0)
    if (bare or pair.ever < CONFIRMED) and of_one_pattern(one.headline, other.headline):
        return 0.0
    if not _same_publisher(one, other):
        return pair.ever if copy else pair.now
    again = one.headline.casefold() == other.headline.casefold() and not _apart(one, other)
    return pair.ever if copy and again else 0.0


def _same_publisher(one: Kin, other: Kin) -> bool:
    return bool(one.publisher) and one.publisher.casefold() == other.publisher.casefold()


def _apart(one: Kin, other: Kin) -> bool:
    return bool(one.at and other.at and abs(one.at - other.at) > REPOSTED)


def of_one_pattern(one: str, other: str) -> bool:
    """
    True if two headlines differ only in the names: "Arsenal 2-1 Chelsea: match report" and
    "Liverpool 3-0 Everton: match report" report different events in the same words.
    """
    (words, names), (others, other_names) = _heading(one), _heading(other)
    if not words or 2 * len(words & others) < PATTERN * (len(words) + len(others)):
        return False
    return bool((words - others) & names and (others - words) & other_names)


@lru_cache(maxsize=50_000)
def _heading(headline: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a headline, and those of them that are names or numbers."""
    words = _WORD.findall(headline)
    return frozenset(w.casefold() for w in words), frozenset(w.casefold() for w in words if w[0].isupper() or w[0].isdigit())


def _join(clusters: dict[int, _Cluster]) -> None:
    """Cluster by average linkage: join the two most similar clusters while they are similar enough."""
    ahead: list[tuple[float, int, int]] = []
    for number, cluster in clusters.items():
        ahead += [entry for other in cluster.neighbours if other > number and (entry := _entry(clusters, number, other))]
    heapq.heapify(ahead)
    while ahead:
        entry = heapq.heappop(ahead)
        _, a, b = entry
        if a in clusters and b in clusters and _entry(clusters, a, b) == entry:
            for other in _merge(clusters, a, b):
                if fresh := _entry(clusters, min(a, other), max(a, other)):
                    heapq.heappush(ahead, fresh)


def _entry(clusters: dict[int, _Cluster], a: int, b: int) -> tuple[float, int, int] | None:
    """Return the heap entry of two clusters, ordered by similarity; None if they may not be joined."""
    one, other = clusters[a], clusters[b]
    if one.story_id is not None and other.story_id is not None:
        return None
    likeness = one.neighbours[b] / (len(one.members) * len(other.members))
    return (-likeness, a, b) if likeness >= ALIKE else None


def _merge(clusters: dict[int, _Cluster], a: int, b: int) -> Sequence[int]:
    """Merge cluster b into a and return the neighbours whose similarity changed."""
    one, other = clusters[a], clusters.pop(b)
    one.members += other.members
    one.story_id = one.story_id if one.story_id is not None else other.story_id
    one.neighbours.pop(b, None)
    for number, total in other.neighbours.items():
        if number != a:
            neighbours = clusters[number].neighbours
            neighbours.pop(b, None)
            one.neighbours[number] = neighbours[a] = one.neighbours.get(number, 0.0) + total
    return list(one.neighbours)


def _ancestors(found: Sequence[_Cluster], candidates: Sequence[Kin], pairs: Sequence[Likeness]) -> dict[int, int]:
    """Find the predecessor of each new cluster: the story with the greatest average similarity without decay, if similar enough."""
    of = {i: n for n, cluster in enumerate(found) if cluster.story_id is None for i in cluster.members}
    sums: dict[tuple[int, int], float] = {}
    sizes: dict[int, int] = {}
    for k in candidates:
        if k.story_id is not None:
            sizes[k.story_id] = sizes.get(k.story_id, 0) + 1
    for pair in pairs:
        story = candidates[pair.second].story_id
        if (
            story is not None
            and pair.first in of
            and not of_one_pattern(candidates[pair.first].headline, candidates[pair.second].headline)
        ):
            key = (of[pair.first], story)
            sums[key] = sums.get(key, 0.0) + pair.ever
    best: dict[int, tuple[float, int]] = {}
    for (n, story), total in sums.items():
        likeness = total / (len(found[n].members) * sizes[story])
        if likeness >= ALIKE:
            best[n] = max(best.get(n, (0.0, 0)), (likeness, -story))
    return {n: -story for n, (_, story) in best.items()}
