"""When a story was published: many witnesses, one day, the most exact time on it.

A witness is as strong as its place and kind were right on annotated pages. The
strengths of witnesses that cannot have copied each other add up (structured data,
what readers see, the path, the link), so that two of them overrule one.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crawler.dates import possible_moments, stated_moments
from crawler.dates.local import in_local_time
from crawler.extract.merge import provenance_of
from storage.model import Claim, Moment, Precision, Provenance

# Origin (its beginning) -> family and strength. The strength is the logit of the
# share of pages on which the witness was right, from 0 (one in six) up.
_STRENGTHS: tuple[tuple[str, str, float], ...] = (
    ("rule:", "rule", 100.0),
    ("json-ld:datePublished", "data", 4.2),
    ("json-ld:dateCreated", "data", 3.2),
    ("json-ld:webpage.datePublished", "data", 4.2),
    ("json-ld:dateModified", "data", 1.8),
    ("json-ld:webpage.dateModified", "data", 1.2),
    ("meta:article:published_time", "meta", 4.4),
    ("meta:article:modified_time", "meta", 1.5),
    ("meta:og:updated_time", "meta", 1.4),
    ("meta:modified:", "meta", 1.4),
    ("meta:datemodified", "meta", 1.6),
    ("meta:last", "meta", 1.6),
    ("meta:dcterms.modified", "meta", 1.6),
    ("meta:date", "meta", 3.6),
    ("meta:dc.date.issued", "meta", 4.2),
    ("meta:dc.date", "meta", 2.5),
    ("meta:published:", "meta", 3.0),
    ("meta:", "meta", 4.0),
    ("hook:", "shown", 4.0),
    ("dom:modified", "shown", 1.5),
    ("dom:published near", "shown", 4.0),
    ("dom:published microdata", "data", 4.2),
    ("dom:published story", "shown", 3.8),
    ("dom:published card", "shown", 1.4),
    ("dom:published", "shown", 2.4),
    ("dom:time near", "shown", 3.8),
    ("dom:time microdata", "data", 3.5),
    ("dom:time story", "shown", 2.4),
    ("dom:time card", "shown", 1.2),
    ("dom:time", "shown", 2.2),
    ("text:published under headline", "shown", 4.6),
    ("text:published over headline", "shown", 4.2),
    ("text:line under headline", "shown", 4.0),
    ("text:line over headline", "shown", 3.2),
    ("text:link under headline", "shown", 3.6),
    ("text:link over headline", "shown", 3.0),
    ("text:updated under headline", "shown", 2.2),
    ("text:updated over headline", "shown", 1.8),
    ("text:published under text", "shown", 2.8),
    ("text:published", "shown", 1.6),
    ("text:updated", "shown", 1.4),
    ("text:line under text", "shown", 1.3),
    ("text:line in text", "shown", 1.2),
    ("text:words under headline", "shown", 0.8),
    ("text:published beside", "shown", 3.2),
    ("text:line beside", "shown", 2.2),
    ("text:line sidebar", "shown", 1.1),
    ("text:line related", "shown", 1.0),
    ("text:line furniture", "shown", 1.2),
    ("text:line page", "shown", 1.0),
    ("text:notice", "shown", 0.9),
    ("text:since", "shown", 1.5),
    ("text:", "shown", 0.3),
    ("feed", "feed", 4.2),
    ("url:image", "image", 0.7),
    ("url:month", "month", 1.0),
    ("url", "path", 4.6),
    ("script:", "script", 1.4),
)
_CHANGE = re.compile(r"modif|updat|last", re.IGNORECASE)
_TOLD = re.compile(r"datePublished|publish|pubdate|issued|publication")
_TELLING = 2.0
_DAY = timedelta(days=1)
_DEFAULT = ("shown", 2.0)
_AGAIN = 0.1
_AMBIGUOUS = 0.6
_UNUSUAL = 0.3
_ENOUGH = 2.0
_BELIEVED = 2.2
_MAX_OF_ORIGIN = 5
_SECOND = 0.5
_MANY_DAYS = 3
_MANY = 0.7
_DISCOUNT = 0.3
_EVENING = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class DateContext:
    """What decides how dates of a page are read.

    Attributes:
        captured_at: Bound of the future and base of relative dates.
        language: Of the text.
        day_first: The host's order of day and month, if learned.
        usual: Its likely order, where none was learned.
        host: The host's name; its country tells the local time.
    """

    captured_at: datetime
    language: str | None = None
    day_first: bool | None = None
    usual: bool | None = None
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    claim: Claim
    moment: Moment
    family: str
    strength: float
    open: bool = False

    @property
    def day(self) -> date:
        return self.moment.at.date()


def choose_published(
    claims: Iterable[Claim],
    context: DateContext,
    more: Sequence[Callable[[], Iterable[Claim]]] = (),
) -> tuple[Moment | None, Provenance | None]:
    """Return the time of publication and its witnesses.

    Args:
        claims: Every claim, each with its origin.
        context: How they are to be read.
        more: Slower searches, each asked only while the claims so far are weak.
    """
    readings = _read_all(claims, context)
    best = _best_day(readings)
    for search in more:
        if best is not None and best[1] >= _ENOUGH:
            break
        readings += _read_all(search(), context)
        best = _best_day(readings)
    if best is None:
        return None, None
    winner = _most_exact([r for r in readings if r.day == best[0]])
    losers = [r.claim for r in readings if r is not winner]
    return winner.moment, provenance_of([winner.claim, *losers], winner.claim)


def choose_modified(
    claims: Iterable[Claim], context: DateContext, published: Moment | None
) -> tuple[Moment | None, Provenance | None]:
    """Return the time of the last change: the first believed witness, not before publication."""
    readings = _read_all(claims, context)
    believed = [
        r for r in readings if published is None or r.day >= published.at.date()
    ]
    if not believed:
        return None, None
    winner = _most_exact([r for r in believed if r.day == believed[0].day])
    losers = [r.claim for r in readings if r is not winner]
    return winner.moment, provenance_of([winner.claim, *losers], winner.claim)


def _read_all(claims: Iterable[Claim], context: DateContext) -> list[_Reading]:
    found: list[_Reading] = []
    counts: Counter[str] = Counter()
    for claim in claims:
        counts[claim.origin] += 1
        if counts[claim.origin] > _MAX_OF_ORIGIN:
            continue
        visible = claim.origin.startswith("text:") and claim.origin != "text:since"
        read = stated_moments if visible else possible_moments
        moments = read(
            claim.raw,
            captured_at=context.captured_at,
            language=context.language,
            day_first=context.day_first,
        )
        family, strength = _strength(claim.origin)
        for place, moment in enumerate(moments):
            share = 1.0 if len(moments) == 1 else _AMBIGUOUS
            if len(moments) > 1 and context.usual is (place == 1):
                share = _UNUSUAL
            found.append(
                _Reading(
                    claim=replace(claim, value=moment.at.isoformat()),
                    moment=moment,
                    family=family,
                    open=len(moments) > 1,
                    strength=strength * share,
                )
            )
    return _weighed(_localized(found, context.host))


def _strength(origin: str) -> tuple[str, float]:
    for start, family, strength in _STRENGTHS:
        if origin.startswith(start):
            return family, strength
    return _DEFAULT


def _localized(readings: list[_Reading], host: str) -> list[_Reading]:
    """Return the readings with times in UTC put into the site's own time, where the page shows it."""
    believed = [r.moment for r in readings if r.strength >= _BELIEVED]
    moments = in_local_time([r.moment for r in readings], believed, host)
    return [
        replace(r, moment=m, claim=replace(r.claim, value=m.at.isoformat()))
        if m is not r.moment
        else r
        for r, m in zip(readings, moments, strict=True)
    ]


