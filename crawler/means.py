"""What a visit works with: handed in whole, so that tests hand in their own."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import structlog
from sqlmodel import Session

from crawler.config.plan import Plan
from crawler.config.tree import Policy, Source
from crawler.counts import Counts
from crawler.fetch.limits import Limits
from crawler.knowledge import Knowledge
from crawler.timing.pacing import FIRST_PRICE, Terms
from crawler.timing.when import fresh_for
from crawler.urls import same_site
from storage.folder import DataFolder
from storage.model.exchange import Exchange
from storage.model.link import Link
from storage.model.link_kind import LinkKind
from storage.writer import Writer

if TYPE_CHECKING:  # commands that fetch nothing need not wait for what fetches
    from crawler.extract.children.pool import Extractor
    from crawler.fetch.browser import Browser
    from crawler.fetch.client import Client

#: Called first in every transaction; raises when the visit was lost.
Hold = Callable[[Session], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A source at run time: what its operator configured, with its row's id.

    Until `boost_until` its lists are read as often as may be.
    """

    id: int
    source: Source
    plan: Plan
    boost_until: datetime | None = None


def closed_sources(watches: Mapping[int, Watch], now: datetime) -> frozenset[int]:
    """Return the sources outside the hours in which they may be asked."""
    return frozenset(
        source for source, watch in watches.items() if not watch.plan.is_open(now)
    )


@dataclass(slots=True)
class Market:
    """What a reading of a list must be worth now, see `crawler.timing.pacing`.

    Attributes:
        price: What a reading must be worth.
        pages: Watched pages whose news was learned.
        readings: How many they may have in a day.
    """

    price: float = FIRST_PRICE
    pages: int = 0
    readings: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Means:
    """The concrete parts, the clock and the dice.

    Visits change none of them; a reload replaces what the settings say (crawler.service).

    Attributes:
        folder: Where the archive is kept.
        writer: The one thread that writes.
        pool: The extracting children.
        new_client: Makes the small HTTP client of one visit.
        new_http2_client: Makes one that offers HTTP/2.
        new_public_client: Makes one that reaches no private network, allowed or not.
        browser: Renders pages, or None where none ever is.
        watches: Sources by id; replaced as a whole when sources change.
        stray: The plan of links that belong to no source.
        policy: What may be asked of whom.
        limits: What one fetch may cost.
        disk_floor: Free bytes below which nothing is fetched.
        agent: Our product token, as robots.txt files name it.
        now: The clock, UTC.
        draw: A random number in 0..1.
        log: Where events go.
        knowledge: What is known of sites.
        market: What a reading of a list must be worth.
        callback: The public URL under which hubs reach us, or None.
        sent: Types of events that are sent, `*` for any characters; none for nobody
            to send them to.
        asked: Hosts that somebody waits for, with how many do: they are not visited
            for what is due, and a visit of one ends after the link it is at.
        counts: What happened since the start.
    """

    folder: DataFolder
    writer: Writer
    pool: "Extractor"
    new_client: "Callable[[], Client]"
    new_http2_client: "Callable[[], Client]"
    new_public_client: "Callable[[], Client]"
    watches: Mapping[int, Watch]
    stray: Plan
    policy: Policy
    limits: Limits
    disk_floor: int
    agent: str
    now: Callable[[], datetime]
    draw: Callable[[], float]
    log: structlog.stdlib.BoundLogger
    knowledge: Knowledge = field(default_factory=Knowledge)
    browser: "Browser | None" = None
    market: Market = field(default_factory=Market)
    callback: str | None = None
    sent: tuple[str, ...] = ()
    asked: Counter[str] = field(default_factory=Counter)
    counts: Counts = field(default_factory=Counts)

    def send_at(self, kind: str) -> datetime | None:
        """Return when an event of a type is sent: now, or never."""
        is_sent = any(fnmatchcase(kind, pattern) for pattern in self.sent)
        return self.now() if is_sent else None

    def client_for(self, links: Sequence[Link]) -> "Client":
        """Return the client of a visit: of HTTP/2 where all sources want it.

        One for images and styles from elsewhere alone reaches no private network.
        """
        if self.are_foreign(links):
            return self.new_public_client()
        wanted = bool(links) and all(self.plan(link.source).http2 for link in links)
        return self.new_http2_client() if wanted else self.new_client()

    def are_foreign(self, links: Sequence[Link]) -> bool:
        """Tell images and styles, all of them, that are not at their sources' sites.

        A page names what it likes: nothing private is asked for on its word.
        """
        return bool(links) and all(self._is_foreign(link) for link in links)

    def _is_foreign(self, link: Link) -> bool:
        if link.kind is not LinkKind.ASSET:
            return False
        watch = self.watch(link.source)
        return watch is None or not same_site(link.url, watch.source.home)

    def is_disk_full(self) -> bool:
        """Tell whether the disk floor stops fetching."""
        return self.folder.free_bytes() < self.disk_floor

    def terms(self, source: int | None, answer: Exchange) -> Terms:
        """Return what the next reading of a list has to respect."""
        watch = self.watch(source)
        until = watch.boost_until if watch else None
        return Terms(
            poll=self.plan(source).poll,
            price=self.market.price,
            server_asks=fresh_for(answer),
            boosted=until is not None and self.now() < until,
        )

    def closed(self) -> frozenset[int]:
        """Return the sources outside the hours in which they may be asked."""
        return closed_sources(self.watches, self.now())

    def watch(self, source: int | None) -> Watch | None:
        """Return the source a link belongs to, or None for a stray one."""
        return self.watches.get(source) if source is not None else None

    def name(self, source: int | None) -> str:
        """Return a source's name, or nothing for a stray link."""
        watch = self.watch(source)
        return watch.source.name if watch else ""

    def plan(self, source: int | None) -> Plan:
        """Return the manners that hold for a link of this source."""
        watch = self.watch(source)
        return watch.plan if watch else self.stray
