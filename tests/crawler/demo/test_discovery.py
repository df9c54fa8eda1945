"""What a crawler can find on the demo's sites, over real sockets."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest

from crawler.demo.server import NewsWeb, Site
from crawler.discover.feeds import read_feed
from crawler.discover.sections import article_links, feed_links
from crawler.discover.sitemaps import read_sitemap
from crawler.errors import NotReadable
from tests.crawler.demo.client import Clock, Get, named

pytestmark = pytest.mark.anyio

KEYS = ("wix", "wordpress", "portal", "bote", "gazette", "shiomihara", "waha")


def paths(urls: Iterable[str]) -> set[str]:
    return {urlsplit(url).path for url in urls}


async def discovered(site: Site, get: Get) -> set[str]:
    """Follow a site's configuration entry as a crawler would, one index deep."""
    source = site.source()
    urls: list[str] = []
    for url in source["feeds"]:
        reply = await get(url)
        kind = reply.headers["content-type"]
        urls += [x.url for x in read_feed(reply.body, url, content_type=kind).links]
    for url in source["sitemaps"]:
        sitemap = read_sitemap((await get(url)).body, url)
        urls += [x.url for x in sitemap.links]
        for child in sitemap.children:
            body = (await get(child.url)).body
            urls += [x.url for x in read_sitemap(body, child.url).links]
    for url in source["sections"]:
        urls += [x.url for x in article_links((await get(url)).body, url)]
    return paths(urls)


@pytest.mark.parametrize("key", KEYS)
async def test_every_current_article_is_discovered(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)

    found = await discovered(site, get)

    current = {article.path for article in web.articles(site)}
    assert len(current) >= 6
    assert current <= found


@pytest.mark.parametrize("key", KEYS)
async def test_a_later_article_is_discovered(
    key: str, web: NewsWeb, clock: Clock, get: Get
) -> None:
    site = named(web.sites, key)
    before = {article.path for article in web.articles(site)}

    clock.now += 130

    new = {article.path for article in web.articles(site)} - before
    assert len(new) == 1
    assert new <= await discovered(site, get)


@pytest.mark.parametrize("key", KEYS)
async def test_a_front_page_leads_to_its_articles(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)
    url = site.url("/")

    links = article_links((await get(url)).body, url)

    articles = {article.path: article.title for article in web.articles(site)}
    assert {urlsplit(x.url).path: x.title for x in links} == articles


@pytest.mark.parametrize("key", ["wix", "wordpress", "portal", "shiomihara", "waha"])
async def test_a_front_page_announces_its_feed(
    key: str, web: NewsWeb, get: Get
) -> None:
    site = named(web.sites, key)
    url = site.url("/")

    links = feed_links((await get(url)).body, url)

    assert [link.url for link in links] == [site.url(path) for path in site.feeds]


async def test_the_wix_sitemap_is_an_index(web: NewsWeb, get: Get) -> None:
    site = named(web.sites, "wix")
    url = site.url("/sitemap.xml")

    children = read_sitemap((await get(url)).body, url).children

    assert [urlsplit(child.url).path for child in children] == [
        "/blog-posts-sitemap.xml",
        "/blog-categories-sitemap.xml",
    ]


async def test_the_dtd_feed_is_refused(web: NewsWeb, get: Get) -> None:
    url = named(web.misbehaving, "dtd_feed").source()["feeds"][0]
    body = (await get(url)).body

    with pytest.raises(NotReadable, match="document type"):
        read_feed(body, url)


async def test_the_broken_feed_is_read_loosely(web: NewsWeb, get: Get) -> None:
    url = named(web.misbehaving, "broken_feed").source()["feeds"][0]

    feed = read_feed((await get(url)).body, url)

    assert not feed.well_formed
    assert len(feed.links) == 2
