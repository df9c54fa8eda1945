"""How figures of several rounds are written."""

from collections.abc import Sequence
from statistics import median


def spread(values: Sequence[float]) -> list[float]:
    """Return the least, the median and the most."""
    return [round(one, 3) for one in (min(values), median(values), max(values))]
