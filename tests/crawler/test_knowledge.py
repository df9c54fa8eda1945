"""Whose page a URL is, and what is at hand of its site."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.knowledge import Knowledge, site_of
from storage.sql.templates import learn_pages
from storage.templates import BlockCount, Template
from storage.writer import Tx
from tests.crawler.desk import Desk, open_desk

LANGUAGE = "en"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.valley.example/news/1", "valley.example"),
        ("https://id.valley.example/news/1", "id.valley.example"),
        ("http://127.0.0.1:8080/news/1", "127.0.0.1:8080"),
        ("https://mill.blogspot.com/2026/03/a.html", "mill.blogspot.com"),
        ("https://mill.wixsite.com/news/post/a", "mill.wixsite.com/news"),
        ("https://platform.example/@mill/a", "platform.example/@mill"),
        ("https://platform.example/~mill/a", "platform.example/~mill"),
        ("https://medium.com/the-mill/a", "medium.com/the-mill"),
        ("https://medium.com/", "medium.com"),
        ("https://notmedium.com/a/b", "notmedium.com"),
    ],
)
def test_a_site_is_a_host_or_a_tenant_of_it(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.anyio
async def test_an_unknown_site_has_no_blocks(desk: Desk) -> None:
    means = desk.means

    known = await Knowledge().of("http://a.example/", None, means.writer, means.now())

    assert known.host.blocks == {}
    assert known.host.pages == 0


@pytest.mark.anyio
async def test_what_is_at_hand_is_read_again_after_a_while(desk: Desk) -> None:
    knowledge, writer, now = Knowledge(), desk.means.writer, desk.means.now()
    first = await knowledge.of("http://a.example/", LANGUAGE, writer, now)

    def learn(tx: Tx) -> None:
        learn_pages(tx.session, "a.example", LANGUAGE, pages=[], samples={}, now=now)

    await writer.run(learn)
    soon = now + timedelta(minutes=1)
    later = now + timedelta(minutes=11)

    same = await knowledge.of("http://a.example/x", LANGUAGE, writer, soon)
    fresh = await knowledge.of("http://a.example/x", LANGUAGE, writer, later)

    assert same is first
    assert fresh is not first


@pytest.mark.anyio
async def test_sites_not_used_for_long_are_let_go(desk: Desk) -> None:
    knowledge, writer, now = Knowledge(), desk.means.writer, desk.means.now()
    first = knowledge.put("a.example", "", Template(), now)
    used = knowledge.put("b.example", "", Template(), now)
    for number in range(62):
        knowledge.put(f"{number}.example", "", Template(), now)
    await knowledge.of("http://b.example/", None, writer, now)
    await knowledge.of("http://a.example/", None, writer, now)
    knowledge.put("c.example", "", Template(), now)
    knowledge.put("d.example", "", Template(), now)

    assert await knowledge.of("http://a.example/", None, writer, now) is first
    assert await knowledge.of("http://b.example/", None, writer, now) is used
    assert len(knowledge) == 64


@pytest.mark.anyio
async def test_of_very_many_blocks_the_most_frequent_are_told(desk: Desk) -> None:
    now = desk.means.now()
    blocks = {
        key: BlockCount(df=1 + (key < 10), days=1, first_seen=now, last_seen=now)
        for key in range(9_000)
    }

    known = Knowledge().put("a.example", "", Template(blocks=blocks), now)

    assert len(known.host.blocks) == 8_000
    assert all(known.host.blocks[key] == (2, 1) for key in range(10))
