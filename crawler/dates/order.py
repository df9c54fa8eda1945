"""Learn whether a host writes the day before the month."""

import re
from collections.abc import Iterable

_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(?:19|20)?\d\d(?![\d/-])")
_LEAST = 2
_MAX_MONTH = 12


def learn_day_first(texts: Iterable[str]) -> bool | None:
    """Return the order of day and month in a host's numeric dates, or None.

    A number above 12 can only be a day, so such dates tell the order of the
    others. Two are needed, and none the other way round. Dates with dots always
    put the day first and say nothing of those with slashes or dashes.

    Args:
        texts: Short texts or attributes of the host's pages that may hold dates.
    """
    votes = {True: 0, False: 0}
    for text in texts:
        for first, _, second in _NUMERIC.findall(text):
            high = int(first) > _MAX_MONTH, int(second) > _MAX_MONTH
            if high[0] != high[1]:
                votes[high[0]] += 1
    if min(votes.values()) or max(votes.values()) < _LEAST:
        return None
    return votes[True] > 0
