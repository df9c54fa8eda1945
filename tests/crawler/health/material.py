"""Days of a source that brings ten articles each day between 8 and 18 o'clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crawler.health.usual import Usual, learn
from storage.source_day import SourceDay, length_step

TODAY = date(2026, 3, 16)  # a Monday
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
HOURS = (0,) * 8 + (1,) * 10 + (0,) * 6
DAY = SourceDay(
    day=TODAY,
    found=10,
    asked=10,
    read=10,
    new=10,
    hours=HOURS,
    fields={"authors": 9, "published": 10, "section": 2},
    lengths={length_step(3000): 10},
    kept=30_000,
    removed=10_000,
)


def day(ago: int, **changed: Any) -> SourceDay:  # noqa: ANN401 - of any field
    return replace(DAY, day=TODAY - timedelta(days=ago), **changed)


def past(days: int = 56) -> list[SourceDay]:
    """Return the days before today, oldest first."""
    return [day(ago) for ago in range(days, 0, -1)]


def usual() -> Usual:
    known = learn(past())
    assert known is not None
    return known
