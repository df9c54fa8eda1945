"""How many of a source's new links are asked for today, and when the others are. Pure.

A sitemap that is read for the first time may name an archive of years. It must not
use up the day: what is published meanwhile would wait for the next one.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

#: This part of a day's links is left to news: one in so many.
_KEPT_FOR_NEWS = 4
#: What a list states to be published so lately is news, wherever it stands.
_NEWS = timedelta(days=2)
_DAY = timedelta(days=1)
#: Why news waits; what an archive names has a reason of its own, so that news does not
#: wait behind it.
LATE = "more news in a day than the source's daily_links"
_ARCHIVED = "over the source's daily_links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a source may still bring today.

    Attributes:
        daily: New article links a day, at most.
        found: Those of the last day that were not put off.
        waiting: Those that were put off and are not asked for yet; an archive alone
            has to know.
        late: The news among them; what is no archive has to know. Without it each
            reading would put its own off to the next day, which would have no bound.
    """

    daily: int
    found: int
    waiting: int = 0
    late: int = 0


def allot(
    links: Sequence[NewLink],
    allowance: Allowance,
    *,
    known: Collection[str],
    is_archive: bool,
    now: datetime,
) -> Iterator[NewLink]:
    """Put off the new article links over a source's allowance, so many to each day.

    Args:
        links: What a list names.
        allowance: What its source may still bring.
        known: Keys of links that are not new.
        is_archive: Whether the list may name old articles without a date.
        now: Current time, UTC.
    """
    daily, waiting = allowance.daily, allowance.waiting
    room, late = daily - allowance.found, allowance.late
    kept = daily // _KEPT_FOR_NEWS
    for link in links:
        if not _is_counted(link, known):
            yield link
        elif is_archive and not _is_news(link, now):
            if room > kept:
                room -= 1
                yield link
            else:
                until = now + _DAY * (1 + waiting // daily)
                yield _put_off(link, until, _ARCHIVED)
                waiting += 1
        elif room > 0:
            room -= 1
            yield link
        else:
            yield _put_off(link, now + _DAY * (1 + late // daily), LATE)
            late, waiting = late + 1, waiting + 1


def _is_counted(link: NewLink, known: Collection[str]) -> bool:
    return (
        link.state is LinkState.WAITING
        and link.kind is LinkKind.ARTICLE
        and link.key not in known
    )


def _is_news(link: NewLink, now: datetime) -> bool:
    return link.published is not None and link.published > now - _NEWS


def _put_off(link: NewLink, until: datetime, reason: str) -> NewLink:
    return replace(link, state=LinkState.BUDGET, reason=reason, next_run=until)
