"""What one process of the service does."""

from enum import StrEnum


class Role(StrEnum):
    """A share of the service; on SQLite one process has all of them.

    Any number of processes may have each, where they share a PostgreSQL: one of those
    that schedule leads, and the others are ready to.
    """

    SCHEDULE = "schedule"
    WORK = "work"
    WEB = "web"
    BULK = "bulk"


EVERY = frozenset(Role)
