"""When a watched page is read next, at one price for every request of the service.

A reading is worth what it ends: articles that lie unseen, and their waiting. For
a steady rate the least summed cost of lag^p at a given number of requests needs
intervals in proportion to rate^(-1/(1+p)): p = 0 serves the geometric mean (and
the median) of the lags and leaves small sources behind, p = 1 the mean. Here p is
a half: a page is read once the articles expected to lie unseen, times the hours
they are expected to have waited in all, reach the price. The price is the one at
which all watched pages together make as many requests a day as they may. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from enum import StrEnum
from math import inf

from crawler.timing.rates import Rhythm, Week
from crawler.timing.when import CEILING, FLOOR

_HOUR = timedelta(hours=1)
_LONGEST = CEILING / _HOUR
#: A list is read before this share of it is expected to be new: what rolls out is lost.
_FILLED = 0.5
#: Days observed before the rate counts as known.
_KNOWN_AFTER = 0.5
#: A steady rate is read rate^(2/3) / (2 x price)^(1/3) times an hour.
_POWER = 2 / 3
#: At this price a page of 20 articles a day is read once an hour; until the price is
#: known.
FIRST_PRICE = 0.35
#: Halvings: they find a moment to 15 seconds, and a price to much less than 1 %.
_MOMENT_STEPS, _PRICE_STEPS = 8, 32
#: What a reading must be worth more where a hub tells of news: a quarter as many of
#: a steady rate; never fewer for that than four a day.
_PUSHED_PRICE, _PUSHED_CEILING = 64, timedelta(hours=6)


class Why(StrEnum):
    """What decided an interval."""

    NEWS = "expected news"
    WINDOW = "before its list fills up"
    FLOOR = "the shortest interval"
    ASKED = "as the server or the list asks"
    CEILING = "the longest interval"
    UNKNOWN = "until its rate is known"
    BOOST = "boosted"
    PUSHED = "its hub tells of news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an interval has to respect.

    Attributes:
        poll: The operator's own interval, until the rate is known.
        price: What a reading must be worth: articles times article-hours.
        server_asks: For how long the server says its answer stays fresh (RFC 9111):
            what caches may do, not when there is news.
        boosted: Whether the operator wants it read as often as may be.
        pushed: Whether a hub is trusted to tell of its news.
    """

    poll: timedelta
    price: float = FIRST_PRICE
    server_asks: timedelta = timedelta(0)
    boosted: bool = False
    pushed: bool = False

    @property
    def floor(self) -> timedelta:
        """Ten minutes, or the operator's own shorter interval."""
        return min(FLOOR, self.poll)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """An interval, and what decided it."""

    interval: timedelta
    why: Why


def pace(rhythm: Rhythm, terms: Terms, zone: tzinfo) -> Pace:
    """Return how long after its last reading a page is read again.

    A list that would fill up sooner than it or its server asks for is read then:
    a `ttl` and a max-age are often a template's, and what rolled out is lost.
    """
    if terms.boosted:
        return Pace(interval=terms.floor, why=Why.BOOST)
    wanted = _in_time(_relaxed(rhythm, terms, zone), rhythm)
    asked = min(_asked(rhythm, terms, zone), CEILING)
    least = max(terms.floor, asked)
    if wanted.interval >= least:
        return wanted
    return Pace(interval=least, why=Why.FLOOR if asked < least else Why.ASKED)


def _in_time(wanted: Pace, rhythm: Rhythm) -> Pace:
    """Return an interval in which no name comes and goes again, unseen.

    A third of the time that names last: that time was seen between two readings, so
    it may look longer than it is by one interval.
    """
    longest = timedelta(seconds=rhythm.lasts_s / 3)
    if not longest or wanted.interval <= longest:
        return wanted
    return Pace(interval=longest, why=Why.WINDOW)


