"""Fetch many inputs now, politely, and keep nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from crawler.cli.asking import Asker, Pace
from crawler.cli.exits import lines_of, of_error, of_page
from crawler.cli.inputs import Address, Given, Input, Unreadable
from crawler.cli.result import Result
from crawler.config import Config
from crawler.errors import CrawlError, FetchError
from crawler.extract.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.parts import Part, gather
from crawler.service import client_for, stray_plan, utc_now
from crawler.urls import host_key
from storage.errors import StorageError
from storage.model import Exchange, Extraction, Verdict


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
    pool = ExtractPool(config.service.extractors, ChildLimits())
    async with pool, client_for(config) as client:
        asker = Asker(config, client, Pace(stray_plan(config).delay))

        async def work(one: Input) -> Result:
            match one:
                case Unreadable():
                    raise one.why
                case Given():
                    return await _extract_given(one, pool)
                case Address():
                    return await _fetch(one, asker, pool)

        await in_order(inputs, work, show)


def failed(one: Input, error: Exception) -> Result:
    """Return the result of an input that raised."""
    name = one.url if isinstance(one, Address) else one.name
    url = one.name if isinstance(one, Unreadable) else one.url
    why = "; ".join(lines_of(error))
    return Result(name=name, url=url, code=of_error(error), why=why)


async def _result(one: Input, work: Callable[[Input], Awaitable[Result]]) -> Result:
    try:
        return await work(one)
    except (CrawlError, StorageError) as error:
        return failed(one, error)


async def _fetch(one: Address, asker: Asker, pool: ExtractPool) -> Result:
    answer = await asker.fetch(one.url)

    async def extract(page: Exchange) -> Extraction:
        return await pool.extract(_source(page))

    gathered = await gather(
        await extract(answer), answer, partial(_ask_part, asker, answer), extract
    )
    return _judged(one.url, answer.url, answer.status, gathered.extraction)


async def _ask_part(asker: Asker, first: Exchange, url: str) -> Part:
    """Ask for a further page of an article."""
    try:
        if host_key(url) != host_key(first.url):
            return Part(why="on another host")
        answer = await asker.fetch(url)
    except FetchError as error:
        return Part(why=str(error))
    if answer.status != 200:
        return Part(why=f"HTTP {answer.status}")
    return Part(answer=answer)


def _source(answer: Exchange) -> PageSource:
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
    )


async def _extract_given(one: Given, pool: ExtractPool) -> Result:
    if one.is_text:
        from crawler.extract.article import extract_text

        text = one.body.decode("utf-8-sig", "replace")
        made = extract_text(text, captured_at=utc_now(), url=one.url)
    else:
        source = PageSource(url=one.url, body=one.body, captured_at=utc_now())
        made = await pool.extract(source)
    return _judged(one.name, one.url, None, made)


def _judged(name: str, url: str, status: int | None, extraction: Extraction) -> Result:
    verdict = extraction.verdict if status else _without_status(extraction.verdict)
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


def _without_status(verdict: Verdict) -> Verdict:
    """Return the verdict on what came without HTTP: no status speaks for it."""
    evidence = (line for line in verdict.evidence if not line.startswith("status "))
    return replace(verdict, evidence=tuple(evidence))
