"""Ask sites for pages by hand: with robots, at a polite pace, keeping nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from crawler.cli.exits import HttpError
from crawler.config import Config, Source
from crawler.discover.listing import read_listing
from crawler.errors import NotReadable
from crawler.fetch.client import Client
from crawler.host_robots import HostRobots, fetch_robots, robots_of
from crawler.urls import fetch_url, host_key
from storage.model import Exchange, FoundLink, LinkKind

_AT_ONCE = 8


class Pace:
    """Keeps a pause between two requests to one host, and few hosts at once."""

    def __init__(self, delay: timedelta) -> None:
        """Take the least time between the end of one turn and the next."""
        self._delay = delay.total_seconds()
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for the turn of a URL's host, first come, first served."""
        host, clock = host_key(url), asyncio.get_running_loop().time
        async with self._turns[host]:
            await asyncio.sleep(self._free_at.get(host, 0.0) - clock())
            try:
                async with self._slots:
                    yield
            finally:
                self._free_at[host] = clock() + self._delay


class Asker:
    """Asks for pages, and once for each host's robots.txt."""

    def __init__(self, config: Config, client: Client, pace: Pace) -> None:
        """Take the settings, what fetches, and how fast."""
        self._config = config
        self._client = client
        self._pace = pace
        self._robots: dict[str, HostRobots] = {}

    async def fetch(self, url: str) -> Exchange:
        """Return the answer at the end of all redirects, whatever its status.

        Raises:
            FetchError: there is none, or robots.txt or the guard refused.
        """
        address = fetch_url(url)
        async with self._pace.turn(address):
            return (await self._client.fetch(address, allow=self._allow))[-1]

    async def ask(self, url: str) -> Exchange:
        """Return a good answer.

        Raises:
            FetchError: there is none, or robots.txt or the guard refused.
        """
        answer = await self.fetch(url)
        if answer.status >= 400:
            raise HttpError(answer.url, answer.status)
        return answer

    async def _allow(self, url: str) -> None:
        """Obey robots.txt; where its host cannot be reached, that is the reason."""
        if self._config.policy.robots == "ignore":
            return
        host = host_key(url)
        if host not in self._robots:
            copy, _ = await fetch_robots(self._client, url, None, datetime.now(UTC))
            self._robots[host] = robots_of(copy, obey=True)
        self._robots[host].check(self._config.identity.name, url)


def with_feeds(source: Source, answer: Exchange) -> tuple[Source, Sequence[FoundLink]]:
    """Return the source watched at what its home page is or announces.

    Args:
        source: A source that names no feed, sitemap or section.
        answer: Its home page; may be a feed itself.

    Returns:
        The source, with the first feed, and all feeds that were found.
    """
    feeds: Sequence[FoundLink] = (FoundLink(url=answer.url, kind=LinkKind.FEED),)
    try:
        read_listing(answer, LinkKind.FEED)
    except NotReadable:
        feeds = read_listing(answer, LinkKind.SECTION).feeds
    first = tuple(feed.url for feed in feeds[:1])
    return source.model_copy(update={"feeds": first}), feeds
