"""
Which articles tell the same story.

What shares a canonical URL or its content does. For the rest, average link: the two groups
whose tellings are most alike are joined, again and again, as long as they are alike enough.
Incremental: new articles join stories that are there, or each other; two stories that are
there stay two. A near copy joins whenever it comes; else likeness fades, so that what happens
days later is a story of its own, which names the one that it develops. A publisher tells a
story once: what it writes anew on the same matter, or its column of every morning, is no copy.
"""

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from digest.curate.likeness import BARE, Likeness, compare
from digest.model.article import Group, Kin, same_matter

ALIKE = 0.18  #: groups at least this alike, on average, tell the same story
COPY = 0.85  #: texts this alike are copies of one another, whenever they were published
CONFIRMED = 0.3  #: texts this alike tell the same whatever their headlines name
PATTERN = 0.5  #: of their words; headlines that share so many and name different things are of one pattern, not of one story
REPOSTED = timedelta(hours=12)  #: within it, the same headline over a copy by the same publisher is the same article
_WORD = re.compile(r"\w[\w.,'’-]*\w|\w")


@dataclass(slots=True, kw_only=True)
class _Cluster:
    members: list[int]  #: places among the kin
    story_id: int | None
    near: dict[int, float] = field(default_factory=dict)  #: other clusters → the sum of likenesses to their members


def group(new: Sequence[Kin], known: Sequence[Kin]) -> Sequence[Group]:
    """
    The story of each new article. Groups come in the order of their first new article.

    `known` are articles that have a story. The order in which articles are given changes nothing.
    """
    fresh = sorted(new, key=lambda k: k.article_id)
    kin = [*fresh, *sorted(known, key=lambda k: k.article_id)]
    alike = list(compare(kin, new=len(fresh)))
    clusters = _exact(kin)
    _link(clusters, kin, alike)
    _join(clusters)
    found = [c for c in clusters.values() if min(c.members) < len(fresh)]
    found.sort(key=lambda c: min(c.members))
    ancestors = _ancestors(found, kin, alike)
    return [
        Group(
            story_id=c.story_id,
            articles=tuple(kin[i].article_id for i in sorted(c.members) if i < len(fresh)),
            predecessor_id=ancestors.get(n),
        )
        for n, c in enumerate(found)
    ]


