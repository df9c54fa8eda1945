"""Extract what is at hand, files and stdin; nothing of the network is imported for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from crawler.charset import decode, is_binary
from crawler.cli.exits import lines_of, of_error, of_page
from crawler.cli.fetching.inputs import Address, Given, Input, Unreadable, is_address
from crawler.cli.fetching.result import Result
from crawler.config.tree import Config
from crawler.errors import CrawlError
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.formats import LISTS
from crawler.extract.source import PageSource
from crawler.redaction import redact
from crawler.troubles import has_failed
from storage.errors import StorageError
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind

AnyInput = TypeVar("AnyInput", bound=Input)


async def in_order(
    inputs: Sequence[AnyInput],
    work: Callable[[AnyInput], Awaitable[Result]],
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


async def extract_all(
    inputs: Sequence[Unreadable | Given], config: Config, show: Callable[[Result], None]
) -> None:
    """Extract all inputs; nothing is kept."""
    async with ExtractPool(config.service.extractors, ChildLimits()) as pool:

        async def work(one: Unreadable | Given) -> Result:
            if isinstance(one, Unreadable):
                raise one.why
            return await extract_given(one, pool)

        await in_order(inputs, work, show)


def failed(one: Input, error: Exception) -> Result:
    """Return the result of an input that raised."""
    name = one.url if isinstance(one, Address) else one.name
    url = one.name if isinstance(one, Unreadable) else one.url
    why = redact("; ".join(lines_of(error)))
    return Result(name=name, url=url, code=of_error(error), why=why)


async def _result(
    one: AnyInput, work: Callable[[AnyInput], Awaitable[Result]]
) -> Result:
    try:
        return await work(one)
    except (CrawlError, StorageError) as error:
        return failed(one, error)


async def extract_given(one: Given, pool: ExtractPool) -> Result:
    """Extract one file; plain text needs no child."""
    now = datetime.now(UTC)
    if one.is_text and not is_binary(one.body):
        from crawler.extract.article import extract_text

        text, _ = decode(one.body)
        made = extract_text(text, captured_at=now, url=one.url)
    else:
        source = PageSource(url=one.url, body=one.body, captured_at=now)
        made = await pool.extract(source)
    return judged(one.name, one.url, None, made)


def judged(name: str, url: str, status: int | None, extraction: Extraction) -> Result:
    """Return the result of an extraction; `status` is None for what came without HTTP."""
    verdict = extraction.verdict if status else _without_status(extraction.verdict)
    code = of_page(status or 200, verdict.kind)
    why = f"{url}: {_said(status, verdict)}{_advice(url, verdict)}"
    return Result(
        name=name,
        url=url,
        code=code,
        why=why if code else "",
        status=status,
        verdict=verdict,
        article=extraction.article,
    )


def _said(status: int | None, verdict: Verdict) -> str:
    """Return what a page is and why; a status of an error says it all."""
    if status and has_failed(status) and verdict.kind is VerdictKind.ERROR:
        return f"HTTP {status}"
    said = f"HTTP {status}, {verdict.kind}" if status else str(verdict.kind)
    return f"{said} ({'; '.join(verdict.evidence)})"


def _advice(url: str, verdict: Verdict) -> str:
    """Return what to do with a list of articles in the web; nothing of a page."""
    is_list = verdict.kind is VerdictKind.HUB or LISTS.intersection(verdict.evidence)
    if not is_list or not is_address(url):
        return ""
    return f"; it lists articles: `kliping source add {url}` watches it"


def _without_status(verdict: Verdict) -> Verdict:
    """Return the verdict on what came without HTTP: no status speaks for it."""
    evidence = (line for line in verdict.evidence if not line.startswith("status "))
    return replace(verdict, evidence=tuple(evidence))
