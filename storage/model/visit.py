"""A visit: the right to it, and what is known of its host."""

from dataclasses import dataclass
from datetime import datetime

from storage.model.link import Link
from storage.model.verdict import VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsCopy:
    """robots.txt as last received; `status` None means it was unreachable."""

    url: str
    status: int | None
    body: bytes
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a host answered to an address that cannot exist.

    Attributes:
        url: The address.
        status: The answer's status; None when it led elsewhere or nowhere.
        verdict: What the answer was read as, or None.
        text: The text that was read from it, cut; empty unless the status is 200.
        at: When it was asked.
    """

    url: str
    status: int | None
    at: datetime
    verdict: VerdictKind | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The right to visit a host: no commit holds without its fencing number.

    `turns` are the keys of those it holds: its domain's, and its address's.
    """

    host: str
    turns: tuple[str, ...]
    fence: int
    links: tuple[Link, ...]
    robots: RobotsCopy | None
    response_ms: float | None
    failures: int
    probe: Probe | None = None
