"""Fetch many inputs now, politely, and keep nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from crawler.cli.exits import ExitCode, lines_of, of_error, of_page
from crawler.cli.inputs import Address, Given, Input
from crawler.cli.result import Result
from crawler.config import Config
from crawler.errors import CrawlError
from crawler.extract.article import extract_text
from crawler.extract.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.fetch.client import Client
from crawler.ondemand import fetch_one
from crawler.service import client_for, stray_plan, utc_now
from crawler.urls import fetch_url, host_key
from storage.errors import StorageError
from storage.model import Extraction

_AT_ONCE = 8


class Pace:
    """Keeps a pause between two requests to one host, and few hosts at once."""

    def __init__(self, delay: timedelta) -> None:
        """Take the least time between the end of one turn and the next."""
        self._delay = delay.total_seconds()
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for the turn of a URL's host, first come, first served."""
        host, clock = host_key(url), asyncio.get_running_loop().time
        async with self._turns[host]:
            await asyncio.sleep(self._free_at.get(host, 0.0) - clock())
            try:
                async with self._slots:
                    yield
            finally:
                self._free_at[host] = clock() + self._delay


async def in_order(
    inputs: Sequence[Input],
    work: Callable[[Input], Awaitable[Result]],
    show: Callable[[Result], None],
) -> None:
    """Work at all inputs at once; show each result in the inputs' order.

    What an input raises is its own result and harms no other.
    """
    tasks = [asyncio.create_task(_result(one, work)) for one in inputs]
    try:
        for task in tasks:
            show(await task)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def fetch_all(
    inputs: Sequence[Input], config: Config, show: Callable[[Result], None]
) -> None:
    """Fetch and extract all inputs; nothing is kept."""
    pace = Pace(stray_plan(config).delay)
    pool = ExtractPool(config.service.extractors, ChildLimits())
    async with pool, client_for(config) as client:

        async def work(one: Input) -> Result:
            if isinstance(one, Given):
                return await _extract_given(one, pool)
            async with pace.turn(fetch_url(one.url)):
                return await _fetch(one, config, client, pool)

        await in_order(inputs, work, show)


def failed(one: Input, error: Exception) -> Result:
    """Return the result of an input that raised."""
    name = one.name if isinstance(one, Given) else one.url
    why = "; ".join(lines_of(error))
    return Result(name=name, url=one.url, code=of_error(error), why=why)


async def _result(one: Input, work: Callable[[Input], Awaitable[Result]]) -> Result:
    try:
        return await work(one)
    except (CrawlError, StorageError) as error:
        return failed(one, error)


async def _fetch(
    one: Address, config: Config, client: Client, pool: ExtractPool
) -> Result:
    got = await fetch_one(one.url, config, client, pool, utc_now())
    return _judged(one.url, got.answer.url, got.answer.status, got.extraction)


async def _extract_given(one: Given, pool: ExtractPool) -> Result:
    if one.is_text:
        text = one.body.decode("utf-8-sig", "replace")
        made = extract_text(text, captured_at=utc_now(), url=one.url)
    else:
        source = PageSource(url=one.url, body=one.body, captured_at=utc_now())
        made = await pool.extract(source)
    return _judged(one.name, one.url, None, made)


def _judged(
    name: str, url: str, status: int | None, extraction: Extraction | None
) -> Result:
    if extraction is None:
        return Result(
            name=name,
            url=url,
            code=ExitCode.HTTP_ERROR,
            why=f"{url}: HTTP {status}",
            status=status,
        )
    verdict = extraction.verdict
    code = of_page(status or 200, verdict.kind)
    evidence = "; ".join(verdict.evidence)
    said = f"HTTP {status}, {verdict.kind}" if status else str(verdict.kind)
    return Result(
        name=name,
        url=url,
        code=code,
        why=f"{url}: {said} ({evidence})" if code else "",
        status=status,
        verdict=verdict,
        article=extraction.article,
    )
