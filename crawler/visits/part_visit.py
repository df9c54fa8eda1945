"""Ask for the further pages of an article or feed, in the visit that fetched its first.

They are fetched and kept like any link, in their turn and by robots.txt, and
stand in the ledger as parts of it: none is ever due by itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from crawler.decisions.outcome import after_error, after_part, after_status
from crawler.errors import (
    BadUrl,
    ConnectFailed,
    FetchError,
    LeavesHost,
    NameNotResolved,
    RefusedDestination,
    RobotsRefused,
    TakenDown,
)
from crawler.fetch.client import Client
from crawler.means import Hold, Means
from crawler.reading.parts import Part
from crawler.urls import fetch_url, host_key, url_key
from crawler.visits.courtesy import Courtesy
from storage.model.exchange import Exchange
from storage.model.link import Link, NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import add_links, find_link, link_of
from storage.writer import Tx

#: What is no better when a page is asked for again.
_LASTING = (RobotsRefused, RefusedDestination, TakenDown, LeavesHost)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVisit:
    """A visit, as the pages of one of its articles need it.

    Attributes:
        first: The link of page 1.
        host: Whom the visit is at.
        means: The archive.
        client: Fetches.
        courtesy: The host's pace.
        allow: Waits for the host's turn; refuses what may not be asked for.
        keep: Keeps exchanges and settles a link; returns the last capture's id.
        hold: Refuses when the visit was lost.
        seen: Ids of the links that were asked for as parts.
    """

    first: Link
    host: str
    means: Means
    client: Client
    courtesy: Courtesy
    allow: Callable[[str, Link], Awaitable[None]]
    keep: Callable[[Sequence[Exchange], Link, Settlement], Awaitable[int]]
    hold: Hold
    seen: set[int]

    async def ask(self, url: str) -> Part:
        """Fetch and keep a page."""
        if self.courtesy.broken_off:
            return Part(why="its host asks for a rest")
        try:
            address = fetch_url(url)
        except BadUrl as error:
            return Part(why=error.why, lasting=True)
        if host_key(address) != self.host:
            return Part(why="it is on another host", lasting=True)
        try:
            part = await self._enter(address)
        except TakenDown as error:
            return Part(why=error.why, lasting=True)
        if part.kind.is_watched:  # settled as a part, it would never be due again
            return Part(why="it is a list of its own", lasting=True)
        return await self._fetch(part)

    async def _fetch(self, part: Link) -> Part:
        try:
            hops = await self.client.fetch(
                part.url, allow=lambda hop: self.allow(hop, part)
            )
        except FetchError as error:
            return await self._note_error(part, error)
        return await self._keep(part, hops)

    async def _keep(self, part: Link, hops: Sequence[Exchange]) -> Part:
        self.courtesy.note(hops)
        answer, means = hops[-1], self.means
        asked = self.courtesy.heed(answer, means.now(), means.draw())
        failed = after_status(
            part,
            answer,
            means.plan(part.source),
            now=means.now(),
            jitter=means.draw(),
            retry_after=asked,
        )
        capture = await self.keep(hops, part, after_part(self.first.url, failed))
        if failed is not None:
            return Part(why=failed.reason)
        return Part(answer=answer, capture_id=capture)

    async def _note_error(self, part: Link, error: FetchError) -> Part:
        self.courtesy.note(error.exchanges)
        means = self.means
        means.counts.add_error(means.name(part.source), error)
        failed = after_error(
            part, error, means.plan(part.source), means.now(), means.draw()
        )
        if isinstance(error, (ConnectFailed, NameNotResolved)) and not error.exchanges:
            self.courtesy.break_off(None, means.draw())
        await self.keep(error.exchanges, part, after_part(self.first.url, failed))
        lasting = isinstance(error, _LASTING)
        return Part(why=failed.reason, lasting=lasting)

    async def _enter(self, address: str) -> Link:
        """Return the ledger's link of a part, entered if it is new."""
        now = self.means.now()
        part = NewLink(
            url=address,
            key=url_key(address),
            host=self.host,
            kind=LinkKind.ARTICLE,
            state=LinkState.DUPLICATE,
            reason=f"part_of {self.first.url}",
        )

        def enter(tx: Tx) -> Link:
            self.hold(tx.session)
            add_links(
                tx.session,
                [part],
                source=self.first.source,
                found_on=self.first.id,
                now=now,
            )
            row = find_link(tx.session, part.key)
            if row is None:
                raise TakenDown(address)
            return link_of(tx.session, int(row.id or 0))

        entered = await self.means.writer.run(enter)
        self.seen.add(entered.id)
        return entered
