"""How often a watched page brings news, by the hour of the week. Pure.

A page's rhythm is learned from what its readings found: a level (articles a
day), the hours of the day and the days of the week (both shrunk towards even, so
that little evidence says little), and what the last hours brought beyond that.
Everything fades, so a new season, a strike or a sale is followed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from math import ceil, exp, floor, log
from typing import Any

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: After so long an article weighs 1/e: in the level, in the shape of the week.
_LEVEL_DAYS, _SHAPE_DAYS = 14.0, 42.0
#: How long a busy or quiet spell lasts, in hours.
_SPELL_HOURS = 4.0
#: What is believed before anything was seen: so many articles in so many days.
_PRIOR_NEWS, _PRIOR_DAYS = 0.25, 1.0
#: Articles spread evenly over the week that are added to what was seen.
_EVEN = 12.0
#: Articles that were expected and came, added to those of the last hours.
_CALM = 2.0
_SPELL_MOST, _SPELL_LEAST = 12.0, 0.3
#: A first reading looks back so far at the times that its articles state.
_LOOK_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is known of a page's rhythm.

    Attributes:
        at: Until when it was observed, UTC.
        news: Articles seen, the older weighing less.
        days: Days observed, likewise.
        hours: Articles by hour of the day, in the zone they were learned in.
        weekdays: Articles by day of the week, Monday first.
        lately: Articles of the last hours.
        expected: How many were expected in them.
        listed: Articles the page showed at its last reading that listed any.
        asks_s: Seconds for which the list itself asked to be left alone then
            (`ttl`, `sy:update*`).
        lasts_s: Seconds for which a sitemap index names a sitemap; 0 is not known.
    """

    at: datetime
    news: float = 0.0
    days: float = 0.0
    hours: tuple[float, ...] = (0.0,) * 24
    weekdays: tuple[float, ...] = (0.0,) * 7
    lately: float = 0.0
    expected: float = 0.0
    listed: int = 0
    asks_s: float = 0.0
    lasts_s: float = 0.0

    @property
    def level(self) -> float:
        """Articles a day, on an average day."""
        return (self.news + _PRIOR_NEWS) / (self.days + _PRIOR_DAYS)

    @property
    def spell(self) -> float:
        """How many times busier than usual the last hours were."""
        ratio = (self.lately + _CALM) / (self.expected + _CALM)
        return min(max(ratio, _SPELL_LEAST), _SPELL_MOST)


@dataclass(frozen=True, slots=True)
class Week:
    """A rhythm as articles an hour, for each hour of the week."""

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]
    spell: float

    @classmethod
    def of(cls, rhythm: Rhythm, zone: tzinfo) -> "Week":
        """Return the usual week of a rhythm, at its level now.

        An hour that was not lived through yet is no quiet one: what came in each is
        held against what would have come there, had all been even.
        """
        seen, mean = sum(rhythm.hours), rhythm.level / 24
        by_hour, by_day = _lived(rhythm, zone)
        return cls(
            hours=tuple(
                mean * (came + _EVEN / 24) / (share * seen + _EVEN / 24)
                for came, share in zip(
                    _smooth(rhythm.hours), _smooth(by_hour), strict=True
                )
            ),
            weekdays=tuple(
                (came + _EVEN / 7) / (share * seen + _EVEN / 7)
                for came, share in zip(rhythm.weekdays, by_day, strict=True)
            ),
            spell=rhythm.spell,
        )

    def usual(self, weekday: int, hour: int) -> float:
        """Return how many articles an hour of the week usually brings."""
        return self.hours[hour] * self.weekdays[weekday]

    def ahead(self, now: datetime, zone: tzinfo) -> Iterator[tuple[float, float]]:
        """Yield (hours, articles an hour) from now on: to the full hour, then hourly.

        A spell fades on the way.
        """
        local = now.astimezone(zone)
        weekday, hour = local.weekday(), local.hour
        length = 1.0 - (local.minute * 60 + local.second) / 3600
        beyond, fades = self.spell - 1.0, exp(-1.0 / _SPELL_HOURS)
        while True:
            yield length, self.usual(weekday, hour) * (1.0 + beyond)
            length, beyond, hour = 1.0, beyond * fades, hour + 1
            if hour == 24:
                weekday, hour = (weekday + 1) % 7, 0


def _smooth(hours: Sequence[float]) -> Iterator[float]:
    """Yield each hour of the day with half of its neighbours'."""
    return ((hours[h - 1] + 2 * hours[h] + hours[(h + 1) % 24]) / 4 for h in range(24))


def _lived(rhythm: Rhythm, zone: tzinfo) -> tuple[list[float], list[float]]:
    """Return the share of the time observed in each hour of the day and each weekday.

    How long that was is what the fading days tell; six weeks are six of each.
    """
    left = max(1 - rhythm.days / _LEVEL_DAYS, exp(-_SHAPE_DAYS / _LEVEL_DAYS))
    days = -log(left) * _LEVEL_DAYS
    local = rhythm.at.astimezone(zone)
    hour = local.hour + local.minute / 60
    return (
        _shares(days * 24, until=hour, cells=24),
        _shares(days, until=local.weekday() + hour / 24, cells=7),
    )


