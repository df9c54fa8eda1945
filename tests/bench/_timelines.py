"""Publishing timelines to replay: made by seed, or recorded ones from a file.

What is made is a point process in the minutes of the newsroom's own clock: smooth
edition peaks, sittings of an author, an issue that is put out at once, news that
breaks and fades, a share of articles put on the full quarter. It knows nothing of
the tables that `crawler.timing.rates` learns.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

#: A Monday; daylight saving begins in America in week 5 and in Europe in week 8.
START = datetime(2026, 2, 2, tzinfo=UTC)
#: The feeds hold articles from before the start.
BEFORE = timedelta(days=14)
RAMADAN = (datetime(2026, 2, 18, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC))
_MINUTE = timedelta(minutes=1)
_ZONES = (
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Africa/Nairobi",
    "Asia/Tokyo",
    "Australia/Sydney",
)
#: Articles a minute, at a local time.
Intensity = Callable[[datetime], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article: when the feed showed it first, and the time the feed states."""

    shown: datetime
    stated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What a source published, by the time shown; its feed holds `window` articles."""

    name: str
    kind: str
    window: int
    items: tuple[Item, ...]


def mixed(seed: int, sources: int, weeks: int) -> list[Timeline]:
    """Return a mixed set: few agencies, many regional papers, some that stop."""
    made = []
    for n in range(sources):
        kind, make = _kind_of((n + 0.5) / sources)
        rng = Random(f"{seed}/{n}")
        moments = list(make(rng, weeks))
        made.append(
            Timeline(
                name=f"{kind} {n}",
                kind=kind,
                window=_window(rng, kind),
                items=tuple(_as_listed(rng, moments)),
            )
        )
    return made


def recorded(path: Path, window: int = 30) -> list[Timeline]:
    """Read recorded timelines: a line is a JSON object of `source` and `at` (ISO).

    Raises:
        ValueError: a line is none, or its time names no zone.
    """
    found: dict[str, list[datetime]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        at = datetime.fromisoformat(record["at"])
        if at.tzinfo is None:
            raise ValueError(f"{path}: {record['at']} names no time zone")
        found.setdefault(record["source"], []).append(at.astimezone(UTC))
    return [
        Timeline(
            name=name,
            kind="recorded",
            window=window,
            items=tuple(Item(shown=at, stated=at) for at in sorted(moments)),
        )
        for name, moments in found.items()
    ]


def _kind_of(share: float) -> tuple[str, Callable[[Random, int], Iterator[datetime]]]:
    return next((kind, make) for until, kind, make in _MIX if share < until)


def _window(rng: Random, kind: str) -> int:
    return rng.choice((50, 100)) if kind == "agency" else rng.choice((10, 15, 20, 30))


def _as_listed(rng: Random, moments: list[datetime]) -> Iterator[Item]:
    """Yield articles as a feed shows them: some undated, some later than they say."""
    is_dated = rng.random() < 0.85
    late = rng.uniform(5, 45) * _MINUTE if rng.random() < 0.2 else timedelta(0)
    for moment in sorted(moments):
        at = moment.replace(second=0, microsecond=0)
        if rng.random() < 0.25:  # put there by a clock
            at -= timedelta(minutes=at.minute % 15)
        yield Item(shown=moment + late, stated=at if is_dated else None)


# ---- points from an intensity -------------------------------------------------


def _points(
    rng: Random, weeks: int, zone: str, most: float, intensity: Intensity
) -> Iterator[datetime]:
    """Thin a steady stream of `most` a minute down to an intensity."""
    place = ZoneInfo(zone)
    at, end = START - BEFORE, START + timedelta(weeks=weeks)
    while True:
        at += rng.expovariate(most) * _MINUTE
        if at >= end:
            return
        if rng.random() * most < intensity(at.astimezone(place)):
            yield at


def _peaks(peaks: tuple[tuple[float, float, float], ...]) -> Callable[[float], float]:
    """Return a smooth day of (local hour, width in hours, height) peaks."""

    def height(hour: float) -> float:
        return sum(
            tall * math.exp(-(((hour - at + 12) % 24 - 12) ** 2) / (2 * wide * wide))
            for at, wide, tall in peaks
        )

    return height


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60


def _scaled(daily: float, shape: Callable[[float], float]) -> float:
    """Return what a shape is multiplied with to bring so many articles a day."""
    return daily / sum(shape(n / 10) * 6 for n in range(240))


def _breaking(
    rng: Random, weeks: int, each_week: float
) -> list[tuple[datetime, float]]:
    """Return when news breaks, and by how much it multiplies what is published."""
    start = START - BEFORE
    count = round(each_week * (weeks + 2))
    days = 7.0 * (weeks + 2)
    return [
        (start + timedelta(days=rng.uniform(0, days)), rng.uniform(1, 4))
        for _ in range(count)
    ]


def _heat(shocks: list[tuple[datetime, float]], at: datetime) -> float:
    """Return by how much breaking news multiplies, which fades over three hours."""
    heat = 1.0
    for began, size in shocks:
        hours = (at - began) / timedelta(hours=1)
        if 0 <= hours < 15:
            heat += size * math.exp(-hours / 3)
    return heat


# ---- kinds of sources ---------------------------------------------------------


def _agency(rng: Random, weeks: int) -> Iterator[datetime]:
    """Publish day and night, less at night and on weekends."""
    shape = _peaks(((10, 3, 1.0), (16, 4, 1.2), (22, 4, 0.3)))
    scale = _scaled(rng.uniform(250, 600), lambda h: 0.25 + shape(h))
    weekend = rng.uniform(0.4, 0.8)
    shocks = _breaking(rng, weeks, 2)

    def intensity(local: datetime) -> float:
        rest = weekend if local.weekday() >= 5 else 1.0
        return scale * (0.25 + shape(_hour(local))) * rest * _heat(shocks, local)

    return _points(rng, weeks, rng.choice(_ZONES), scale * 12, intensity)


def _newspaper(
    rng: Random, weeks: int, *, fast: tuple[datetime, datetime] | None = None
) -> Iterator[datetime]:
    """Publish in the editions' peaks of working days; a fast moves them to the night."""
    morning = rng.uniform(5.5, 7.5)
    peaks = _peaks(
        (
            (morning, 0.8, rng.uniform(0.5, 2)),
            (rng.uniform(10, 13), 2, 1.0),
            (rng.uniform(16, 19), 2.2, rng.uniform(0.6, 1.4)),
        )
    )
    night = _peaks(((21.5, 2, 1.3), (4, 1.2, 1.0), (13, 3, 0.4)))
    scale = _scaled(rng.uniform(40, 160), lambda h: 0.03 + peaks(h))
    weekend = rng.uniform(0.25, 0.7)
    shocks = _breaking(rng, weeks, 1)

    def intensity(local: datetime) -> float:
        fasting = fast is not None and fast[0] <= local < fast[1]
        shape = night if fasting else peaks
        rest = weekend if local.weekday() >= 5 else 1.0
        return scale * (0.03 + shape(_hour(local))) * rest * _heat(shocks, local)

    zone = "Asia/Jakarta" if fast else rng.choice(_ZONES)
    return _points(rng, weeks, zone, scale * 14, intensity)


