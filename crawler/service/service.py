"""The archive, to read, to write and to crawl: what a service can be asked to do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from crawler.catching_up.notes import note_kept
from crawler.config.file import Loaded
from crawler.config.tree import Config
from crawler.digest.posting import Postman
from crawler.events.sending import Sender
from crawler.kept.reader import Reader, database_url_of
from crawler.kept.unread import read_unread
from crawler.means import Market, Means, Watch
from crawler.service.clients import webhook_client
from crawler.service.parts import means_of
from crawler.service.roles import EVERY, Role
from crawler.sources.watching import load_watches, market_of, put_sources
from crawler.uploading import push_some
from crawler.visits.hub_visit import visit_hub
from crawler.visits.visit import visit
from storage.days.sealing import Sealed, enter_day, next_day
from storage.errors import StorageError
from storage.folder import FolderLock
from storage.recovery import Recovered
from storage.sql.clock import take_times_back
from storage.sql.events import trim_events
from storage.sql.lookup import key_captures
from storage.sql.partitions import keep_partitions
from storage.sql.retention import Cutoff
from storage.sql.subscriptions import callbacks, due_hubs, give_up_unwanted
from storage.sql.visits import due_hosts, is_pending
from storage.takedown.erasing import Eraser
from storage.uploading import Mirror
from storage.warc.cdxj import unindexed, write_cdxj
from storage.writer import Tx, Writer

#: How many unread captures of a dead process are read again at a time.
_UNREAD_BATCH = 200
#: How many captures get their keys, and how many events go, in one transaction; the
#: pause behind it, s.
_KEYS = 1000
_EVENTS = 1000
_PAUSE = 0.1
#: Of removed sources so many are named in the log.
_NAMED = 10
#: What of its means a service makes anew when settings change.
_BY_SETTINGS = (
    "new_client",
    "new_http2_client",
    "new_public_client",
    "stray",
    "policy",
    "sent",
)


@dataclass(slots=True, kw_only=True, eq=False)
class Service(Reader):
    """The archive, to read, to write and to crawl.

    `mirror` keeps files in an object store, where one is named.
    `inherited` is the newest capture of the processes before this one; `eraser` carries
    out what takedowns erase; `loaded` is what was read of a file of settings, if one was;
    `roles` are what its process does of it.
    """

    means: Means
    lock: FolderLock
    recovered: Recovered
    eraser: Eraser
    inherited: int = 0
    watches: dict[int, Watch] = field(default_factory=dict)
    mirror: Mirror | None = None
    loaded: Loaded | None = None
    roles: frozenset[Role] = EVERY
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def due(self, limit: int) -> list[str]:
        """Return hosts that are free and have due links, longest due first."""
        asked = len(self.means.asked)
        hosts = await asyncio.to_thread(self._due, limit + asked)
        return [host for host in hosts if host not in self.means.asked][:limit]

    def _due(self, limit: int) -> list[str]:
        with self.session() as session:
            return due_hosts(
                session, self.means.now(), limit, closed=self.means.closed()
            )

    async def is_pending(self, since: datetime) -> bool:
        """Tell whether something is due that was so at a time, or is new."""
        return await asyncio.to_thread(self._is_pending, since)

    def _is_pending(self, since: datetime) -> bool:
        with self.session() as session:
            return is_pending(
                session,
                since=since,
                now=self.means.now(),
                closed=self.means.closed(),
            )

    async def find_price(self) -> None:
        """Find anew what a reading of a list must be worth."""
        found = await asyncio.to_thread(self._market)
        self.means.market.price = found.price

    def _market(self) -> Market:
        with self.session() as session:
            return market_of(session, self.config)

    async def visit(self, host: str) -> None:
        """Visit a host for its due links."""
        await visit(host, self.means, budget=self.config.service.visit_links)

    async def due_hubs(self, limit: int) -> list[str]:
        """Return the hosts of hubs that are free and are to be asked for something."""
        return await asyncio.to_thread(self._due_hubs, limit)

    def _due_hubs(self, limit: int) -> list[str]:
        with self.session() as session:
            return due_hubs(session, self.means.now(), limit)

    async def visit_hub(self, host: str) -> None:
        """Visit a hub for what is due about subscriptions there."""
        await visit_hub(host, self.means, budget=self.config.service.visit_links)

    async def take_times_back(self, ahead: timedelta) -> None:
        """Make due what waits for the time of a clock that was set back by so much."""
        now = self.means.now()
        due = await self.means.writer.run(lambda tx: take_times_back(tx.session, now))
        self.means.log.warning(
            "clock was set back", seconds=round(ahead.total_seconds()), due_now=due
        )

    async def give_up_unwanted(self) -> None:
        """Let hubs go whose feeds are read no more, or that cannot reach us."""
        now, base = self.means.now(), self.config.websub.callback
        await self.means.writer.run(lambda tx: give_up_unwanted(tx.session, base, now))

    async def key_captures(self) -> None:
        """Make the keys of captures that an older Kliping kept, a batch at a time."""
        keyed = _KEYS
        while keyed:
            keyed = await self.means.writer.run(
                lambda tx: key_captures(tx.session, _KEYS)
            )
            await asyncio.sleep(_PAUSE)

    async def index_segments(self) -> None:
        """Make the CDXJ of the first sealed WARC file that has none of how it is.

        Raises:
            StorageError: it cannot be written.
        """
        await asyncio.to_thread(self._index_segments)

    async def index_all(self) -> None:
        """Make the CDXJ of all sealed WARC files that have none of how they are.

        Raises:
            StorageError: it cannot be written.
        """
        for file in await asyncio.to_thread(unindexed, self.folder.warc):
            await asyncio.to_thread(write_cdxj, file)

    def _index_segments(self) -> None:
        for file in unindexed(self.folder.warc)[:1]:
            write_cdxj(file)

    async def push_objects(self) -> None:
        """Put some files into the object store that are not there; let old copies go.

        Raises:
            StorageError: rows cannot be written.
        """
        if self.mirror is not None:
            await asyncio.to_thread(push_some, self.mirror, self.means.log)

    def callbacks(self) -> list[str]:
        """Return all URLs at which hubs may ask for us.

        An earlier setting's stay until their hubs have let go.
        """
        base = self.config.websub.callback
        with self.session() as session:
            return [*([base] if base else []), *callbacks(session)]

    async def finish_erasures(self) -> list[str]:
        """Carry out the erasures that are begun; return their names.

        Raises:
            StorageError: one cannot be carried out now; it is tried again.
        """
        return await asyncio.to_thread(self.eraser.finish)

    async def finish_begun(self) -> None:
        """Carry erasures out, or say why they have to wait."""
        try:
            for name in await self.finish_erasures():
                self.means.log.info("erased", takedown=name)
        except StorageError as error:
            self.means.log.warning("erasure put off", why=str(error))

    async def retire(self) -> None:
        """Let some captures go that are past their time, or say why they have to wait."""
        cutoffs = cutoffs_of(self.watches, self.means.now())
        try:
            gone = await asyncio.to_thread(self.eraser.retire, cutoffs)
        except StorageError as error:
            self.means.log.warning("retention put off", why=str(error))
        else:
            if gone:
                self.means.log.info("captures outlived", count=gone)

    async def read_unread(self) -> int:
        """Read again what an earlier process kept but did not read."""
        return await read_unread(
            self.means, self.session, _UNREAD_BATCH, newest=self.inherited
        )

    async def note_kept(self) -> int:
        """Have notes made of what an older Kliping kept; return of how many articles."""
        return await note_kept(self.means, self.session)

    async def trim_events(self) -> None:
        """Let events go that are past their time, a batch at a time."""
        before = self.means.now() - self.config.storage.keep_events
        gone = _EVENTS
        while gone == _EVENTS:
            gone = await self.means.writer.run(
                lambda tx: trim_events(tx.session, before, _EVENTS)
            )
            await asyncio.sleep(_PAUSE)

    async def keep_partitions(self) -> None:
        """Have partitions for the months to come, where the database has some."""
        url = database_url_of(self.config, self.folder)
        made = await asyncio.to_thread(keep_partitions, url)
        if made:
            self.means.log.info("partitions made", names=made)

    def sender(self) -> Sender | None:
        """Return who sends events, None where nobody is to be told."""
        alerts = self.config.alerts
        if alerts.webhook is None:
            return None
        return Sender(
            means=self.means,
            sessions=self.session,
            client=lambda: webhook_client(self.config),
            webhook=alerts.webhook,
            secret=alerts.secret.get_secret_value(),
        )

    def postman(self) -> Postman | None:
        """Return who sends digests, None where nobody gets them."""
        mail = self.config.alerts.mail
        if mail is None:
            return None
        return Postman(means=self.means, sessions=self.session, mail=mail)

    async def seal_days(self) -> int:
        """Put the records of days that are over under roots; return how many days."""
        count = 0
        while sealed := await asyncio.to_thread(self._next_day):
            await self.means.writer.run(partial(_enter_day, sealed, self.folder.node))
            count += 1
        return count

    def _next_day(self) -> Sealed | None:
        with self.session() as session:
            return next_day(self.folder, session, self.means.now())

    async def take_up(self, config: Config) -> None:
        """Work by other settings from now on, visits under way by both.

        The sources that they no longer list are removed, and named in the log.

        Raises:
            StorageError: its sources cannot be entered; nothing was changed.
        """
        now = self.means.now()
        await enter_sources(self.means.writer, config, now)
        means = self.means
        fresh = means_of(config, self.folder, means.writer, means.pool, self.watches)
        for name in _BY_SETTINGS:
            setattr(means, name, getattr(fresh, name))
        self.config = config
        await self.reload_sources()
        await self.find_price()

    async def reload_sources(self) -> None:
        """Take up sources that were added, paused or resumed."""
        loaded = await asyncio.to_thread(self._load_watches)
        self.watches.clear()  # and no await before they are back: visits read them
        self.watches.update(loaded)

    def _load_watches(self) -> Mapping[int, Watch]:
        with self.session() as session:
            return load_watches(session, self.config)


async def enter_sources(writer: Writer, config: Config, now: datetime) -> None:
    """Enter the sources of the settings; name in the log those that are removed."""
    removed = await writer.run(lambda tx: put_sources(tx.session, config, now))
    if removed:
        structlog.get_logger("crawler").warning(
            "sources removed", count=len(removed), first=removed[:_NAMED]
        )


def _enter_day(sealed: Sealed, node: str, tx: Tx) -> None:
    enter_day(tx.session, sealed, node)


def cutoffs_of(watches: Mapping[int, Watch], now: datetime) -> list[Cutoff]:
    """Return until when captures are past their time, of sources that do not keep all."""
    return [
        Cutoff(
            source=source,
            lists=now - plan.keep_lists if plan.keep_lists else None,
            looks=now - plan.keep_looks if plan.keep_looks else None,
        )
        for source, plan in ((key, watch.plan) for key, watch in watches.items())
        if plan.keep_lists or plan.keep_looks
    ]