def _shares(length: float, *, until: float, cells: int) -> list[float]:
    """Return the share of a time in each cell of a cycle; both are counted in cells.

    A time of no length is even.
    """
    if length <= 0:
        return [1 / cells] * cells
    rounds, rest = divmod(length, cells)
    spent = [rounds] * cells
    begin = until - rest
    for cell in range(floor(begin), ceil(until)):
        spent[cell % cells] += min(cell + 1, until) - max(cell, begin)
    return [each / length for each in spent]


def learn(
    rhythm: Rhythm | None,
    stated: Sequence[datetime | None],
    *,
    listed: int,
    asks: timedelta | None = None,
    now: datetime,
    zone: tzinfo,
) -> Rhythm:
    """Return a rhythm with what a reading found.

    Args:
        rhythm: What was known; None before the first reading.
        stated: A time for each new article, as the list states it, or None. One
            outside the time since the last reading is not believed.
        listed: Articles on the list, known ones included; 0 when there was none to
            read, as after a 304: then the last one's word holds.
        asks: For how long the list asks to be left alone.
        now: When it was read, UTC.
        zone: The zone in which the source keeps its hours.
    """
    if rhythm is None:
        return _first(stated, listed=listed, asks=asks, now=now, zone=zone)
    since = min(rhythm.at, now)
    moments = list(_moments(stated, since, now))
    passed = (now - since) / _DAY
    keep_level, keep_shape = exp(-passed / _LEVEL_DAYS), exp(-passed / _SHAPE_DAYS)
    keep_spell = exp(-passed * 24 / _SPELL_HOURS)
    hours = [count * keep_shape for count in rhythm.hours]
    weekdays = [count * keep_shape for count in rhythm.weekdays]
    for moment in moments:
        local = moment.astimezone(zone)
        hours[local.hour] += 1
        weekdays[local.weekday()] += 1
    return Rhythm(
        at=now,
        news=rhythm.news * keep_level + len(moments),
        days=rhythm.days * keep_level + _LEVEL_DAYS * (1 - keep_level),
        hours=tuple(hours),
        weekdays=tuple(weekdays),
        lately=rhythm.lately * keep_spell + _lately(moments, now),
        expected=rhythm.expected * keep_spell + _expected(rhythm, now, zone),
        listed=listed or rhythm.listed,
        asks_s=_seconds(asks) if listed else rhythm.asks_s,
        lasts_s=rhythm.lasts_s,
    )


def _first(
    stated: Sequence[datetime | None],
    *,
    listed: int,
    asks: timedelta | None,
    now: datetime,
    zone: tzinfo,
) -> Rhythm:
    """Learn from the times that a first list states, back to its oldest article."""
    moments = sorted(m for m in stated if m and now - _LOOK_BACK <= m <= now)
    fresh = Rhythm(at=now, listed=listed, asks_s=_seconds(asks))
    if len(moments) < 2:
        return fresh
    since = replace(fresh, at=moments[0])
    return learn(since, moments[1:], listed=listed, asks=asks, now=now, zone=zone)


def _seconds(asks: timedelta | None) -> float:
    return asks.total_seconds() if asks else 0.0


def _moments(
    stated: Sequence[datetime | None], since: datetime, now: datetime
) -> Iterator[datetime]:
    """Yield when each new article came; those without a time spread evenly."""
    known = [m for m in stated if m is not None and since < m <= now]
    yield from known
    unknown = len(stated) - len(known)
    for n in range(unknown):
        yield since + (now - since) * ((n + 0.5) / unknown)


def _lately(moments: Sequence[datetime], now: datetime) -> float:
    return sum(exp((m - now) / _HOUR / _SPELL_HOURS) for m in moments)


def _expected(rhythm: Rhythm, now: datetime, zone: tzinfo) -> float:
    """Return how many articles the last hours should have brought, as `lately`."""
    usual = Week.of(replace(rhythm, lately=0.0, expected=0.0), zone)
    start = max(rhythm.at, now - _HOUR * 4 * _SPELL_HOURS)
    left = max((now - start) / _HOUR, 0.0)  # a clock may have been set back
    total = 0.0
    for length, rate in usual.ahead(start, zone):
        within = min(length, left)
        left -= within
        total += rate * within * exp(-(left + within / 2) / _SPELL_HOURS)
        if left <= 0:
            return total
    return total


def rhythm_document(rhythm: Rhythm) -> dict[str, Any]:
    """Return a rhythm as JSON values, its counts to four digits."""
    return {
        "at": rhythm.at.isoformat(),
        "listed": rhythm.listed,
        "asks_s": rhythm.asks_s,
        "lasts_s": rhythm.lasts_s,
        **{
            name: float(f"{getattr(rhythm, name):.4g}")
            for name in ("news", "days", "lately", "expected")
        },
        "hours": [float(f"{count:.4g}") for count in rhythm.hours],
        "weekdays": [float(f"{count:.4g}") for count in rhythm.weekdays],
    }


def read_rhythm(document: Mapping[str, Any]) -> Rhythm:
    """Return the rhythm that `rhythm_document` wrote."""
    numbers = ("news", "days", "lately", "expected", "listed", "asks_s")
    return Rhythm(
        at=datetime.fromisoformat(document["at"]),
        hours=tuple(document["hours"]),
        weekdays=tuple(document["weekdays"]),
        lasts_s=document.get("lasts_s", 0.0),  # not in documents of before
        **{name: document[name] for name in numbers},
    )
