"""Hundreds of fake sites, a fifth of them faulty, over a simulated week.

The service's own code runs: ticks, visits, turns, robots.txt, ledger, SQLite, WARC;
only the clock is another, and pages are extracted in this process, not in children.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from unittest.mock import patch

from sqlmodel import Session, select

from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.daemon import daemon
from crawler.dispatch.local import LocalDispatch
from crawler.extract.article import extract
from crawler.extract.children.pool import ExtractPool
from crawler.extract.source import PageSource
from crawler.fetch.client import Client
from crawler.fetch.guard import AddressPolicy
from crawler.service.opening import open_service
from crawler.service.service import Service
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link_state import LinkState
from storage.sql.tables import CaptureRow, HostRow, LinkRow, TurnRow
from storage.writer import Tx, Writer
from tests.torture.week.judge import breaches
from tests.torture.week.simulated import SimulatedLoop, clock_of, run_simulated
from tests.torture.week.town import (
    DAY,
    FAULTS,
    HOUR,
    Site,
    Town,
    make_crowd,
    make_sites,
)

T = TypeVar("T")

#: Where a sync costs nothing; how disks fare is for other harnesses to say.
_MEMORY = "/dev/shm"  # noqa: S108
_DELAY = 2.0
_TICK = 60.0
#: A due link that nobody attended for so long, though its host was free, is lost.
_LOST_AFTER = timedelta(minutes=30)
#: States of links that are still to be attended.
_OPEN = frozenset({LinkState.WAITING, LinkState.CAPTURED, LinkState.BUDGET})


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Let time pass for the sites; judge by their log and by the ledger."""
    count, days = (80, 2.0) if args.smoke else (args.sites, args.days)
    return _run(make_sites(count, days, dice), days, dice)


