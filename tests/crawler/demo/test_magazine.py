"""The magazine's article on three pages and its live blog, crawled."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.demo.magazine import Magazine
from crawler.demo.server import NewsWeb
from crawler.ondemand import archive_one
from storage.documents import read_document
from storage.model.article import Article
from storage.sql.tables import VersionRow
from tests.crawler.demo.client import Clock, Get
from tests.crawler.desk import Desk, open_desk

pytestmark = pytest.mark.anyio


def magazine(web: NewsWeb) -> Magazine:
    return Magazine(started_at=web._started_at, speed=1.0, base=web.magazine.base)


async def archived(desk: Desk, url: str) -> Article:
    await desk.rested(url)
    await archive_one(url, desk.means, timedelta(seconds=5))
    rows = desk.read(select(VersionRow).order_by(VersionRow.id))  # type: ignore[arg-type]
    return read_document(rows[-1].document)


async def test_the_pages_make_one_article(web: NewsWeb, tmp_path: Path) -> None:
    words = magazine(web)
    async with open_desk(tmp_path / "data") as desk:
        article = await archived(desk, web.magazine.url(words.page_path(1)))

    assert article.title == words.long_read.title
    assert len(article.parts) == 3
    for page in words.pages:
        for paragraph in page:
            assert article.text.count(paragraph) == 1


async def test_the_live_blog_grows_by_an_entry(
    web: NewsWeb, clock: Clock, tmp_path: Path
) -> None:
    words = magazine(web)
    async with open_desk(tmp_path / "data") as desk:
        before = await archived(desk, web.magazine.url(words.live_path))
        clock.now += 130
        after = await archived(desk, web.magazine.url(words.live_path))

    assert "live_blog" in before.marks
    assert [len(article.entries) for article in (before, after)] == [4, 5]
    assert after.entries[1:] == tuple(
        replace(entry, start=entry.start + 2, end=entry.end + 2)
        for entry in before.entries
    )


async def test_its_feed_names_both(web: NewsWeb, get: Get) -> None:
    words = magazine(web)

    feed = (await get(web.magazine.url("/feed.xml"))).body.decode()
    front = (await get(web.magazine.url("/"))).body.decode()

    for path in (words.page_path(1), words.live_path):
        assert f"{web.magazine.base}{path}<" in feed
        assert f'href="{web.magazine.base}{path}"' in front
    assert words.page_path(2) not in feed


async def test_other_pages_are_missing(web: NewsWeb, get: Get) -> None:
    assert (await get(web.magazine.url("/baca/4/"))).status == 404
    assert (await get(web.magazine.url("/robots.txt"))).status == 200
