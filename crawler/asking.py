"""Ask sites for pages by hand: with robots, at a polite pace, keeping nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from crawler.config import Config
from crawler.errors import HttpError
from crawler.fetch.client import Client
from crawler.host_robots import HostRobots, fetch_robots, robots_of
from crawler.urls import fetch_url, host_key
from storage.model import Exchange, RobotsCopy

_AT_ONCE = 8


class Pace:
    """Keeps a pause between two requests to one host, and few hosts at once."""

    def __init__(self, delay: timedelta) -> None:
        """Take the least time between the end of one turn and the next."""
        self._delay = delay.total_seconds()
        self._slower: dict[str, float] = {}
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
                delay = max(self._delay, self._slower.get(host, 0.0))
                self._free_at[host] = clock() + delay

    def slow(self, host: str, delay: timedelta) -> None:
        """Pause at least so long between two requests to a host from now on."""
        self._slower[host] = delay.total_seconds()


class Asker:
    """Asks for pages, and once for each host's robots.txt."""

    def __init__(self, config: Config, client: Client, pace: Pace) -> None:
        """Take the settings, what fetches, and how fast."""
        self._config = config
        self._client = client
        self._pace = pace
        self._robots: dict[str, HostRobots] = {}
        self._copies: dict[str, RobotsCopy] = {}

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

    def robots_copy(self, url: str) -> RobotsCopy | None:
        """Return the robots.txt of a URL's host, if it was asked for."""
        return self._copies.get(host_key(url))

    def robots_line(self, url: str) -> str:
        """Return the line of robots.txt that decides about a URL."""
        return self._rules(url).line(self._config.identity.name, url)

    def sitemaps_of(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of a URL's host names."""
        return self._rules(url).sitemaps()

    def crawl_delay(self, url: str) -> timedelta | None:
        """Return the pause that the robots.txt of a URL's host asks for."""
        return self._rules(url).crawl_delay(self._config.identity.name)

    def _rules(self, url: str) -> HostRobots:
        return self._robots.get(host_key(url), HostRobots(None))

    async def _allow(self, url: str) -> None:
        """Obey robots.txt; where its host cannot be reached, that is the reason."""
        policy, agent = self._config.policy, self._config.identity.name
        if policy.robots == "ignore":
            return
        host = host_key(url)
        if host not in self._robots:
            copy, _ = await fetch_robots(self._client, url, None, datetime.now(UTC))
            self._copies[host] = copy
            self._robots[host] = robots_of(copy, obey=True)
            if asked := self._robots[host].crawl_delay(agent):
                self._pace.slow(host, min(asked, policy.crawl_delay_cap))
        self._robots[host].check(agent, url)
