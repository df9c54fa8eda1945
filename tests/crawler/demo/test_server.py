import asyncio
import gzip
import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from crawler.demo.server import NewsWeb, Site
from crawler.demo.timeline import Presence
from tests.crawler.demo.client import Clock, Get, named, parsed

pytestmark = pytest.mark.anyio

KEYS = ("wix", "wordpress", "portal", "bote", "gazette", "shiomihara", "waha")
COUNTING = ("wix", "wordpress", "portal", "shiomihara")
PLAIN = ("bote", "gazette", "waha")


def oldest(web: NewsWeb, site: Site, number: int) -> str:
    """The path of a site's article, the oldest being 0."""
    return next(a.path for a in web.articles(site) if a.story.index == number)


def charset(content_type: str, body: bytes) -> str:
    found = re.search(r"charset=([\w-]+)", content_type) or re.search(
        r'charset="([\w-]+)"', body[:300].decode("ascii", "ignore")
    )
    assert found
    return found[1]


@pytest.mark.parametrize("key", KEYS)
async def test_an_article_page_holds_its_words(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)

    for article in web.articles(site):
        reply = await get(site.url(article.path))
        page = reply.body.decode(charset(reply.headers["content-type"], reply.body))
        text = unescape(page)

        assert reply.status == 200
        assert article.title in text
        assert len(article.paragraphs) == 5
        for paragraph in article.paragraphs:
            assert paragraph in text


async def test_japanese_pages_come_in_three_charsets(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "shiomihara")
    used = set()

    for article in web.articles(site):
        reply = await get(site.url(article.path))
        used.add(charset(reply.headers["content-type"], reply.body))

    assert used == {"utf-8", "shift_jis", "euc_jp"}


async def test_a_wix_title_is_glued_to_the_site(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "wix")
    article = web.articles(site)[0]

    page = (await get(site.url(article.path))).body.decode()

    assert f"<title>{article.title}-Seruling Kabar</title>" in page


async def test_the_portal_states_its_article_as_json_ld(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "portal")
    article = web.articles(site)[0]

    page = (await get(site.url(article.path))).body.decode()

    found = re.search(r'application/ld\+json">(.*?)</script>', page)
    assert found
    stated = json.loads(found[1])["@graph"][1]
    assert stated["headline"] == article.title
    assert stated["datePublished"] == article.published.isoformat()


async def test_arabic_dates_are_in_arabic_digits(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "waha")
    article = web.articles(site)[0]

    page = (await get(site.url(article.path))).body.decode()

    assert "نوفمبر ٢٠٢٦" in page


@pytest.mark.parametrize("key", COUNTING)
async def test_a_view_counter_grows_at_every_request(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)
    article = web.articles(site)[0]

    first = await get(site.url(article.path))
    second = await get(site.url(article.path))

    assert first.body != second.body
    assert web.revision(site, article.path) == article


@pytest.mark.parametrize("key", PLAIN)
async def test_an_unchanged_page_is_not_sent_again(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)
    url = site.url(web.articles(site)[0].path)
    first = await get(url)

    by_tag = await get(url, If_None_Match=first.headers["etag"])
    by_date = await get(url, If_Modified_Since=first.headers["last-modified"])

    assert (by_tag.status, by_tag.body) == (304, b"")
    assert (by_date.status, by_date.body) == (304, b"")


@pytest.mark.parametrize("path", ["/feed/", "/wp-sitemap.xml"])
async def test_an_unchanged_list_is_not_sent_again(
    path: str, web: NewsWeb, get: Get
) -> None:
    url = named(web.sites, "wordpress").url(path)
    first = await get(url)

    again = await get(url, If_None_Match=f'"other", W/{first.headers["etag"]}')

    assert again.status == 304


@pytest.mark.parametrize(
    "since",
    ["Sun, 22 Nov 2020 12:00:00 GMT", "yesterday", "Sun, 22 Nov 2099 12:00:00 -0000"],
)
async def test_a_date_that_does_not_hold_sends_the_page(
    since: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, "bote")
    url = site.url(web.articles(site)[0].path)

    assert (await get(url, If_Modified_Since=since)).status == 200