def _relaxed(rhythm: Rhythm, terms: Terms, zone: tzinfo) -> Pace:
    """Return the interval, a longer one where a hub tells of news between."""
    usual = _wanted(rhythm, terms, zone)
    if not terms.pushed:
        return usual
    dear = replace(terms, price=terms.price * _PUSHED_PRICE)
    longer = min(_wanted(rhythm, dear, zone).interval, _PUSHED_CEILING)
    if longer <= usual.interval:
        return usual
    return Pace(interval=longer, why=Why.PUSHED)


def _wanted(rhythm: Rhythm, terms: Terms, zone: tzinfo) -> Pace:
    """Return the interval that expected news, a short list or a start asks for."""
    hours, fills = _hours_until(rhythm, zone, terms.price)
    if rhythm.days < _KNOWN_AFTER and terms.poll < hours * _HOUR:
        return Pace(interval=terms.poll, why=Why.UNKNOWN)
    if hours >= _LONGEST:
        return Pace(interval=CEILING, why=Why.CEILING)
    return Pace(interval=hours * _HOUR, why=Why.WINDOW if fills else Why.NEWS)


def _asked(rhythm: Rhythm, terms: Terms, zone: tzinfo) -> timedelta:
    """Return the pause that a list and its server ask for, until it would fill up."""
    asked = max(timedelta(seconds=rhythm.asks_s), terms.server_asks)
    if not asked:
        return asked
    filled, _ = _hours_until(rhythm, zone, inf)
    return min(asked, filled * _HOUR)


@dataclass(frozen=True, slots=True)
class _Backlog:
    """Articles that lie unseen, and the hours they have waited in all."""

    unseen: float = 0.0
    waited: float = 0.0

    def after(self, hours: float, rate: float) -> "_Backlog":
        unseen = self.unseen + rate * hours
        return _Backlog(unseen, self.waited + (self.unseen + unseen) / 2 * hours)


def _hours_until(rhythm: Rhythm, zone: tzinfo, price: float) -> tuple[float, bool]:
    """Return when a reading is worth its price, in hours after the last one.

    The flag says that it is read sooner, because its list would fill up.
    """
    most = rhythm.listed * _FILLED or inf

    def is_due(backlog: _Backlog) -> bool:
        return backlog.unseen >= most or backlog.unseen * backlog.waited >= price

    backlog, passed = _Backlog(), 0.0
    for length, rate in Week.of(rhythm, zone).ahead(rhythm.at, zone):
        later = backlog.after(length, rate)
        if is_due(later):
            low, high = 0.0, length
            for _ in range(_MOMENT_STEPS):
                middle = (low + high) / 2
                due = is_due(backlog.after(middle, rate))
                low, high = (low, middle) if due else (middle, high)
            return passed + high, backlog.after(high, rate).unseen >= most
        backlog, passed = later, passed + length
        if passed >= _LONGEST:
            break
    return _LONGEST, False


# ---- the price -----------------------------------------------------------------


def pull(rhythm: Rhythm, zone: tzinfo) -> float:
    """Return how strongly a page's news asks for readings.

    At a price it is read about `24 x pull / (2 x price)^(1/3)` times a day.
    """
    week = Week.of(rhythm, zone)
    by_hour: float = sum(rate**_POWER for rate in week.hours) / 24
    by_day: float = sum(share**_POWER for share in week.weekdays) / 7
    return by_hour * by_day


def price_of(
    pulls: Sequence[float], readings: float, floor: timedelta = FLOOR
) -> float:
    """Return the price at which pages make so many readings a day in all.

    No page is read more often than the floor allows or less than once a week, so
    a budget may be more than can be spent (the price is nearly 0), or less.
    """
    most, least = timedelta(days=1) / floor, timedelta(days=1) / CEILING
    low, high = 0.0, 24.0 * 60  # of (2 x price)^(-1/3), which is what pulls are times
    for _ in range(_PRICE_STEPS):
        middle = (low + high) / 2
        made = sum(min(max(24 * one * middle, least), most) for one in pulls)
        low, high = (middle, high) if made < readings else (low, middle)
    return 1 / (2 * high * high * high)
