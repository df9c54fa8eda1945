import asyncio
import zlib
from urllib.parse import urlsplit

import pytest

from crawler.demo.server import NewsWeb, Site
from crawler.discover.feeds import read_feed
from crawler.discover.sections import article_links, feed_links
from tests.crawler.demo.client import Get, named

pytestmark = pytest.mark.anyio

PATH = "/news/ferry-timetable-for-the-winter-months-4711"


async def begun(site: Site, count: int) -> bytes:
    """The first bytes of an answer; the rest is not waited for."""
    parts = urlsplit(site.base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    received = await reader.readexactly(count)
    writer.transport.abort()
    return received


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("failing", 500), ("busy", 429), ("loop", 302), ("lure", 302), ("closed", 200),
        ("soft_404", 200), ("bot_wall", 403), ("consent", 200), ("shell", 200),
        ("dtd_feed", 200), ("broken_feed", 200),
    ],
)  # fmt: skip
async def test_an_article_answers_with_the_trick(
    key: str, status: int, web: NewsWeb, get: Get
) -> None:
    reply = await get(named(web.misbehaving, key).url(PATH))

    assert reply.status == status


async def test_every_feed_but_one_leads_to_the_trick(web: NewsWeb, get: Get) -> None:
    for site in web.misbehaving:
        if site.key != "dtd_feed":
            url = site.source()["feeds"][0]

            feed = read_feed((await get(url)).body, url)

            assert feed.links[0].url == site.url(PATH)


async def test_a_front_page_leads_to_the_trick(web: NewsWeb, get: Get) -> None:
    site = named(web.misbehaving, "failing")
    page = (await get(site.url("/"))).body

    assert article_links(page, site.url("/"))[0].url == site.url(PATH)
    assert feed_links(page, site.url("/"))[0].url == site.url("/feed.xml")


async def test_the_busy_site_says_when_to_come_back(web: NewsWeb, get: Get) -> None:
    reply = await get(named(web.misbehaving, "busy").url(PATH))

    assert reply.headers["retry-after"] == "120"


async def test_the_loop_leads_back(web: NewsWeb, get: Get) -> None:
    site = named(web.misbehaving, "loop")

    there = (await get(site.url(PATH))).headers["location"]
    back = (await get(site.url(there))).headers["location"]

    assert back == PATH


async def test_the_lure_leads_to_a_metadata_address(web: NewsWeb, get: Get) -> None:
    reply = await get(named(web.misbehaving, "lure").url(PATH))

    assert reply.headers["location"] == "http://169.254.169.254/latest/meta-data/"


async def test_the_closed_site_forbids_all(web: NewsWeb, get: Get) -> None:
    reply = await get(named(web.misbehaving, "closed").url("/robots.txt"))

    assert reply.body == b"User-agent: *\nDisallow: /\n"


async def test_the_slow_site_begins_and_dawdles(web: NewsWeb) -> None:
    received = await begun(named(web.misbehaving, "slow"), 80)

    assert received.startswith(b"HTTP/1.1 200 OK")


async def test_the_endless_site_goes_on(web: NewsWeb) -> None:
    received = await begun(named(web.misbehaving, "endless"), 3_000_000)

    assert received.count(b"</p>") > 300


async def test_the_bomb_unpacks_to_much_more(web: NewsWeb, get: Get) -> None:
    reply = await get(named(web.misbehaving, "bomb").url(PATH))
    stream = zlib.decompressobj(wbits=31)

    unpacked = stream.decompress(reply.body, 50 * 1024 * 1024)

    assert len(reply.body) < 2 * 1024 * 1024
    assert len(unpacked) == 50 * 1024 * 1024


async def test_raw_answers_are_logged(web: NewsWeb) -> None:
    await begun(named(web.misbehaving, "slow"), 20)

    assert [(entry.site, entry.status) for entry in web.log] == [("slow", 200)]
