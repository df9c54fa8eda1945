"""Fetch many inputs now, politely, and keep nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from crawler.cli.exits import ExitCode
from crawler.cli.fetching.given import extract_given, in_order, judged
from crawler.cli.fetching.inputs import Address, Given, Input, Unreadable
from crawler.cli.fetching.result import Result
from crawler.config.plan import stray_plan
from crawler.config.tree import Config
from crawler.errors import FetchError
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.reading.parts import Part, gather
from crawler.service.clients import client_for
from crawler.sources.asking import Asker, Pace
from crawler.troubles import has_failed
from crawler.urls import host_key
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction


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
                    return await extract_given(one, pool)
                case Address():
                    return await _fetch(one, asker, pool)

        await in_order(inputs, work, show)


async def _fetch(one: Address, asker: Asker, pool: ExtractPool) -> Result:
    answer = await asker.fetch(one.url)

    async def extract(page: Exchange) -> Extraction:
        return await pool.extract(_source(page))

    gathered = await gather(
        await extract(answer), answer, partial(_ask_part, asker, answer), extract
    )
    result = judged(one.url, answer.url, answer.status, gathered.extraction)
    return _or_cut(result, answer)


def _or_cut(result: Result, answer: Exchange) -> Result:
    """Return the result; of a page that is not whole, that it is not.

    What is left of it may seem well, or no article, or a wall.
    """
    part = ("a part of the page alone",) if answer.status == 206 else ()
    lacks = "; ".join((*part, *answer.lacks))
    if has_failed(answer.status) or not lacks:
        return result
    why = f"{answer.url}: HTTP {answer.status}, {lacks}"
    return replace(result, code=ExitCode.NETWORK, why=why)


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
