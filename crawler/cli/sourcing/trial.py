"""Try a source: what it would find, how its articles would read, what its rules match."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from crawler.cli.exits import ExitCode, of_error
from crawler.cli.sourcing.trial_pages import Sample, sample_of, try_sample
from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.discover.listing import read_listing
from crawler.errors import CrawlError, NotReadable
from crawler.service.clients import client_for
from crawler.sources.asking import Asker, Pace
from crawler.sources.rule_coverage import Coverage
from crawler.sources.watching import entry_points
from storage.model.exchange import Exchange
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

_SHOWN = 10

Finding = dict[str, Any]


async def try_source(
    source: Source, config: Config, samples: int
) -> AsyncIterator[Finding]:
    """Yield what each feed, sitemap and section shows, sample articles, rules' coverage.

    A source that names none is tried at the feeds its home page announces.
    """
    plan = plan_for(source, config)
    coverage = Coverage()
    async with client_for(config) as client:
        asker = Asker(config, client, Pace(plan.delay))
        if not (source.feeds or source.sitemaps or source.sections):
            try:
                source = _with_feed(source, await asker.ask(source.home))
            except CrawlError as error:
                yield _failed("home", source.home, error)
                return
        articles: dict[str, FoundLink] = {}
        for url, kind in entry_points(source):
            try:
                answer = await asker.ask(url)
                links = read_listing(answer, kind, sites=(source.home, url)).links
            except CrawlError as error:
                yield _failed(kind, url, error)
                continue
            found = [link for link in links if link.kind is LinkKind.ARTICLE]
            articles.update((link.url, link) for link in found)
            yield _found(kind, url, links)
        for link in list(articles.values())[:samples]:
            try:
                answer = await asker.ask(link.url)
                yield await try_sample(sample_of(link, answer), plan, coverage)
            except CrawlError as error:
                yield _failed("sample", link.url, error)
    if plan.rules:
        yield _coverage(source.name, coverage)


async def try_samples(
    samples: Sequence[Sample], source: Source, config: Config
) -> AsyncIterator[Finding]:
    """Yield how pages that are at hand read, and the coverage of the source's rules."""
    plan = plan_for(source, config)
    coverage = Coverage()
    for sample in samples:
        try:
            yield await try_sample(sample, plan, coverage)
        except CrawlError as error:
            yield _failed("sample", sample.name, error)
    if plan.rules:
        yield _coverage(source.name, coverage)


def _with_feed(source: Source, answer: Exchange) -> Source:
    """Return the source watched at the feed that its home page is or announces."""
    try:
        read_listing(answer, LinkKind.FEED)
        feeds = [answer.url]
    except NotReadable:
        feeds = [feed.url for feed in read_listing(answer, LinkKind.SECTION).feeds]
    return source.model_copy(update={"feeds": tuple(feeds[:1])})


def _found(kind: LinkKind, url: str, links: Sequence[FoundLink]) -> Finding:
    shown = [
        {"url": link.url, "title": link.title, "published": link.published}
        for link in links[:_SHOWN]
    ]
    code = ExitCode.DONE if links else ExitCode.NOT_AN_ARTICLE
    return {
        "kind": kind,
        "url": url,
        "found": len(links),
        "links": shown,
        "exit_code": int(code),
    }


def _coverage(name: str, coverage: Coverage) -> Finding:
    """Return the summary; it is UNHEALTHY where a rule matched on no page."""
    code = ExitCode.UNHEALTHY if coverage.has_lost else ExitCode.DONE
    return {
        "kind": "coverage",
        "source": name,
        "pages": coverage.pages,
        "rules": coverage.rules(),
        "exit_code": int(code),
    }


def _failed(kind: str, url: str, error: Exception) -> Finding:
    return {
        "kind": kind,
        "url": url,
        "error": str(error),
        "exit_code": int(of_error(error)),
    }
