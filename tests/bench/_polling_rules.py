"""The rules of polling that `schedule_sim` compares, each scaled by one number.

A rule is asked after each reading of a feed how long to wait. `scale` is what is
turned until all rules make equally many requests; 1 is the rule as published. No
rule waits less than `FLOOR`.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from crawler.timing.pacing import Terms, pace, price_of, pull
from crawler.timing.rates import Rhythm, Week, learn
from crawler.timing.when import CEILING

#: The same for all, and the shortest that any of the peers has.
FLOOR = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reading of a feed found: a stated time, or None, for each new article."""

    now: datetime
    fresh: Sequence[datetime | None]
    listed: int


class Poller(Protocol):
    """A rule at work on one feed."""

    def wait(self, reading: Reading) -> timedelta:
        """Return how long the feed is left alone now."""


class Rule(Protocol):
    """A rule at work on all feeds."""

    def poller(self) -> Poller:
        """Begin with a feed."""

    def day_begins(self) -> None:
        """Do what is done once a day for all feeds."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One interval for all: an hour, times `scale`."""

    scale: float

    def poller(self) -> Poller:
        return self

    def day_begins(self) -> None:
        pass

    def wait(self, _: Reading) -> timedelta:
        return max(timedelta(hours=1) * self.scale, FLOOR)


@dataclass(frozen=True, slots=True)
class EntryFrequency:
    """Miniflux's `entry_frequency`: a week over the entries of the last week.

    Between 5 minutes and a day (`internal/model/feed.go`; its own defaults). The
    scale is the inverse of its `SCHEDULER_ENTRY_FREQUENCY_FACTOR`.
    """

    scale: float

    def poller(self) -> Poller:
        return _EntryFrequency(self.scale)

    def day_begins(self) -> None:
        pass


@dataclass(slots=True)
class _EntryFrequency:
    scale: float
    entries: deque[datetime] = field(default_factory=deque)

    def wait(self, reading: Reading) -> timedelta:
        week_ago = reading.now - 7 * _DAY
        kept = [*self.entries, *(at or reading.now for at in reading.fresh)]
        self.entries = deque(at for at in kept if at >= week_ago)
        if not self.entries:
            return _DAY
        return min(max(7 * _DAY * self.scale / len(self.entries), FLOOR), _DAY)


@dataclass(frozen=True, slots=True)
class DuplicateShare:
    """Media Cloud's rule: by the share of a feed's articles that were known.

    From 360 minutes on: more than 67 % known, 10 minutes longer (60 after 31 days
    without news); less than 33 %, 60 minutes shorter; between 10 minutes and a
    day. The scale multiplies what comes out.
    """

    scale: float

    def poller(self) -> Poller:
        return _DuplicateShare(self.scale)

    def day_begins(self) -> None:
        pass


@dataclass(slots=True)
class _DuplicateShare:
    scale: float
    interval: timedelta = 360 * _MINUTE
    news_at: datetime | None = None

    def wait(self, reading: Reading) -> timedelta:
        known = 1 - len(reading.fresh) / max(reading.listed, 1)
        if reading.fresh or self.news_at is None:
            self.news_at = reading.now
        if known > 0.67:
            is_quiet = reading.now - self.news_at > 31 * _DAY
            self.interval += (60 if is_quiet else 10) * _MINUTE
        elif known < 0.33:
            self.interval -= 60 * _MINUTE
        self.interval = min(max(self.interval, 10 * _MINUTE), _DAY)
        return max(self.interval * self.scale, FLOOR)


@dataclass(slots=True)
class Ours:
    """`crawler.timing.pacing` under a budget of 24 readings a day and feed, over `scale`.

    As the service does it: the price is found anew from all rhythms, once a day
    here. No time zone is configured and no server gives a hint.
    """

    scale: float
    price: float = 1.0
    pollers: list["_Ours"] = field(default_factory=list)

    def poller(self) -> Poller:
        self.pollers.append(_Ours(self))
        return self.pollers[-1]

    def day_begins(self) -> None:
        pulls = [pull(one.rhythm, UTC) for one in self.pollers if one.rhythm]
        if pulls:
            self.price = price_of(pulls, 24 / self.scale * len(pulls), FLOOR)


@dataclass(slots=True)
class _Ours:
    rule: Ours
    rhythm: Rhythm | None = None

    def wait(self, reading: Reading) -> timedelta:
        self.rhythm = learn(
            self.rhythm,
            reading.fresh,
            listed=reading.listed,
            now=reading.now,
            zone=UTC,
        )
        terms = Terms(price=self.rule.price, poll=FLOOR)
        decided = pace(self.rhythm, terms, UTC).interval
        return max(decided, FLOOR)


@dataclass(slots=True)
class MedianAlone:
    """Ours but for the exponent: read once so many articles are expected unseen.

    Intervals are then in proportion to 1 / rate, which serves the median of all lags
    and nothing else (`crawler.timing.pacing`, p = 0). The number is found anew once a day,
    such that the intervals that it gives at each feed's mean rate spend the budget.
    """

    scale: float
    unseen: float = 1.0
    pollers: list["_MedianAlone"] = field(default_factory=list)

    def poller(self) -> Poller:
        self.pollers.append(_MedianAlone(self))
        return self.pollers[-1]

    def day_begins(self) -> None:
        levels = [one.rhythm.level for one in self.pollers if one.rhythm]
        low, high = 1e-3, 1e3
        for _ in range(32):
            self.unseen = (low * high) ** 0.5
            made = sum(
                min(max(level / self.unseen, _DAY / CEILING), _DAY / FLOOR)
                for level in levels
            )
            is_over = made > 24 / self.scale * len(levels)
            low, high = (self.unseen, high) if is_over else (low, self.unseen)


@dataclass(slots=True)
class _MedianAlone:
    rule: MedianAlone
    rhythm: Rhythm | None = None

    def wait(self, reading: Reading) -> timedelta:
        self.rhythm = learn(
            self.rhythm,
            reading.fresh,
            listed=reading.listed,
            now=reading.now,
            zone=UTC,
        )
        left = min(self.rule.unseen, (self.rhythm.listed or 1e9) / 2)
        hours = 0.0
        for length, rate in Week.of(self.rhythm, UTC).ahead(self.rhythm.at, UTC):
            if rate * length >= left:
                hours += left / rate
                break
            left, hours = left - rate * length, hours + length
            if hours * timedelta(hours=1) >= CEILING:
                break
        return min(max(hours * timedelta(hours=1), FLOOR), CEILING)
