"""`kliping fetch` of an article that goes on on further pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.cli.fetching.inputs import Address
from crawler.cli.fetching.online import fetch_all
from crawler.cli.fetching.result import Result
from crawler.config.tree import Config
from crawler.demo.magazine import Magazine
from crawler.demo.server import NewsWeb
from storage.model.article import Article
from tests.crawler.cli.conftest import Command
from tests.crawler.desk import Site, scripted_site

TITLE = "Three days along the old towpath"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


def page(number: int, *links: str) -> bytes:
    told = "".join(
        f"<p>On day {number} the walkers of group {n} followed the canal for "
        f"{number * 7 + n} kilometres, past locks and mills that nobody had opened.</p>"
        for n in range(4)
    )
    listed = " ".join(f'<a href="{link}">{n}</a>' for n, link in enumerate(links, 2))
    return (
        f"<title>{TITLE}</title><article><h1>{TITLE}</h1>{told}"
        f'<div class="page-links">Pages: 1 {listed}</div></article>'
    ).encode()


async def read(site: Site, settings: dict[str, Any]) -> Article:
    shown: list[Result] = []
    url = site.url("/towpath/")
    await fetch_all([Address(url=url)], Config.model_validate(settings), shown.append)
    (result,) = shown
    assert result.article is not None
    return result.article


def test_all_pages_are_printed(kliping: Command, web: NewsWeb) -> None:
    words = Magazine(started_at=datetime.now(UTC), speed=1.0)

    done = kliping("fetch", web.magazine.url(words.page_path(1)))

    assert done.code == 0, done.err
    for told in words.pages:
        assert told[0] in done.out


@pytest.mark.anyio
async def test_a_page_that_fails_is_named(site: Site, settings: dict[str, Any]) -> None:
    site.answers["/towpath/"] = [page(1, "/towpath/2/", "/towpath/3/")]
    site.answers["/towpath/2/"] = [page(2)]

    article = await read(site, settings)

    assert "On day 2" in article.text
    assert "partial: page 3: HTTP 404" in article.marks


@pytest.mark.anyio
async def test_robots_txt_forbids_a_page(site: Site, settings: dict[str, Any]) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /towpath/2"]
    site.answers["/towpath/"] = [page(1, "/towpath/2/")]

    article = await read(site, settings)

    assert "/towpath/2/" not in site.paths
    assert any(mark.startswith("partial: page 2") for mark in article.marks)
