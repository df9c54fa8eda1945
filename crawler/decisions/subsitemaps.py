"""The sitemaps that an index names: which are read, and when. Pure.

An index may name the archives of twenty years at once, or a file for each hour
that is gone the day after. Its sub-sitemaps are read one after another, the newest
first; what the index says of them decides which of them live.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median_low

from storage.model.link import NewLink, Standing, SubSitemap
from storage.model.link_state import LinkState
from storage.sql.ledger import JUST_NOW, RENEW_AFTER

#: So many become due together, the next ones this much later each.
AT_ONCE = 4
STEP = timedelta(minutes=15)
#: However many there are, all are due within this time.
ALL_WITHIN = timedelta(days=1)
#: How many sub-sitemaps of one source are read; an index may name a new one each time.
MOST = 500
#: After so many answers that it is gone, in more than a day, one is asked for once a
#: week, while its index names it: many are named before they are there.
GONE_TIMES = 7.0
GONE_PAUSE = timedelta(days=7)
#: Stated to be unchanged for so long, one is read once a day at most.
QUIET_AFTER = timedelta(days=2)
QUIET_PAUSE = timedelta(days=1)
#: Without news for so long, one makes room for others where there is none. An article weighs 1e-5 after 161 days,
#: a hundred after 225 (crawler.timing.rates).
BARREN_AFTER = timedelta(days=180)
_NO_NEWS = 1e-5

UNNAMED = "no longer named by its index"
LAST_READING = f"{UNNAMED}; read a last time"
NO_ROOM = f"over {MOST} sub-sitemaps of its source are read"
BARREN = f"no news for {BARREN_AFTER.days} days"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an index said: which sub-sitemaps it names, and whether these are all."""

    index: int
    links: Sequence[NewLink]
    are_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """Sub-sitemaps that are new, and where known ones stand now.

    `lasts` is how long the index names one, as far as names were seen to go.
    """

    new: Sequence[NewLink] = ()
    moved: Sequence[Standing] = ()
    lasts: timedelta | None = None


def is_let_go(state: LinkState, failures: float) -> bool:
    """Tell whether a sub-sitemap is one that its index names no more.

    One that answered that it is gone has failed at least once.
    """
    return state is LinkState.GONE and failures == 0


def arrange(
    named: Named, known: Sequence[SubSitemap], max_age: timedelta, now: datetime
) -> Arranged:
    """Decide about all sub-sitemaps of a source when one of its indexes was read.

    Args:
        named: What the index said.
        known: The source's sub-sitemaps that are in the ledger.
        max_age: How old a stated change may be to be of interest.
        now: Current time, UTC.
    """
    by_key = {child.key: child for child in known}
    links = sorted(named.links, key=_newest_first)
    oldest = _oldest_wanted(links, now - max_age)
    room = MOST - sum(child.next_run is not None for child in known)
    new: list[NewLink] = []
    moved: list[Standing] = []
    times = _times(len(links), now)
    for link in links:
        child = by_key.get(link.key)
        if child is None:
            entered = _entered(link, oldest, room, times)
            room -= entered.next_run is not None
            new.append(entered)
        elif move := _renamed(child, link, oldest, room, times, now):
            room -= child.next_run is None and move.next_run is not None
            moved.append(move)
    keys = {link.key for link in links}
    dropped = [
        child
        for child in known
        if named.are_all and child.index == named.index and child.key not in keys
        if not is_let_go(child.state, child.failures)
        if child.state is not LinkState.TOO_OLD
    ]
    return Arranged(
        new=new,
        moved=[*moved, *_dropped(dropped, now)],
        lasts=_lasts(dropped, now),
    )


def _lasts(dropped: Sequence[SubSitemap], now: datetime) -> timedelta | None:
    """Return how long those were named that were seen to go now."""
    stood = [now - child.found_at for child in dropped]
    return median_low(stood) if stood else None


def _newest_first(link: NewLink) -> float:
    return -link.modified.timestamp() if link.modified else 0.0


def _oldest_wanted(links: Sequence[NewLink], oldest: datetime) -> datetime:
    """Return how old a stated change may be; the newest of all is always wanted.

    Some indexes never change the dates they once stated.
    """
    newest = max((link.modified for link in links if link.modified), default=oldest)
    return min(newest, oldest)


