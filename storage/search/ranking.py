"""Which of the articles found say most of what was asked: BM25 over those found.

BM25 (Robertson and Zaragoza, 2009) with the words of each field counted together by
its weight (BM25F). How rare a word is, is told by the found articles themselves, all
of which have it: so the order depends on nothing else, is the same on every database,
and does not move while articles are added.
"""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

_SATURATION = 1.2
_BY_LENGTH = 0.75


class Counted(NamedTuple):
    """An article found: the length of its text, and how often it has each term."""

    id: int
    length: int
    counts: tuple[float, ...]


def ranked(found: Sequence[Counted]) -> list[tuple[int, float]]:
    """Return ids with their weights, the best first, of equal ones the newest."""
    if not found:
        return []
    whole = sum(one.length for one in found) or 1
    mean = whole / len(found)
    totals = [
        sum(column) for column in zip(*(one.counts for one in found), strict=True)
    ]
    rarity = [log(1 + whole / total) if total else 0.0 for total in totals]
    weighed = [(one.id, _weight(one, rarity, mean)) for one in found]
    return sorted(weighed, key=lambda pair: (-pair[1], -pair[0]))


def _weight(one: Counted, rarity: Sequence[float], mean: float) -> float:
    dampened = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * one.length / mean)
    return sum(
        rare * count * (_SATURATION + 1) / (count + dampened)
        for rare, count in zip(rarity, one.counts, strict=True)
    )
