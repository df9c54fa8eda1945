"""Ask a host for an address that cannot exist, once a day, when a page is in doubt.

The request is one of the visit: by robots.txt, in its turn, kept in the WARC.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from crawler.decisions.dead_ends import (
    MOST_TEXT,
    against_probe,
    is_current,
    is_suspect,
    probe_address,
)
from crawler.decisions.outcome import OVERLOADED
from crawler.errors import (
    BadUrl,
    ExtractFailed,
    FetchError,
    LeavesHost,
    RobotsRefused,
    TooManyRedirects,
)
from crawler.extract.source import Hint
from crawler.fetch.client import Client
from crawler.means import Hold, Means
from crawler.reading.page import page_source
from crawler.urls import host_key
from crawler.visits.courtesy import Courtesy
from crawler.visits.keeping import keep_exchanges
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import Link
from storage.model.visit import Probe
from storage.sql.visits import save_probe

#: Ends of a probe that say as much as an answer: no page stands there.
_NO_PAGE = (BadUrl, LeavesHost, RobotsRefused, TooManyRedirects)


@dataclass(slots=True, kw_only=True)
class Doubt:
    """A visit, as a page in doubt needs it.

    Attributes:
        host: Whom the visit is at.
        probe: What the host answered last, or None.
        means: The archive.
        client: Fetches.
        courtesy: The host's pace.
        allow: Waits for the host's turn; refuses what may not be asked for.
        hold: Refuses when the visit was lost.
    """

    host: str
    probe: Probe | None
    means: Means
    client: Client
    courtesy: Courtesy
    allow: Callable[[str, Link], Awaitable[None]]
    hold: Hold

    async def judge(
        self, link: Link, answer: Exchange, extraction: Extraction
    ) -> Extraction:
        """Return a reading, with what the host's probe says where it is in doubt."""
        if not is_suspect(answer, extraction) or host_key(answer.url) != self.host:
            return extraction
        if not is_current(self.probe, extraction, self.means.now()):
            await self._ask(link, answer.url)
        return against_probe(extraction, self.probe)

    async def _ask(self, link: Link, url: str) -> None:
        if self.courtesy.broken_off:
            return
        address = probe_address(url, f"{int(self.means.draw() * 16**10):010x}")
        try:
            hops = await self.client.fetch(
                address, allow=lambda hop: self.allow(hop, link)
            )
        except FetchError as error:
            self.courtesy.note(error.exchanges)
            await keep_exchanges(self.means, self.hold, error.exchanges, None)
            if isinstance(error, _NO_PAGE):
                await self._remember(self._probe(address, None))
            return
        now, answer = self.means.now(), hops[-1]
        self.courtesy.note(hops)
        self.courtesy.heed(answer, now, self.means.draw())
        await keep_exchanges(self.means, self.hold, hops, None)
        if answer.status not in OVERLOADED:
            await self._remember(await self._read(link, address, answer))

    async def _read(self, link: Link, address: str, answer: Exchange) -> Probe:
        probe = self._probe(address, answer.status)
        if answer.status != 200 or answer.truncated or answer.decode_error:
            return probe
        page = page_source(link, answer, self.means.plan(link.source))
        try:  # nothing that a list says of the link is true of no address
            read = await self.means.pool.extract(replace(page, hint=Hint()))
        except ExtractFailed:
            return probe
        return Probe(
            url=probe.url,
            status=probe.status,
            at=probe.at,
            verdict=read.verdict.kind,
            text=read.article.text[:MOST_TEXT] if read.article else "",
        )

    def _probe(self, address: str, status: int | None) -> Probe:
        return Probe(url=address, status=status, at=self.means.now())

    async def _remember(self, probe: Probe) -> None:
        self.probe = probe
        await self.means.writer.run(lambda tx: save_probe(tx.session, self.host, probe))
