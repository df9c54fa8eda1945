"""Which archived articles are looked at again, and when: most likely changers first.

Most articles never change, and those that do mostly in their first hours. So a look
is spent where a change is likely enough, and how likely that is follows from the
source's budget: the more of its `revisit_share` was spent in the last days, the more
a look must be worth (the *price*), at one price for all its articles. A look is
worth the chance that it finds a change, and a change found late is worth less.

How likely a change is: the source's own changes by age class, drawn towards what
newsrooms do at large, times what the article itself has shown. Changes per article
are far more uneven than chance: a Poisson rate with a Gamma prior of shape .4
gives both 35 % of articles that ever change and 1.94 changes of those that do,
as counted over 291,666 articles of six newsrooms, asked for every 15 minutes for a
day (Timmerman and Bronselaer, "News in motion", 2023). Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from crawler.config import Plan
from crawler.when import rung
from storage.looks import CLASSES, EDGES, Look, Tally, spans
from storage.model import Change, Haste, Link

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: The shape of the Gamma prior: how uneven articles are.
SHAPE = 0.4
#: A live blog begins as if it had changed so many times already.
LIVE_CHANGES = 4.0
#: So many changes in an age class weigh as much as what newsrooms do at large.
_PRIOR_CHANGES = 3.0
#: Changes that a list states are true: so many of so many, before any was looked at.
_PRIOR_CONFIRMED, _PRIOR_STATED = 4.0, 5.0
#: Up to this part of the budget looks go by the ladder alone and the price is 0; from
#: there on it rises from the lowest to 1, which no chance reaches.
_FREE = 0.4
_LOWEST_PRICE = 0.002
#: A look goes ahead at this part of the price: what was planned is not put off again
#: for every small rise.
_NEAR = 0.7
#: A list that dates an article this far back speaks of its age, not of its time zone.
_BACKLOG = _DAY
#: A change found late is worth this part of one found at once; after so many hours
#: a third of the rest is left.
LATE, STALE_AFTER = 0.5, 24.0
#: Ages between which the time of a look is looked for, in hours.
_MARKS = tuple(0.125 * 2 ** (n / 2) for n in range(26))
_STEPS = 8
_FOUND = frozenset(
    {Change.HEADLINE, Change.CORRECTION, Change.REWRITE, Change.RESTORED}
)


def _at_large() -> tuple[float, ...]:
    """Return the changes an hour by age class that newsrooms make at large.

    They fall with 1 / age: .68 an article in its first day, as in the study above,
    and, which it does not cover, ever fewer later.
    """
    middles = [(a + b) / 2 for a, b in zip(EDGES, (*EDGES[1:], 720.0), strict=True)]
    return tuple(0.18 / (age + 0.5) / (1 + age / 48) for age in middles)


AT_LARGE = _at_large()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an archived article has shown.

    Attributes:
        changes: Changes found, and what it began with.
        expected: Changes that its source's articles make in the time watched.
        since: When it appeared or last changed.
        seen_at: When it was last seen as it is.
    """

    changes: float
    expected: float
    since: datetime
    seen_at: datetime

    def age(self, now: datetime) -> float:
        """Return the hours since it appeared or last changed."""
        return (now - self.since) / _HOUR


def rates(tally: Tally) -> tuple[float, ...]:
    """Return a source's changes an hour, by age class, drawn towards those at large."""
    return tuple(
        (tally.changes[n] + _PRIOR_CHANGES)
        / (tally.hours[n] + _PRIOR_CHANGES / AT_LARGE[n])
        for n in range(CLASSES)
    )


def price(tally: Tally, share: float) -> float:
    """Return what a look must be worth, by what was spent.

    Args:
        tally: The source's sums, faded to now.
        share: The part of all its requests that may be looks.
    """
    allowed = tally.others * share / (1 - share)
    used = (tally.spent + 1) / allowed if allowed else inf
    if used <= _FREE:
        return 0.0
    left = max(1 - used, 0.0) / (1 - _FREE)
    return math.pow(_LOWEST_PRICE, left)


def worth(past: Past, tally: Tally, now: datetime, *, stated: bool = False) -> float:
    """Return what a look would be worth: the chance of a change, the sooner the more.

    A change that a list states is as good as seen: it is worth what such statements
    turned out to be.
    """
    begin, end = past.age(past.seen_at), past.age(now)
    by_time = _at_least_one(past, _fresh(rates(tally), begin, end))
    if not stated:
        return by_time
    confirmed = (tally.confirmed + _PRIOR_CONFIRMED) / (tally.stated + _PRIOR_STATED)
    return max(by_time, confirmed)


def _at_least_one(past: Past, changes: float) -> float:
    weight = SHAPE + past.expected
    return 1 - math.pow(weight / (weight + changes), SHAPE + past.changes)


def _expected(hourly: Sequence[float], begin: float, end: float) -> float:
    return sum(hourly[index] * length for index, length in spans(begin, end))


def _fresh(hourly: Sequence[float], begin: float, end: float) -> float:
    """Return the changes expected between two ages, each for what it is worth now."""
    found, at = 0.0, begin
    for index, length in spans(begin, end):
        at += length
        newest, oldest = (end - at) / STALE_AFTER, (end - at + length) / STALE_AFTER
        new = STALE_AFTER * (math.exp(-newest) - math.exp(-oldest))
        found += hourly[index] * (LATE * length + (1 - LATE) * new)
    return found


