"""From lists to the ledger, end to end: what is found, and what is one article."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.ledger import due_now
from storage.sql.tables import ArticleRow, LinkRow, VersionRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

WORDS = [
    "salt",
    "wind",
    "iron",
    "wool",
    "corn",
    "dust",
    "rain",
    "moss",
    "clay",
    "sand",
    "lead",
    "silk",
]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def attend(desk: Desk, site: Site) -> None:
    await desk.rested(site.url("/"))
    await visit(host_key(site.url("/")), desk.means, budget=100)


def feed_of(site: Site, *paths: str) -> bytes:
    items = "".join(
        f"<item><title>x</title><link>{site.url(path)}</link></item>" for path in paths
    )
    return f"<rss><channel>{items}</channel></rss>".replace("&", "&amp;").encode()


def section_of(*paths: str) -> bytes:
    links = "".join(f"<li><a href='{path}'>More</a></li>" for path in paths)
    return f"<html><body><main><ul>{links}</ul></main></body></html>".encode()


def sitemap_of(site: Site, *paths: str) -> bytes:
    pages = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    return f"<urlset>{pages}</urlset>".encode()


def hub() -> bytes:
    cards = "".join(
        f"<article class=card><h2><a href='/news/the-{n}-long-story-of-the-town'>The {n} "
        f"long story of the town</a></h2><p>The council met and agreed.</p></article>"
        for n in range(20)
    )
    return f"<html><body><main>{cards}</main></body></html>".encode()


async def test_fifty_addresses_of_a_story_are_one_article(
    desk: Desk, site: Site
) -> None:
    """AMP, print and mobile copies by their canonical link, others by redirects."""
    canonical = f"<link rel=canonical href='{site.url('/pier')}'>"
    copies = [f"/{kind}/pier-{n}" for kind in ("amp", "print", "m") for n in range(13)]
    moved = [f"/go/{n}" for n in range(7)]
    tracked = ["/pier?utm_source=a", "/pier?fbclid=b", "/pier?utm_medium=c&utm_id=d"]
    site.answers["/pier"] = [story("Pier to be rebuilt", head=canonical)]
    for path in copies:
        tail = f"<aside>Copy {path}</aside>"
        site.answers[path] = [story("Pier to be rebuilt", head=canonical, tail=tail)]
    for path in moved:
        site.answers[path] = [(301, {"Location": "/pier"}, b"")]
    asked = ["/pier", *copies, *moved, *tracked]
    site.answers["/feed"] = [feed_of(site, *asked)]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)

    await attend(desk, site)

    (article,) = desk.read(select(ArticleRow))
    links = desk.read(select(LinkRow).where(LinkRow.kind == "article"))
    others = [link for link in links if link.id != article.link_id]
    assert len(asked) == 50
    assert article.url == site.url("/pier")
    assert len(desk.read(select(VersionRow))) == 1
    assert len(links) == 47  # what tracks is the same address
    assert {(link.state, link.alias_of) for link in others} == {
        (LinkState.DUPLICATE, article.link_id)
    }


async def test_a_move_to_another_host_leads_to_the_article(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as mobile:
        mobile.answers["/pier"] = [(302, {"Location": site.url("/pier")}, b"")]
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        await desk.enter(mobile.url("/pier"))

        await attend(desk, mobile)
        await attend(desk, site)

        (article,) = desk.read(select(ArticleRow))
        assert desk.link(mobile.url("/pier")).alias_of == article.link_id


@pytest.mark.parametrize(
    "kind", [LinkKind.SECTION, LinkKind.SITEMAP], ids=["section", "sitemap"]
)
async def test_a_site_that_moves_to_another_domain_takes_its_lists_along(
    desk: Desk, site: Site, kind: LinkKind
) -> None:
    """What its lists name there is the source's, though its home page was elsewhere."""
    path = "/news/the-old-mill-opens-again"
    async with scripted_site("127.0.0.2") as there:
        to = f"http://127.0.0.2:{there.port}"
        site.answers["/list"] = [(301, {"Location": f"{to}/list"}, b"")]
        there.answers["/list"] = [
            section_of(path)
            if kind is LinkKind.SECTION
            else f"<urlset><url><loc>{to}{path}</loc></url></urlset>".encode()
        ]
        there.answers[path] = [story("The old mill opens again")]
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/list"), kind, source)

        with capture_logs() as logs:
            await attend(desk, site)
        await visit(host_key(to), desk.means, budget=100)
        await visit(host_key(to), desk.means, budget=100)

        link = desk.link(f"{to}{path}")
        assert (link.source_id, link.state) == (source, LinkState.ARCHIVED)
        assert [log["log_level"] for log in logs if log["event"] == "attended"] == [
            "warning"
        ]


