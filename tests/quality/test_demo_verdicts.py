"""The fake news web: its lists are hubs and its articles are articles."""

import asyncio
from datetime import UTC, datetime

from crawler.demo.material import material
from crawler.demo.server import NewsWeb, Site
from crawler.demo.spec import SPECS, Spec
from crawler.discover.sections import article_links
from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.verdict import VerdictKind
from tests.crawler.demo.client import fetch


async def _kind(url: str) -> VerdictKind:
    reply = await fetch(url)
    source = PageSource(url, reply.body, datetime.now(UTC), reply.status)
    return extract(source).verdict.kind


async def _misjudged(site: Site, spec: Spec) -> list[str]:
    front = site.url("/")
    keys = material(spec.language).sections
    lists = [front, *(site.url(spec.section.format(section=key)) for key in keys)]
    articles = [
        link.url
        for link in article_links((await fetch(front)).body, front)
        if link.url not in lists
    ]
    assert len(articles) >= 5
    expected = dict.fromkeys(lists, VerdictKind.HUB)
    expected |= dict.fromkeys(articles, VerdictKind.ARTICLE)
    return [url for url, kind in expected.items() if await _kind(url) is not kind]


async def _all_misjudged() -> list[str]:
    async with NewsWeb(articles=8) as web:
        found = [
            await _misjudged(site, spec)
            for site, spec in zip(web.sites, SPECS, strict=True)
        ]
    return [url for urls in found for url in urls]


def test_no_page_of_the_fake_news_web_is_misjudged() -> None:
    assert asyncio.run(_all_misjudged()) == []