def worth_at(past: Past, tally: Tally, least: float) -> datetime | None:
    """Return when a look is first worth a price; None for not within a month."""
    if least >= 1:
        return None
    weight = SHAPE + past.expected
    wanted = weight * (math.pow(1 - least, -1 / (SHAPE + past.changes)) - 1)
    begin, hourly = past.age(past.seen_at), rates(tally)
    low = begin
    for mark in _MARKS:
        if mark <= begin:
            continue
        if _fresh(hourly, begin, mark) >= wanted:
            high = mark
            for _ in range(_STEPS):
                middle = (low + high) / 2
                is_worth = _fresh(hourly, begin, middle) >= wanted
                low, high = (low, middle) if is_worth else (middle, high)
            return past.since + high * _HOUR
        low = mark
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLook:
    """When an article is looked at again, None for never; and why then."""

    at: datetime | None
    why: str


def next_look(link: Link, past: Past, plan: Plan, now: datetime) -> NextLook:
    """Return when an article is looked at again.

    That is when a change is worth the price, but not before the ladder's pause. The
    price may fall: so whether a look is worth it yet is asked once more when the age
    has doubled.
    """
    end = link.first_seen + plan.revisit_until
    if now >= end or not plan.revisit_share:
        return NextLook(at=None, why="not looked at again")
    tally = link.tally.faded(now)
    worthy = worth_at(past, tally, price(tally, plan.revisit_share))
    latest = now + max(_DAY, now - past.since)
    soonest = now + rung(now - past.since, plan)
    at = max(min(worthy or latest, latest), soonest)
    if at >= end:
        return NextLook(at=None, why="no change is likely enough any more")
    return NextLook(at=at, why="")


# ---- what is known of an article ------------------------------------------------


def first_past(link: Link, now: datetime, marks: Sequence[str] = ()) -> Past:
    """Return what is known of an article that was just archived, or long ago."""
    is_live = "live_blog" in marks and "live_ended" not in marks
    return Past(
        changes=LIVE_CHANGES if is_live else 0.0,
        expected=0.0,
        since=_appeared(link),
        seen_at=now,
    )


def _appeared(link: Link) -> datetime:
    """Return when an article appeared: when it was found, unless from a backlog."""
    stated = link.published
    if stated is not None and link.first_seen - stated > _BACKLOG:
        return stated
    return link.first_seen


def past_of(link: Link) -> Past:
    """Return what is known of an archived article."""
    if link.rhythm is None:
        return first_past(link, link.fetched_at or link.first_seen)
    return read_past(link.rhythm)


def looked(
    link: Link, now: datetime, change: Change, marks: Sequence[str] = ()
) -> tuple[Past, Look]:
    """Return what is known of an article after a look, and the look."""
    before = past_of(link)
    begin, end = before.age(before.seen_at), before.age(now)
    changed = change in _FOUND
    look = Look(
        begin=begin, end=end, changed=changed, stated=link.haste is Haste.STATED, at=now
    )
    shown = 0.0 if "live_ended" in marks else before.changes  # an end changes its ways
    past = Past(
        changes=shown + changed,
        expected=before.expected + _expected(rates(link.tally), begin, end),
        since=before.since + _half_way(begin, end) * _HOUR if changed else before.since,
        seen_at=now,
    )
    return past, look


def _half_way(begin: float, end: float) -> float:
    """Return the age before which a change between two ages came as likely as after.

    Changes grow rare with 1 / (age + 1/2 hour), see `AT_LARGE`.
    """
    return math.sqrt((begin + 0.5) * (end + 0.5)) - 0.5


def past_document(past: Past) -> dict[str, Any]:
    """Return what is known of an article as JSON values."""
    return {
        "changes": past.changes,
        "expected": round(past.expected, 4),
        "since": past.since.isoformat(),
        "seen_at": past.seen_at.isoformat(),
    }


def read_past(document: Mapping[str, Any]) -> Past:
    """Return what a document says of an article."""
    return Past(
        changes=document["changes"],
        expected=document["expected"],
        since=datetime.fromisoformat(document["since"]),
        seen_at=datetime.fromisoformat(document["seen_at"]),
    )


# ---- a visit's looks --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A look that is not worth its price now: when again, and why."""

    link: Link
    next_look: NextLook
    past: Mapping[str, Any]


def spend(
    links: Sequence[Link], plan: Plan, now: datetime
) -> tuple[tuple[Link, ...], tuple[PutOff, ...]]:
    """Part a source's due looks into those that are made and those put off.

    The likeliest changes come first, and each look makes the next one dearer. What
    somebody asks for by hand is looked at whatever it costs.
    """
    found = sorted(
        ((_worth_of(link, now), link) for link in links),
        key=lambda one: one[0],
        reverse=True,
    )
    made: list[Link] = []
    put_off: list[PutOff] = []
    for gain, link in found:
        tally = link.tally.asked(now, looks=len(made))
        least = price(tally, plan.revisit_share)
        is_paid = least < 1 and gain >= _NEAR * least
        if is_paid or link.haste is Haste.BY_HAND:
            made.append(link)
        else:
            put_off.append(_put_off(replace(link, tally=tally), plan, gain, now))
    return tuple(made), tuple(put_off)


def _worth_of(link: Link, now: datetime) -> float:
    tally = link.tally.faded(now)
    return worth(past_of(link), tally, now, stated=link.haste is Haste.STATED)


def _put_off(link: Link, plan: Plan, gain: float, now: datetime) -> PutOff:
    past = past_of(link)
    then = next_look(link, past, plan, now)
    least = price(link.tally, plan.revisit_share)
    why = then.why or (
        f"a look waits: it is worth {gain:.1%}, and revisit_share goes to those of "
        f"{least:.1%} and more"
    )
    return PutOff(
        link=link,
        next_look=replace(then, why=why),
        past=past_document(past),
    )
