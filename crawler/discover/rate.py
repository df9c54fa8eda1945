"""How many articles a day lists announce, by the dates they state. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from storage.model.link import FoundLink

_WINDOW = timedelta(days=30)
_SHORTEST = timedelta(hours=1)
_DAY = timedelta(days=1)


def articles_a_day(lists: Iterable[Sequence[FoundLink]], now: datetime) -> float | None:
    """Return how many articles a day the lists name together; None if none is dated.

    A list is complete only as far back as its oldest item, so all are counted
    over the span of the shortest one, 30 days at most; a link named twice counts
    once. A list with fewer than two dates says nothing.
    """
    dated = [found for one in lists if len(found := _dated(one, now)) > 1]
    if not dated:
        return None
    spans = (now - min(found.values()) for found in dated)
    span = max(_SHORTEST, min(_WINDOW, *spans))
    named = {url for found in dated for url, at in found.items() if at >= now - span}
    return len(named) / (span / _DAY)


def _dated(links: Sequence[FoundLink], now: datetime) -> dict[str, datetime]:
    stated = ((link.url, link.published or link.modified) for link in links)
    return {url: at for url, at in stated if at is not None and at <= now}
