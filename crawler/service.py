"""Put the parts together: the only module that names concrete classes.

`open_service` gives one process the whole archive, to write and to crawl;
`open_reader` gives any number of processes the archive to read, also while a
service runs.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from time import monotonic

import structlog
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from crawler import __version__
from crawler.catching_up.notes import note_kept
from crawler.config import Config
from crawler.config_file import Loaded
from crawler.digest.posting import Postman
from crawler.errors import UsageError
from crawler.extract.pool import ChildLimits, Extractor, ExtractPool
from crawler.fetch.browser import Browser
from crawler.fetch.client import Client
from crawler.fetch.guard import AddressPolicy
from crawler.fetch.limits import Limits
from crawler.holding import take_folder
from crawler.means import Market, Means, Watch
from crawler.objects import push_some, store_of
from crawler.plan import plan_for, stray_plan
from crawler.roles import EVERY, Role
from crawler.sending import Sender
from crawler.sources.watching import load_watches, market_of, put_sources
from crawler.takedown.quoting import captures_quoting
from crawler.unread import read_unread
from crawler.visits.hub_visit import visit_hub
from crawler.visits.visit import visit
from storage.days.sealing import Sealed, enter_day, next_day
from storage.errors import StorageError
from storage.faults import read_error
from storage.folder import DataFolder, FolderLock, node_name
from storage.recovery import Recovered, recover, refuse_lost
from storage.sql.captures import newest_id
from storage.sql.clock import take_times_back
from storage.sql.engine import (
    database_file,
    database_url,
    is_server,
    reading_engine,
    writing_engine,
)
from storage.sql.events import trim_events
from storage.sql.fleet import adopt
from storage.sql.leading import ERASING, Lead
from storage.sql.lookup import key_captures
from storage.sql.migrate import migrate
from storage.sql.nodes import info_of
from storage.sql.partitions import keep_partitions
from storage.sql.retention import Cutoff
from storage.sql.revision import (
    is_begun,
    newest_revision,
    refuse_other_revisions,
    revision_of,
)
from storage.sql.subscriptions import callbacks, due_hubs, give_up_unwanted
from storage.sql.visits import due_hosts, forget_visits, is_pending
from storage.takedown.erasing import Eraser
from storage.uploading import Mirror
from storage.warc.cdxj import unindexed, write_cdxj
from storage.warc.segment import Segment
from storage.writer import Tx, Writer

#: How many unread captures of a dead process are read again at a time.
_UNREAD_BATCH = 200
#: How many captures get their keys, and how many events go, in one transaction; the
#: pause behind it, s.
_KEYS = 1000
_EVENTS = 1000
#: Of removed sources so many are named in the log.
_NAMED = 10
_PAUSE = 0.1
#: How long a server that goes away as a service begins is waited for, s.
_PATIENCE = 30.0
#: What of its means a service makes anew when settings change.
_BY_SETTINGS = (
    "new_client",
    "new_http2_client",
    "new_public_client",
    "stray",
    "policy",
    "sent",
)


def utc_now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session whose failures are StorageErrors."""
    try:
        with Session(engine) as session:
            yield session
    except DBAPIError as error:
        raise read_error(error, str(engine.url.database)) from error


