"""What a survey makes of whole sites."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.config.tree import Config
from crawler.errors import HttpError
from crawler.sources.asking import Asker, Pace
from crawler.sources.prospect import ListSeen, Prospect
from crawler.sources.survey_lists import Surveyor
from crawler.sources.surveying import survey
from tests.crawler.desk import Desk, Site, open_desk, scripted_site

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def surveyed(desk: Desk, url: str) -> Prospect:
    async with desk.means.new_client() as client:
        by = Surveyor(
            asker=Asker(Config(), client, Pace(timedelta(0))),
            extract=desk.means.pool.extract,
            tell=lambda _: None,
            now=NOW,
        )
        return await survey(url, by, samples=0)


def front(*feeds: tuple[str, str, str]) -> bytes:
    """Return a page without links that announces feeds: address, type, title."""
    head = "".join(
        f"<link rel=alternate href='{url}' type='{kind}' title='{title}'>"
        for url, kind, title in feeds
    )
    return f"<html><head>{head}</head><body><p>Hello</p></body></html>".encode()


def feed(*links: str) -> bytes:
    items = "".join(f"<item><title>x</title><link>{url}</link></item>" for url in links)
    return f"<rss><channel>{items}</channel></rss>".encode()


def used(prospect: Prospect) -> list[str]:
    return [seen.url for seen in prospect.lists if seen.used]


def the(lists: Sequence[ListSeen], url: str) -> ListSeen:
    (seen,) = [seen for seen in lists if seen.url == url]
    return seen


RSS = "application/rss+xml"


async def test_a_feed_of_comments_is_named_and_not_watched(
    desk: Desk, site: Site
) -> None:
    """WordPress announces it beside that of its stories, on every page."""
    site.answers["/"] = [
        front(("/feed/", RSS, "N » Feed"), ("/comments/feed/", RSS, "N » Comments"))
    ]
    site.answers["/feed/"] = [feed("/a-story/", "/another-story/")]
    site.answers["/comments/feed/"] = [feed("/an-old-story/#comment-7")]

    found = await surveyed(desk, site.url("/"))

    comments = the(found.lists, site.url("/comments/feed/"))
    assert used(found) == [site.url("/feed/")]
    assert comments.note == "readers' comments, not articles"


async def test_a_feed_of_comments_is_known_by_what_it_lists(
    desk: Desk, site: Site
) -> None:
    """Of one story's, in any language, the names say nothing."""
    site.answers["/"] = [front(("/a-story/feed/", RSS, "Kommentare zu: A story"))]
    site.answers["/a-story/feed/"] = [
        feed("/a-story/#comment-7", "/a-story/#comment-8")
    ]

    found = await surveyed(desk, site.url("/"))

    assert used(found) == []
    assert the(found.lists, site.url("/a-story/feed/")).note == (
        "readers' comments, not articles"
    )


@pytest.mark.parametrize(
    ("status", "said"), [(401, "a password"), (403, "identity.contact")]
)
async def test_a_site_that_keeps_us_out_is_told_with_what_can_be_done(
    desk: Desk, site: Site, status: int, said: str
) -> None:
    site.answers["/"] = [(status, {}, b"No")]

    with pytest.raises(HttpError, match=f"HTTP {status}: .*{said}") as refused:
        await surveyed(desk, site.url("/"))

    assert refused.value.status == status


def urlset(*urls: str) -> bytes:
    return "".join(
        ["<urlset>", *(f"<url><loc>{url}</loc></url>" for url in urls), "</urlset>"]
    ).encode()


def index(*urls: str) -> bytes:
    inside = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<sitemapindex>{inside}</sitemapindex>".encode()


def naming(*sitemaps: str) -> bytes:
    return "".join(f"Sitemap: {url}\n" for url in sitemaps).encode()


async def test_a_sitemap_that_robots_names_on_another_host_is_the_site_s(
    desk: Desk, site: Site
) -> None:
    async with scripted_site("127.0.0.2") as store:
        there = f"http://127.0.0.2:{store.port}/map.xml"
        story = site.url("/news/the-old-mill-opens-again")
        store.answers["/map.xml"] = [urlset(story)]
        site.answers["/robots.txt"] = [naming(there)]
        site.answers["/"] = [front()]

        found = await surveyed(desk, site.url("/"))

    assert used(found) == [there]


async def test_an_index_is_read_until_a_sitemap_names_articles(
    desk: Desk, site: Site
) -> None:
    """Those of pages, authors and tags, which most systems make too, name none."""
    names = ("pages", "authors", "more", "tags")
    site.answers["/robots.txt"] = [naming(site.url("/a.xml"))]
    site.answers["/a.xml"] = [
        index(*(site.url(f"/sitemap-{name}.xml") for name in names))
    ]
    site.answers["/sitemap-pages.xml"] = [urlset(site.url("/about"))]
    site.answers["/sitemap-more.xml"] = [
        urlset(site.url("/news/the-old-mill-opens-again"))
    ]
    site.answers["/"] = [front()]

    found = await surveyed(desk, site.url("/"))

    assert used(found) == [site.url("/a.xml")]
    assert site.url("/sitemap-more.xml") in the(found.lists, site.url("/a.xml")).title