async def test_a_tag_that_does_not_hold_outweighs_the_date(
    web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, "bote")
    url = site.url(web.articles(site)[0].path)
    date = (await get(url)).headers["last-modified"]

    reply = await get(url, If_None_Match='"old"', If_Modified_Since=date)

    assert reply.status == 200


async def test_a_counting_page_ignores_the_date(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "wix")
    url = site.url(web.articles(site)[0].path)

    reply = await get(url, If_Modified_Since="Sun, 22 Nov 2099 12:00:00 GMT")

    assert reply.status == 200
    assert "last-modified" not in reply.headers


@pytest.mark.parametrize("key", ["wix", "bote"])
async def test_a_page_is_packed_when_asked(key: str, web: NewsWeb, get: Get) -> None:
    site = named(web.sites, key)
    url = site.url(oldest(web, site, 0))

    packed = await get(url, Accept_Encoding="gzip")
    plain = await get(url)

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body)[:200] == plain.body[:200]


async def test_sites_frame_their_pages_differently(web: NewsWeb, get: Get) -> None:
    chunked = await get(named(web.sites, "wix").url("/"))
    measured = await get(named(web.sites, "bote").url("/"))

    assert chunked.headers["transfer-encoding"] == "chunked"
    assert int(measured.headers["content-length"]) == len(measured.body)


async def test_head_sends_no_body(web: NewsWeb, get: Get) -> None:
    url = named(web.sites, "bote").url("/")

    reply = await get(url, "HEAD")

    assert reply.status == 200
    assert int(reply.headers["content-length"]) > 1000
    assert reply.body == b""


async def test_a_connection_serves_several_requests(web: NewsWeb) -> None:
    site = named(web.sites, "bote")
    port = int(site.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    writer.write(b"GET /robots.txt HTTP/1.0\r\nHost: x\r\n\r\n")
    whole = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert whole.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"x" * 100_000, b"GET / HT"])