def _exact(kin: Sequence[Kin]) -> dict[int, _Cluster]:
    """Clusters of what shares a story, a URL or its content, directly or through others; where they reach several stories, the oldest has what is new."""
    parent = list(range(len(kin)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[str, str | int], int] = {}
    common = _common_urls(kin)
    for i, k in enumerate(kin):
        for key in _keys(k, common):
            begun = kin[first.setdefault(key, i)]
            if key[0] == "content" and _said_again(begun, k):
                first[key] = i
                continue
            one, other = root(i), root(first[key])
            parent[max(one, other)] = min(one, other)
    clusters: dict[int, _Cluster] = {}
    for i, k in enumerate(kin):
        cluster = clusters.setdefault(root(i), _Cluster(members=[], story_id=None))
        cluster.members.append(i)
        cluster.story_id = min((n for n in (cluster.story_id, k.story_id) if n is not None), default=None)
    return clusters


def _said_again(before: Kin, now: Kin) -> bool:
    """Whether one publisher says the same words under another address another day, as bulletins do."""
    return _same_publisher(before, now) and before.canonical_url != now.canonical_url and _apart(before, now)


def _common_urls(kin: Sequence[Kin]) -> frozenset[str]:
    """Addresses under which one publisher has several matters: a front page, a list; they say nothing of a story."""
    headlines: dict[tuple[str, str], str] = {}
    found = set()
    for k in kin:
        if k.canonical_url:
            before = headlines.setdefault((k.publisher.casefold(), k.canonical_url), k.headline)
            if not same_matter(before, k.headline):
                found.add(k.canonical_url)
    return frozenset(found)


def _keys(kin: Kin, common: frozenset[str]) -> Iterator[tuple[str, str | int]]:
    yield "content", kin.fingerprint
    if kin.canonical_url and kin.canonical_url not in common:
        yield "url", kin.canonical_url
    if kin.story_id is not None:
        yield "story", kin.story_id


def _link(clusters: dict[int, _Cluster], kin: Sequence[Kin], alike: Sequence[Likeness]) -> None:
    """Tell each cluster how alike the members of the others are."""
    of = {i: number for number, cluster in clusters.items() for i in cluster.members}
    for pair in alike:
        a, b = of[pair.first], of[pair.second]
        if a != b and (worth := _worth(pair, kin)):
            for one, other in ((a, b), (b, a)):
                near = clusters[one].near
                near[other] = near.get(other, 0.0) + worth


def _worth(pair: Likeness, kin: Sequence[Kin]) -> float:
    """What a likeness says for one story: a copy's does not fade, and two texts of one publisher are told apart unless they are copies."""
    one, other = kin[pair.first], kin[pair.second]
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
    Whether two headlines are alike but for whom or what they name: "Arsenal 2-1 Chelsea: match report" and
    "Liverpool 3-0 Everton: match report" tell different matters in the same words.
    """
    (words, names), (others, other_names) = _heading(one), _heading(other)
    if not words or 2 * len(words & others) < PATTERN * (len(words) + len(others)):
        return False
    return bool((words - others) & names and (others - words) & other_names)


@lru_cache(maxsize=50_000)
def _heading(headline: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a headline, and those of them that are names or numbers."""
    words = _WORD.findall(headline)
    return frozenset(w.casefold() for w in words), frozenset(w.casefold() for w in words if w[0].isupper() or w[0].isdigit())


def _join(clusters: dict[int, _Cluster]) -> None:
    """Average link: join the two most alike while they are alike enough."""
    ahead: list[tuple[float, int, int]] = []
    for number, cluster in clusters.items():
        ahead += [entry for other in cluster.near if other > number and (entry := _entry(clusters, number, other))]
    heapq.heapify(ahead)
    while ahead:
        entry = heapq.heappop(ahead)
        _, a, b = entry
        if a in clusters and b in clusters and _entry(clusters, a, b) == entry:
            for other in _merge(clusters, a, b):
                if fresh := _entry(clusters, min(a, other), max(a, other)):
                    heapq.heappush(ahead, fresh)


def _entry(clusters: dict[int, _Cluster], a: int, b: int) -> tuple[float, int, int] | None:
    """Two clusters that may be joined, the most alike ahead; None: they may not."""
    one, other = clusters[a], clusters[b]
    if one.story_id is not None and other.story_id is not None:
        return None
    likeness = one.near[b] / (len(one.members) * len(other.members))
    return (-likeness, a, b) if likeness >= ALIKE else None


def _merge(clusters: dict[int, _Cluster], a: int, b: int) -> Sequence[int]:
    """Put cluster b into a; returns the neighbours whose likeness changed."""
    one, other = clusters[a], clusters.pop(b)
    one.members += other.members
    one.story_id = one.story_id if one.story_id is not None else other.story_id
    one.near.pop(b, None)
    for number, total in other.near.items():
        if number != a:
            near = clusters[number].near
            near.pop(b, None)
            one.near[number] = near[a] = one.near.get(number, 0.0) + total
    return list(one.near)


def _ancestors(found: Sequence[_Cluster], kin: Sequence[Kin], alike: Sequence[Likeness]) -> dict[int, int]:
    """The story that each new cluster develops: the one it is most like on average but for the time between them, if alike enough."""
    of = {i: n for n, cluster in enumerate(found) if cluster.story_id is None for i in cluster.members}
    sums: dict[tuple[int, int], float] = {}
    sizes: dict[int, int] = {}
    for k in kin:
        if k.story_id is not None:
            sizes[k.story_id] = sizes.get(k.story_id, 0) + 1
    for pair in alike:
        story = kin[pair.second].story_id
        if story is not None and pair.first in of and not of_one_pattern(kin[pair.first].headline, kin[pair.second].headline):
            key = (of[pair.first], story)
            sums[key] = sums.get(key, 0.0) + pair.ever
    best: dict[int, tuple[float, int]] = {}
    for (n, story), total in sums.items():
        likeness = total / (len(found[n].members) * sizes[story])
        if likeness >= ALIKE:
            best[n] = max(best.get(n, (0.0, 0)), (likeness, -story))
    return {n: -story for n, (_, story) in best.items()}