async def test_a_section_learns_from_what_a_feed_brought(
    desk: Desk, site: Site
) -> None:
    """`/p/...` says nothing of itself; eight of them were articles."""
    old = [f"/p/ab{n}" for n in range(8)]
    for path in old:
        site.answers[path] = [story(f"Story {path} of the town")]
    site.answers["/feed"] = [feed_of(site, *old)]
    site.answers["/"] = [section_of("/p/xy7", "/p/xy8")]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/"), LinkKind.SECTION, source)
    await attend(desk, site)
    before = [link.url for link in desk.read(select(LinkRow))]
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)
    await attend(desk, site)

    await poll_again(desk, site, "/")

    assert site.url("/p/xy7") not in before
    assert desk.link(site.url("/p/xy7")).ways == Way.SECTION


async def test_links_with_a_new_session_each_time_are_one_article(
    desk: Desk, site: Site
) -> None:
    """Java sites write a session into every link for whoever sends no cookie."""
    path = "/news/the-old-mill-opens-again"
    site.answers[path] = [story("The old mill opens again")]
    readings = [section_of(f"{path};jsessionid=0A1B2C3D4E5F{n}") for n in range(3)]
    site.answers["/"] = list(readings)
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/"), LinkKind.SECTION, source)
    await attend(desk, site)
    await attend(desk, site)

    await poll_again(desk, site, "/")

    (link,) = desk.read(select(LinkRow).where(LinkRow.kind == LinkKind.ARTICLE))
    assert (link.url, link.state) == (site.url(path), LinkState.ARCHIVED)


async def test_a_section_learns_what_was_no_article(desk: Desk, site: Site) -> None:
    """Pages of topics look like articles by their addresses, until twelve were read."""
    topics = [f"/dossiers/all-about-the-{word}-mill" for word in WORDS]
    for path in topics:
        site.answers[path] = [hub()]
    fresh = "/dossiers/all-about-the-new-bridge"
    site.answers["/"] = [section_of(*topics), section_of(fresh)]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/"), LinkKind.SECTION, source)
    await attend(desk, site)
    await attend(desk, site)

    await poll_again(desk, site, "/")

    links = desk.read(select(LinkRow).where(LinkRow.kind == "article"))
    assert {link.state for link in links} == {LinkState.NOT_ARTICLE}
    assert site.url(fresh) not in {link.url for link in links}
    assert site.paths.count("/") == 2


async def test_a_link_notes_each_kind_of_list(desk: Desk, site: Site) -> None:
    both, alone = "/news/the-first-long-story-of-today", "/news/a-second-long-story-too"
    for path in (both, alone):
        site.answers[path] = [story(path)]
    site.answers["/feed"] = [feed_of(site, both)]
    site.answers["/sitemap.xml"] = [sitemap_of(site, both, alone)]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    assert desk.link(site.url(both)).ways == Way.FEED | Way.SITEMAP
    assert desk.link(site.url(alone)).ways == Way.SITEMAP


async def test_a_feed_may_stand_for_a_sitemap(desk: Desk, site: Site) -> None:
    own = "/news/the-first-long-story-of-today"
    elsewhere = "<item><link>https://elsewhere.example/a</link></item></channel>"
    feed = feed_of(site, own).replace(b"</channel>", elsewhere.encode())
    site.answers["/sitemap.xml"] = [feed]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    assert desk.link(site.url("/sitemap.xml")).state == LinkState.WATCHED
    assert desk.link(site.url(own)).ways == Way.SITEMAP
    assert desk.link("https://elsewhere.example/a").state == LinkState.SCOPE


