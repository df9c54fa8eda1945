"""Signs that a source is not what it was; pure.

Each is judged by itself: bad, fine, or nothing to be said yet. Bad must be both unlikely
by chance and large enough to matter to somebody.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import log2

from crawler.health.odds import count_at_most, share_at_least, share_at_most
from crawler.health.usual import Usual
from storage.alerts import AlertKind
from storage.source_day import FIELDS, SourceDay, median_length, together

#: By chance a sign is bad so often at most.
_UNLIKELY = 1e-4
#: A pause is one after so long, when so many articles would have been usual, and more
#: than in the longest one known.
_PAUSE, _MISSED, _LONGER = timedelta(hours=6), 5.0, 1.1
_FEW = 5
#: So many whole days are slow when they bring less than such a part of the usual.
_SLOW = ((3, 0.5), (7, 0.6))
#: Shares are judged over the last days that have so many, two at least.
_ENOUGH = 10


class Level(StrEnum):
    """How a sign stands."""

    BAD = "bad"
    FINE = "fine"
    UNSURE = "unsure"


_WORST_FIRST = (Level.BAD, Level.UNSURE, Level.FINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One judgement.

    Attributes:
        kind: What may be wrong.
        about: Which field, for FIELD.
        level: How it stands.
        why: The figures, for people.
        lost: New articles that are missing by it, as far as it can be told.
    """

    kind: AlertKind
    level: Level
    why: str
    about: str = ""
    lost: float = 0.0


def signs(
    usual: Usual,
    days: Sequence[SourceDay],
    *,
    last_new: datetime | None,
    now: datetime,
    out: Collection[date] = (),
) -> list[Sign]:
    """Return how each sign of a source stands.

    Args:
        usual: What was learned from the days before.
        days: Its last three weeks or fewer, oldest first, today's as it stands.
        last_new: When its newest article came, or since when it is watched, or since
            when we ourselves are back.
        now: Current time, UTC.
        out: Days on which we ourselves were out.
    """
    asked, new = _lately(days, "asked"), _lately(days, "new")
    is_back = any(one.day in out for one in days[-2:])  # what waited comes then
    found = [
        _silent(usual, last_new, now),
        _fewer(usual, [one for one in days if one.day not in out], now),
        None if is_back else _flood(usual, days[-1]),
        _blocked(usual, asked),
        _missing(usual, asked),
        _unread(usual, asked),
        _same(usual, new),
        *_shapes(usual, new),
    ]
    return [sign for sign in found if sign is not None]


def _lately(days: Sequence[SourceDay], what: str) -> SourceDay:
    """Return the last days together: as many as have enough to be judged."""
    count = 0
    for number, one in enumerate(reversed(days), 1):
        count += getattr(one, what)
        if count >= _ENOUGH and number > 1:
            return together(days[-number:])
    return together(days)


def _silent(usual: Usual, last_new: datetime | None, now: datetime) -> Sign | None:
    if last_new is None:
        return None
    missed = usual.between(last_new, now)
    pause = now - last_new
    hours = pause / timedelta(hours=1)
    evenness = usual.evenness * max(1.0, hours / 24)
    is_bad = (
        pause >= _PAUSE
        and missed > max(_MISSED, usual.longest * _LONGER)
        and count_at_most(0, missed, evenness) < _UNLIKELY
    )
    why = (
        f"no new article for {hours:.0f} h, in which {missed:.1f} are usual; "
        f"its longest pause was worth {usual.longest:.1f}"
    )
    return Sign(kind=AlertKind.SILENT, level=_bad_if(is_bad), why=why, lost=missed)


def _fewer(usual: Usual, days: Sequence[SourceDay], now: datetime) -> Sign | None:
    """Judge the last whole days together: one slow day is none."""
    whole = [one for one in days if one.day < now.date()]
    told = [
        _fewer_of(usual, whole[-count:], at_most)
        for count, at_most in _SLOW
        if len(whole) >= count
    ]
    return min(told, key=lambda sign: _WORST_FIRST.index(sign.level), default=None)


def _fewer_of(usual: Usual, days: Sequence[SourceDay], at_most: float) -> Sign:
    expected = sum(usual.weekdays[one.day.weekday()] for one in days)
    count = sum(one.new for one in days)
    is_bad = (
        count < expected * at_most
        and count_at_most(count, expected, usual.evenness * len(days)) < _UNLIKELY
    )
    why = f"{count} new articles in {len(days)} days, {expected:.0f} are usual"
    level = Level.BAD if is_bad else _unless(count < expected * 0.75)
    return Sign(
        kind=AlertKind.FEWER, level=level, why=why, lost=max(expected - count, 0)
    )


def _flood(usual: Usual, today: SourceDay) -> Sign:
    expected = usual.weekdays[today.day.weekday()]
    limit = max(5 * expected, expected + 50)
    why = f"{today.new} new articles today, {expected:.0f} are usual"
    return Sign(kind=AlertKind.FLOOD, level=_bad_if(today.new > limit), why=why)


