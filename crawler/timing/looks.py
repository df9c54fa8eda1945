"""Which archived articles are looked at again, and when: most likely changers first.

Most articles never change, and those that do mostly in their first hours. So a look
is spent where a change is likely enough, and how likely that is follows from the
source's budget: the more of its `revisit_share` was spent in the last days, the more
a look must be worth (the *price*), at one price for all its articles: see
`crawler.timing.worth`. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crawler.config.plan import Plan
from crawler.timing.when import rung
from crawler.timing.worth import Past, expected, price, rates, worth, worth_at
from storage.looks import Look
from storage.model.change import Change
from storage.model.link import Haste, Link

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: A live blog begins as if it had changed so many times already.
LIVE_CHANGES = 4.0
#: A look goes ahead at this part of the price: what was planned is not put off again
#: for every small rise.
_NEAR = 0.7
#: A list that dates an article this far back speaks of its age, not of its time zone.
_BACKLOG = _DAY
_FOUND = frozenset(
    {Change.HEADLINE, Change.CORRECTION, Change.REWRITE, Change.RESTORED}
)


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
        expected=before.expected + expected(rates(link.tally), begin, end),
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