async def test_what_is_neither_says_what_it_is_as_a_sitemap(
    desk: Desk, site: Site
) -> None:
    site.answers["/sitemap.xml"] = [b"<html><body>Gone</body></html>"]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    assert "not a sitemap" in desk.link(site.url("/sitemap.xml")).reason


async def poll_again(desk: Desk, site: Site, path: str) -> None:
    number = desk.link(site.url(path)).id
    now = desk.means.now()

    def due(tx: object) -> None:
        tx.session.get_one(LinkRow, number).next_run = now  # type: ignore[attr-defined]

    await desk.means.writer.run(due)
    await attend(desk, site)


def dated_feed_of(site: Site, *items: tuple[str, str]) -> bytes:
    listed = "".join(
        f"<item><title>x</title><link>{site.url(path)}</link>"
        f"<pubDate>{date}</pubDate></item>"
        for path, date in items
    )
    return f"<rss><channel>{listed}</channel></rss>".encode()


OLD = "Mon, 06 Jan 2020 08:00:00 GMT"


async def test_a_feed_that_dates_all_its_news_wrong_still_brings_it(
    desk: Desk, site: Site
) -> None:
    """Its first reading may be of an old feed; what is added to it later is new."""
    source = await desk.add_source(site.url("/"))
    site.answers = {
        "/feed": [
            dated_feed_of(site, ("/a-first-old-story", OLD)),
            dated_feed_of(site, ("/a-new-story", OLD), ("/a-first-old-story", OLD)),
        ],
        "*": [story("Pier")],
    }
    feed = await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)
    await desk.means.writer.run(lambda tx: due_now(tx.session, feed, desk.means.now()))
    await attend(desk, site)
    await attend(desk, site)

    assert desk.link(site.url("/a-first-old-story")).state == LinkState.TOO_OLD
    assert desk.link(site.url("/a-new-story")).state == LinkState.ARCHIVED


async def test_a_feed_that_was_read_too_late_says_so(desk: Desk, site: Site) -> None:
    """What it showed and dropped meanwhile was missed, and nobody else would tell."""
    site.answers["/feed"] = [
        feed_of(site, "/a-1", "/a-2", "/a-3"),
        feed_of(site, "/a-3", "/a-4", "/a-5"),
        feed_of(site, "/a-7", "/a-8", "/a-9"),
    ]
    source = await desk.add_source(site.url("/"))
    feed = await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    said = []

    for _ in range(3):
        await attend(desk, site)
        said.append("may be missed" in str(desk.link(site.url("/feed")).reason))
        await desk.means.writer.run(
            lambda tx: due_now(tx.session, feed, desk.means.now())
        )

    assert said == [False, False, True]


async def test_a_sitemap_may_be_larger_than_a_page(desk: Desk, site: Site) -> None:
    """As large as sitemaps.org allows; pages of 10 MiB are cut."""
    padding = b"<!--" + b" " * 21 * 1024**2 + b"-->"
    said = f"<urlset>{padding.decode()}<url><loc>{site.url('/a')}</loc></url></urlset>"
    site.answers = {"/sitemap.xml": [said.encode()], "/a": [story("Pier")]}
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    assert desk.link(site.url("/sitemap.xml")).state == LinkState.WATCHED
    assert desk.link(site.url("/a")).found_on is not None


async def test_a_sitemap_that_names_too_much_says_so(desk: Desk, site: Site) -> None:
    named = "\n".join(site.url(f"/{n}") for n in range(50_001))
    site.answers["/sitemap.txt"] = [named.encode()]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.txt"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    said = desk.link(site.url("/sitemap.txt")).reason
    assert "only the 50,000 newest are read, of 50,001" in said