async def test_indexes_that_name_each_other_are_read_to_their_end(
    desk: Desk, site: Site
) -> None:
    first, second, pages = map(site.url, ("/a.xml", "/b.xml", "/c.xml"))
    site.answers["/robots.txt"] = [naming(first)]
    site.answers["/a.xml"] = [index(second, first)]
    site.answers["/b.xml"] = [index(first, pages)]
    site.answers["/c.xml"] = [urlset(site.url("/news/the-old-mill-opens-again"))]
    site.answers["/"] = [front()]

    found = await surveyed(desk, site.url("/"))

    assert used(found) == [first]


async def test_feeds_that_a_page_links_to_are_found(desk: Desk, site: Site) -> None:
    """As on a page that lists a paper's feeds for readers."""
    site.answers["/rss"] = [b"<a href=/sport.rss>Sport</a> <a href=/town.rss>Town</a>"]
    site.answers["/sport.rss"] = [feed("/sport/the-match-is-lost")]
    site.answers["/town.rss"] = [feed("/town/the-old-mill-opens-again")]

    found = await surveyed(desk, site.url("/rss"))

    assert used(found) == [site.url("/sport.rss"), site.url("/town.rss")]


@pytest.mark.parametrize("path", ["/feed", "/blog-feed.xml", "/feeds/posts/default"])
async def test_a_feed_is_found_where_systems_have_one(
    desk: Desk, site: Site, path: str
) -> None:
    site.answers["/"] = [front()]
    site.answers[path] = [feed("/town/the-old-mill-opens-again")]

    found = await surveyed(desk, site.url("/"))

    assert used(found) == [site.url(path)]


STORIES = [f"/news/the-old-mill-opens-again-{n}" for n in range(9)]
SHOP = [f"/shop/a-fine-mug-of-the-mill-{n}" for n in range(9)]


def section(*paths: str, menu: str = "") -> bytes:
    cards = "".join(
        f"<h2><a href={path}>The story {path} of the town</a></h2>" for path in paths
    )
    return f"<html><body><nav>{menu}</nav>{cards}</body></html>".encode()


@pytest.mark.parametrize(
    ("pages", "watched"),
    [(STORIES + SHOP, "/news/"), (STORIES, "/sitemap.xml")],
    ids=["of the site", "of the part"],
)
async def test_a_part_of_a_site_is_not_watched_at_the_sitemap_of_all_of_it(
    desk: Desk, site: Site, pages: list[str], watched: str
) -> None:
    """The shop and the jobs are in that one too."""
    menu = "<a href=/news/>News</a><a href=/shop/>Shop</a>"
    site.answers["/news/"] = [section(*STORIES, menu=menu)]
    site.answers["/shop/"] = [section(*SHOP)]
    site.answers["/sitemap.xml"] = [urlset(*map(site.url, pages))]

    found = await surveyed(desk, site.url("/news/"))

    assert used(found) == [site.url(watched)]


async def test_an_index_of_more_is_none_of_a_part_though_its_news_are(
    desk: Desk, site: Site
) -> None:
    site.answers["/news/"] = [section(*STORIES)]
    site.answers["/sitemap.xml"] = [index(site.url("/news.xml"), site.url("/shop.xml"))]
    site.answers["/news.xml"] = [urlset(*map(site.url, STORIES))]

    found = await surveyed(desk, site.url("/news/"))

    assert used(found) == [site.url("/news/")]
    assert the(found.lists, site.url("/sitemap.xml")).note == (
        "of more than the part that was given"
    )


async def test_a_site_whose_home_page_is_elsewhere_on_it_is_no_part(
    desk: Desk, site: Site
) -> None:
    site.answers["/"] = [(302, {"Location": "/en/"}, b"")]
    site.answers["/en/"] = [section(*STORIES)]
    site.answers["/sitemap.xml"] = [urlset(*map(site.url, STORIES))]

    found = await surveyed(desk, site.url("/"))

    assert used(found) == [site.url("/sitemap.xml")]


async def test_a_part_of_a_site_is_watched_at_its_own_feed(
    desk: Desk, site: Site
) -> None:
    """The site's own has what nobody asked for."""
    cards = "".join(
        f"<h2><a href=/news/{n}>The {n} story of the town</a></h2>" for n in range(9)
    )
    site.answers["/news/"] = [f"<html><body>{cards}</body></html>".encode()]
    site.answers["/news/feed/"] = [feed("/news/the-old-mill-opens-again")]
    site.answers["/feed/"] = [feed("/shop/tyres-are-cheaper-today")]

    found = await surveyed(desk, site.url("/news/"))

    assert used(found) == [site.url("/news/feed/")]
