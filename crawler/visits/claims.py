"""The hosts of a site that is asked by hand while a service visits others.

Each is claimed as a visit claims it, with the turns of its domain and its address,
and left with the pause it is owed. All are held to the end, for what is asked is
one stay: a visit in between would hold it up for minutes.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from crawler.errors import HostBusy
from crawler.fetch.client import Client
from crawler.means import Means
from crawler.sources.asking import Pace
from crawler.timing.when import rest
from crawler.units import write_duration
from crawler.urls import address_of, domain_of, host_key
from crawler.visits.courtesy import Courtesy
from crawler.visits.gate import LEASE
from storage.errors import VisitLost
from storage.model.exchange import Exchange
from storage.model.visit import Ticket
from storage.sql.ledger import add_hosts
from storage.sql.visits import arrive, hold, open_visit, rests_until
from storage.writer import Tx

#: How soon a host that is being visited is looked at again.
_LOOK_AGAIN = timedelta(seconds=1)


@dataclass(slots=True)
class _Held:
    """A host that is ours: `own` names only the turns that no host before it has."""

    ticket: Ticket
    own: Ticket
    courtesy: Courtesy
    asked: timedelta = timedelta(0)


class Claims:
    """Gives the turns of hosts that nobody visits, and holds them until it is left."""

    def __init__(
        self, means: Means, client: Client, delay: timedelta, patience: timedelta
    ) -> None:
        """Take the archive, what fetches, the least pause, and how long to wait."""
        self._means = means
        self._client = client
        self._delay = delay
        self._patience = patience
        self._pace = Pace(delay)
        self._held: dict[str, _Held] = {}
        self._busy: set[str] = set()

    async def __aenter__(self) -> Self:
        """Begin with no host."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Leave every host, even when nobody waits for the answer any more."""
        await asyncio.shield(self._means.writer.run(self._leave))

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for the turn of a URL's host; the host is ours from then on.

        Raises:
            HostBusy: it was not to be had in time, or asks for a rest.
            NameNotResolved: it has no address.
        """
        host = host_key(url)
        if host not in self._held:
            await self._claim(host, url)
        if self._held[host].courtesy.broken_off:
            raise HostBusy(url, "its host asks for a rest; ask again later")
        until = self._means.now() + self._pace.pause(host) + LEASE
        try:
            await self._means.writer.run(lambda tx: self._prolong(tx, until))
        except VisitLost as lost:
            raise HostBusy(url, f"another visit took {lost.host} over") from lost
        async with self._pace.turn(url):
            yield

    def slow(self, host: str, delay: timedelta) -> None:
        """Pause at least so long between two requests to a host from now on."""
        if host in self._held:
            self._held[host].asked = delay
            self._reckon(host)

    def note(self, hops: Sequence[Exchange]) -> None:
        """Learn how fast hosts are, and whether the last one asks for a rest."""
        for hop in hops:
            host = host_key(hop.url)
            if host in self._held:
                courtesy = self._held[host].courtesy
                courtesy.note([hop])
                courtesy.heed(hop, self._means.now(), self._means.draw())
                self._reckon(host)

    def _reckon(self, host: str) -> None:
        """Set the pause that a host is owed, as a visit would."""
        held = self._held[host]
        pause = rest(
            self._delay,
            crawl_delay=held.asked,
            crawl_delay_cap=self._means.policy.crawl_delay_cap,
            response_ms=held.courtesy.response_ms,
            response_factor=self._means.stray.response_factor,
        )
        self._pace.slow(host, pause)

    async def _claim(self, host: str, url: str) -> None:
        """Wait for a host; one that was waited for in vain is not waited for again."""
        address = address_of(await self._client.addresses(url), host)
        clock = asyncio.get_running_loop().time
        patience = timedelta(0) if host in self._busy else self._patience
        until = clock() + patience.total_seconds()
        while True:
            now = self._means.now()
            opened = await self._means.writer.run(
                partial(self._open, host=host, address=address, now=now)
            )
            if isinstance(opened, _Held):
                self._held[host] = opened
                return
            pause = max(opened - now, _LOOK_AGAIN).total_seconds()
            if clock() + pause > until:
                self._busy.add(host)
                raise HostBusy(url, self._why_busy(opened, now))
            await asyncio.sleep(pause)

    def _why_busy(self, free_at: datetime, now: datetime) -> str:
        if free_at - now > _LOOK_AGAIN:
            return f"its host rests until {free_at:%Y-%m-%d %H:%M:%S} UTC"
        waited = write_duration(self._patience)
        return f"its host is being visited, for over {waited} by now; ask again later"

    def _open(
        self, tx: Tx, *, host: str, address: str, now: datetime
    ) -> _Held | datetime:
        """Claim a host, or return when it is free at the earliest."""
        add_hosts(tx.session, {host}, now)
        ours, until = tuple(self._held), now + LEASE
        ticket = open_visit(
            tx.session,
            host,
            now=now,
            until=until,
            limit=0,
            domain_of=domain_of,
            guest_of=ours,
        )
        if ticket is None:
            return rests_until(tx.session, host)
        arrived = arrive(
            tx.session, ticket, address, now=now, until=until, guest_of=ours
        )
        if arrived is None:
            Courtesy.of(ticket).close(tx.session, ticket, now)
            return rests_until(tx.session, host)
        taken = {key for held in self._held.values() for key in held.own.turns}
        own = tuple(key for key in arrived.turns if key not in taken)
        return _Held(arrived, replace(arrived, turns=own), Courtesy.of(arrived))

    def _prolong(self, tx: Tx, until: datetime) -> None:
        for held in self._held.values():
            hold(tx.session, held.own, until)

    def _leave(self, tx: Tx) -> None:
        now = self._means.now()
        for host, held in self._held.items():
            courtesy = held.courtesy
            courtesy.pace = self._pace.pause(host)
            courtesy.owed = max(courtesy.owed, courtesy.pace)
            courtesy.domain_owed = max(courtesy.domain_owed, courtesy.pace)
            courtesy.close(tx.session, held.ticket, now)