@pytest.mark.parametrize("kind", [LinkKind.FEED, LinkKind.SITEMAP])
async def test_a_list_with_links_that_are_too_long_says_so(
    desk: Desk, site: Site, kind: LinkKind
) -> None:
    urls = [site.url(f"/{'a' * 5000}{n}") for n in range(2)]
    items = "".join(f"<item><link>{url}</link></item>" for url in urls)
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
    listed = feed if kind is LinkKind.FEED else f"<urlset>{entries}</urlset>"
    site.answers["/list"] = [listed.encode()]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/list"), kind, source)

    await attend(desk, site)

    said = desk.link(site.url("/list")).reason
    assert "2 of its links left out, over 4,096 bytes" in said


def with_older(feed: bytes) -> bytes:
    about = b"<channel><generator>https://wordpress.org/?v=6.4</generator>"
    return feed.replace(b"<channel>", about)


async def test_what_a_feed_dropped_before_it_was_read_is_on_its_older_pages(
    desk: Desk, site: Site
) -> None:
    """After a day's stop: two older pages are asked for, the second has known items."""
    site.answers = {
        "/feed": [
            with_older(feed_of(site, "/a-1", "/a-2", "/a-3")),
            with_older(feed_of(site, "/a-11", "/a-10", "/a-9")),
        ],
        "/feed?paged=2": [with_older(feed_of(site, "/a-8", "/a-7", "/a-6"))],
        "/feed?paged=3": [with_older(feed_of(site, "/a-5", "/a-4", "/a-3"))],
        "*": [story("Pier")],
    }
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)
    before = list(site.paths)

    await poll_again(desk, site, "/feed")

    assert not any("paged" in path for path in before)
    assert [path for path in site.paths if "feed" in path] == [
        "/feed",
        "/feed",
        "/feed?paged=2",
        "/feed?paged=3",
    ]
    found = {link.url for link in desk.read(select(LinkRow)) if "/a-" in link.url}
    assert found == {site.url(f"/a-{n}") for n in range(1, 12)}
    assert "so 2 older were read" in desk.link(site.url("/feed")).reason
    assert desk.link(site.url("/feed?paged=2")).next_run is None


async def test_an_older_page_that_is_watched_itself_stays_watched(
    desk: Desk, site: Site
) -> None:
    site.answers = {
        "/feed": [
            with_older(feed_of(site, "/a-1", "/a-2", "/a-3")),
            with_older(feed_of(site, "/a-11", "/a-10", "/a-9")),
        ],
        "/feed?paged=2": [feed_of(site, "/a-8", "/a-7", "/a-6")],
        "*": [story("Pier")],
    }
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)
    await desk.enter(site.url("/feed?paged=2"), LinkKind.FEED, source)

    await poll_again(desk, site, "/feed")

    assert desk.link(site.url("/feed?paged=2")).next_run is not None


async def test_a_feed_whose_addresses_alone_are_new_is_not_read_on(
    desk: Desk, site: Site
) -> None:
    """After a redesign; its dates say that nothing was missed."""
    for reading in ("old", "new"):
        items = [(f"/{reading}-{n}", OLD) for n in range(3)]
        answers = site.answers.setdefault("/feed", [])
        answers.append(with_older(dated_feed_of(site, *items)))
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)

    await poll_again(desk, site, "/feed")

    assert "paged" not in str(site.paths)


async def test_a_feed_that_has_no_older_page_was_read_too_late(
    desk: Desk, site: Site
) -> None:
    """The first page in its place, as many servers give it, ends the search."""
    late = with_older(feed_of(site, "/a-11", "/a-10", "/a-9"))
    site.answers = {
        "/feed": [with_older(feed_of(site, "/a-1", "/a-2", "/a-3")), late],
        "/feed?paged=2": [late],
        "*": [story("Pier")],
    }
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)

    await poll_again(desk, site, "/feed")

    assert "feed?paged=3" not in str(site.paths)
    assert "may be missed" in desk.link(site.url("/feed")).reason


async def test_a_feed_without_links_says_so(desk: Desk, site: Site) -> None:
    site.answers["/feed"] = [
        b"<rss><channel><item><title>x</title></item></channel></rss>"
    ]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)

    await attend(desk, site)

    assert "no item with a link" in str(desk.link(site.url("/feed")).reason)