def run_crowd(_args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Let sites that share domains and addresses publish much at once."""
    return _run(make_crowd(36, dice), 0.25, dice)


def _run(sites: list[Site], days: float, dice: random.Random) -> dict[str, object]:
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        return run_simulated(lambda loop: _pass(loop, Path(name), sites, days, dice))


async def _pass(
    loop: SimulatedLoop,
    folder: Path,
    sites: list[Site],
    days: float,
    dice: random.Random,
) -> dict[str, object]:
    started, began = time.monotonic(), datetime.now(UTC)
    notes = _Notes(loop, {site.host: site for site in sites if site.fault == "down"})
    with patch("crawler.fetch.tape.monotonic", loop.time):
        async with Town(sites, loop, began, dice) as town, AsyncExitStack() as stack:
            opening = stack.enter_async_context(open_service(_config(folder, town)))
            real = await loop.stand_still(opening)
            service = _simulated(real, loop, town, notes, dice)
            await _live(service, loop, days * DAY)
            figures = _judged(service, town, notes, days * DAY)
    spent = time.monotonic() - started
    return {"sites": len(sites), "days": days, "wall_seconds": round(spent), **figures}


def _config(folder: Path, town: Town) -> Config:
    return Config.model_validate(
        {
            "identity": {"name": "Torture", "contact": "torture@localhost"},
            "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
            "defaults": {
                "delay": f"{_DELAY:g}s",
                "poll": "6h",
                "revisit": "12h",
                "revisit_until": "1d",
            },
            "policy": {"allow_networks": ["127.0.0.0/8"]},
            "service": {"port": 0, "visits": 64},
            "sources": [
                {
                    "name": f"{site.number} {site.fault}".strip(),
                    "home": town.url(site, "/"),
                    "feeds": [town.url(site, "/feed.xml")],
                }
                for site in town.sites
            ],
        }
    )


async def _live(service: Service, loop: SimulatedLoop, until: float) -> None:
    async with LocalDispatch(
        service.visit, service.config.service.visits, daemon.log
    ) as dispatch:
        while loop.time() < until:
            await dispatch.start(service.due)
            await asyncio.sleep(_TICK)
        while dispatch.hosts:
            await asyncio.sleep(_TICK)


# ---- the service, with another clock -------------------------------------------


@dataclass
class _Notes:
    """What the service told of each link it attended: what the ledger then said.

    `down` are the sites that were attended while their port was closed.
    """

    loop: SimulatedLoop
    closing: dict[str, Site]
    down: set[str] = field(default_factory=set)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def info(self, event: str, **facts: str) -> None:
        if event == "attended":
            host = facts["url"].split("/")[2].split(":")[0]
            self.reasons[host, facts["reason"]] += 1
            site = self.closing.get(host)
            if site is not None and site.is_faulty(self.loop.time()):
                self.down.add(host)

    warning = info

    def error(self, event: str, **facts: str) -> None:
        self.errors.append(f"{event}: {facts}")

    exception = error


class _StillWriter:
    """The writer; no time passes while it writes."""

    def __init__(self, writer: Writer, loop: SimulatedLoop) -> None:
        self._writer = writer
        self._loop = loop

    async def run(self, work: Callable[[Tx], T]) -> T:
        return await self._loop.stand_still(self._writer.run(work))


class _InProcess:
    """Extracts in a thread of this process."""

    async def extract(self, source: PageSource) -> Extraction:
        return await asyncio.to_thread(extract, source)


class _TalkingClient(Client):
    """A client whose requests are known to be under way."""

    talking: Callable[[], AbstractContextManager[None]]

    async def exchange(self, url: str, **more: Any) -> Exchange:  # noqa: ANN401
        with self.talking():
            return await super().exchange(url, **more)


def _simulated(
    service: Service,
    loop: SimulatedLoop,
    town: Town,
    notes: _Notes,
    dice: random.Random,
) -> Service:
    now = clock_of(loop, town.began)

    def new_client() -> Client:
        client = _TalkingClient(
            user_agent="Torture/1 (+torture@localhost)",
            limits=fetch_limits(service.config),
            policy=AddressPolicy(allow_networks=service.config.policy.allow_networks),
            resolver=town.resolve,
            now=now,
        )
        client.talking = loop.talking
        return client

    means = replace(
        service.means,
        writer=cast("Writer", _StillWriter(service.means.writer, loop)),
        pool=cast("ExtractPool", _InProcess()),
        new_client=new_client,
        now=now,
        draw=dice.random,
        log=cast("Any", notes),
    )
    return replace(service, means=means)


# ---- judging ----------------------------------------------------------------------


def _judged(
    service: Service, town: Town, notes: _Notes, end: float
) -> dict[str, object]:
    sites = {site.host: site for site in town.sites}
    found = list(breaches(town.log, sites, town.robots, _DELAY))
    now = service.means.now()
    with service.session() as session:
        links = list(session.exec(select(LinkRow)))
        lost = _lost(session, links, now)
        captures = list(session.exec(select(CaptureRow)))
    states = Counter(link.state for link in links)
    unreasoned = [link.url for link in links if not _is_reasoned(link)]
    missing = _missing(town, links, end)
    met = [site for site in town.sites if site.host in town.met | notes.down]
    unnamed = _unnamed(met, notes, captures)
    broken = {
        "breaches": found,
        "lost": lost,
        "unreasoned": unreasoned,
        "missing": missing,
        "unnamed": unnamed,
        "errors": notes.errors,
    }
    return {
        "requests": len(town.log),
        "captures": len(captures),
        "links": len(links),
        "states": dict(sorted(states.items())),
        "faulty_sites": sum(bool(site.fault) for site in town.sites),
        "faults_met": len(met),
        **{name: len(faults) for name, faults in broken.items()},
        "examples": {name: faults[:5] for name, faults in broken.items() if faults},
        "broken": [name for name, faults in broken.items() if faults],
    }


def _lost(session: Session, links: list[LinkRow], now: datetime) -> list[str]:
    """Return links that were due for long though nothing kept their host."""
    before = now - _LOST_AFTER
    hosts = {host.key: host for host in session.exec(select(HostRow))}
    turns = {turn.key: turn.free_at for turn in session.exec(select(TurnRow))}

    def was_free(host: HostRow) -> bool:
        owed = [turns.get(key or "", before) for key in (host.domain, host.address)]
        return host.free_at <= before and all(at <= before for at in owed)

    return [
        link.url
        for link in links
        if link.next_run is not None
        and link.next_run <= before
        and was_free(hosts[link.host])
    ]


def _is_reasoned(link: LinkRow) -> bool:
    """Tell whether a link is in one known state, with a reason or with a due time."""
    state = LinkState(link.state)
    return link.next_run is not None if state in _OPEN else bool(link.reason)


def _missing(town: Town, links: Sequence[LinkRow], end: float) -> list[str]:
    """Return what sites without a fault published a day ago and is not archived."""
    archived = {link.url for link in links if link.state == LinkState.ARCHIVED}
    return [
        url
        for site in town.sites
        if not site.fault and not _shares_fault(site, town.sites)
        for n, at in enumerate(site.published)
        if 0 <= at < end - max(DAY, end / 2) + 12 * HOUR
        and (url := town.url(site, f"/a/{n}")) not in archived
    ]


def _shares_fault(site: Site, sites: Sequence[Site]) -> bool:
    """Tell whether a server's fault is its neighbours' too."""
    return any(other.fault and other.address == site.address for other in sites)


def _unnamed(
    sites: Sequence[Site], notes: _Notes, captures: Sequence[CaptureRow]
) -> list[str]:
    """Return the faulty sites whose fault neither ledger nor captures ever named."""
    said: dict[str, set[str]] = {}
    for host, reason in notes.reasons:
        said.setdefault(host, set()).add(reason)
    for capture in captures:
        host = capture.url.split("/")[2].split(":")[0]
        said.setdefault(host, set()).add(f"HTTP {capture.status}")
    return [
        f"{site.host}: {site.fault}, but {sorted(said.get(site.host, ()))}"
        for site in sites
        if site.fault
        and not any(
            part in reason
            for part in FAULTS[site.fault].split("|")
            for reason in said.get(site.host, ())
        )
    ]
