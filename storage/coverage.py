"""How much of a source its lists name, and an estimate of what none names. Pure.

Feeds, sitemaps and sections are lists made apart. As animals that are caught twice
tell how many were never caught, articles that two lists name tell how many none does
(Chapman's estimator, 1951). Lists that name the same articles for the same reason,
such as a feed and a section of the newest ten, make the estimate too small: it is a
floor of what is missed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from storage.model.link_kind import Way

#: With fewer articles on both lists the estimator is biased (Chapman, 1951).
_ENOUGH = 7
_WAYS = (Way.FEED, Way.SITEMAP, Way.SECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a source's lists named of its articles.

    Attributes:
        articles: How many are archived.
        named: How many each kind of list named.
        both: How many each two kinds named both, as `feed+sitemap`.
        estimated: How many there may be in all; None where too little is known.
        missed_share: The part of them that no list named, 0 to 1.
        note: What the estimate rests on, or why there is none.
    """

    articles: int
    named: Mapping[str, int]
    both: Mapping[str, int]
    estimated: float | None
    missed_share: float | None
    note: str


def coverage_of(counts: Mapping[Way, int]) -> Coverage:
    """Return the coverage of articles, counted by the ways that named each."""
    articles = sum(counts.values())
    named = {way: _named(counts, way) for way in _WAYS}
    both = {(a, b): _named(counts, a | b) for a, b in combinations(_WAYS, 2)}
    pair = max(both, key=lambda two: both[two])
    total, note = None, "no two kinds of lists name enough of the same articles"
    if both[pair] >= _ENOUGH:
        first, second = pair
        caught = chapman(named[first], named[second], both[pair])
        total = max(float(articles), caught)
        note = f"by {_label(pair)}, which name {both[pair]} of the same articles"
    return Coverage(
        articles=articles,
        named={_name(way): count for way, count in named.items()},
        both={_label(two): count for two, count in both.items()},
        estimated=total,
        missed_share=1 - articles / total if total else None,
        note=note,
    )


def chapman(first: int, second: int, both: int) -> float:
    """Return how many there are in all, of two catches and what was in both."""
    return (first + 1) * (second + 1) / (both + 1) - 1


def _named(counts: Mapping[Way, int], ways: Way) -> int:
    return sum(count for way, count in counts.items() if way & ways == ways)


def _name(way: Way) -> str:
    return (way.name or "").lower()


def _label(pair: tuple[Way, Way]) -> str:
    return "+".join(map(_name, pair))
