"""The site's own day of a time that a page states in UTC.

Publishing systems write 2024-05-01T02:10:00+00:00 for what readers in New York
saw on 30 April. The instant is kept and only its zone changed, and only where
another witness of the page shows the local time or day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta, timezone, tzinfo

from crawler.dates.zones import country_zone
from storage.model.moment import Moment, Precision

_STEP = timedelta(minutes=15)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)


def in_local_time(
    moments: Sequence[Moment], witnesses: Sequence[Moment], host: str = ""
) -> list[Moment]:
    """Return the times in order, those in UTC in the zone that the witnesses show.

    Args:
        moments: All readings of one page.
        witnesses: Those of them that are believed.
        host: The site's host name.
    """
    if not any(map(_is_universal, moments)):
        return list(moments)
    return [_local(m, witnesses, host) for m in moments]


def _is_universal(moment: Moment) -> bool:
    return (
        moment.precision is not Precision.DAY
        and moment.zone_stated
        and not moment.at.utcoffset()
    )


def _local(moment: Moment, others: Sequence[Moment], host: str) -> Moment:
    if _is_universal(moment):
        zone = _shown_zone(moment, others) or _midnight_zone(moment, host)
        zone = zone or _fitted_zone(moment, others, host)
        return replace(moment, at=moment.at.astimezone(zone)) if zone else moment
    if moment.precision is Precision.DAY or moment.zone_stated:
        return moment
    for other in others:
        offset = _offset(moment, other) if _is_universal(other) else None
        if offset is not None:
            at = moment.at.replace(tzinfo=timezone(offset))
            return replace(moment, at=at, zone_stated=True)
    return moment


def _shown_zone(moment: Moment, others: Sequence[Moment]) -> tzinfo | None:
    """Return the zone in which another witness states the same instant or its wall clock."""
    for other in others:
        if other.precision is Precision.DAY or _is_universal(other):
            continue
        if other.zone_stated:
            if abs(other.at - moment.at) < timedelta(minutes=1):
                return other.at.tzinfo
            continue
        offset = _offset(other, moment)
        if offset is not None:
            return timezone(offset)
    return None


def _offset(wall: Moment, universal: Moment) -> timedelta | None:
    """Return how far a wall clock without zone is from a time in UTC, if both can be one instant."""
    there, here = universal.at, wall.at.replace(tzinfo=UTC)
    if Precision.MINUTE in {wall.precision, universal.precision}:
        there, here = there.replace(second=0), here.replace(second=0)
    offset = here.replace(microsecond=0) - there.replace(microsecond=0)
    fits = offset and _WEST <= offset <= _EAST and not offset % _STEP
    return offset if fits else None


def _midnight_zone(moment: Moment, host: str) -> tzinfo | None:
    """Return the country's zone where the time is its midnight: a day written as a time."""
    zone = country_zone(host, moment.at)
    if zone is None or moment.at.minute or moment.at.second:
        return None
    return zone if moment.at.astimezone(zone).hour == 0 else None


def _fitted_zone(moment: Moment, others: Sequence[Moment], host: str) -> tzinfo | None:
    """Return a zone in which the time falls on the day before or after, if others name that day.

    It is the country's zone, or one that the page states elsewhere, or else the
    nearest: the instant is right in any. A day on which another time in UTC falls is
    that one's: a story of yesterday that was changed today says nothing of zones.
    """
    day = moment.at.date()
    days = {m.at.date() for m in others if not _is_universal(m)}
    if day in days:
        return None
    days -= {m.at.date() for m in others if _is_universal(m)}
    near = {d for d in days if abs(d - day) == timedelta(days=1)}
    zones: list[tzinfo] = [
        z
        for z in (
            country_zone(host, moment.at),
            *(m.at.tzinfo for m in others if m.zone_stated and not _is_universal(m)),
        )
        if z is not None
    ]
    zones += [
        timezone(timedelta(hours=h)) for h in (-4, -5, -7, -8, -10, 2, 3, 8, 9, 11)
    ]
    for zone in zones:
        if near and moment.at.astimezone(zone).date() in near:
            return zone
    return None
