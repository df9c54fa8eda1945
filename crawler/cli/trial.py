"""Try a source: what it would find, and how its articles would read."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from crawler.cli.asking import Asker, Pace, with_feeds
from crawler.cli.exits import ExitCode, of_error, of_page
from crawler.cli.render import stated
from crawler.config import Config, Source, plan_for
from crawler.discover.listing import read_listing
from crawler.errors import CrawlError
from crawler.extract.pool import ChildLimits, ExtractPool
from crawler.extract.source import Hint, PageSource
from crawler.service import client_for, utc_now
from crawler.watching import entry_points
from storage.model import FoundLink, LinkKind

SAMPLES = 3
_SHOWN = 10

Finding = Mapping[str, Any]


async def try_source(source: Source, config: Config) -> AsyncIterator[Finding]:
    """Yield what each feed, sitemap and section shows, then sample articles.

    A source that names none is tried at the feeds its home page announces.
    """
    plan = plan_for(source, config)
    pool = ExtractPool(config.service.extractors, ChildLimits())
    async with pool, client_for(config) as client:
        asker = Asker(config, client, Pace(plan.delay))
        if not (source.feeds or source.sitemaps or source.sections):
            try:
                source, _ = with_feeds(source, await asker.ask(source.home))
            except CrawlError as error:
                yield _failed("home", source.home, error)
                return
        articles: dict[str, FoundLink] = {}
        for url, kind in entry_points(source):
            try:
                links = read_listing(await asker.ask(url), kind).links
            except CrawlError as error:
                yield _failed(kind, url, error)
                continue
            found = [link for link in links if link.kind is LinkKind.ARTICLE]
            articles.update((link.url, link) for link in found)
            yield _found(kind, url, links)
        for link in list(articles.values())[:SAMPLES]:
            yield await _sample(link, source, config, asker, pool)


def _found(kind: LinkKind, url: str, links: Any) -> Finding:  # noqa: ANN401
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


def _failed(kind: str, url: str, error: Exception) -> Finding:
    return {
        "kind": kind,
        "url": url,
        "error": str(error),
        "exit_code": int(of_error(error)),
    }


async def _sample(
    link: FoundLink, source: Source, config: Config, asker: Asker, pool: ExtractPool
) -> Finding:
    plan = plan_for(source, config)
    try:
        answer = await asker.ask(link.url)
        extraction = await pool.extract(
            PageSource(
                url=answer.url,
                body=answer.body,
                captured_at=utc_now(),
                status=answer.status,
                headers=answer.headers,
                hint=Hint(
                    title=link.title, published=link.published, language=plan.language
                ),
                rules=plan.rules_on(answer.started_at.date()),
            )
        )
    except CrawlError as error:
        return _failed("sample", link.url, error)
    article = extraction.article
    return {
        "kind": "sample",
        "url": answer.url,
        "verdict": extraction.verdict.kind,
        "evidence": list(extraction.verdict.evidence),
        "title": article.title if article else None,
        "authors": list(article.authors) if article else [],
        "published": stated(article.published) if article else None,
        "language": article.language if article else None,
        "blocks": len(article.blocks) if article else 0,
        "characters": len(article.text) if article else 0,
        "text": article.text if article else "",
        "removed": len(article.removed) if article else 0,
        "exit_code": int(of_page(answer.status, extraction.verdict.kind)),
    }


def describe(finding: Finding) -> Iterator[str]:
    """Yield the lines that tell a person of a finding."""
    if "error" in finding:
        yield f"{finding['kind']} {finding['url']}: failed: {finding['error']}"
    elif finding["kind"] == "sample":
        yield f"sample {finding['url']}: {finding['verdict']}"
        by = ", ".join(finding["authors"]) or "no author"
        when = finding["published"] or "no date"
        yield f"  {finding['title']} ({by}, {when}, {finding['language']})"
        yield f"  {finding['characters']} characters, {finding['removed']} lines removed"
        yield from (f"  | {line}" for line in finding["text"].split("\n")[:5] if line)
    else:
        yield f"{finding['kind']} {finding['url']}: {finding['found']} links"
        yield from (f"  {x['url']}  {x['title'] or ''}" for x in finding["links"])
