"""Render a page in the visit that fetched it, every request of its by our own client.

Its scripts ask for what they need politely: robots.txt of each host is obeyed,
turns are waited for or borrowed, and every exchange is kept. A page from the
internet never reaches a private network, not even one that is allowed: what it
reads there its scripts could tell anybody.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.errors import FetchError, HostBusy, RenderFailed
from crawler.fetch.client import Client
from crawler.fetch.guard import is_private
from crawler.fetch.request import Fields
from crawler.fetch.view import Answer
from crawler.kept.captures import as_exchange
from crawler.means import Hold, Means
from crawler.urls import host_key
from crawler.visits.courtesy import Courtesy
from crawler.visits.gate import Gate
from crawler.visits.keeping import keep_exchanges
from crawler.visits.shelf import Shelf
from storage.model.exchange import Exchange, Rendering
from storage.model.link import Link
from storage.sql.captures import add_rendering
from storage.warc.capture import conversion_record
from storage.writer import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderVisit:
    """A visit, as the scripts of one of its pages need it.

    Attributes:
        link: The page's link.
        means: The archive, and the browser.
        client: Fetches, where the page is from a private network itself.
        courtesy: The pace.
        gate: Waits for turns; refuses what may not be asked for.
        hold: Refuses when the visit was lost.
        shelf: What scripts of its other pages were answered.
    """

    link: Link
    means: Means
    client: Client
    courtesy: Courtesy
    gate: Gate
    hold: Hold
    shelf: Shelf

    async def render(self, page: Exchange, capture: int) -> tuple[Exchange, int]:
        """Return a page as a browser shows it, and where that is kept.

        Raises:
            RenderFailed: it could not be rendered; the log says so, too.
        """
        browser, log = self.means.browser, self.means.log
        if browser is None:
            raise RenderFailed("no browser is at hand")
        try:
            async with self._answering(page) as answer:
                language = self.means.plan(self.link.source).language
                rendering = await browser.render(page, answer, language)
        except RenderFailed as error:
            log.warning("not rendered", url=page.url, why=str(error))
            raise
        log.info(
            "rendered",
            url=page.url,
            requests=rendering.requests,
            refused=rendering.refused,
            cut=rendering.cut,
        )
        kept = await self._keep(rendering, page, capture)
        return as_exchange(rendering, page.status, page.headers), kept

    @asynccontextmanager
    async def _answering(self, page: Exchange) -> AsyncIterator[Answer]:
        """Give what answers the page's scripts: one request at a time."""
        turn = asyncio.Lock()
        async with (
            self._client_for(page) as client,
            self.gate.anywhere(self.link) as to,
        ):

            async def allow(url: str) -> None:
                if self.courtesy.broken_off:
                    raise HostBusy(url, "the page's host asks for a rest")
                await client.check(url)
                await to(url)

            async def answer(url: str, said: Fields) -> Exchange:
                asked = (client is self.client, url, said)
                async with turn:
                    held = self.shelf.find(asked, self.means.now())
                    if held is not None:
                        await self._keep_asked([_used_again(held, self.means.now())])
                        return held
                    hops = await self._fetch(client, url, said, allow)
                    self.shelf.put(asked, hops)
                    return hops[-1]

            yield answer

    async def _fetch(
        self,
        client: Client,
        url: str,
        said: Fields,
        allow: Callable[[str], Awaitable[None]],
    ) -> Sequence[Exchange]:
        try:
            hops = await client.fetch(url, allow=allow, extra_headers=said)
        except FetchError as error:
            self.courtesy.note(error.exchanges)
            await self._keep_asked(error.exchanges)
            raise
        self.courtesy.note(hops)
        await self._keep_asked(hops)
        if host_key(hops[-1].url) == self.link.host:
            self.courtesy.heed(hops[-1], self.means.now(), self.means.draw())
        return hops

    async def _keep_asked(self, hops: Sequence[Exchange]) -> None:
        await keep_exchanges(self.means, self.hold, hops, None, self.link)

    @asynccontextmanager
    async def _client_for(self, page: Exchange) -> AsyncIterator[Client]:
        if is_private(page.ip):
            yield self.client
        else:
            async with self.means.new_public_client() as client:
                yield client

    async def _keep(self, rendering: Rendering, page: Exchange, capture: int) -> int:
        record = await asyncio.to_thread(conversion_record, rendering, page)

        def keep(tx: Tx) -> int:
            self.hold(tx.session)
            (position,) = tx.append((record.member,))
            return add_rendering(
                tx.session, rendering, record, position, of_capture=capture
            )

        return await self.means.writer.run(keep)


def _used_again(held: Exchange, now: datetime) -> Exchange:
    """Return an answer as it is kept for a page more: nobody was asked for it."""
    return replace(
        held,
        started_at=now,
        elapsed=timedelta(0),
        request=b"",
        ip=None,
        tls=None,
        certificate=None,
        interim=b"",
        excess=b"",
    )
