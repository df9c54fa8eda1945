"""What the running service knows of its own health, for /readyz and the pages."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Pulse:
    """When the clockwork last ticked, and whether the disk floor stops fetching.

    `stuck` says that the event loop does not run now, as a thread beside it sees.
    """

    ticked_at: datetime | None = None
    disk_full: bool = False
    visiting: frozenset[str] = frozenset()
    stuck: bool = False