def _fasting(rng: Random, weeks: int) -> Iterator[datetime]:
    return _newspaper(rng, weeks, fast=RAMADAN)


def _regional(rng: Random, weeks: int) -> Iterator[datetime]:
    """Publish in office hours, little on Saturdays and hardly ever on Sundays."""
    opens, closes = rng.uniform(7, 9.5), rng.uniform(16, 20)
    days = (1, 1, 1, 1, rng.uniform(0.7, 1.1), rng.uniform(0, 0.5), rng.uniform(0, 0.3))

    def open_at(hour: float) -> float:
        return 0.01 + 1 / (
            (1 + math.exp(-3 * (hour - opens))) * (1 + math.exp(2 * (hour - closes)))
        )

    scale = _scaled(rng.uniform(6, 35), open_at)

    def intensity(local: datetime) -> float:
        return scale * open_at(_hour(local)) * days[local.weekday()]

    return _points(rng, weeks, rng.choice(_ZONES), scale * 1.2, intensity)


def _silenced(rng: Random, weeks: int) -> Iterator[datetime]:
    """Publish as a regional paper does, but for ten to twenty-five days not at all."""
    stops = START + timedelta(days=rng.uniform(10, 7.0 * weeks - 28))
    back = stops + timedelta(days=rng.uniform(10, 25))
    return (at for at in _regional(rng, weeks) if not stops <= at < back)


def _weekly(rng: Random, weeks: int) -> Iterator[datetime]:
    """Put out an issue on one day of the week, about one time; seldom more."""
    place = ZoneInfo(rng.choice(_ZONES))
    weekday, hour = rng.randrange(7), rng.uniform(6, 18)
    count = rng.randint(8, 25)
    for week in range(-2, weeks):
        day = (START + timedelta(weeks=week, days=weekday)).date()
        issue = datetime(day.year, day.month, day.day, tzinfo=place)
        issue += timedelta(hours=hour, minutes=rng.gauss(0, 40))
        for _ in range(count):
            yield (issue + rng.expovariate(1 / 25) * _MINUTE).astimezone(UTC)
        if rng.random() < 0.7:
            yield START + timedelta(weeks=week, days=rng.uniform(0, 7))


def _blog(rng: Random, weeks: int) -> Iterator[datetime]:
    """Publish in sittings of one to five articles, now and then, when awake."""
    place = ZoneInfo(rng.choice(_ZONES))
    sittings = rng.uniform(0.25, 1.5)
    day = (START - BEFORE).date()
    while day < (START + timedelta(weeks=weeks)).date():
        if rng.random() < sittings / 1.5:
            at = datetime(day.year, day.month, day.day, tzinfo=place)
            at += timedelta(hours=rng.triangular(8, 24, 20))
            for _ in range(min(1 + int(rng.expovariate(0.7)), 5)):
                yield at.astimezone(UTC)
                at += rng.expovariate(1 / 30) * _MINUTE
        day += timedelta(days=1)


def _steady(rng: Random, weeks: int) -> Iterator[datetime]:
    """Publish at any hour alike: an aggregator, or a desk in every time zone."""
    rate = rng.uniform(4, 60) / 1440
    return _points(rng, weeks, "UTC", rate, lambda _: rate)


#: Which share of the sources (cumulated) is of which kind.
_MIX: tuple[tuple[float, str, Callable[[Random, int], Iterator[datetime]]], ...] = (
    (0.03, "agency", _agency),
    (0.20, "newspaper", _newspaper),
    (0.28, "fasting", _fasting),
    (0.60, "regional", _regional),
    (0.67, "silenced", _silenced),
    (0.77, "weekly", _weekly),
    (0.92, "blog", _blog),
    (1.00, "steady", _steady),
)