def _times(many: int, now: datetime) -> Iterator[datetime]:
    """Yield when one after another is due."""
    step = min(STEP, ALL_WITHIN / max(many, 1))
    place = 0
    while True:
        yield now + step * max(place - AT_ONCE + 1, 0)
        place += 1


def _entered(
    link: NewLink, oldest: datetime, room: int, times: Iterator[datetime]
) -> NewLink:
    if link.modified and link.modified < oldest:
        why = f"unchanged since {link.modified.date()}"
        return replace(link, state=LinkState.TOO_OLD, reason=why, next_run=None)
    if room <= 0:
        return replace(link, state=LinkState.BUDGET, reason=NO_ROOM, next_run=None)
    return replace(link, next_run=next(times))


def _renamed(
    child: SubSitemap,
    link: NewLink,
    oldest: datetime,
    room: int,
    times: Iterator[datetime],
    now: datetime,
) -> Standing | None:
    """Return where a known one that is named again stands now, if that changes."""
    if child.next_run is None:
        lives = room > 0 and _lives_again(child, link, oldest)
        return (
            _stand(child, LinkState.WAITING, "named again", next(times), 0.0)
            if (lives)
            else None
        )
    if is_let_go(child.state, child.failures):  # its last reading is still to come
        return _stand(child, LinkState.WAITING, "named again", child.next_run, 0.0)
    if child.state is LinkState.GONE and child.failures >= GONE_TIMES:
        return _later(child, GONE_PAUSE)
    if room <= 0 and _is_barren(child, now):
        return _stand(child, LinkState.TOO_OLD, BARREN, None)
    if child.state is LinkState.WAITING or _is_changed(child, link, now):
        at = next(times)
        return (
            _stand(child, child.state, child.reason, at)
            if (at < child.next_run)
            else None
        )
    return _quiet(child, link, oldest, now)


def _lives_again(child: SubSitemap, link: NewLink, oldest: datetime) -> bool:
    """Tell whether one that is not read any more is read when it is named again."""
    is_wanted = link.modified is None or link.modified >= oldest
    if is_let_go(child.state, child.failures) or child.state is LinkState.BUDGET:
        return is_wanted
    is_newer = link.modified is not None and link.modified > (child.fetched_at or NEVER)
    return child.state in {LinkState.TOO_OLD, LinkState.GONE} and is_wanted and is_newer


def _is_barren(child: SubSitemap, now: datetime) -> bool:
    is_known = child.news is not None and now - child.found_at >= BARREN_AFTER
    return is_known and (child.news or 0.0) < _NO_NEWS


def _is_changed(child: SubSitemap, link: NewLink, now: datetime) -> bool:
    """Tell whether it is stated to have changed since it was read (as for articles)."""
    return (
        link.modified is not None
        and child.fetched_at is not None
        and child.fetched_at < link.modified <= now - JUST_NOW
        and now - child.fetched_at >= RENEW_AFTER
    )


def _quiet(
    child: SubSitemap, link: NewLink, oldest: datetime, now: datetime
) -> Standing | None:
    """Put off one that is stated to be long unchanged, but for the newest of all."""
    if (
        child.state is not LinkState.WATCHED
        or not link.modified
        or not child.fetched_at
    ):
        return None
    if link.modified <= oldest or link.modified > now - QUIET_AFTER:
        return None
    return _later(child, QUIET_PAUSE)


def _later(child: SubSitemap, pause: timedelta) -> Standing | None:
    """Put one off until so long after it was last asked for."""
    later = (child.fetched_at or child.found_at) + pause
    if child.next_run is None or child.next_run >= later:
        return None
    return _stand(child, child.state, child.reason, later)


def _dropped(children: Sequence[SubSitemap], now: datetime) -> Iterator[Standing]:
    """Let go of those that are named no more.

    One that answered so far is read once more: what it brought since may be
    nowhere else.
    """
    times = _times(len(children), now)
    for child in children:
        if child.next_run is None or child.failures:
            yield _stand(child, LinkState.GONE, UNNAMED, None, 0.0)
        else:
            at = min(next(times), child.next_run)
            yield _stand(child, LinkState.GONE, LAST_READING, at, 0.0)


def _stand(
    child: SubSitemap,
    state: LinkState,
    reason: str,
    at: datetime | None,
    failures: float | None = None,
) -> Standing:
    return Standing(
        id=child.id,
        state=state,
        reason=reason,
        next_run=at,
        failures=child.failures if failures is None else failures,
    )
