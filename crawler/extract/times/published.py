"""When a story was published: many witnesses, one day, the most exact time on it.

A witness is as strong as its place and kind were right on annotated pages. The
strengths of witnesses that cannot have copied each other add up (structured data,
what readers see, the path, the link), so that two of them overrule one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from crawler.extract.merge import provenance_of
from crawler.extract.times.witnesses import DateContext, Reading, read_claims
from crawler.lexicon.match import looks_like_date
from storage.model.article import Claim, Provenance
from storage.model.moment import Moment, Precision

Times = tuple[Moment | None, Provenance | None, Moment | None, Provenance | None]

_DAY = timedelta(days=1)
_AGAIN = 0.1
_ENOUGH = 2.0
_LABEL = 2.0
_SECOND = 0.5
_MANY_DAYS = 2
_MANY = 0.7
_DISCOUNT = 0.3
_MASTHEAD = 0.5
_OVER = frozenset({"text:line over headline", "text:line furniture"})
_HEADED = frozenset({"text:line over headline", "text:line under headline"})
_RECORDS = frozenset({"data", "meta"})
_EVENING = 17
_TRUSTED = 0.5


def choose_times(
    claims: Iterable[Claim],
    context: DateContext,
    more: Sequence[Callable[[], Iterable[Claim]]] = (),
) -> Times:
    """Return the times of publication and of the last change, each with its witnesses.

    Where nothing names a day of publication, the best witness of a change does.

    Args:
        claims: Every claim, each with its origin.
        context: How they are to be read.
        more: Slower searches, each asked only while the claims so far are weak.
    """
    read = read_claims(claims, context)
    today = context.captured_at.date()
    readings = _weighed(read, today)
    best = _best_day(readings)
    for search in more:
        if best is not None and best[1] >= _ENOUGH:
            break
        read += read_claims(search(), context)
        readings = _weighed(read, today)
        best = _best_day(readings)
    if best is None:
        return None, None, None, None
    winner = _most_exact([r for r in readings if r.day == best[0]])
    changes = [r for r in readings if r.is_change and r.day >= winner.day]
    return (
        winner.moment,
        _provenance(winner, readings),
        *_last_change(changes),
    )


def _last_change(
    changes: Sequence[Reading],
) -> tuple[Moment | None, Provenance | None]:
    """Return the time of the first witness of a change that is not before publication."""
    if not changes:
        return None, None
    winner = _most_exact([r for r in changes if r.day == changes[0].day])
    return winner.moment, _provenance(winner, changes)


def _provenance(winner: Reading, readings: Sequence[Reading]) -> Provenance:
    claims = [_said(winner), *(_said(r) for r in readings if r is not winner)]
    return provenance_of(claims, claims[0])


def _said(reading: Reading) -> Claim:
    return replace(reading.claim, value=reading.moment.at.isoformat())


def _weighed(readings: Sequence[Reading], today: date) -> list[Reading]:
    """Return the readings with what they say of each other counted in."""
    readings = [
        r._replace(strength=r.strength * _MASTHEAD) if _is_masthead(r, today) else r
        for r in _first_of_each(readings)
    ]
    if len({r.day for r in readings}) < 2:
        return readings
    changed = {r.day for r in readings if r.is_change}
    told = {r.day for r in readings if r.is_told}
    updated = {r.day for r in readings if r.claim.origin.startswith("text:updated")}
    labelled = {r.day for r in readings if _is_labelled(r)}
    eves = {r.day for r in readings if _is_evening(r)}
    shown = min((r.day for r in readings if _is_shown_alone(r)), default=today)

    def is_doubtful(reading: Reading) -> bool:
        day = reading.day
        return (
            (reading.is_change and bool(told))
            or (day in changed and not reading.is_told and any(d < day for d in told))
            or (day in updated and any(d < day for d in labelled - updated))
            or (day > shown and reading.family in _RECORDS and not reading.is_change)
            or (reading.moment.precision is Precision.DAY and day - _DAY in eves)
        )

    return [
        r._replace(strength=r.strength * _DISCOUNT) if is_doubtful(r) else r
        for r in readings
    ]


def _first_of_each(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings, those of one origin that name other days than its first weaker."""
    days: defaultdict[str, dict[date, None]] = defaultdict(dict)
    for reading in readings:
        if not reading.is_open:
            days[reading.claim.origin].setdefault(reading.day)
    found: list[Reading] = []
    for reading in readings:
        own = days[reading.claim.origin]
        if reading.is_open or len(own) < 2:
            found.append(reading)
            continue
        share = 1.0 if reading.day == next(iter(own)) else _SECOND
        share *= _MANY if len(own) >= _MANY_DAYS else 1.0
        found.append(reading._replace(strength=reading.strength * share))
    return found


def _is_masthead(reading: Reading, today: date) -> bool:
    """Tell the day of the capture over a headline: many pages show what day it is."""
    return reading.day == today and reading.claim.origin in _OVER


def _is_labelled(reading: Reading) -> bool:
    """Tell a day that readers see named as that of publication, beside the headline."""
    return (
        reading.claim.origin.startswith("text:published ") and reading.strength > _LABEL
    )


def _is_shown_alone(reading: Reading) -> bool:
    """Tell a day that readers see beside the headline, on a line of its own or labelled.

    Later records of publication were stamped when the page was moved or edited.
    """
    claim = reading.claim
    return not reading.is_open and (
        _is_labelled(reading)
        or (claim.origin in _HEADED and looks_like_date(claim.raw))
    )


def _is_evening(reading: Reading) -> bool:
    """Tell an exact local time of an evening: the paper of the next day is dated later."""
    at = reading.moment.at
    return (
        reading.family == "data"
        and reading.moment.precision is not Precision.DAY
        and bool(at.utcoffset())
        and at.hour >= _EVENING
    )


def _best_day(readings: Sequence[Reading]) -> tuple[date, float] | None:
    """Return the day with the strongest witnesses, and how strong they are."""
    families: dict[date, dict[str, list[float]]] = {}
    for reading in readings:
        own = families.setdefault(reading.day, {})
        own.setdefault(reading.family, []).append(reading.strength)
    scores = {day: sum(map(_together, own.values())) for day, own in families.items()}
    if not scores:
        return None
    day = max(sorted(scores), key=lambda each: scores[each])
    return day, scores[day]


def _together(strengths: list[float]) -> float:
    """Return the strength of one family: its best, and a little for one that repeats it."""
    ordered = sorted(strengths, reverse=True)
    return ordered[0] + _AGAIN * sum(ordered[1:2])


def _most_exact(readings: Sequence[Reading]) -> Reading:
    """Return the strongest of the trusted readings that state a clock time, else the strongest."""
    least = _TRUSTED * max(r.strength for r in readings)
    return max(
        (r for r in readings if r.strength >= least),
        key=lambda r: (
            r.moment.precision is not Precision.DAY,
            r.moment.zone_stated,
            r.strength,
        ),
    )
