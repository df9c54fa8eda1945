"""Is a source well? A decision about what health.py counted. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from textwrap import shorten

from storage.sql.health import SourceHealth
from storage.sql.tables import ACTIVE
from storage.sql.vain import FEW

SILENT_AFTER = timedelta(days=1)
LATE_AFTER = timedelta(hours=1)
#: What all new pages are for so long is no hiccup of the site.
IN_VAIN_AFTER = timedelta(hours=6)
_SKEW = timedelta(minutes=1)
#: Of what the ledger says of a page so many characters are told.
_LONGEST_WHY = 80
#: So many sources do not fail by chance together.
_FLEET = 5
#: Errors that may be a new source's luck.
_FEW_ERRORS = 3
#: Of what came so soon alerts learn too little to miss it.
_BEGINNING = timedelta(days=8)
#: Longer than a weekend; so many articles would have come by then. Or for so long.
_PAUSE, _MISSED, _LONG_PAUSE = timedelta(days=3), 5.0, timedelta(days=30)


def why_unwell(source: SourceHealth, now: datetime) -> tuple[str, ...]:
    """Return why a source is unwell, or nothing; a paused one is well.

    What follows from another thing is told with it: one trouble is one reason.
    """
    if source.state != ACTIVE:
        return ()
    rests = _rests(source, now)
    why = [said] if (said := _unanswered(source, rests, now)) else []
    if not rests and source.oldest_due and now - source.oldest_due > LATE_AFTER:
        why.append("over an hour late")
    is_told = rests and _is_same(source.why_in_vain, source.why_failing)
    if not is_told and (why_unread := _unread(source, now)):
        why.append(why_unread)
    if not (why or source.articles or source.waiting) and (why_none := _none(source)):
        why.append(why_none)
    if not why and (why_stale := _stale(source, now)):
        why.append(why_stale)
    return tuple(why)


def _stale(source: SourceHealth, now: datetime) -> str:
    """Return that a source brought nothing since it was new; nothing where it may yet.

    Alerts tell of others by what they usually bring. This one's lists answer.
    """
    last, begun = source.last_new_article, source.watched_since
    if last is None or begun is None or last > begun + _BEGINNING:
        return ""
    pause = now - max(last, begun)
    missed = (source.named_a_day or 0.0) * (pause / timedelta(days=1))
    if pause < _PAUSE or (missed < _MISSED and pause < _LONG_PAUSE):
        return ""
    return f"no new article since {last:%Y-%m-%d}, and its lists can be read"


def _rests(source: SourceHealth, now: datetime) -> str:
    """Return that a source's host is left alone for long, and why; nothing if not."""
    until = source.rests_until
    if until is None or until - now <= LATE_AFTER:
        return ""
    return _with_reason(f"its host rests until {until:%Y-%m-%d %H:%M} UTC", source)


def _unanswered(source: SourceHealth, rests: str, now: datetime) -> str:
    """Return that a source does not answer, or not as it should, and why."""
    is_unread = 0 < source.lists == source.lists_failing
    unread = _with_reason("none of its lists can be read", source) if is_unread else ""
    cause = rests or unread
    if source.last_success is None:
        return f"never answered: {rests}" if rests else _why_never(source)
    if source.last_success > now + _SKEW:
        return "answered in the future: restart, for the clock was ahead"
    if now - source.last_success > _patience(source):
        return f"silent for over a day: {cause}" if cause else "silent for over a day"
    return cause


def _is_same(pages: str | None, lists: str | None) -> bool:
    """Tell whether pages are in vain for what lists are; so may be those of no reason."""
    return pages is None or pages.partition(";")[0] == (lists or "").partition(";")[0]


def lists_lost(source: SourceHealth) -> str:
    """Return which part of an active source's lists cannot be read; nothing if none.

    The source may be well: the others bring its articles.
    """
    if source.state != ACTIVE or not 0 < source.lists_failing < source.lists:
        return ""
    since = f" since {source.failing_since:%Y-%m-%d}" if source.failing_since else ""
    why = f" ({source.why_failing})" if source.why_failing else ""
    return f"{source.lists_failing} of {source.lists} lists cannot be read{since}{why}"