@dataclass(slots=True, kw_only=True, eq=False)
class Reader:
    """The archive, to read; `config` is replaced by a reload and by nothing else."""

    config: Config
    folder: DataFolder
    engine: Engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session that cannot write.

        Raises:
            StorageError: the database cannot be read, or is none of Kliping's.
        """
        with reading(self.engine) as session:
            yield session


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
        url = _database(self.config, self.folder)
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
        await _put_sources(self.means.writer, config, now)
        means = self.means
        fresh = _means(config, self.folder, means.writer, means.pool, self.watches)
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


async def _put_sources(writer: Writer, config: Config, now: datetime) -> None:
    removed = await writer.run(lambda tx: put_sources(tx.session, config, now))
    if removed:
        structlog.get_logger("crawler").warning(
            "sources removed", count=len(removed), first=removed[:_NAMED]
        )


def _enter_day(sealed: Sealed, node: str, tx: Tx) -> None:
    enter_day(tx.session, sealed, node)


@contextmanager
def open_reader(config: Config) -> Iterator[Reader]:
    """Open the archive to read; other processes may read and write meanwhile.

    Raises:
        UsageError: nothing was ever archived at this place.
        DatabaseLost: there are WARC files, and no database of theirs.
        SchemaTooOld: an earlier Kliping made the database.
        SchemaTooNew: a later one did.
    """
    path = config.storage.folder
    url = database_url(config.storage.database, path)
    file = database_file(url)
    if file is not None and not (file.exists() or path.exists()):
        raise _nothing_at(path)
    folder = folder_of(config)
    _refuse_lost(folder, url)
    if file is not None and not file.exists():
        raise _nothing_at(file)
    engine = reading_engine(url)
    try:
        _refuse_other_revisions(engine)
        yield Reader(config=config, folder=folder, engine=engine)
    finally:
        engine.dispose()


def _nothing_at(place: Path) -> UsageError:
    return UsageError(
        f"nothing is archived at {place} yet; start with `kliping serve` "
        "or `kliping fetch --save URL`"
    )


def _refuse_lost(folder: DataFolder, url: str) -> None:
    try:
        refuse_lost(folder, url)
    except DBAPIError as error:
        raise read_error(error, str(make_url(url).database)) from error


def _refuse_other_revisions(engine: Engine) -> None:
    try:
        refuse_other_revisions(engine)
    except DBAPIError as error:
        raise read_error(error, str(engine.url.database)) from error


def migrated(config: Config) -> tuple[str | None, str]:
    """Bring the archive to this Kliping's tables; return its revisions before and after.

    Raises:
        ArchiveBusy: another process holds the data folder.
        DatabaseLost: there are WARC files, and the database is new.
        SchemaTooNew: the database was made by a newer Kliping.
        StorageError: it cannot be migrated; nothing was changed.
    """
    folder = folder_of(config)
    with folder.lock({}):
        url = _database(config, folder)
        _refuse_lost(folder, url)
        engine = reading_engine(url)
        try:
            before = revision_of(engine) if is_begun(url) else None
        except DBAPIError as error:
            raise read_error(error, str(engine.url.database)) from error
        finally:
            engine.dispose()
        migrate(url)
    return before, newest_revision()


@asynccontextmanager
async def open_service(
    config: Config, *, description: Mapping[str, str] | None = None
) -> AsyncIterator[Service]:
    """Open the archive to crawl: lock, migrate, recover, then start the parts.

    Raises:
        ArchiveBusy: another service holds the data folder, or a command for long.
        DatabaseLost: there are WARC files, and the database is new.
        SchemaTooNew: the database was made by a newer Kliping.
    """
    folder = folder_of(config)
    with await take_folder(folder, description or {}) as lock:
        url = _database(config, folder)
        await asyncio.to_thread(_refuse_lost, folder, url)
        await asyncio.to_thread(migrate, url)
        engine = writing_engine(url)
        readers = reading_engine(url)
        recovered, inherited = await asyncio.to_thread(
            _recover, engine, folder, _longest_rest(config)
        )
        writer = _open_writer(config, engine, folder)
        mirror = _mirror(config, folder, writer, readers)
        eraser = replace(_eraser(config, folder, writer, readers), mirror=mirror)
        try:
            await _put_sources(writer, config, utc_now())
            async with (
                ExtractPool(config.service.extractors, ChildLimits()) as pool,
                browser_for(config) as browser,
            ):
                watches: dict[int, Watch] = {}
                service = Service(
                    config=config,
                    folder=folder,
                    engine=readers,
                    lock=lock,
                    eraser=eraser,
                    mirror=mirror,
                    recovered=recovered,
                    inherited=inherited,
                    watches=watches,
                    means=replace(
                        _means(config, folder, writer, pool, watches), browser=browser
                    ),
                )
                await _begin(service)
                yield service
        finally:
            await asyncio.to_thread(writer.close)
            readers.dispose()
            engine.dispose()


async def _begin(service: Service) -> None:
    """Take up what was begun, and read what is watched.

    A server that goes away meanwhile is waited for, as in all that is done later.
    """
    ends = monotonic() + _PATIENCE
    while True:
        try:
            await asyncio.to_thread(service.eraser.take_up)
            await service.finish_begun()
            await service.reload_sources()
            await service.find_price()
        except StorageError as error:
            is_away = isinstance(error.__cause__, OperationalError)
            if not (service.folder.node and is_away) or monotonic() > ends:
                raise
            await asyncio.sleep(1)
        else:
            return


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


def fetch_limits(config: Config) -> Limits:
    """Return what one fetch may cost."""
    limits = config.limits
    return Limits(
        connect=limits.connect,
        first_byte=limits.first_byte,
        total=limits.total,
        raw_bytes=limits.raw_size,
        decoded_bytes=limits.decoded_size,
        redirects=limits.redirects,
    )


def client_for(config: Config, *, public: bool = False, http2: bool = False) -> Client:
    """Return the small HTTP client of one visit; all share one TLS context.

    Args:
        config: The settings.
        public: Leave out the private networks that are allowed.
        http2: Offer HTTP/2.
    """
    policy = config.policy
    return Client(
        user_agent=config.identity.user_agent(__version__),
        limits=fetch_limits(config),
        policy=AddressPolicy(
            allow_networks=() if public else policy.allow_networks,
            deny_networks=policy.deny_networks,
            ports=policy.ports,
        ),
        http2=http2,
    )


def webhook_client(config: Config) -> Client:
    """Return a client that reaches the operator's own webhook, wherever that is."""
    return Client(
        user_agent=config.identity.user_agent(__version__),
        limits=fetch_limits(config),
        policy=AddressPolicy(
            allow_networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))
        ),
    )


