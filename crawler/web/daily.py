"""What a source brought, day by day, as lines and as a map of fields. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.web.charts import Line, heat, line
from storage.source_day import FIELDS, SourceDay, median_length

Value = Callable[[SourceDay], float | None]


@dataclass(frozen=True, slots=True)
class Rate:
    """One figure of a source over the days that are shown.

    Attributes:
        name: For people.
        line: Its line.
        last: Its last value, written.
        words: What the line shows, to who cannot see it.
    """

    name: str
    line: Line
    last: str
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A field on a day: which share of new articles had it, and a step for its colour."""

    day: date
    share: float | None
    step: int | None


def _share(part: str, whole: str) -> Value:
    def share(day: SourceDay) -> float | None:
        of = getattr(day, whole)
        return getattr(day, part) / of if of else None

    return share


def _boilerplate(day: SourceDay) -> float | None:
    whole = day.kept + day.removed
    return day.removed / whole if whole else None


#: Figures by name, and whether each is a share.
_RATES: Mapping[str, tuple[Value, bool]] = {
    "Links found": (lambda day: float(day.found), False),
    "Pages answered": (lambda day: float(day.asked), False),
    "Blocked": (_share("walls", "asked"), True),
    "Missing": (_share("missing", "asked"), True),
    "Server errors": (_share("broken", "asked"), True),
    "Read as articles": (_share("read", "asked"), True),
    "New articles": (lambda day: float(day.new), False),
    "Changed": (lambda day: float(day.changed), False),
    "Same text": (_share("same", "new"), True),
    "Left out of pages": (_boilerplate, True),
    "Median length": (lambda day: median_length([day]), False),
}


def rates(known: Sequence[SourceDay], days: Sequence[date]) -> list[Rate]:
    """Return a source's figures on some days; on one that is missing nothing came."""
    by_day = {one.day: one for one in known}
    filled = [by_day.get(day, SourceDay(day=day)) for day in days]
    return [
        _rate(name, [value(day) for day in filled], is_share=is_share)
        for name, (value, is_share) in _RATES.items()
    ]


def field_map(
    known: Sequence[SourceDay], days: Sequence[date]
) -> dict[str, list[Cell]]:
    """Return, by field, which share of each day's new articles had it."""
    by_day = {one.day: one for one in known}
    return {
        name: [_cell(by_day.get(day), day, name) for day in days] for name in FIELDS
    }


def _cell(known: SourceDay | None, day: date, name: str) -> Cell:
    new = known.new if known else 0
    share = known.fields.get(name, 0) / new if known and new else None
    return Cell(day, share, heat(share))


def _rate(name: str, values: Sequence[float | None], *, is_share: bool) -> Rate:
    drawn = line(values, top=1.0 if is_share else None)
    last = _written(drawn.last, is_share=is_share)
    highest = max((v for v in values if v is not None), default=None)
    most = _written(highest, is_share=is_share)
    return Rate(name, drawn, last, f"{name}: {last} on the last day, {most} at most")


def _written(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return "—"
    return (
        f"{100 * value:.0f} %" if is_share else f"{value:,.0f}".replace(",", "\u202f")
    )
