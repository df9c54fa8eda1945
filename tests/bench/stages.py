"""Where the CPU of a page goes: each stage of a crawl alone, by the real functions.

Pages are fetched from the generated news web. Each stage then runs over all of them, and
its CPU (user and system, all threads) is shared among the pages; what is kept, is kept by
16 at once, as many visits at a time do. Beside that stands a whole crawl of the same web
in this process, its children apart: what its own part costs beyond the stages is
the visits, the queue of links, learning, and the loop.
"""

import argparse
import asyncio
import json
import logging
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import structlog

from crawler.config.file import load_config
from crawler.config.tree import Config
from crawler.daemon.daemon import run_once
from crawler.discover.listing import read_listing
from crawler.extract.article import extract
from crawler.extract.children.wire import (
    decode_extraction,
    decode_source,
    encode_extraction,
    encode_source,
)
from crawler.extract.source import PageSource
from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from crawler.reading.articles import read_article
from crawler.service.clients import client_for
from crawler.service.opening import open_service
from crawler.visits.keeping import Attended, keep_exchanges
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link_kind import LinkKind
from storage.warc.capture import capture_records
from tests.bench._web.serving import Web, news_web
from tests.bench.crawl import write_settings
from tests.bench.keep import AT_ONCE, Archive, Entered, _hold, _no_part

HOSTS, PAGES = 20, 20
ROUNDS = 3
#: What the main process does of a crawl, each once.
OWN = ("fetch", "discover", "hand-over", "capture", "version")
#: Stages that are parts of others.
PARTS = {"inflate": "fetch", "records": "capture"}


@dataclass
class Clock:
    """CPU milliseconds a page, by stage and round."""

    pages: int
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what this process spends meanwhile."""
        began = time.process_time()
        yield
        self.spent[name].append((time.process_time() - began) / self.pages * 1000)


@dataclass
class Pages:
    """Gives pages that were fetched and read, one after the other."""

    read: Iterator[tuple[Exchange, Article]]

    def page(self) -> tuple[Exchange, Article]:
        """Return the next."""
        return next(self.read)


def main(argv: Sequence[str]) -> int:
    """Measure; print a table, then the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench stages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--pages", type=int, default=PAGES, help="of each host")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--smoke", action="store_true", help="one small round")
    args = parser.parse_args(argv)
    if args.smoke:
        args.hosts, args.pages, args.rounds = 4, 4, 1
    clock = Clock(args.hosts * args.pages)
    with errors_alone(), news_web(args.hosts, args.pages) as web:
        for _ in range(args.rounds):
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(_run_stages(clock, web, Path(folder)))
            with tempfile.TemporaryDirectory() as folder:
                crawl_here(clock, web, Path(folder))
    found = {name: round(median(some), 3) for name, some in clock.spent.items()}
    own = sum(ms for name, ms in found.items() if name in OWN)
    found["rest of main"] = round(found["crawl, main"] - own, 3)
    for name, ms in found.items():
        within = f" (of {PARTS[name]})" if name in PARTS else ""
        print(f"{name:14} {ms:7.3f} ms{within}")
    print(json.dumps({"benchmark": "stages", "pages": clock.pages, "cpu_ms": found}))
    return 0


@contextmanager
def errors_alone() -> Iterator[None]:
    """Leave all but errors out of the log."""
    before = structlog.get_config()
    errors = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=errors)
    try:
        yield
    finally:
        structlog.configure(**before)


async def _run_stages(clock: Clock, web: Web, folder: Path) -> None:
    config = _config(folder, web)
    feeds = await _fetch(config, [[feed] for feed in web.feeds])
    hosts = len(web.bases)
    groups = [list(web.articles[host::hosts]) for host in range(hosts)]
    with clock.stage("fetch"):
        seen = await _fetch(config, groups)
    with clock.stage("inflate"):
        for page in seen:
            read_response(page.response, Limits())
    with clock.stage("discover"):
        listings = [read_listing(feed, LinkKind.FEED) for feed in feeds]
    assert sum(len(listing.links) for listing in listings) == clock.pages
    sources = [
        PageSource(page.url, page.body, page.started_at, page.status, page.headers)
        for page in seen
    ]
    extract(sources[0])  # loads its models
    with clock.stage("extract"):
        read = [extract(source) for source in sources]
    with clock.stage("hand-over"):
        for source, extraction in zip(sources, read, strict=True):
            decode_source(*encode_source(source))
            decode_extraction(encode_extraction(extraction))
    with clock.stage("records"):
        for page in seen:
            capture_records(page, page.url)
    await _keep_all(clock, config, list(zip(seen, read, strict=True)))


async def _fetch(config: Config, groups: Sequence[Sequence[str]]) -> list[Exchange]:
    async def visit(urls: Sequence[str]) -> list[Exchange]:
        async with client_for(config) as client:
            return [(await client.fetch(url))[-1] for url in urls]

    found = await asyncio.gather(*map(visit, groups))
    return [page for pages in found for page in pages]


async def _keep_all(
    clock: Clock, config: Config, read: Sequence[tuple[Exchange, Extraction]]
) -> None:
    """Keep all pages as a visit does, their captures first."""
    articles = [(page, got.article) for page, got in read if got.article is not None]
    assert len(articles) == clock.pages
    async with open_service(config) as service:
        archive = Archive(service.means, Pages(iter(articles)))  # type: ignore[arg-type]
        entered = await archive.enter(clock.pages)
        captures: dict[str, int] = {}

        async def keep_capture(one: Entered) -> None:
            link, seen, article = one
            archive.ready.articles[seen.url] = article
            attended = Attended(link=link, robots_line="", full=True)
            kept = await keep_exchanges(archive.means, _hold, [seen], attended)
            captures[seen.url] = kept

        async def keep_version(one: Entered) -> None:
            link, seen, _ = one
            await read_article(
                archive.means,
                link,
                seen,
                captures[seen.url],
                _hold,
                _no_part,
                render=None,
                judge=None,
            )

        with clock.stage("capture"):
            await _by_groups(keep_capture, entered)
        with clock.stage("version"):
            await _by_groups(keep_version, entered)


async def _by_groups(
    keep: Callable[[Entered], Awaitable[None]], entered: Sequence[Entered]
) -> None:
    for at in range(0, len(entered), AT_ONCE):
        await asyncio.gather(*map(keep, entered[at : at + AT_ONCE]))


def crawl_here(clock: Clock, web: Web, folder: Path) -> None:
    """Crawl everything in this process and its children."""
    config = _config(folder, web)
    before = os.times()
    with clock.stage("crawl, main"):
        asyncio.run(run_once(config))
    after = os.times()
    children = after.children_user + after.children_system
    children -= before.children_user + before.children_system
    clock.spent["crawl, child"].append(children / clock.pages * 1000)


def _config(folder: Path, web: Web) -> Config:
    return load_config(write_settings(folder, web), {})