async def test_nonsense_ends_the_connection(sent: bytes, web: NewsWeb) -> None:
    port = int(web.sites[0].base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(sent)
    writer.write_eof()

    try:
        assert await reader.read() == b""
    except ConnectionResetError:
        assert web.log == []
    writer.close()


async def test_requests_are_logged(web: NewsWeb, clock: Clock, get: Get) -> None:
    site = named(web.sites, "bote")
    clock.now += 5

    await get(site.url("/robots.txt?x=1"), User_Agent="Tester/1")
    await get(site.url("/nothing"), "HEAD")

    first, second = web.log
    assert (first.site, first.at, first.path) == ("bote", clock.now, "/robots.txt")
    assert (first.method, first.status, first.user_agent) == ("GET", 200, "Tester/1")
    assert (second.method, second.status) == ("HEAD", 404)


async def test_articles_are_dated_in_the_recent_past(web: NewsWeb) -> None:
    started = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    for site in web.sites:
        ages = [started - article.published for article in web.articles(site)]

        assert 6 <= len(ages) <= 12
        assert all(0 < age.total_seconds() < 86_400 for age in ages)


async def test_a_paragraph_is_corrected(web: NewsWeb, clock: Clock, get: Get) -> None:
    site = named(web.sites, "bote")
    path = oldest(web, site, 0)
    before = web.revision(site, path)
    tag = (await get(site.url(path))).headers["etag"]

    clock.now += 181
    after = web.revision(site, path)
    reply = await get(site.url(path), If_None_Match=tag)

    assert before
    assert after
    assert after.number == before.number + 1
    assert after.title == before.title
    assert after.paragraphs[2].startswith(before.paragraphs[2])
    assert [p == q for p, q in zip(before.paragraphs, after.paragraphs, strict=True)] == [
        True, True, False, True, True,
    ]  # fmt: skip
    assert reply.status == 200
    assert after.modified > before.modified


async def test_a_headline_changes_and_the_address_stays(
    web: NewsWeb, clock: Clock
) -> None:
    site = named(web.sites, "wordpress")
    path = oldest(web, site, 1)
    before = web.revision(site, path)

    clock.now += 301
    after = web.revision(site, path)

    assert before
    assert after
    assert after.title != before.title
    assert after.paragraphs == before.paragraphs
    assert after.path == path


async def test_an_article_is_deleted(web: NewsWeb, clock: Clock, get: Get) -> None:
    site = named(web.sites, "portal")
    path = oldest(web, site, 2)

    clock.now += 421

    assert (await get(site.url(path))).status == 410
    assert path not in {article.path for article in web.articles(site)}
    gone = web.revision(site, path)
    assert gone
    assert gone.presence is Presence.GONE


async def test_an_article_comes_back(web: NewsWeb, clock: Clock, get: Get) -> None:
    url = named(web.sites, "gazette").url(oldest(web, named(web.sites, "gazette"), 3))

    clock.now += 241
    hidden = await get(url)
    clock.now += 240
    back = await get(url)

    assert hidden.status == 404
    assert back.status == 200


async def test_there_is_news_all_the_time(web: NewsWeb, clock: Clock) -> None:
    known: set[str] = set()
    news = []

    for _ in range(6):
        clock.now += 120
        paths = {site.url(a.path) for site in web.sites for a in web.articles(site)}
        news.append(len(paths - known))
        known |= paths

    assert news[1:3] == [7, 7]
    assert min(news) >= 7


async def test_a_late_article_is_corrected_too(web: NewsWeb, clock: Clock) -> None:
    site = named(web.sites, "wix")

    clock.now += 600

    late = [a for a in web.articles(site) if a.story.index >= 6]
    assert {article.number for article in late} == {1, 2}


async def test_speed_shortens_the_wait_but_not_the_past(clock: Clock) -> None:
    started = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    async with NewsWeb(clock=clock, started_at=started, speed=60) as fast:
        site = named(fast.sites, "wix")
        past = fast.articles(site)[0].published
        clock.now += 3
        newest = fast.articles(site)[0]

    assert (started - past).total_seconds() == 47 * 60
    assert newest.story.index == 7
    assert (newest.published - started).total_seconds() == pytest.approx(140 / 60)


async def test_as_many_articles_as_wished(clock: Clock, get: Get) -> None:
    async with NewsWeb(clock=clock, articles=200) as web:
        for site in web.sites:
            articles = web.articles(site)

            assert len({article.path for article in articles}) == 200
            assert (await get(site.url(articles[-1].path))).status == 200


async def test_the_same_index_always_has_the_same_words(clock: Clock) -> None:
    async with NewsWeb(clock=clock) as one, NewsWeb(clock=clock) as other:
        for site, twin in zip(one.sites, other.sites, strict=True):
            words = [(a.title, a.paragraphs) for a in one.articles(site)]

            assert words == [(a.title, a.paragraphs) for a in other.articles(twin)]


async def test_robots_name_the_sitemap(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "bote")

    reply = await get(site.url("/robots.txt"))

    assert f"Sitemap: {site.url('/sitemap-artikel.xml')}" in reply.body.decode()


async def test_a_source_is_ready_for_the_configuration(web: NewsWeb) -> None:
    site = named(web.sites, "wordpress")

    assert site.source() == {
        "name": "Harbour Mills Courier",
        "home": f"{site.base}/",
        "feeds": [f"{site.base}/feed/"],
        "sitemaps": [f"{site.base}/wp-sitemap.xml"],
        "sections": [],
        "language": "en",
    }


async def test_only_news_sites_have_revisions(web: NewsWeb) -> None:
    trick = web.misbehaving[0]

    assert web.articles(trick) == ()
    assert web.revision(trick, "/") is None
    assert web.revision(web.sites[0], "/post/none") is None


async def test_ports_follow_each_other(clock: Clock) -> None:
    async with NewsWeb(clock=clock) as probe:
        free = int(probe.sites[-1].base.rpartition(":")[2])
    first = 20_000 + free % 10_000

    async with NewsWeb(clock=clock, port=first) as web:
        ports = [int(s.base.rpartition(":")[2]) for s in (*web.sites, *web.misbehaving)]

    assert ports == list(range(first, first + len(ports)))


async def test_a_taken_port_leaves_nothing_open(clock: Clock) -> None:
    async with NewsWeb(clock=clock) as web:
        taken = int(web.sites[0].base.rpartition(":")[2])
        blocked = NewsWeb(clock=clock, port=taken)

        with pytest.raises(OSError, match="address already in use"):
            await blocked.__aenter__()


def test_a_reply_is_parsed() -> None:
    reply = parsed(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    )

    assert reply.body == b"ab"