async def test_a_home_page_is_not_watched_at_its_feed_of_comments(
    desk: Desk, site: Site
) -> None:
    """Each comment of an old story would be listed as a story of today."""
    announced = "".join(
        f"<link rel=alternate type=application/rss+xml href={path}>"
        for path in ("/feed/", "/comments/feed/")
    )
    site.answers["/"] = [f"<html><head>{announced}</head></html>".encode()]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/"), LinkKind.SECTION, source)

    await attend(desk, site)

    feeds = desk.read(select(LinkRow).where(LinkRow.kind == "feed"))
    assert [link.url for link in feeds] == [site.url("/feed/")]


async def test_a_sitemap_on_another_host_names_pages_of_its_source(
    desk: Desk, site: Site
) -> None:
    """Some sites keep theirs in a store, and robots.txt names it there."""
    paths = "/news/the-old-mill-opens-again", "/news/the-new-mill-closes-early"
    async with scripted_site("127.0.0.2") as store:
        at = f"http://127.0.0.2:{store.port}"
        store.answers["/sitemap.xml"] = [sitemap_of(site, *paths)]
        source = await desk.add_source(site.url("/"))
        await desk.enter(f"{at}/sitemap.xml", LinkKind.SITEMAP, source)

        await visit(host_key(at), desk.means, budget=100)

    found = desk.read(select(LinkRow).where(LinkRow.kind == "article"))
    assert {(link.url, link.state) for link in found} == {
        (site.url(path), LinkState.WAITING) for path in paths
    }


async def test_an_index_may_name_sitemaps_that_are_kept_on_another_host(
    desk: Desk, site: Site
) -> None:
    """They speak for the site that names them: pages of the other are not the source's."""
    path = "/news/the-old-mill-opens-again"
    async with scripted_site("127.0.0.2") as store:
        at = f"http://127.0.0.2:{store.port}"
        both = "".join(
            f"<url><loc>{url}</loc></url>" for url in (site.url(path), f"{at}{path}")
        )
        store.answers["/1.xml"] = [f"<urlset>{both}</urlset>".encode()]
        index = f"<sitemapindex><sitemap><loc>{at}/1.xml</loc></sitemap></sitemapindex>"
        site.answers["/sitemap.xml"] = [index.encode()]
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

        await attend(desk, site)
        await visit(host_key(at), desk.means, budget=100)

    found = desk.read(select(LinkRow).where(LinkRow.kind == "article"))
    assert [(link.url, link.state) for link in found] == [
        (site.url(path), LinkState.WAITING)
    ]


async def test_a_robots_file_may_name_sitemaps_that_are_kept_on_another_host(
    desk: Desk, site: Site
) -> None:
    async with scripted_site("127.0.0.2") as store:
        at = f"http://127.0.0.2:{store.port}"
        site.answers["/robots.txt"] = [f"Sitemap: {at}/1.xml".encode()]
        site.answers["/"] = [b"<p>Hello</p>"]
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/"), LinkKind.SECTION, source)

        await attend(desk, site)

    assert desk.link(f"{at}/1.xml").state == LinkState.WAITING


async def test_the_robots_file_of_another_site_names_no_sitemap_of_a_source(
    desk: Desk, site: Site
) -> None:
    """A feed may lead to articles elsewhere; what else stands there is not asked for."""
    async with scripted_site("127.0.0.2") as there:
        at = f"http://127.0.0.2:{there.port}"
        there.answers["/robots.txt"] = [f"Sitemap: {at}/1.xml".encode()]
        there.answers["/a"] = [story("The old mill opens again")]
        source = await desk.add_source(site.url("/"))
        await desk.enter(f"{at}/a", LinkKind.ARTICLE, source)

        await visit(host_key(at), desk.means, budget=100)

    assert desk.link(f"{at}/1.xml").state == LinkState.SCOPE


async def test_a_sitemap_of_other_sites_alone_says_so(desk: Desk, site: Site) -> None:
    elsewhere = b"<urlset><url><loc>http://127.0.0.9/a-story</loc></url></urlset>"
    site.answers["/sitemap.xml"] = [elsewhere]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)

    await attend(desk, site)

    reason = desk.link(site.url("/sitemap.xml")).reason or ""
    assert "it names no page of the site" in reason
