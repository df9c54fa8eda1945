"""The service in the foreground: ticks, visits, pages; ends cleanly on a signal."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from crawler.config.file import Loaded
from crawler.config.tree import Config
from crawler.daemon.schedule import TICK
from crawler.daemon.supervisor import NOBODY, READY, STOPPING, Supervisor
from crawler.daemon.ticking import Ticker, note_kept, seal_days, ticking, tried
from crawler.daemon.watchdog import STUCK_AFTER, watched
from crawler.dispatch.local import LocalDispatch
from crawler.health.overseeing import Overseer
from crawler.jobs.running import working
from crawler.kept.unread import read_all_unread
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.reloading import reload_or_say_why_not
from crawler.service.roles import EVERY, Role
from crawler.service.service import Service
from crawler.web.server import serve_pages
from storage.errors import DiskFull
from storage.recovery import Recovered
from storage.sql.leading import Lead
from storage.sql.today import lag

if TYPE_CHECKING:
    from crawler.dispatch.engine import EngineDispatch

log = structlog.get_logger("crawler")
_HUBS_AT_ONCE = 4


async def run_once(config: Config) -> None:
    """Visit everything that is due, and what that brings, once; then end.

    Hosts that ask for a rest of more than a moment are left for the next time.
    """
    async with open_service(config) as service:
        _greet(service)
        await read_all_unread(service.read_unread, log)
        await note_kept(service)
        started = service.means.now()
        async with _here(service) as dispatch:
            while dispatch.hosts or await service.is_pending(started):
                if dispatch.is_full():
                    raise DiskFull("less disk is free than storage.disk_floor, or none")
                await dispatch.start(service.due)
                await asyncio.sleep(TICK.total_seconds() / 4)
        await tried(Pulse(), "days", partial(seal_days, service))()


async def run(
    config: Config,
    ready: Callable[[str], None],
    *,
    roles: frozenset[Role] = EVERY,
    loaded: Loaded | None = None,
    supervisor: Supervisor = NOBODY,
    stuck_after: timedelta = STUCK_AFTER,
) -> None:
    """Run the service until SIGTERM or SIGINT.

    Args:
        config: The settings.
        ready: Called with the address of the pages once they answer.
        roles: What of it this process does; all, but where many share a PostgreSQL.
        loaded: The file they were read of: it is read again on SIGHUP.
        supervisor: Told that the service is ready, alive and stopping.
        stuck_after: An event loop that has not run for so long is stuck.
    """
    stop = _on(signal.SIGTERM, signal.SIGINT)
    reload = _on(signal.SIGHUP) if loaded is not None else asyncio.Event()
    async with open_service(config) as service:
        service.loaded, service.roles = loaded, roles
        _greet(service)
        pulse = Pulse()
        async with (
            _dispatch(service, roles) as dispatch,
            _shards(service, roles),
            LocalDispatch(service.visit_hub, _HUBS_AT_ONCE, log) as hubs,
            working(service) as jobs,
            serve_pages(service, pulse, jobs) as address,
            watched(pulse, supervisor, stuck_after),
            _reloading(service, reload),
        ):
            ready(address)
            supervisor.tell(READY)
            ticker = Ticker(
                service=service,
                roles=roles,
                dispatch=dispatch,
                hubs=hubs,
                pulse=pulse,
                asked=jobs,
                overseer=_overseer(service),
                lead=Lead(service.engine),
            )
            async with ticking(ticker):
                await stop.wait()
                supervisor.tell(STOPPING)
            log.info("stopping")


def _dispatch(
    service: Service, roles: frozenset[Role]
) -> "LocalDispatch | EngineDispatch":
    """Return where visits run: in this process, or by jobs that many share."""
    if not service.folder.node:
        return _here(service)
    from crawler.dispatch.engine import Engine, EngineDispatch

    return EngineDispatch(
        Engine(service.config.storage.database),
        _here(service),
        works=Role.WORK in roles,
        log=log,
    )


def _shards(
    service: Service, roles: frozenset[Role]
) -> AbstractAsyncContextManager[None]:
    """Return what reads shards meanwhile; beside visits one at a time."""
    if not service.folder.node or Role.BULK not in roles:
        return nullcontext()
    from crawler.bulk.queue import reading_shards

    limit = 1 if Role.WORK in roles else service.config.service.extractors
    return reading_shards(service.config.storage.database, limit)


def _here(service: Service) -> LocalDispatch:
    limit = service.config.service.visits
    return LocalDispatch(service.visit, limit, log, service.means.is_disk_full)


def _overseer(service: Service) -> Overseer:
    now = service.means.now()
    with service.session() as session:
        late = lag(session, now, closed=service.means.closed())
    return Overseer(
        means=service.means,
        sessions=service.session,
        budget=service.config.alerts.per_week,
        started_at=now,
        waited=late.longest,
    )


def _greet(service: Service) -> None:
    config = service.config
    if not config.identity.contact:
        log.warning(
            "no contact in identity: sites cannot reach you; "
            "no host is asked more than once in 10 seconds"
        )
    tell_recovery(service.recovered)


def tell_recovery(found: Recovered) -> None:
    """Say what was made good before anything was written, and what cannot be."""
    if found.cut_bytes or found.sealed or found.quarantined:
        log.warning(
            "recovered from an unclean end",
            cut_bytes=found.cut_bytes,
            sealed=len(found.sealed),
            quarantined=len(found.quarantined),
        )
    if found.missing or found.short:
        log.warning(
            "WARC files lost what was acknowledged",
            missing=list(found.missing),
            short=[one.segment for one in found.short],
            told_by="kliping verify",
        )


@asynccontextmanager
async def _reloading(service: Service, wanted: asyncio.Event) -> AsyncIterator[None]:
    """Reload the settings whenever that is wanted, until the context ends."""

    async def obey() -> None:
        while await wanted.wait():
            wanted.clear()
            await reload_or_say_why_not(service)

    obeying = asyncio.create_task(obey())
    try:
        yield
    finally:
        obeying.cancel()


def _on(*signals: signal.Signals) -> asyncio.Event:
    """Return what is set by signals; from now on they do not end the process."""
    heard = asyncio.Event()
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, heard.set)
    return heard
