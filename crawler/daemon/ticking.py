"""What a running service does again and again, by its roles, and who leads.

What is of a data folder, each process does for its own. What is to be done once, the
process does that leads among those that schedule: on SQLite the only one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from crawler.catching_up.copies import place_all
from crawler.daemon.schedule import TICK, clockwork
from crawler.dispatch.local import LocalDispatch
from crawler.health.overseeing import Overseer
from crawler.jobs.running import Jobs
from crawler.kept.unread import read_in_the_end
from crawler.service.pulse import Pulse
from crawler.service.roles import Role
from crawler.service.service import Service
from storage.errors import StorageError
from storage.sql.leading import Lead

log = structlog.get_logger("crawler")
_PRICE_EVERY = timedelta(hours=1)
_DISK_EVERY = timedelta(seconds=5)
_LEAD_EVERY = timedelta(seconds=5)
_SOURCES_EVERY = timedelta(seconds=30)
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
_PARTITIONS_EVERY = timedelta(hours=1)
_ASKED_EVERY = timedelta(minutes=1)
#: A clock that goes back by more was set; by less it was trimmed.
_SET_BACK = timedelta(minutes=1)
#: How long reading again waits where it cannot be kept.
_UNREAD_PAUSE = timedelta(minutes=1)

Job = Callable[[], Awaitable[object]]
Due = Callable[[int], Awaitable[list[str]]]


class Dispatch(Protocol):
    """Where visits run."""

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are being visited from here."""

    def is_full(self) -> bool:
        """Tell whether there is no room for what visits bring."""

    async def start(self, due: Due) -> int:
        """Have visits begun that are due; return how many."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ticker:
    """What is done, with what it is done."""

    service: Service
    roles: frozenset[Role]
    dispatch: Dispatch
    hubs: LocalDispatch
    pulse: Pulse
    asked: Jobs
    overseer: Overseer
    lead: Lead
    leads: bool = False

    def jobs(self) -> Mapping[str, tuple[timedelta, Job]]:
        """Return what this process does, by name, and how often."""
        service = self.service
        mine: dict[str, tuple[timedelta, Job]] = {
            "tick": (TICK, self.tick),
            "disk": (_DISK_EVERY, self.watch_disk),
            "index": (_INDEX_EVERY, service.index_segments),
            "objects": (_OBJECTS_EVERY, service.push_objects),
            "days": (_DAYS_EVERY, partial(seal_days, service)),
            "erasures": (_ERASURES_EVERY, service.finish_begun),
            "retention": (_RETIRE_EVERY, service.retire),
            "price": (_PRICE_EVERY, service.find_price),
        }
        if service.folder.node:
            mine["sources"] = (_SOURCES_EVERY, service.reload_sources)
        if Role.WEB in self.roles:
            mine["asked"] = (_ASKED_EVERY, self.asked.clean)
        if Role.SCHEDULE in self.roles:
            mine["lead"] = (_LEAD_EVERY, self.take_lead)
        once: dict[str, tuple[timedelta, Job]] = {
            "hubs": (TICK, self.ask_hubs),
            "unwanted": (_UNWANTED_EVERY, service.give_up_unwanted),
            "counts": (_COUNT_EVERY, self.count),
            "alerts": (_OVERSEE_EVERY, self.oversee),
            "events": (_SEND_EVERY, self.send_events),
            "old events": (_TRIM_EVERY, service.trim_events),
        }
        if service.folder.node:
            once["partitions"] = (_PARTITIONS_EVERY, service.keep_partitions)
        led = {name: (every, self._led(job)) for name, (every, job) in once.items()}
        return mine | led

    async def tick(self) -> None:
        """Have visits begun, where this process schedules; tell that it lives."""
        before, now = self.pulse.ticked_at, self.service.means.now()
        self.pulse.ticked_at = now
        if Role.SCHEDULE in self.roles and before and before - now > _SET_BACK:
            await self.service.take_times_back(before - now)
        if Role.SCHEDULE in self.roles:
            await self.dispatch.start(self.service.due)
        self.pulse.visiting = self.dispatch.hosts

    async def take_lead(self) -> None:
        """Lead if nobody else does."""
        leads = await asyncio.to_thread(self.lead.hold)
        if leads != self.leads and self.service.folder.node:
            log.info("leading" if leads else "another process leads")
        self.leads = leads

    async def ask_hubs(self) -> None:
        """Begin visits of hubs that are to be asked for something."""
        for host in await self.service.due_hubs(self.hubs.room):
            self.hubs.visit(host)

    async def watch_disk(self) -> None:
        """Pause what fetches while the disk is full."""
        service = self.service
        free = await asyncio.to_thread(service.folder.free_bytes)
        full = await asyncio.to_thread(self.dispatch.is_full)
        if full != self.pulse.disk_full:
            log.warning(
                "disk floor", free_bytes=free, fetching="paused" if full else "resumed"
            )
        self.pulse.disk_full = full

    async def count(self) -> None:
        """Count the day of each source."""
        await self.overseer.count(self.service.means.now())

    async def oversee(self) -> None:
        """Judge how sources fare."""
        self.overseer.budget = self.service.config.alerts.per_week
        await self.overseer.oversee()

    async def send_events(self) -> None:
        """Send events to who wants them."""
        if (sender := self.service.sender()) is not None:
            await sender.send_due()

    async def post_digests(self) -> None:
        """Send digests when they are due; a mail server that hangs holds nothing up."""
        me = asyncio.current_task()
        while True:
            postman = self.service.postman()
            if postman is not None and self.leads:
                await tried(self.pulse, "digest", postman.send_due)()
            if me is not None and me.cancelling():  # broken off, it ended as refused
                return
            await asyncio.sleep(_DIGEST_EVERY.total_seconds())

    def _led(self, job: Job) -> Job:
        async def run() -> None:
            if self.leads:
                await job()

        return run


@asynccontextmanager
async def ticking(ticker: Ticker) -> AsyncIterator[None]:
    """Do what is to be done again and again, until the context ends."""
    await ticker.watch_disk()
    if Role.SCHEDULE in ticker.roles:
        await ticker.take_lead()
    aside = [asyncio.create_task(one) for one in _once(ticker)]
    jobs = {
        name: (every, tried(ticker.pulse, name, job))
        for name, (every, job) in ticker.jobs().items()
    }
    try:
        async with clockwork(jobs):
            yield
    finally:
        for task in aside:
            task.cancel()
        await asyncio.gather(*aside, return_exceptions=True)
        await asyncio.to_thread(ticker.lead.leave)


def _once(ticker: Ticker) -> list[Coroutine[Any, Any, object]]:
    """Return what is done once, aside, at the start."""
    service = ticker.service
    once: list[Coroutine[Any, Any, object]] = [_catch_up(service)]
    if ticker.leads:
        once += [
            place_all(service.means, service.session),
            _put_off("keys of captures", service.key_captures),
            _put_off("hubs", service.give_up_unwanted),
        ]
    if Role.SCHEDULE in ticker.roles:
        once.append(ticker.post_digests())
    return once


#: What goes on while the disk is full: it needs no room, or makes some.
_ON_A_FULL_DISK = frozenset(
    [
        "tick",
        "disk",
        "lead",
        "sources",
        "price",
        "retention",
        "erasures",
        "asked",
        "unwanted",
    ]
)


def tried(pulse: Pulse, name: str, job: Job) -> Callable[[], Awaitable[None]]:
    """Return a job whose failure is told, and that the next tick tries again.

    What writes is left out while the disk is full.
    """

    async def run() -> None:
        if pulse.disk_full and name not in _ON_A_FULL_DISK:
            return
        try:
            await job()
        except StorageError as error:
            log.warning("put off", job=name, why=str(error))

    return run


async def seal_days(service: Service) -> None:
    """Put the records of days that are over under roots."""
    if count := await service.seal_days():
        log.info("days sealed", count=count)


async def _catch_up(service: Service) -> None:
    """Read what was kept and not read, then note what was kept before notes were."""
    await read_in_the_end(service.read_unread, log, _UNREAD_PAUSE)
    await note_kept(service)


async def note_kept(service: Service) -> None:
    """Note what was kept before notes were; without them no `rebuild` finds it."""

    async def note() -> None:
        if count := await service.note_kept():
            log.info("noted articles of an earlier version", count=count)

    await _put_off("noting", note)


async def _put_off(trouble: str, job: Job) -> None:
    """Do what the next start does where it cannot be done now."""
    try:
        await job()
    except StorageError as error:
        log.warning("put off to the next start", job=trouble, why=str(error))
