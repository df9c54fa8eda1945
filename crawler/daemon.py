"""The service in the foreground: ticks, visits, pages; ends cleanly on a signal."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import structlog

from crawler.catching_up.copies import place_all
from crawler.config import Config
from crawler.config_file import Loaded
from crawler.dispatch.local import LocalDispatch
from crawler.jobs.running import Jobs, working
from crawler.overseeing import Overseer
from crawler.pulse import Pulse
from crawler.reloading import reload_or_say_why_not
from crawler.schedule import TICK, clockwork
from crawler.service import Service, open_service
from crawler.supervisor import NOBODY, READY, STOPPING, Supervisor
from crawler.unread import read_all_unread, read_in_the_end
from crawler.watchdog import STUCK_AFTER, watched
from crawler.web.server import serve_pages
from storage.errors import DiskFull, StorageError

log = structlog.get_logger("crawler")
_DISK_EVERY = timedelta(seconds=5)
_PRICE_EVERY = timedelta(hours=1)
_DAYS_EVERY = timedelta(minutes=10)
_UNWANTED_EVERY = timedelta(minutes=1)
_INDEX_EVERY = timedelta(seconds=20)
_OBJECTS_EVERY = timedelta(seconds=20)
_ERASURES_EVERY = timedelta(minutes=1)
_RETIRE_EVERY = timedelta(minutes=15)
_OVERSEE_EVERY = timedelta(minutes=20)
_COUNT_EVERY = timedelta(minutes=1)
_TRIM_EVERY = timedelta(minutes=15)
_DIGEST_EVERY = timedelta(minutes=1)
_SEND_EVERY = timedelta(seconds=10)
_ASKED_EVERY = timedelta(minutes=1)
_HUBS_AT_ONCE = 4
#: How long reading again waits where it cannot be kept.
_UNREAD_PAUSE = timedelta(minutes=1)


async def run_once(config: Config) -> None:
    """Visit everything that is due, and what that brings, once; then end.

    Hosts that ask for a rest of more than a moment are left for the next time.
    """
    async with open_service(config) as service:
        _greet(service)
        await read_all_unread(service.read_unread, log)
        started = service.means.now()
        async with _dispatch(service) as dispatch:
            while await service.is_pending(started) or dispatch.hosts:
                if service.means.is_disk_full():
                    raise DiskFull("less disk is free than storage.disk_floor")
                await dispatch.start(service.due)
                await asyncio.sleep(TICK.total_seconds() / 4)
        await _with_room(Pulse(), partial(_seal_days, service), "day not sealed")()


async def run(
    config: Config,
    ready: Callable[[str], None],
    *,
    loaded: Loaded | None = None,
    supervisor: Supervisor = NOBODY,
    stuck_after: timedelta = STUCK_AFTER,
) -> None:
    """Run the service until SIGTERM or SIGINT.

    Args:
        config: The settings.
        ready: Called with the address of the pages once they answer.
        loaded: The file they were read of: it is read again on SIGHUP.
        supervisor: Told that the service is ready, alive and stopping.
        stuck_after: An event loop that has not run for so long is stuck.
    """
    stop = _on(signal.SIGTERM, signal.SIGINT)
    reload = _on(signal.SIGHUP) if loaded is not None else asyncio.Event()
    async with open_service(config) as service:
        service.loaded = loaded
        _greet(service)
        pulse = Pulse()
        async with (
            _dispatch(service) as dispatch,
            LocalDispatch(service.visit_hub, _HUBS_AT_ONCE, log) as hubs,
            working(service) as jobs,
            serve_pages(service, pulse, jobs) as address,
            watched(pulse, supervisor, stuck_after),
            _reloading(service, reload),
        ):
            ready(address)
            supervisor.tell(READY)
            async with _ticking(service, dispatch, hubs, pulse, jobs):
                await stop.wait()
                supervisor.tell(STOPPING)
            log.info("stopping")


@asynccontextmanager
async def _ticking(
    service: Service,
    dispatch: LocalDispatch,
    hubs: LocalDispatch,
    pulse: Pulse,
    asked: Jobs,
) -> AsyncIterator[None]:
    async def tick() -> None:
        pulse.ticked_at = service.means.now()
        if not pulse.disk_full:
            await dispatch.start(service.due)
        pulse.visiting = dispatch.hosts

    async def ask_hubs() -> None:
        if pulse.disk_full:
            return
        for host in await service.due_hubs(hubs.room):
            hubs.visit(host)

    async def watch_disk() -> None:
        free = await asyncio.to_thread(service.folder.free_bytes)
        full = free < service.config.storage.disk_floor
        if full != pulse.disk_full:
            log.warning(
                "disk floor", free_bytes=free, fetching="paused" if full else "resumed"
            )
        pulse.disk_full = full

    await watch_disk()
    await service.give_up_unwanted()
    overseer = Overseer(
        means=service.means,
        sessions=service.session,
        budget=service.config.alerts.per_week,
        started_at=service.means.now(),
    )
    with_room = partial(_with_room, pulse)
    aside = [
        asyncio.create_task(_catch_up(service)),
        asyncio.create_task(place_all(service.means, service.session)),
        asyncio.create_task(_key_captures(service)),
        asyncio.create_task(_post_digests(service, pulse)),
    ]
    try:
        jobs: dict[str, tuple[timedelta, Callable[[], Awaitable[None]]]] = {
            "tick": (TICK, tick),
            "disk": (_DISK_EVERY, watch_disk),
            "price": (_PRICE_EVERY, service.find_price),
            "hubs": (TICK, ask_hubs),
            "index": (
                _INDEX_EVERY,
                with_room(service.index_segments, "WARC file not indexed"),
            ),
            "objects": (
                _OBJECTS_EVERY,
                with_room(service.push_objects, "objects not entered"),
            ),
            "days": (
                _DAYS_EVERY,
                with_room(partial(_seal_days, service), "day not sealed"),
            ),
            "unwanted": (_UNWANTED_EVERY, service.give_up_unwanted),
            "erasures": (_ERASURES_EVERY, service.finish_begun),
            "asked": (_ASKED_EVERY, asked.clean),
            "retention": (_RETIRE_EVERY, service.retire),
            "counts": (
                _COUNT_EVERY,
                with_room(partial(_count, service, overseer), "sources not counted"),
            ),
            "alerts": (
                _OVERSEE_EVERY,
                with_room(partial(_oversee, service, overseer), "sources not judged"),
            ),
            "events": (
                _SEND_EVERY,
                with_room(partial(_send_events, service), "events not noted"),
            ),
            "old events": (
                _TRIM_EVERY,
                with_room(service.trim_events, "events not trimmed"),
            ),
        }
        async with clockwork(jobs):
            yield
    finally:
        for task in aside:
            task.cancel()
        await asyncio.gather(*aside, return_exceptions=True)


def _with_room(
    pulse: Pulse, job: Callable[[], Awaitable[object]], trouble: str
) -> Callable[[], Awaitable[None]]:
    """Return a job that writes, left out while the disk is full; the next tick tries again."""

    async def run() -> None:
        if pulse.disk_full:
            return
        try:
            await job()
        except StorageError as error:
            log.warning(trouble, why=str(error))

    return run


async def _count(service: Service, overseer: Overseer) -> None:
    await overseer.count(service.means.now())


async def _oversee(service: Service, overseer: Overseer) -> None:
    overseer.budget = service.config.alerts.per_week
    await overseer.oversee()


async def _send_events(service: Service) -> None:
    if (sender := service.sender()) is not None:
        await sender.send_due()


async def _seal_days(service: Service) -> None:
    if count := await service.seal_days():
        log.info("days sealed", count=count)


async def _catch_up(service: Service) -> None:
    """Read what was kept and not read, then note what was kept before notes were."""
    await read_in_the_end(service.read_unread, log, _UNREAD_PAUSE)
    try:
        if count := await service.note_kept():
            log.info("noted articles of an earlier version", count=count)
    except StorageError as error:
        log.warning("noting put off to the next start", why=str(error))


async def _key_captures(service: Service) -> None:
    try:
        await service.key_captures()
    except StorageError as error:  # the next start goes on
        log.warning("captures not keyed", why=str(error))


async def _post_digests(service: Service, pulse: Pulse) -> None:
    """Send digests when they are due; a mail server that hangs holds nothing up."""
    me = asyncio.current_task()
    while True:
        if (postman := service.postman()) is not None:
            await _with_room(pulse, postman.send_due, "digest not noted")()
        if me is not None and me.cancelling():  # broken off, it ended as refused
            return
        await asyncio.sleep(_DIGEST_EVERY.total_seconds())


def _dispatch(service: Service) -> LocalDispatch:
    return LocalDispatch(service.visit, service.config.service.visits, log)


def _greet(service: Service) -> None:
    config = service.config
    if not config.identity.contact:
        log.warning(
            "no contact in identity: sites cannot reach you; "
            "no host is asked more than once in 10 seconds"
        )
    cut = service.recovered
    if cut.cut_bytes or cut.sealed or cut.quarantined or cut.missing:
        log.warning(
            "recovered from an unclean end",
            cut_bytes=cut.cut_bytes,
            sealed=len(cut.sealed),
            quarantined=len(cut.quarantined),
            missing=len(cut.missing),
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
