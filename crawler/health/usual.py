"""What is usual for one source, learned from its days; pure.

Counts are compared with those of the same weekdays, by medians: one odd day, or one
holiday, changes nothing. Days on which we ourselves were out are to be left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from storage.source_day import FIELDS, HOURS, SourceDay, median_length, together

#: So many days are looked back; fewer than a week say nothing yet.
WINDOW, LEAST_DAYS = 56, 7
_WEEKDAYS = 7
#: News of one hour are added to each, or an hour never seen would be impossible.
_SMOOTH = 0.5
_HOUR = timedelta(hours=1)
#: What is believed of the scatter of days before any are known, and for how many days.
_EXCESS, _WEIGHT = 0.2, 14
#: What a new source's lists name in so many days stood there before; once such a part of
#: it was asked for, or after so many days, what comes is news.
_ENTERED_IN, _FETCHED, _MOST_SETTLING = 2, 0.9, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a source usually brings.

    Attributes:
        days: From how many days that is known.
        weekdays: New articles a day, Monday first.
        hours: The share of a day's that comes in each hour, UTC; they add up to 1.
        evenness: How even the days' counts are (the shape of a negative binomial).
        longest: The longest pause there was, in articles that would have been usual.
        walls: The share of refusals among the pages asked for.
        missing: The share of pages that are not there.
        read: The share of articles among what is neither.
        same: The share of new articles with the text of another one.
        fields: The share of new articles with each field.
        weight: So many pages were counted for the shares of pages, at most 200.
        length: The median length in characters, None where no article has come.
        removed: The share of text that was left out as no part of the story.
    """

    days: int
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    evenness: float
    longest: float
    walls: float
    missing: float
    read: float
    same: float
    fields: Mapping[str, float]
    weight: int
    length: float | None
    removed: float

    def at(self, hour: datetime) -> float:
        """Return the new articles that are usual in an hour (UTC)."""
        return self.weekdays[hour.weekday()] * self.hours[hour.hour]

    def between(self, since: datetime, until: datetime) -> float:
        """Return the new articles that are usual from one time to another."""
        weeks, rest = divmod(max(until - since, timedelta()), timedelta(days=_WEEKDAYS))
        usual, at = weeks * sum(self.weekdays), until - rest
        while at < until:
            end = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, until)
            usual += self.at(at) * ((end - at) / _HOUR)
            at = end
        return usual


def learn(days: Sequence[SourceDay]) -> Usual | None:
    """Return what is usual after these days, oldest first; None for too few.

    Days without any news count, and stand among them as empty ones.
    """
    known = days[-WINDOW:]
    if len(known) < LEAST_DAYS:
        return None
    total = together(known)
    weekdays = _weekdays(known)
    hours = _hours(total)
    pages = total.asked - total.walls - total.missing - total.broken
    usual = Usual(
        days=len(known),
        weekdays=weekdays,
        hours=hours,
        evenness=_evenness(known, weekdays),
        longest=0.0,
        walls=_share(total.walls, total.asked),
        missing=_share(total.missing, total.asked),
        read=_share(total.read, pages),
        same=_share(total.same, total.new),
        fields={name: _share(total.fields.get(name, 0), total.new) for name in FIELDS},
        weight=min(total.asked, 200),
        length=median_length(known),
        removed=_share(total.removed, total.kept + total.removed),
    )
    return _with_longest(usual, known)


def filled(days: Sequence[SourceDay], first: date, last: date) -> list[SourceDay]:
    """Return the days from one to another, with empty ones where nothing was counted."""
    known = {one.day: one for one in days}
    count = (last - first).days + 1
    every = (first + timedelta(days=number) for number in range(count))
    return [known.get(day) or SourceDay(day=day) for day in every]


def settled(days: Sequence[SourceDay]) -> Sequence[SourceDay]:
    """Return a new source's days without those that brought what stood there before.

    The first is no whole one. A month of articles may come in it, or in some days where
    the host is slow or `daily_links` bounds them: learned from, they would be missed
    on the same weekday a week later.

    Args:
        days: All since it was entered, oldest first.
    """
    before = _FETCHED * sum(one.found for one in days[:_ENTERED_IN])
    first, asked = 0, 0
    while first < min(len(days), _MOST_SETTLING) and (first == 0 or asked < before):
        asked += days[first].asked
        first += 1
    return days[first:]


def lived(days: Sequence[SourceDay], last_new: date | None) -> Sequence[SourceDay]:
    """Return a source's days without those of a silence that goes on.

    Learned from, it would be its longest pause, and none out of the usual after ten
    days; after weeks nothing would be usual, and a dead source be called well.

    Args:
        days: Its days, oldest first; those of the first week are given anyway.
        last_new: When its newest article came, None for none.
    """
    count = sum(last_new is None or one.day <= last_new for one in days)
    return days[: max(count, LEAST_DAYS)]


def _weekdays(days: Sequence[SourceDay]) -> tuple[float, ...]:
    """Return what each weekday brings: the median, or the mean of few and small ones."""
    overall = sum(one.new for one in days) / len(days)
    found = []
    for weekday in range(_WEEKDAYS):
        counts = [one.new for one in days if one.day.weekday() == weekday]
        middle = median(counts) if counts else overall
        is_rare = middle < _WEEKDAYS
        found.append(_mean_without_most(counts) if is_rare and counts else middle)
    return tuple(float(one) for one in found)


def _mean_without_most(counts: Sequence[int]) -> float:
    """Return a mean that no single flood moves, where more than three are known."""
    lesser = sorted(counts)[: max(len(counts) - 1, 1)] if len(counts) > 3 else counts
    return sum(lesser) / len(lesser)


def _hours(total: SourceDay) -> tuple[float, ...]:
    smooth = [count + _SMOOTH for count in total.hours]
    return tuple(count / sum(smooth) for count in smooth)


def _evenness(days: Sequence[SourceDay], weekdays: Sequence[float]) -> float:
    """Return the shape of a negative binomial with the scatter of these counts.

    By the median of squares, for a few odd days must not make all else seem usual.
    """
    ratios = [
        ((one.new - usual) ** 2 - usual) / usual**2
        for one in days
        if (usual := weekdays[one.day.weekday()]) >= 1
    ]
    # The median of a squared normal is .455 of its mean.
    excess = max(median(ratios) / 0.455, 0.0) if ratios else _EXCESS
    weighed = (excess * len(ratios) + _EXCESS * _WEIGHT) / (len(ratios) + _WEIGHT)
    return min(max(1 / weighed, 0.5), 50.0)


def _with_longest(usual: Usual, days: Sequence[SourceDay]) -> Usual:
    """Add the longest pause, in articles that would have been usual meanwhile."""
    longest = pause = 0.0
    for one in days:
        for hour in range(HOURS):
            if one.hours[hour]:
                longest, pause = max(longest, pause), 0.0
            else:
                pause += usual.weekdays[one.day.weekday()] * usual.hours[hour]
    return replace(usual, longest=max(longest, pause))


def _share(part: int, of: int) -> float:
    return part / of if of > 0 else 0.0
