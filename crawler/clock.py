"""The clock, for what is not told the time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)
