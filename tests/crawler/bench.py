"""A desk and a counting server on one simulated clock: politeness as servers see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from sqlmodel import select

from crawler.config.tree import Config
from crawler.sources.asking import Asker
from crawler.urls import host_key
from crawler.visits.claims import Claims
from crawler.visits.visit import visit
from storage.sql.tables import HostRow
from storage.writer import Tx, Writer
from tests.crawler.counting import Counter, counting, talking_client
from tests.crawler.desk import Desk, open_desk, story
from tests.torture.week.simulated import SimulatedLoop, clock_of, run_simulated

BEGAN = datetime(2026, 3, 3, tzinfo=UTC)
DELAY, PATIENCE = timedelta(seconds=5), timedelta(minutes=1)


class StillWriter:
    """The writer; no time passes while it writes."""

    def __init__(self, writer: Writer, loop: SimulatedLoop) -> None:
        self._writer = writer
        self._loop = loop

    async def run(self, work: Callable[[Tx], Any]) -> Any:  # noqa: ANN401
        return await self._loop.stand_still(self._writer.run(work))


@dataclass
class Bench:
    """A desk and a counting server on one simulated clock."""

    desk: Desk
    counter: Counter
    loop: SimulatedLoop

    @asynccontextmanager
    async def asking(self, patience: timedelta = PATIENCE) -> AsyncIterator[Asker]:
        """Ask sites by hand until the end of the block."""
        means = self.desk.means
        async with (
            means.new_client() as client,
            Claims(means, client, DELAY, patience) as turns,
        ):
            yield Asker(Config(), client, turns)

    async def enter(self, name: str, *paths: str) -> None:
        for path in paths:
            self.counter.answers[name, path] = story(f"Story {path} of {name}")
            await self.desk.enter(self.counter.url(name, path))

    async def attend(self, name: str) -> int:
        """Visit a name as a tick would; return how many links were attended."""
        host = host_key(self.counter.url(name))
        return len(await visit(host, self.desk.means, budget=20))

    async def keep_visiting(self, *names: str) -> None:
        """Try to visit each name every second, as ticks do."""
        while True:
            for name in names:
                await self.attend(name)
            await asyncio.sleep(1)

    async def rest(self, name: str) -> None:
        """Let a host have the rest that it is owed."""
        pause = self.host(name).free_at - self.desk.means.now()
        await asyncio.sleep(pause.total_seconds())

    def host(self, name: str) -> HostRow:
        key = host_key(self.counter.url(name))
        (row,) = self.desk.read(select(HostRow).where(HostRow.key == key))
        return cast("HostRow", row)


def on_bench(folder: Path, work: Callable[[Bench], Awaitable[None]]) -> Counter:
    """Run a test's work; return what the server counted."""

    async def run(loop: SimulatedLoop) -> Counter:
        now = clock_of(loop, BEGAN)
        async with counting() as counter, open_desk(folder) as desk:
            desk.use(
                writer=StillWriter(desk.means.writer, loop),
                new_client=lambda: talking_client(loop.talking, now),
                now=now,
                stray=desk.plan(delay=DELAY),
            )
            await work(Bench(desk, counter, loop))
            return counter

    with patch(
        "crawler.fetch.tape.monotonic", lambda: asyncio.get_running_loop().time()
    ):
        return run_simulated(run)
