"""The gate of a visit: no request passes without robots.txt's leave and its turn.

A visit may be led to other names of its host's domain, whose turn it holds; each
has a robots.txt of its own. Elsewhere it goes for one thing only: a robots.txt that
is kept on another host, whose turn it then borrows.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.errors import (
    BadResponse,
    FetchTimeout,
    HostBusy,
    LeavesHost,
    RobotsUnreachable,
    TakenDown,
)
from crawler.fetch.client import Client
from crawler.fetch.host_robots import HostRobots, fetch_robots, robots_of
from crawler.means import Hold, Means
from crawler.sources.watching import named_sitemaps
from crawler.timing.when import robots_expired
from crawler.urls import domain_of, host_key, url_key
from crawler.visits.courtesy import Courtesy
from crawler.visits.keeping import keep_exchanges
from storage.model.link import Link
from storage.model.visit import RobotsCopy, Ticket
from storage.sql.bars import barred
from storage.sql.ledger import add_hosts, add_links
from storage.sql.visits import close_visit, hold, look_in, open_visit, save_robots
from storage.writer import Tx

#: A visit that made no commit for this long may be taken over.
LEASE = timedelta(minutes=5)


@dataclass
class _Known:
    """robots.txt of one host, as this visit knows it."""

    copy: RobotsCopy | None
    rules: HostRobots
    was_asked: bool = False

    def is_current(self, now: datetime) -> bool:
        if self.copy is None:
            return False
        return self.was_asked or not robots_expired(
            self.copy.status, self.copy.read_at, now
        )


@dataclass
class Gate:
    """Who may be asked for what now, in one visit.

    Attributes:
        ticket: The visit.
        means: The archive.
        client: Fetches robots.txt.
        courtesy: The pace.
        hold: Refuses when the visit was lost.
    """

    ticket: Ticket
    means: Means
    client: Client
    courtesy: Courtesy
    hold: Hold
    _known: dict[str, _Known] = field(default_factory=dict)
    _borrowed: dict[str, Ticket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what earlier visits have learnt."""
        self._know(self.ticket.host, self.ticket.robots)

    def line(self, url: str) -> str:
        """Return the line of robots.txt that decides about a URL."""
        known = self._known.get(host_key(url), self._known[self.ticket.host])
        return known.rules.line(self.means.agent, url)

    async def open(self, link: Link) -> None:
        """Ask for the robots.txt of the visit's host where that is due.

        Raises:
            FetchError: it cannot be had, or the host asks for a rest.
        """
        await self._refresh(link.url, link)

    async def allow(self, url: str, link: Link) -> None:
        """Wait for a URL's turn.

        Raises:
            LeavesHost: it is elsewhere, or where it is not this visit's turn.
            TakenDown: it is where a redirect leads to, and was taken down.
            FetchError: its robots.txt forbids it, or cannot be had.
        """
        host, key = host_key(url), url_key(url)
        if key != link.key and await self.means.writer.run(
            lambda tx: bool(barred(tx.session, [key]))
        ):
            raise TakenDown(url)
        if host not in self._known:
            await self._cross(host, url, link)
        rules = self._known[host].rules
        rules.check(self.means.agent, url)
        await self._wait_turn(link, rules)

    @asynccontextmanager
    async def anywhere(
        self, link: Link
    ) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
        """Give what waits for the turn of any host, as a page's scripts need it.

        Where it is not this visit's turn, the host's own is borrowed until the end,
        and its robots.txt is asked and obeyed.
        """
        borrowed: list[str] = []

        async def allow(url: str) -> None:
            host = host_key(url)
            is_here = host in self._known or domain_of(host) in self.ticket.turns
            if not is_here:
                ticket = await self._borrow(host, url)
                borrowed.append(host)
                self._know(host, ticket.robots)
            if host in borrowed:
                await self._refresh(url, link)
            await self.allow(url, link)

        try:
            yield allow
        finally:
            for host in borrowed:
                self._known.pop(host, None)
                await self._give_back(host)

    async def _cross(self, host: str, url: str, link: Link) -> None:
        """Go on at another name of the domain, if nothing keeps us from it."""
        if domain_of(host) not in self.ticket.turns:
            raise LeavesHost(link.url, url)
        now = self.means.now()
        is_free, copy = await self.means.writer.run(
            lambda tx: look_in(tx.session, host, now)
        )
        if not is_free:
            raise LeavesHost(link.url, url)
        self._know(host, copy)
        await self._refresh(url, link)

    async def _refresh(self, url: str, link: Link) -> None:
        host, now = host_key(url), self.means.now()
        known = self._known[host]
        if known.rules.rules is None or known.is_current(now):
            return
        known.was_asked = True
        async with self._borrowing(link) as wait:
            try:
                copy, hops = await fetch_robots(self.client, url, known.copy, now, wait)
            except (BadResponse, FetchTimeout) as error:  # pages may well be answered
                error.why = f"robots.txt: {error.why}"
                raise
        self.courtesy.note(hops)
        if hops:
            self.courtesy.heed(hops[-1], self.means.now(), self.means.draw())
        rules = self._know(host, copy)
        await keep_exchanges(self.means, self.hold, hops, None)
        await self._keep(host, copy, rules, link)
        rules.check_reachable(url)
        if self.courtesy.broken_off:  # whatever an older copy allows
            raise RobotsUnreachable(url, f"robots.txt: HTTP {hops[-1].status}")

    def _know(self, host: str, copy: RobotsCopy | None) -> HostRobots:
        rules = robots_of(copy, obey=self.means.policy.robots == "obey")
        self._known[host] = _Known(copy, rules, was_asked=host in self._known)
        return rules

    async def _keep(
        self, host: str, copy: RobotsCopy, rules: HostRobots, link: Link
    ) -> None:
        now, watch = self.means.now(), self.means.watch(link.source)
        named = named_sitemaps(rules.sitemaps(), host, watch, now) if watch else []

        def keep(tx: Tx) -> None:
            save_robots(tx.session, host, copy)
            add_links(tx.session, named, source=link.source, found_on=link.id, now=now)

        await self.means.writer.run(keep)

    async def _wait_turn(self, link: Link, rules: HostRobots) -> None:
        pause = self.courtesy.pause(self.means, link.source, rules)
        if pause > LEASE / 10:  # the host must not look left meanwhile
            until = self.means.now() + pause + LEASE
            await self.means.writer.run(lambda tx: hold(tx.session, self.ticket, until))
        await self.courtesy.wait_turn(self.means, link.source, rules)

    @asynccontextmanager
    async def _borrowing(
        self, link: Link
    ) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
        """Give who waits for robots.txt's turn; return what was borrowed meanwhile."""
        borrowed: list[str] = []

        async def wait(url: str) -> None:
            host = host_key(url)
            is_here = host in self._known or domain_of(host) in self.ticket.turns
            if not is_here and host not in borrowed:
                await self._borrow(host, url)
                borrowed.append(host)
            await self._wait_turn(link, self._known[self.ticket.host].rules)

        try:
            yield wait
        finally:
            for host in borrowed:
                await self._give_back(host)

    async def _borrow(self, host: str, url: str) -> Ticket:
        """Take the turn of a host elsewhere; names of one domain share one."""
        now, ours = self.means.now(), (self.ticket.host, *self._borrowed)

        def borrow(tx: Tx) -> Ticket | None:
            add_hosts(tx.session, {host}, now)
            return open_visit(
                tx.session,
                host,
                now=now,
                until=now + LEASE,
                limit=0,
                domain_of=domain_of,
                guest_of=ours,
            )

        ticket = await self.means.writer.run(borrow)
        if ticket is None:
            raise HostBusy(url, f"{host} is not free")
        self._borrowed[host] = ticket
        return ticket

    async def _give_back(self, host: str) -> None:
        ticket = self._borrowed.pop(host)
        now, policy = self.means.now(), self.means.policy
        rules = robots_of(ticket.robots, obey=policy.robots == "obey")
        asked = rules.crawl_delay(self.means.agent) or timedelta(0)
        free_at = now + max(self.courtesy.pace, min(asked, policy.crawl_delay_cap))
        await self.means.writer.run(
            lambda tx: close_visit(
                tx.session,
                ticket,
                free_at=free_at,
                next_turns=dict.fromkeys(ticket.turns, free_at),
                response_ms=ticket.response_ms,
                failures=ticket.failures,
            )
        )