def _unread(source: SourceHealth, now: datetime) -> str:
    """Return that new pages become no articles; nothing where some may."""
    since = source.in_vain_since
    if source.pages_in_vain >= FEW and since and now - since >= IN_VAIN_AFTER:
        said = (source.why_in_vain or "").partition(";")[0]
        most = f": {shorten(said, _LONGEST_WHY, placeholder=' …')}" if said else ""
        return (
            f"no new page became an article since {since:%Y-%m-%d %H:%M} UTC, "
            f"none of the last {source.pages_in_vain}{most}"
        )
    if not source.articles and source.errors >= _FEW_ERRORS:
        return "none of its pages became an article: `kliping source test` says why"
    return ""


def _none(source: SourceHealth) -> str:
    """Return why a source has no article, or nothing where pages may yet be read."""
    if source.why_failing:
        return f"its lists brought no article, one cannot be read: {source.why_failing}"
    if source.errors:
        return ""
    return "its lists brought no article: `kliping ledger --source` says why"


def _why_never(source: SourceHealth) -> str:
    if not source.lists and not source.articles:
        return (
            "has nothing to read: each of its lists is another source's, or taken down"
        )
    return _with_reason("never answered", source)


def _with_reason(what: str, source: SourceHealth) -> str:
    return f"{what}: {source.why_failing}" if source.why_failing else what


def why_ours(sources: Sequence[SourceHealth], now: datetime) -> str:
    """Return that it is we who fail, or the network; nothing where a source answers.

    Needs no history: no source has answered for an hour beyond the time between two
    readings of most, and lists of half of them were asked for in vain. One source or a
    few may well be down together.
    """
    watched = [one for one in sources if one.state == ACTIVE]
    reasons = [one.why_failing for one in watched if one.why_failing]
    failing = Counter(why.partition(":")[0] for why in reasons)
    if len(watched) < _FLEET or failing.total() < len(watched) / 2:
        return ""
    answers = [one.last_success for one in watched if one.last_success is not None]
    last = max(answers, default=None)
    pause = timedelta(seconds=median(one.interval_s or 0 for one in watched))
    if last is not None and now - last <= LATE_AFTER + pause:
        return ""
    since = f"has answered since {last:%Y-%m-%d %H:%M} UTC" if last else "ever answered"
    ((why, count),) = failing.most_common(1)
    return (
        f"no source {since}: is our own connection down? `kliping doctor` tells; "
        f"{count:,} of {len(watched):,} sources: {why}"
    )


def long_unwell(
    sources: Sequence[SourceHealth],
    since: Mapping[str, datetime],
    now: datetime,
) -> list[tuple[str, str]]:
    """Return which sources have been unwell for long, by name, and why.

    Alerts say nothing of a source that never brought anything, or is watched for less
    than a week. What is late is not told, and silence is measured by the last answer
    of any source: after a stop of ours all would be silent. While it is we who fail,
    that is told alone.

    Args:
        sources: How each source fares.
        since: When each was entered.
        now: Current time, UTC.
    """
    if ours := why_ours(sources, now):
        return [("the service", ours)]
    answers = [one.last_success for one in sources if one.last_success is not None]
    at = min([max(answers, default=now), now])
    found = []
    for one in sources:
        is_new = now - since.get(one.name, now) <= SILENT_AFTER
        if not is_new and (why := why_unwell(replace(one, oldest_due=None), at)):
            found.append((one.name, ", ".join(why)))
    return found


def _patience(source: SourceHealth) -> timedelta:
    """Return how long a source may be silent: a day, or two of its own intervals."""
    return max(SILENT_AFTER, timedelta(seconds=2 * (source.interval_s or 0)))
