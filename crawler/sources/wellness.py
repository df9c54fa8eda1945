"""Is a source well? A decision about what health.py counted. Pure."""

from datetime import datetime, timedelta

from storage.sql.health import SourceHealth
from storage.sql.tables import ACTIVE

SILENT_AFTER = timedelta(days=1)
LATE_AFTER = timedelta(hours=1)
_SKEW = timedelta(minutes=1)
#: Errors that may be a new source's luck.
_FEW_ERRORS = 3


def why_unwell(source: SourceHealth, now: datetime) -> tuple[str, ...]:
    """Return why a source is unwell, or nothing; a paused one is well."""
    if source.state != ACTIVE:
        return ()
    why = []
    if source.last_success is None:
        why.append("never answered")
    elif source.last_success > now + _SKEW:
        why.append("answered in the future: restart, for the clock was ahead")
    elif now - source.last_success > _patience(source):
        why.append("silent for over a day")
    if source.oldest_due and now - source.oldest_due > LATE_AFTER:
        why.append("over an hour late")
    if 0 < source.lists == source.lists_failing:
        why.append("none of its lists can be read")
    if not source.articles and source.errors >= _FEW_ERRORS:
        why.append(
            "none of its pages became an article: `kliping source test` says why"
        )
    return tuple(why)


def _patience(source: SourceHealth) -> timedelta:
    """Return how long a source may be silent: a day, or two of its own intervals."""
    return max(SILENT_AFTER, timedelta(seconds=2 * (source.interval_s or 0)))
