"""Figures that cost a walk through whole tables: kept for a moment, found aside.

Whoever asks first waits, and whoever asks after a long time; others are given what was
found last, and one of them has it found again when it is older than a moment.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import Generic, TypeVar

from crawler.kept.reader import Reader
from crawler.service.service import Service
from crawler.web.charts import Line, line
from storage.errors import StorageError
from storage.model.link_state import LinkState
from storage.sql.census import languages, ledger_counts
from storage.sql.health import SourceHealth, Totals, source_health, totals
from storage.sql.today import Answers, Lag, News, answers, growth, lag, new_by_day, news

T = TypeVar("T")
#: Days that a sparkline of a source shows.
SHOWN_DAYS = 30


@dataclass(slots=True)
class Kept(Generic[T]):
    """A value that is given for a while, the longer the dearer it was to find.

    It is young for some seconds, and for 20 times as long as it took to find. One that is
    older is given once more, and found anew aside. One that is over `stale` seconds old,
    by default over twice those seconds and 100 times as long, is old news: the new one is
    waited for.
    """

    find: Callable[[], T]
    seconds: float
    stale: float | None = None
    _value: T | None = None
    _at: float = 0.0
    _took: float = 0.0
    _finding: threading.Lock = field(default_factory=threading.Lock)

    def get(self) -> T:
        """Return the value."""
        value = self._fresh()
        if value is None:
            with self._finding:
                value = self._fresh()
                return value if value is not None else self._found()
        if self.age > max(self.seconds, 20 * self._took) and self._finding.acquire(
            blocking=False
        ):
            threading.Thread(target=self._find_aside, daemon=True).start()
        return value

    @property
    def age(self) -> float:
        """How long ago the value was found, s."""
        return monotonic() - self._at

    def _fresh(self) -> T | None:
        usual = max(2 * self.seconds, 100 * self._took)
        stale = usual if self.stale is None else self.stale
        return self._value if self.age < stale else None

    def _found(self) -> T:
        began = monotonic()
        value = self.find()
        self._value, self._at = value, monotonic()
        self._took = self._at - began
        return value

    def _find_aside(self) -> None:
        try:
            self._found()
        except StorageError:  # the page shows the one before; the next one tries again
            return
        finally:
            self._finding.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the archive fares.

    Attributes:
        totals: What it holds.
        lag: How late what is due is.
        news: New articles today, and usually.
        answers: How pages were answered today and yesterday.
        growth: Bytes a day of the WARC files, or None.
        languages: There are articles in, the commonest first.
    """

    totals: Totals
    lag: Lag
    news: News
    answers: Answers
    growth: float | None
    languages: list[str]


class Figures:
    """What pages show of whole tables."""

    def __init__(self, service: Service, seconds: float) -> None:
        """Keep each figure for so many seconds."""
        self.now = Kept(lambda: _now(service), seconds)
        self.sources = Kept(lambda: _sources(service), seconds)
        self.lines = Kept(lambda: _lines(service), seconds)
        self.ledger = Kept(lambda: _ledger(service), seconds)

    def warm(self) -> None:
        """Find all of it aside, so that the first reader does not wait."""
        threading.Thread(target=self._find, daemon=True).start()

    def _find(self) -> None:
        with suppress(StorageError):  # then the first reader is told
            for one in (self.now, self.sources, self.lines, self.ledger):
                one.get()


def today_of(now: datetime) -> date:
    """Return the day of a time, UTC."""
    return now.astimezone(UTC).date()


def days_until(last: date) -> list[date]:
    """Return the days that are shown, oldest first."""
    return [last - timedelta(days=n) for n in range(SHOWN_DAYS - 1, -1, -1)]


def _now(service: Service) -> Now:
    now = service.means.now()
    today = today_of(now)
    with service.session() as session:
        return Now(
            totals=totals(session, now),
            lag=lag(session, now, closed=service.means.closed()),
            news=news(session, now),
            answers=answers(session, (today, today - timedelta(days=1))),
            growth=growth(session, now),
            languages=languages(session),
        )


def _sources(service: Service) -> list[SourceHealth]:
    with service.session() as session:
        return source_health(
            session, service.means.now(), closed=service.means.closed()
        )


def _ledger(service: Reader) -> dict[str | None, Mapping[LinkState, int]]:
    with service.session() as session:
        return ledger_counts(session)


def _lines(service: Service) -> dict[int, Line]:
    """Return how many new articles each source brought, day by day, as a line."""
    days = days_until(today_of(service.means.now()))
    with service.session() as session:
        found = new_by_day(session, days[0])
    return {
        source: _drawn(tuple(float(new.get(day, 0)) for day in days))
        for source, new in found.items()
    }


@lru_cache(maxsize=4096)
def _drawn(values: tuple[float, ...]) -> Line:
    """Draw a line once: of most sources it is what it was a minute ago."""
    return line(values)
