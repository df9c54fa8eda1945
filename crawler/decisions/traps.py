"""Endless addresses: calendars, facets, paths that repeat. Pure.

Some show in one address; most only in what came of their like. No article in a
hundred of one pattern in a row, and the rest of it is left alone but for a look now
and then. When one of these is an article, what was left is asked for after all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.discover.shapes import named_shape
from storage.model.link_state import LinkState

#: Links of one pattern that may bring no article, one after the other.
BUDGET = 100
#: How often a pattern over its budget is looked at again.
LOOK_EVERY = timedelta(hours=6)

_FRUITLESS = (LinkState.NOT_ARTICLE, LinkState.DUPLICATE)
_DEPTH = 15
_REPEATS = 3
_SAME_NAMES = 4


def endless(url: str) -> str | None:
    """Return why an address alone looks endless, or None.

    A path that repeats itself three times (Heritrix allows two), a very deep one, or
    a query that gives one name again and again.
    """
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > _DEPTH:
        return f"over {_DEPTH} folders deep"
    if again := _repeated(segments):
        return f"{again} again and again"
    names = [pair.partition("=")[0] for pair in parts.query.split("&")]
    often = next((n for n in names if names.count(n) >= _SAME_NAMES), None)
    return f"?{often}= again and again" if often else None


def pattern(url: str) -> str:
    """Return what endless addresses have in common: several names in a query are one."""
    shape = named_shape(url).replace("//", "/", 1)
    return f"{shape.partition('?')[0]}?*" if "&" in shape else shape


@dataclass
class Trail:
    """What lately came of a source's links, by pattern, newest first.

    Attributes:
        fruitless: Links in a row that were no new article.
        asked_at: When one was last asked for.
    """

    fruitless: dict[str, int] = field(default_factory=dict)
    asked_at: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, ends: Iterable[tuple[str, LinkState, datetime | None]]) -> "Trail":
        """Read the ends of a source's links: URL, state, when fetched; newest first."""
        trail, ended = cls(), set()
        for url, state, fetched_at in ends:
            like = pattern(url)
            if fetched_at is not None:
                trail.asked_at.setdefault(like, fetched_at)
            if state is LinkState.ARCHIVED:
                ended.add(like)
            elif like not in ended and state in _FRUITLESS:
                trail.fruitless[like] = trail.fruitless.get(like, 0) + 1
        return trail

    def note(self, url: str, state: LinkState, now: datetime) -> None:
        """Add what just came of a link."""
        like = pattern(url)
        self.asked_at[like] = now
        if state is LinkState.ARCHIVED:
            self.fruitless[like] = 0
        elif state in _FRUITLESS:
            self.fruitless[like] = self.fruitless.get(like, 0) + 1

    def trap(self, url: str, now: datetime) -> str | None:
        """Return why a link is not asked for, or None when it may be."""
        like = pattern(url)
        fruitless = self.fruitless.get(like, 0)
        asked_at = self.asked_at.get(like)
        is_rested = asked_at is None or now - asked_at >= LOOK_EVERY
        if fruitless < BUDGET or is_rested:
            return None
        return f"{why_left(url)}{fruitless} in a row were no new articles"

    def is_left(self, url: str) -> bool:
        """Tell whether the like of an address is left alone but for a look."""
        return self.fruitless.get(pattern(url), 0) >= BUDGET


def why_left(url: str) -> str:
    """Return how the reason begins for which the like of an address is left alone."""
    return f"{pattern(url)}: "


def _repeated(segments: list[str]) -> str | None:
    """Return the folders that stand three times in a row, if any do; not numbers."""
    for length in range(1, len(segments) // _REPEATS + 1):
        for start in range(len(segments) - _REPEATS * length + 1):
            part = segments[start : start + length]
            row = segments[start : start + _REPEATS * length]
            if row == part * _REPEATS and not all(map(str.isdigit, part)):
                return "/".join(part)
    return None
