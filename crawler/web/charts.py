"""Charts as SVG, drawn by the server. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 28
_EDGE = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A small line over time.

    Attributes:
        path: The line, as the `d` of an SVG path in a box of WIDTH × HEIGHT.
        dot: Where its last point is.
        top: The value at the upper edge.
        last: The last value; None where none is known.
    """

    path: str
    dot: tuple[float, float] | None
    top: float
    last: float | None


def line(values: Sequence[float | None], *, top: float | None = None) -> Line:
    """Draw values that are as far apart in time; where one is missing is a gap.

    Args:
        values: Oldest first.
        top: The value at the upper edge, else the greatest one.

    >>> line([0, 2, None, 1]).path
    'M2 26L40.7 2M118 14'
    """
    known = [value for value in values if value is not None]
    highest = max(known, default=0.0) if top is None else top
    parts, is_open = [], False
    dot = None
    for place, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        dot = (_across(place, len(values)), _up(value, highest))
        parts.append(f"{'L' if is_open else 'M'}{dot[0]:g} {dot[1]:g}")
        is_open = True
    return Line("".join(parts), dot, highest, known[-1] if known else None)


def heat(share: float | None) -> int | None:
    """Return a step from 0 to 5 for a share; None where there is none."""
    return None if share is None else min(int(share * 5 + 0.5), 5)


def _across(place: int, count: int) -> float:
    return round(_EDGE + (WIDTH - 2 * _EDGE) * place / max(count - 1, 1), 1)


def _up(value: float, top: float) -> float:
    share = min(value / top, 1.0) if top > 0 else 0.0
    return round(HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * share, 1)