def browser_for(config: Config) -> Browser:
    """Return the browser that renders pages; it starts with the first one."""
    return Browser(
        config.service.browser, user_agent=config.identity.user_agent(__version__)
    )


def folder_of(config: Config) -> DataFolder:
    """Return the data folder, and the object store behind it where one is named.

    It has a name of its own where others share its database.

    Raises:
        UsageError: what speaks to object stores is not installed.
        StoreUnreachable: there can be no such store.
    """
    path = config.storage.folder
    is_shared = is_server(config.storage.database)
    node = node_name(path) if is_shared else ""
    return DataFolder(path, store_of(config), node=node)


def _mirror(
    config: Config, folder: DataFolder, writer: Writer, readers: Engine
) -> Mirror | None:
    objects = store_of(config)
    if objects is None:
        return None
    return Mirror(
        folder=folder,
        objects=objects,
        writer=writer,
        session=partial(reading, readers),
        now=utc_now,
        keep_local=config.storage.keep_local,
    )


def _database(config: Config, folder: DataFolder) -> str:
    return database_url(config.storage.database, folder.path)


def _longest_rest(config: Config) -> timedelta:
    """Return the longest pause that a host is owed by these settings."""
    plans = [plan_for(source, config) for source in config.sources]
    return max(plan.delay for plan in (*plans, stray_plan(config)))


def _recover(
    engine: Engine, folder: DataFolder, rest: timedelta
) -> tuple[Recovered, int]:
    """Return what was recovered, and the newest capture there is.

    Hosts that a dead process visited are left alone for a `rest`.
    """
    with Session(engine, info=info_of(folder.node)) as session:
        adopt(session, folder.segments())
        folder.adopt_days()
        recovered = recover(folder, session, utc_now())
        forget_visits(session, utc_now() + rest)
        put_off = take_times_back(session, utc_now())
        newest = newest_id(session)
        session.commit()
    if put_off:
        structlog.get_logger("crawler").warning("clock was ahead", due_now=put_off)
    return recovered, newest


def _open_writer(config: Config, engine: Engine, folder: DataFolder) -> Writer:
    def open_segment() -> Segment:
        return Segment(
            folder.warc,
            software=f"Kliping/{__version__}",
            operator=config.identity.contact or config.identity.name,
            now=utc_now(),
            node=folder.node,
        )

    return Writer(
        engine,
        open_segment,
        now=utc_now,
        window=timedelta(milliseconds=20),
        rotate_bytes=config.storage.segment_size,
        rotate_after=config.storage.segment_age,
        reserve_bytes=config.storage.disk_floor,
        node=folder.node,
    )


def _eraser(
    config: Config, folder: DataFolder, writer: Writer, readers: Engine
) -> Eraser:
    return Eraser(
        folder=folder,
        writer=writer,
        session=partial(reading, readers),
        now=utc_now,
        quoting=partial(captures_quoting, folder, fetch_limits(config)),
        turn=Lead(readers, ERASING),
    )


def _means(
    config: Config,
    folder: DataFolder,
    writer: Writer,
    pool: Extractor,
    watches: Mapping[int, Watch],
) -> Means:
    return Means(
        folder=folder,
        writer=writer,
        pool=pool,
        new_client=lambda: client_for(config),
        new_http2_client=lambda: client_for(config, http2=True),
        new_public_client=lambda: client_for(config, public=True),
        watches=watches,
        stray=stray_plan(config),
        policy=config.policy,
        limits=fetch_limits(config),
        disk_floor=config.storage.disk_floor,
        agent=config.identity.name,
        now=utc_now,
        draw=random.random,
        log=structlog.get_logger("crawler"),
        callback=config.websub.callback,
        sent=config.alerts.events if config.alerts.webhook is not None else (),
    )
