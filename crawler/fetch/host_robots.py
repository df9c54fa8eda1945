"""robots.txt of one host: asked for, remembered, obeyed (RFC 9309)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from crawler.errors import (
    BadUrl,
    FetchError,
    HostBusy,
    RefusedDestination,
    RobotsRefused,
    RobotsUnreachable,
    TooManyRedirects,
)
from crawler.fetch.client import Client
from crawler.fetch.decode import UNKNOWN_CODING
from crawler.fetch.robots import MAX_BYTES, Robots, is_failure, robots_from
from storage.model.exchange import Exchange, Truncated
from storage.model.visit import RobotsCopy

MAX_REDIRECTS = 5
#: How long the last good robots.txt stands in for an unreachable one.
ROBOTS_GRACE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class HostRobots:
    """What a host's robots.txt says to us; None means that it is not asked."""

    rules: Robots | None

    def check(self, agent: str, url: str) -> None:
        """Raise RobotsRefused or RobotsUnreachable when a URL may not be asked for."""
        self.check_reachable(url)
        if self.rules is None:
            return
        decision = self.rules.decide(agent, url)
        if not decision.allowed:
            raise RobotsRefused(url, decision.line)

    def check_reachable(self, url: str) -> None:
        """Raise RobotsUnreachable when the file could not be had."""
        if self.rules is not None and self.rules.unreachable is not None:
            raise RobotsUnreachable(url, self.rules.unreachable)

    def line(self, agent: str, url: str) -> str:
        """Return the line that decides about a URL."""
        return self.rules.decide(agent, url).line if self.rules else "not asked"

    def crawl_delay(self, agent: str) -> timedelta | None:
        """Return the pause the file asks for between two requests."""
        return self.rules.crawl_delay(agent) if self.rules else None

    def sitemaps(self) -> tuple[str, ...]:
        """Return the sitemaps the file names."""
        return self.rules.sitemaps if self.rules else ()


def robots_of(copy: RobotsCopy | None, *, obey: bool) -> HostRobots:
    """Read a remembered copy; before the first copy nothing is allowed."""
    if not obey:
        return HostRobots(None)
    return HostRobots(
        robots_from(copy.status, copy.body) if copy else robots_from(None, b"")
    )


async def fetch_robots(
    client: Client,
    url: str,
    known: RobotsCopy | None,
    now: datetime,
    allow: Callable[[str], Awaitable[None]] | None = None,
) -> tuple[RobotsCopy, Sequence[Exchange]]:
    """Ask for the robots.txt that governs a URL; a server error is an answer.

    A server error does not replace a good copy younger than 30 days (RFC 9309,
    section 2.3.1.4). Redirects are followed five times, to wherever they lead;
    a file behind more is none (section 2.3.1.2).

    Returns:
        The copy that holds from now on, and the exchanges to be kept.

    Raises:
        HostBusy: it is kept on another host, as `allow` says.
        FetchError: nothing was received, and no good copy stands in: the host
            itself cannot be asked.
    """
    address = urljoin(url, "/robots.txt")
    try:
        hops: Sequence[Exchange] = await client.fetch(
            address, raw_limit=MAX_BYTES, allow=_few_hops(allow)
        )
        status: int | None = None if _is_lost(hops[-1]) else hops[-1].status
        body = hops[-1].body[:MAX_BYTES]
    except TooManyRedirects as error:
        hops, status, body = error.exchanges, error.exchanges[-1].status, b""
    except HostBusy as error:
        error.exchanges = ()  # they will be made again, and kept then
        raise
    except FetchError as error:
        lost = RobotsCopy(url=address, status=None, body=b"", read_at=now)
        refused = isinstance(error, (RefusedDestination, BadUrl))
        has_copy = known is not None and _stands_in(known, lost)
        if not error.exchanges and (refused or not has_copy):
            raise
        hops, status, body = error.exchanges, None, b""
    copy = RobotsCopy(url=address, status=status, body=body, read_at=now)
    return (known if known and _stands_in(known, copy) else copy), hops


def _few_hops(
    allow: Callable[[str], Awaitable[None]] | None,
) -> Callable[[str], Awaitable[None]]:
    """Return `allow`, told at most as many hops as are followed."""
    hops = 0

    async def allow_few(url: str) -> None:
        nonlocal hops
        hops += 1
        if hops > 1 + MAX_REDIRECTS:
            raise TooManyRedirects(url, f"over {MAX_REDIRECTS} redirects")
        if allow is not None:
            await allow(url)

    return allow_few


def _is_lost(answer: Exchange) -> bool:
    """Tell whether rules may be missing that were sent; too long is no matter.

    Nor is a coding that there is not (`Content-Encoding: utf-8`) over plain text.
    """
    if answer.truncated is not None:
        return answer.truncated is not Truncated.LENGTH
    if answer.decode_error is None or len(answer.body) >= MAX_BYTES:
        return False
    return not (answer.body and answer.decode_error.startswith(UNKNOWN_CODING))


def _stands_in(known: RobotsCopy, new: RobotsCopy) -> bool:
    age = new.read_at - known.read_at
    return (
        is_failure(new.status) and not is_failure(known.status) and age < ROBOTS_GRACE
    )