def _blocked(usual: Usual, lately: SourceDay) -> Sign | None:
    if lately.asked < 3:
        return None
    share = lately.walls / lately.asked
    is_bad = (
        lately.walls >= 3
        and share >= 0.2 + usual.walls
        and share_at_least(lately.walls, lately.asked, usual.walls, usual.weight)
        < _UNLIKELY
    )
    why = f"{lately.walls} of {lately.asked} pages were refused, {usual.walls:.0%} is usual"
    level = Level.BAD if is_bad else _unless(share > usual.walls + 0.1)
    return Sign(kind=AlertKind.BLOCKED, level=level, why=why, lost=lately.walls)


def _missing(usual: Usual, lately: SourceDay) -> Sign | None:
    if lately.asked < _FEW:
        return None
    share = lately.missing / lately.asked
    is_bad = (
        share >= 0.3 + usual.missing
        and share_at_least(lately.missing, lately.asked, usual.missing, usual.weight)
        < _UNLIKELY
    )
    why = (
        f"{lately.missing} of {lately.asked} pages were not there, "
        f"{usual.missing:.0%} is usual"
    )
    level = Level.BAD if is_bad else _unless(share > usual.missing + 0.15)
    return Sign(kind=AlertKind.MISSING, level=level, why=why, lost=lately.missing)


def _unread(usual: Usual, lately: SourceDay) -> Sign | None:
    pages = lately.asked - lately.walls - lately.missing - lately.broken
    if pages < _FEW:
        return None
    share = lately.read / pages
    is_bad = (
        share <= usual.read - 0.3
        and share_at_most(lately.read, pages, usual.read, usual.weight) < _UNLIKELY
    )
    why = f"{lately.read} of {pages} pages were articles, {usual.read:.0%} is usual"
    level = Level.BAD if is_bad else _unless(share < usual.read - 0.15)
    lost = max(pages * usual.read - lately.read, 0)
    return Sign(kind=AlertKind.UNREAD, level=level, why=why, lost=lost)


def _same(usual: Usual, lately: SourceDay) -> Sign | None:
    if lately.new < 4:
        return None
    share = lately.same / lately.new
    is_bad = lately.same >= 4 and share >= 0.5 + usual.same / 2
    why = f"{lately.same} of {lately.new} new articles have the text of another one"
    level = Level.BAD if is_bad else _unless(share > 0.25 + usual.same)
    return Sign(kind=AlertKind.SAME, level=level, why=why, lost=lately.same)


def _shapes(usual: Usual, lately: SourceDay) -> Iterator[Sign | None]:
    """Yield the signs of what articles are like: of the last days, for few come a day."""
    if lately.new < _FEW:
        return
    yield _length(usual, lately)
    yield _boilerplate(usual, lately)
    for name in FIELDS:
        yield _field(usual, lately, name)


def _length(usual: Usual, lately: SourceDay) -> Sign | None:
    length = median_length([lately])
    if usual.length is None or length is None:
        return None
    octaves = abs(log2(length / usual.length))
    limit = 1.0 if lately.new >= 15 else 1.5
    why = f"new articles have {length:.0f} characters, {usual.length:.0f} are usual"
    level = Level.BAD if octaves > limit else _unless(octaves > limit / 2)
    return Sign(kind=AlertKind.LENGTH, level=level, why=why)


def _boilerplate(usual: Usual, lately: SourceDay) -> Sign | None:
    written = lately.kept + lately.removed
    if not written:
        return None
    share = lately.removed / written
    drift = share - usual.removed
    why = f"{share:.0%} of the pages' text was left out, {usual.removed:.0%} is usual"
    level = Level.BAD if drift > 0.3 else _unless(drift > 0.15)
    return Sign(kind=AlertKind.BOILERPLATE, level=level, why=why)


def _field(usual: Usual, lately: SourceDay, name: str) -> Sign | None:
    rate, hits = usual.fields.get(name, 0.0), lately.fields.get(name, 0)
    if rate < 0.5 or lately.new < _FEW:
        return None
    share = hits / lately.new
    is_bad = (
        share <= rate / 2
        and share_at_most(hits, lately.new, rate, usual.weight) < _UNLIKELY
    )
    why = f"{hits} of {lately.new} new articles have {name}, {rate:.0%} is usual"
    level = Level.BAD if is_bad else _unless(share < rate * 0.75)
    return Sign(kind=AlertKind.FIELD, about=name, level=level, why=why)


def _bad_if(is_bad: bool) -> Level:  # noqa: FBT001 - a judgement made
    return Level.BAD if is_bad else Level.FINE


def _unless(is_doubtful: bool) -> Level:  # noqa: FBT001 - a judgement made
    """Return FINE, unless it is doubtful: then what stood before stands."""
    return Level.UNSURE if is_doubtful else Level.FINE
