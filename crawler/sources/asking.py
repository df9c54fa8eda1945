"""Ask sites for pages by hand: with robots, at a polite pace, keeping nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from crawler.config.tree import Config
from crawler.errors import HttpError
from crawler.fetch.client import Client
from crawler.fetch.host_robots import HostRobots, fetch_robots, robots_of
from crawler.urls import fetch_url, host_key
from storage.model.exchange import Exchange
from storage.model.visit import RobotsCopy

_AT_ONCE = 8


class Turns(Protocol):
    """Whose turn it is at a host, and what hosts teach of the pause they are owed."""

    def turn(self, url: str) -> AbstractAsyncContextManager[None]:
        """Wait for the turn of a URL's host; a pause follows it."""

    def slow(self, host: str, delay: timedelta) -> None:
        """Pause at least so long between two requests to a host from now on."""

    def note(self, hops: Sequence[Exchange]) -> None:
        """Learn from answers, the last of which is the end of their redirects."""


class Pace:
    """Keeps a pause between two requests to one host, and few hosts at once."""

    def __init__(self, delay: timedelta) -> None:
        """Take the least time between the end of one turn and the next."""
        self._delay = delay
        self._slower: dict[str, timedelta] = {}
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
                self._free_at[host] = clock() + self.pause(host).total_seconds()

    def pause(self, host: str) -> timedelta:
        """Return the pause that is kept between two requests to a host."""
        return max(self._delay, self._slower.get(host, timedelta(0)))

    def slow(self, host: str, delay: timedelta) -> None:
        """Pause at least so long between two requests to a host from now on."""
        self._slower[host] = delay

    def note(self, hops: Sequence[Exchange]) -> None:
        """Learn nothing: who asks by hand sees each answer."""


class _Walk:
    """Where a fetch stands: it has the turn of one host at a time.

    So two fetches whose redirects cross never wait for each other.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._turn = AsyncExitStack()
        self._host: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._turn.aclose()

    async def go(self, url: str) -> None:
        """Give the last turn back, and wait for that of a URL's host."""
        self._host = None
        await self._turn.aclose()
        await self._turn.enter_async_context(self._turns.turn(url))
        self._host = host_key(url)

    async def stay(self, url: str) -> None:
        """Go on in the same turn, if it is that of a URL's host."""
        if host_key(url) != self._host:
            await self.go(url)


class Asker:
    """Asks for pages, and once for each host's robots.txt."""

    def __init__(self, config: Config, client: Client, turns: Turns) -> None:
        """Take the settings, what fetches, and whose turn it is."""
        self._config = config
        self._client = client
        self._turns = turns
        self._robots: dict[str, HostRobots] = {}
        self._copies: dict[str, RobotsCopy] = {}

    async def fetch(self, url: str) -> Exchange:
        """Return the answer at the end of all redirects, whatever its status.

        Each hop waits for its host's turn; robots.txt and the first page that it
        allows are one turn.

        Raises:
            FetchError: there is none, or robots.txt or the guard refused.
        """
        async with _Walk(self._turns) as walk:

            async def allow(hop: str) -> None:
                await walk.go(hop)
                await self._allow(hop, walk)

            hops = await self._client.fetch(fetch_url(url), allow=allow)
            self._turns.note(hops)
        return hops[-1]

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

    async def _allow(self, url: str, walk: _Walk) -> None:
        """Obey robots.txt; where its host cannot be reached, that is the reason."""
        policy, agent = self._config.policy, self._config.identity.name
        if policy.robots == "ignore":
            return
        host = host_key(url)
        if host not in self._robots:
            copy, hops = await fetch_robots(
                self._client, url, None, datetime.now(UTC), walk.stay
            )
            self._turns.note(hops)
            self._copies[host] = copy
            self._robots[host] = robots_of(copy, obey=True)
            if asked := self._robots[host].crawl_delay(agent):
                self._turns.slow(host, min(asked, policy.crawl_delay_cap))
        self._robots[host].check(agent, url)
        await walk.stay(url)
