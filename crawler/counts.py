"""What happened since the start, counted where it happens; `/metrics` shows it.

Plain numbers of one service, so that two services in one process do not mix. All are
counted in the event loop's thread and may be read in any.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from crawler.errors import FetchError, RobotsRefused
from storage.model.change import Change
from storage.model.exchange import Exchange
from storage.model.link import Link
from storage.model.verdict import Verdict

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LATENESS = (1.0, 5.0, 15.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 21600.0, 86400.0)
_CHARACTERS = (250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3)


@dataclass(slots=True)
class Spread:
    """How values are spread.

    Attributes:
        bounds: Upper bounds, rising.
        counts: How many values are at most each bound and above the one before; one
            more, for those above all.
        total: The sum of all values.
    """

    bounds: Sequence[float]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        """Begin with no value."""
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Counts:
    """Counts of one service; a source is counted by its name, "" stands for none.

    Attributes:
        polls: Readings of feeds, sitemaps and sections, by source and result.
        discovered: New links, by the kind of list that named them.
        fetches: Answers by source and `2xx` and such; without one, by error.
        fetch_seconds: From sending a request to the last byte of its answer.
        verdicts: Article pages that were read, by source and verdict.
        extract_seconds: From giving a page to the extractors until it was read.
        text_chars: Characters of text of the versions that were kept.
        versions: Versions that were kept, by how they differ from the one before.
        duplicates: Pages whose article is archived under another link.
        due_lag_seconds: How late links were attended to.
        robots_denied: Requests that robots.txt forbade.
    """

    polls: Counter[tuple[str, str]] = field(default_factory=Counter)
    discovered: Counter[str] = field(default_factory=Counter)
    fetches: Counter[tuple[str, str]] = field(default_factory=Counter)
    fetch_seconds: Spread = field(default_factory=lambda: Spread(_SECONDS))
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    extract_seconds: Spread = field(default_factory=lambda: Spread(_SECONDS))
    text_chars: Spread = field(default_factory=lambda: Spread(_CHARACTERS))
    versions: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    due_lag_seconds: Spread = field(default_factory=lambda: Spread(_LATENESS))
    robots_denied: int = 0

    def add_poll(self, source: str, link: Link, result: str, new_links: int) -> None:
        """Count that a list was asked for, and what came of it."""
        self.polls[source, result] += 1
        self.discovered[link.kind] += new_links

    def add_exchange(self, source: str, exchange: Exchange) -> None:
        """Count an answer."""
        status = exchange.status
        self.fetches[source, f"{status // 100}xx" if status else "not_http"] += 1
        self.fetch_seconds.add(exchange.elapsed.total_seconds())

    def add_error(self, source: str, error: FetchError) -> None:
        """Count a request that came to no answer, or was not made."""
        self.robots_denied += isinstance(error, RobotsRefused)
        self.fetches[source, _snake(type(error).__name__)] += 1

    def add_verdict(self, source: str, verdict: Verdict) -> None:
        """Count a page that was read."""
        self.verdicts[source, verdict.kind] += 1

    def add_version(self, change: Change, characters: int) -> None:
        """Count a version, unless it was not worth keeping."""
        if change is not Change.SAME:
            self.versions[change] += 1
            self.text_chars.add(characters)

    def add_lag(self, lag: timedelta) -> None:
        """Count how late a link was attended to."""
        self.due_lag_seconds.add(max(lag.total_seconds(), 0.0))


def _snake(name: str) -> str:
    """Return `ConnectFailed` as `connect_failed`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
