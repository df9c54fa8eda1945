"""Killable child processes that extract: one bad page costs one extraction, never the service.

Real pages have crashed HTML parsers, and 250 KB of hostile markup holds one for
20 s in C, where no thread can be stopped. So pages are parsed in children with
CPU, memory and wall limits; a child is ended by its own limits or killed.
"""

import asyncio
import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from types import TracebackType
from typing import Protocol, Self

from crawler.errors import ExtractFailed
from crawler.extract.children.environment import child_environment
from crawler.extract.children.wire import (
    LENGTH,
    MAX_FRAME,
    NOTICE,
    decode_extraction,
    encode_source,
)
from crawler.extract.source import HostKnowledge, PageSource
from storage.model.extraction import Extraction

_LOG = logging.getLogger(__name__)
_NOTICES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What one child may use.

    Attributes:
        cpu: CPU time for one page.
        wall: Time for one page, start of the child included.
        memory_bytes: Address space of the child.
        pages: Pages until a fresh child takes its place.
    """

    cpu: timedelta = timedelta(seconds=10)
    wall: timedelta = timedelta(seconds=15)
    memory_bytes: int = 2 * 1024**3
    pages: int = 1000


class _Child:
    """A running child and the pages it has read."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pages = 0
        self._told: HostKnowledge | None = None

    async def ask(self, source: PageSource) -> bytes:
        """Send a page, return the answer's frame."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:  # both are pipes, see `_start`
            raise ConnectionResetError("no pipes")
        for frame in encode_source(source, self._told):
            stdin.write(LENGTH.pack(len(frame)))
            stdin.write(frame)
        self._told = source.known or self._told
        await stdin.drain()
        answer = await _frame(stdout)
        if answer.startswith(NOTICE):
            _note(answer)  # and no more of them: a child may be taken over
        while answer.startswith(NOTICE):
            answer = await _frame(stdout)
        self.pages += 1
        return answer

    async def die(self) -> None:
        """Wait a moment for a process whose pipe has closed: its status says why."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self.process.wait()

    async def end(self) -> None:
        """Kill the process, if it still runs, and reap it."""
        if self.process.returncode is None:
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class Extractor(Protocol):
    """What extracts pages."""

    async def extract(self, source: PageSource) -> Extraction:
        """Return what a page was read as; raises ExtractFailed."""


class ExtractPool:
    """Extracts pages in up to `workers` children at a time.

        async with ExtractPool(workers=2, limits=ChildLimits()) as pool:
            extraction = await pool.extract(source)

    Children start when first needed and stay until they have read their pages.
    """

    def __init__(self, workers: int, limits: ChildLimits) -> None:
        """Keep the limits; nothing is started yet."""
        self._limits = limits
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Return the pool."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill all children."""
        await self.aclose()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the children that run."""
        return tuple(
            sorted(c.process.pid for c in self._all if c.process.returncode is None)
        )

    async def aclose(self) -> None:
        """Kill all children at once; pages under way fail."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(self._discard(child) for child in tuple(self._all)))

    async def extract(self, source: PageSource) -> Extraction:
        """Return what a child made of a page.

        Raises:
            ExtractFailed: The child died, ran out of CPU time or memory, or did
                not answer in time. The next page gets a fresh child.
        """
        async with self._slots:
            if self._closed:
                raise ExtractFailed("the pool is closed")
            child = await self._take()
            try:
                async with asyncio.timeout(self._limits.wall.total_seconds()):
                    extraction = decode_extraction(await child.ask(source))
            except TimeoutError as error:
                await self._discard(child)
                raise ExtractFailed(f"no answer in {self._limits.wall}") from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                # Killing a process that is just ending would take its status away.
                await child.die()
                await self._discard(child)
                raise ExtractFailed(_why(child.process.returncode)) from error
            except ValueError as error:
                await self._discard(child)
                raise ExtractFailed(
                    f"the child answered nonsense: {error}"[:300]
                ) from error
            except BaseException:  # cancelled: the answer under way belongs to nobody
                await self._discard(child)
                raise
            await self._give_back(child)
            return extraction

    async def _take(self) -> _Child:
        """Return an idle child that still runs, or a fresh one."""
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
            await self._discard(child)
        child = _Child(await self._start())
        self._all.add(child)
        return child

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crawler.extract.children.child",
            str(max(1, round(self._limits.cpu.total_seconds()))),
            str(self._limits.memory_bytes),
            env=child_environment(os.environ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=1024 * 1024,
        )

    async def _give_back(self, child: _Child) -> None:
        if child.pages >= self._limits.pages or self._closed:
            await self._discard(child)
        else:
            self._idle.append(child)

    async def _discard(self, child: _Child) -> None:
        await child.end()
        self._all.discard(child)


async def _frame(stdout: asyncio.StreamReader) -> bytes:
    (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
    if length > MAX_FRAME:
        raise ValueError(f"an answer of {length} bytes")
    return await stdout.readexactly(length)


@lru_cache(maxsize=_NOTICES)
def _note(notice: bytes) -> None:
    """Log what a child tells of itself; what several tell once."""
    _LOG.warning("%s", notice.removeprefix(NOTICE).decode("utf-8", "replace")[:300])


def _why(returncode: int | None) -> str:
    """Return how a child ended, in words."""
    if returncode is not None and returncode < 0:
        return f"the child was ended by signal {-returncode}"
    return f"the child ended with status {returncode}"