def _weighed(readings: list[_Reading]) -> list[_Reading]:
    """Return the readings with what they say of each other counted in."""
    readings = _first_of_each(readings)
    changed = {r.day for r in readings if _is_change(r)}
    told = {r.day for r in readings if _is_told(r)}
    labelled = {r.day for r in readings if r.claim.origin.startswith("text:updated")}
    shown = {
        r.day
        for r in readings
        if r.claim.origin.startswith("text:published ") and r.strength > _TELLING
    }
    eves = {r.day for r in readings if _is_evening(r)}
    return [
        replace(r, strength=r.strength * _DISCOUNT)
        if (
            (_is_change(r) and told)
            or (r.day in changed and not _is_told(r) and any(d < r.day for d in told))
            or (r.day in labelled and any(d < r.day for d in shown - labelled))
            or (r.moment.precision is Precision.DAY and r.day - _DAY in eves)
        )
        else r
        for r in readings
    ]


def _first_of_each(readings: list[_Reading]) -> list[_Reading]:
    """Return the readings, those of one origin that name other days than its first weaker."""
    days: defaultdict[str, dict[date, None]] = defaultdict(dict)
    for reading in readings:
        if not reading.open:
            days[reading.claim.origin].setdefault(reading.day)
    found: list[_Reading] = []
    for reading in readings:
        own = days[reading.claim.origin]
        share = 1.0
        if not reading.open and len(own) > 1:
            share = 1.0 if reading.day == next(iter(own)) else _SECOND
            share *= _MANY if len(own) >= _MANY_DAYS else 1.0
        found.append(
            replace(reading, strength=reading.strength * share)
            if share < 1
            else reading
        )
    return found


def _is_change(reading: _Reading) -> bool:
    return _CHANGE.search(reading.claim.origin) is not None


def _is_told(reading: _Reading) -> bool:
    """Tell whether a witness names its day as that of publication."""
    return (
        reading.strength > _TELLING and _TOLD.search(reading.claim.origin) is not None
    )


def _is_evening(reading: _Reading) -> bool:
    """Tell an exact local time of an evening: the paper of the next day is dated later."""
    at = reading.moment.at
    return (
        reading.family == "data"
        and reading.moment.precision is not Precision.DAY
        and bool(at.utcoffset())
        and at.hour >= _EVENING
    )


def _best_day(readings: Sequence[_Reading]) -> tuple[date, float] | None:
    """Return the day with the strongest witnesses, and how strong they are."""
    scores: dict[date, float] = {}
    for day in dict.fromkeys(r.day for r in readings):
        families: defaultdict[str, list[float]] = defaultdict(list)
        for reading in readings:
            if reading.day == day:
                families[reading.family].append(reading.strength)
        scores[day] = sum(_together(strengths) for strengths in families.values())
    if not scores:
        return None
    day = max(scores, key=lambda each: scores[each])
    return day, scores[day]


def _together(strengths: list[float]) -> float:
    """Return the strength of one family: its best, and a little for one that repeats it."""
    ordered = sorted(strengths, reverse=True)
    return ordered[0] + _AGAIN * sum(ordered[1:2])


def _most_exact(readings: Sequence[_Reading]) -> _Reading:
    """Return the strongest reading that states a clock time, else the strongest."""
    return max(
        readings,
        key=lambda r: (
            r.moment.precision is not Precision.DAY,
            r.moment.zone_stated,
            r.strength,
        ),
    )
