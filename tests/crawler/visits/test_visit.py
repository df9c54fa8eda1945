import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select, update
from structlog.testing import capture_logs

from crawler.ondemand import archive_one
from crawler.urls import host_key
from crawler.visits.visit import visit, visit_for
from storage.errors import DiskFull
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    HostRow,
    LinkRow,
    VersionRow,
)
from storage.sql.visits import open_visit
from storage.warc.reader import read_capture
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story
from tests.crawler.fetch.servers import serving

pytestmark = pytest.mark.anyio

RSS = """<rss version="2.0"><channel><title>Town</title>
<item><title>Pier</title><link>{url}</link></item></channel></rss>"""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def attend(desk: Desk, site: Site, budget: int = 20) -> list[str]:
    """Visit the site once it has rested; return what came of each link."""
    await desk.rested(site.url("/"))
    done = await visit(host_key(site.url("/")), desk.means, budget=budget)
    return [str(one.settlement.state) for one in done]


async def test_an_article_is_archived_with_its_evidence(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))

    assert await attend(desk, site) == ["archived"]

    (article,) = desk.read(select(ArticleRow))
    (capture,) = desk.read(
        select(CaptureRow).where(CaptureRow.url == site.url("/pier"))
    )
    record = read_capture(
        desk.folder,
        capture.segment,
        capture.offset,
        capture.length,
        capture.record_sha256,
    )
    assert article.title == "Pier to be rebuilt"
    assert b"<h1>Pier to be rebuilt</h1>" in record.block


async def test_robots_txt_is_asked_first_and_kept(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /private\n"]
    await desk.enter(site.url("/pier"))

    await attend(desk, site)

    assert [path for path, _ in site.asked] == ["/robots.txt", "/pier"]
    assert len(desk.read(select(CaptureRow))) == 2


async def test_what_robots_txt_forbids_is_not_asked_for(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /private\n"]
    await desk.enter(site.url("/private/pier"))

    assert await attend(desk, site) == ["robots"]
    assert site.paths == []
    assert "Disallow: /private" in desk.link(site.url("/private/pier")).reason


async def test_robots_txt_may_be_ignored_by_policy(tmp_path: Path, site: Site) -> None:
    """It is not asked for, so none that fails keeps us from a page."""
    site.answers["/robots.txt"] = [(503, {}, b"")]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    async with open_desk(tmp_path / "other", robots="ignore") as desk:
        await desk.enter(site.url("/pier"))

        assert await attend(desk, site) == ["archived"]
        assert desk.link(site.url("/pier")).robots_line == "not asked"
    assert [path for path, _ in site.asked] == ["/pier"]


async def test_an_unreachable_robots_txt_forbids_all(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [(503, {}, b"")]
    await desk.enter(site.url("/pier"))

    assert await attend(desk, site) == ["error"]
    assert site.paths == []
    assert desk.link(site.url("/pier")).next_run is not None


async def test_the_last_good_robots_txt_stands_in(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /x\n", (500, {}, b"")]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))
    await attend(desk, site)
    now = desk.means.now
    desk.use(now=lambda: now() + timedelta(hours=25))

    await desk.enter(site.url("/pier-2"))
    states = await attend(desk, site)

    assert states
    assert set(states) <= {"archived", "gone"}


async def test_a_rest_asked_for_by_robots_txt_is_given(desk: Desk, site: Site) -> None:
    """A 503 is an answer of the host, whatever an older copy of the file allows."""
    busy = (503, {"Retry-After": "900"}, b"")
    site.answers["/robots.txt"] = [b"", busy]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))
    await attend(desk, site)
    now = desk.means.now
    desk.use(now=lambda: now() + timedelta(hours=25))

    await desk.enter(site.url("/pier-2"))
    assert await attend(desk, site) == ["error"]

    (host,) = desk.read(select(HostRow))
    assert site.paths == ["/pier"]
    assert host.free_at >= desk.means.now() + timedelta(seconds=890)


async def test_a_long_rest_that_is_asked_for_is_told(desk: Desk, site: Site) -> None:
    """A day at most, whatever is asked; news may be missed by it."""
    site.answers["/pier"] = [(429, {"Retry-After": "99999999999"}, b"")]
    link = await desk.enter(site.url("/pier"))

    with capture_logs() as logged:
        await visit_for(link, desk.means)

    told = [one for one in logged if one["event"] == "host rests"]
    assert [one["host"] for one in told] == [host_key(site.url("/"))]
    assert desk.link(site.url("/pier")).reason == (
        "HTTP 429; to be left alone for 1d, as it asked"
    )


async def test_a_feed_brings_links_that_are_due(desk: Desk, site: Site) -> None:
    feed = RSS.format(url=site.url("/pier")).encode()
    site.answers["/feed"] = [(200, {"Content-Type": "application/rss+xml"}, feed)]
    await desk.enter(site.url("/feed"), LinkKind.FEED)

    assert await attend(desk, site) == ["watched"]

    found = desk.link(site.url("/pier"))
    assert (found.state, found.title) == ("waiting", "Pier")
    assert found.next_run is not None


async def test_a_feed_that_is_no_feed_is_an_error_with_a_reason(
    desk: Desk, site: Site
) -> None:
    site.answers["/feed"] = [b"<html><body>Not found, sorry</body></html>"]
    await desk.enter(site.url("/feed"), LinkKind.FEED)

    assert await attend(desk, site) == ["error"]
    row = desk.link(site.url("/feed"))
    assert row.reason
    assert row.next_run is not None


async def test_an_unchanged_feed_is_asked_with_its_validators(
    desk: Desk, site: Site
) -> None:
    feed = RSS.format(url=site.url("/pier")).encode()
    site.answers["/feed"] = [(200, {"ETag": '"1"'}, feed), (304, {}, b"")]
    link = await desk.enter(site.url("/feed"), LinkKind.FEED)
    await attend(desk, site)

    await desk.rested(site.url("/"))
    done = await visit_for(link, desk.means)

    asked = [headers for path, headers in site.asked if path == "/feed"]
    assert asked[1]["if-none-match"] == '"1"'
    assert done is not None
    assert done.settlement.state is LinkState.WATCHED


async def test_a_source_has_a_daily_budget(desk: Desk, site: Site) -> None:
    items = "".join(
        f"<item><link>{site.url(f'/s/{n}')}</link></item>" for n in range(5)
    )
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    site.answers["/feed"] = [feed]
    source = await add_source(desk, site, daily_links=3)
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)

    await attend(desk, site)

    states = sorted(r.state for r in desk.read(select(LinkRow)) if "/s/" in r.url)
    assert states == ["budget"] * 2 + ["waiting"] * 3


async def test_a_sitemap_and_a_section_bring_links(desk: Desk, site: Site) -> None:
    site.answers["/sitemap.xml"] = [
        (
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>"
            f"{site.url('/news/the-first-long-story-of-today')}</loc></url></urlset>"
        ).encode()
    ]
    site.answers["/"] = [
        (
            b"<html><head><link rel=alternate type='application/rss+xml' href='/feed'>"
            b"</head><body><main><a href='/news/2026/a-second-long-story-of-the-day'>"
            b"A second long story of the day</a></main></body></html>"
        )
    ]
    source = await add_source(desk, site)
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)
    await desk.enter(site.url("/"), LinkKind.SECTION, source)

    await attend(desk, site)

    kinds = {r.url.rsplit("/", 1)[1]: r.kind for r in desk.read(select(LinkRow))}
    assert kinds["the-first-long-story-of-today"] == "article"
    assert kinds["a-second-long-story-of-the-day"] == "article"
    assert kinds["feed"] == "feed"


async def test_sitemaps_named_by_robots_txt_are_watched(desk: Desk, site: Site) -> None:
    named = f"Sitemap: {site.url('/named.xml')}\nSitemap: http://elsewhere.example/x\n"
    site.answers["/robots.txt"] = [named.encode()]
    source = await add_source(desk, site)
    await desk.enter(site.url("/"), LinkKind.SECTION, source)

    await attend(desk, site)

    assert desk.link(site.url("/named.xml")).kind == "sitemap"
    assert desk.link("http://elsewhere.example/x").state == "waiting"


async def test_a_changed_story_makes_a_second_version(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [
        story("Pier to be rebuilt"),
        story(
            "Pier to be rebuilt after all",
            tail="<p>The mayor said so herself on the radio on Friday.</p>",
        ),
    ]
    link = await desk.enter(site.url("/pier"))
    await attend(desk, site)

    await desk.rested(site.url("/"))
    await visit_for(link, desk.means)

    assert [v.number for v in desk.read(select(VersionRow))] == [1, 2]


async def test_an_unchanged_story_makes_none(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    link = await desk.enter(site.url("/pier"))
    await attend(desk, site)

    await desk.rested(site.url("/"))
    await visit_for(link, desk.means)

    assert len(desk.read(select(VersionRow))) == 1
    assert len(desk.read(select(CaptureRow))) == 3


async def test_a_second_address_is_a_duplicate(desk: Desk, site: Site) -> None:
    head = f"<link rel=canonical href='{site.url('/pier')}'>"
    site.answers["/pier"] = [story("Pier to be rebuilt", head=head)]
    site.answers["/amp/pier"] = [story("Pier to be rebuilt", head=head)]
    await desk.enter(site.url("/pier"))
    await attend(desk, site)
    await desk.enter(site.url("/amp/pier"))

    assert await attend(desk, site) == ["duplicate"]
    assert len(desk.read(select(ArticleRow))) == 1


async def test_a_canonical_url_that_all_pages_share_is_not_believed(
    desk: Desk, site: Site
) -> None:
    head = f"<link rel=canonical href='{site.url('/news/')}'>"
    ferry = " ".join(f"Skeppet seglar mot hamn nummer {n} i kväll." for n in range(40))
    site.answers["/pier"] = [story("Pier to be rebuilt", head=head)]
    site.answers["/ferry"] = [
        f"<title>Ferries are late</title>{head}<h1>Ferries are late</h1><p>{ferry}</p>".encode()
    ]
    await desk.enter(site.url("/pier"))
    await attend(desk, site)
    await desk.enter(site.url("/ferry"))

    assert await attend(desk, site) == ["archived"]
    rows = desk.read(select(ArticleRow).order_by("id"))
    assert [row.title for row in rows] == ["Pier to be rebuilt", "Ferries are late"]
    assert rows[1].url == site.url("/ferry")


WALLS = {
    "challenge": (
        "<html><head><title>Just a moment...</title><meta name=robots content=noindex></head>"
        "<body><h1>127.0.0.1</h1><p>Verifying you are human. This may take a few seconds.</p>"
        "<script src=/cdn-cgi/challenge-platform/x.js></script></body></html>"
    ),
    "consent": (
        "<html><head><title>Before you continue</title></head><body><div class=consent>"
        "<h1>We value your privacy</h1><p>We use cookies.</p><button>Accept all</button>"
        "<button>Refuse</button><a href=/privacy>Privacy</a></div></body></html>"
    ),
    "missing": (
        "<html><head><title>Page not found</title></head><body><h1>Page not found</h1>"
        "<p>What you look for is not here.</p><a href=/>Home</a></body></html>"
    ),
    "maintenance": (
        "<html><head><title>We will be back soon</title></head><body>"
        "<h1>We will be back soon</h1><p>The site is down for scheduled maintenance.</p>"
        "</body></html>"
    ),
}


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("was_read", [True, False], ids=["archived", "new"])
async def test_no_wall_is_a_story_because_a_feed_has_a_date(
    desk: Desk, site: Site, wall: str, *, was_read: bool
) -> None:
    answers = [story("Pier to be rebuilt")] if was_read else []
    site.answers["/pier"] = [*answers, WALLS[wall].encode()]
    published = desk.means.now() - timedelta(hours=2)
    link = await desk.enter(site.url("/pier"))
    await desk.means.writer.run(
        lambda tx: tx.session.exec(
            update(LinkRow).values(title="Pier to be rebuilt", published=published)
        )
    )
    await attend(desk, site)
    if was_read:
        await desk.rested(site.url("/"))
        await visit_for(link, desk.means)

    assert len(desk.read(select(VersionRow))) == was_read
    assert desk.link(site.url("/pier")).state != "archived" or was_read
    titles = [row.title for row in desk.read(select(ArticleRow))]
    assert titles == ["Pier to be rebuilt"] * was_read


async def test_an_archived_article_that_leads_home_is_gone(
    desk: Desk, site: Site
) -> None:
    cards = "".join(
        f"<div class=card><h2><a href=/n/{n}>Story {n} is told at some length</a></h2></div>"
        for n in range(20)
    )
    site.answers["/"] = [f"<title>Town</title><body>{cards}</body>".encode()]
    site.answers["/pier"] = [story("Pier to be rebuilt"), (302, {"Location": "/"}, b"")]
    link = await desk.enter(site.url("/pier"))
    await attend(desk, site)
    await desk.rested(site.url("/"))

    await visit_for(link, desk.means)

    assert desk.link(site.url("/pier")).state == "gone"
    assert "led to the front page" in desk.link(site.url("/pier")).reason
    assert len(desk.read(select(VersionRow))) == 1


async def test_a_canonical_url_in_a_header_makes_a_duplicate(
    desk: Desk, site: Site
) -> None:
    """Relative, it is meant from the URL that answered after the redirect."""
    page = story("Pier to be rebuilt")
    site.answers["/pier"] = [page]
    site.answers["/short"] = [(302, {"Location": "/print/7"}, b"")]
    site.answers["/print/7"] = [(200, {"Link": '<../pier>; rel="canonical"'}, page)]
    await desk.enter(site.url("/pier"))
    await attend(desk, site)
    await desk.enter(site.url("/short"))

    assert await attend(desk, site) == ["duplicate"]
    owner = desk.link(site.url("/pier")).id
    assert desk.link(site.url("/short")).alias_of == owner


@pytest.mark.parametrize(
    ("kind", "level"), [(LinkKind.FEED, "warning"), (LinkKind.ARTICLE, "info")]
)
async def test_the_log_warns_of_a_list_that_is_not_there(
    desk: Desk, site: Site, kind: LinkKind, level: str
) -> None:
    site.answers["/feed"] = [(404, {}, b"not here")]
    await desk.enter(site.url("/feed"), kind)

    with capture_logs() as logs:
        await attend(desk, site)

    (said,) = [one for one in logs if one["event"] == "attended"]
    assert (said["log_level"], said["state"]) == (level, LinkState.GONE)


async def test_an_article_that_went_is_gone_and_its_versions_stay(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt"), (410, {}, b"gone")]
    link = await desk.enter(site.url("/pier"))
    await attend(desk, site)

    await desk.rested(site.url("/"))
    done = await visit_for(link, desk.means)

    assert done is not None
    assert done.settlement.state is LinkState.GONE
    (article,) = desk.read(select(ArticleRow))
    assert article.state == "gone"
    assert len(desk.read(select(VersionRow))) == 1


async def test_a_redirect_on_the_host_keeps_every_hop(desk: Desk, site: Site) -> None:
    site.answers["/old"] = [(301, {"Location": "/pier"}, b"")]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/old"))

    assert await attend(desk, site) == ["archived"]
    assert [c.status for c in desk.read(select(CaptureRow))] == [404, 301, 200]


async def test_a_redirect_elsewhere_waits_for_that_hosts_turn(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as other:
        other.answers["/pier"] = [story("Pier to be rebuilt")]
        site.answers["/old"] = [(302, {"Location": other.url("/pier")}, b"")]
        await desk.enter(site.url("/old"))

        assert await attend(desk, site) == ["duplicate"]
        assert other.asked == []
        assert await attend(desk, other) == ["archived"]


async def test_on_demand_a_redirect_elsewhere_is_followed(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as other:
        other.answers["/pier"] = [story("Pier to be rebuilt")]
        site.answers["/old"] = [(302, {"Location": other.url("/pier")}, b"")]

        archived = await archive_one(site.url("/old"), desk.means, timedelta(0))

    assert archived.state is LinkState.ARCHIVED
    assert archived.article_id is not None


@pytest.mark.parametrize(
    ("way", "led"),
    [(Way.HAND, Way.HAND), (Way.FEED, Way.NONE)],
    ids=["by hand", "by a feed"],
)
async def test_what_a_page_asked_for_by_hand_leads_to_is_as_little_news(
    desk: Desk, site: Site, way: Way, led: Way
) -> None:
    async with scripted_site() as other:
        other.answers["/pier"] = [story("Pier to be rebuilt")]
        site.answers["/old"] = [(302, {"Location": other.url("/pier")}, b"")]
        await desk.enter(site.url("/old"), way=way)

        await attend(desk, site)

    assert desk.link(other.url("/pier")).ways == led


async def test_on_demand_redirects_from_host_to_host_are_followed(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as second, scripted_site() as third:
        site.answers["/old"] = [(301, {"Location": second.url("/new")}, b"")]
        second.answers["/new"] = [(301, {"Location": third.url("/pier")}, b"")]
        third.answers["/pier"] = [story("Pier to be rebuilt")]

        archived = await archive_one(site.url("/old"), desk.means, timedelta(0))

    assert (archived.url, archived.state) == (third.url("/pier"), LinkState.ARCHIVED)


async def test_on_demand_a_loop_of_hosts_is_told(desk: Desk, site: Site) -> None:
    async with scripted_site() as other:
        site.answers["/a"] = [(302, {"Location": other.url("/b")}, b"")]
        other.answers["/b"] = [(302, {"Location": site.url("/a")}, b"")]

        archived = await archive_one(site.url("/a"), desk.means, timedelta(0))

    assert (archived.state, archived.status) == (LinkState.ERROR, 302)
    assert archived.reason == "too many redirects: redirects in a loop"


async def test_on_demand_a_host_that_is_led_to_may_be_busy(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as other:
        site.answers["/old"] = [(302, {"Location": other.url("/pier")}, b"")]
        await desk.enter(other.url("/else"))
        host, now = host_key(other.url("/")), desk.means.now()
        until = now + timedelta(minutes=5)
        await desk.means.writer.run(
            lambda tx: open_visit(tx.session, host, now=now, until=until, limit=1)
        )

        archived = await archive_one(site.url("/old"), desk.means, timedelta(0))

    assert archived.url == other.url("/pier")
    assert archived.state is LinkState.WAITING


async def test_on_demand_does_not_disturb_a_visit(desk: Desk, site: Site) -> None:
    await desk.enter(site.url("/pier"))
    now = desk.means.now()
    await desk.means.writer.run(
        lambda tx: open_visit(
            tx.session,
            host_key(site.url("/")),
            now=now,
            until=now + timedelta(minutes=5),
            limit=1,
        )
    )

    archived = await archive_one(
        site.url("/other"), desk.means, timedelta(milliseconds=1)
    )

    assert archived.state is LinkState.WAITING
    assert desk.link(site.url("/other")).next_run is not None
    assert site.asked == []


async def test_an_overloaded_host_is_left_alone(desk: Desk, site: Site) -> None:
    site.answers["/a"] = [(429, {"Retry-After": "600"}, b"slow down")]
    site.answers["/b"] = [(429, {"Retry-After": "600"}, b"slow down")]
    await desk.enter(site.url("/a"))
    await desk.enter(site.url("/b"))

    assert await attend(desk, site) == ["error"]

    (host,) = desk.read(select(HostRow))
    assert host.failures == 1
    assert host.free_at - desk.means.now() > timedelta(seconds=590)
    assert len(site.paths) == 1


async def test_an_answer_that_is_not_http_is_kept_as_evidence(desk: Desk) -> None:
    async with serving(b"User-agent: *\n", hang_up=True) as server:
        await desk.enter(server.url("/pier"))
        await visit(host_key(server.url()), desk.means, budget=1)

    (capture,) = desk.read(select(CaptureRow))
    record = read_capture(
        desk.folder,
        capture.segment,
        capture.offset,
        capture.length,
        capture.record_sha256,
    )
    assert record.block == b"User-agent: *\n"
    assert (capture.status, capture.truncated) == (0, "disconnect")
    assert desk.link(server.url("/pier")).state == "error"


async def test_a_refused_redirect_keeps_its_hop(desk: Desk, site: Site) -> None:
    site.answers["/old"] = [(302, {"Location": "file:///etc/passwd"}, b"")]
    await desk.enter(site.url("/old"))

    assert await attend(desk, site) in (["refused"], ["error"])
    assert [c.status for c in desk.read(select(CaptureRow))] == [404, 302]


async def test_a_dead_host_is_an_error_that_is_tried_again(desk: Desk) -> None:
    url = "http://127.0.0.1:1/pier"
    await desk.enter(url)

    await visit(host_key(url), desk.means, budget=5)

    row = desk.link(url)
    assert row.state == "error"
    assert row.reason.startswith("no connection: ")
    assert row.next_run is not None


async def test_a_host_that_is_away_is_asked_once_and_then_rests(desk: Desk) -> None:
    for n in range(3):
        await desk.enter(f"http://127.0.0.1:1/{n}")

    done = await visit(host_key("http://127.0.0.1:1/"), desk.means, budget=5)

    (host,) = desk.read(select(HostRow))
    assert len(done) == 1
    assert host.free_at - desk.means.now() > timedelta(seconds=40)
    assert sum(row.state == "waiting" for row in desk.read(select(LinkRow))) == 2


async def test_a_page_not_modified_is_still_the_archived_article(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [
        (200, {"ETag": '"1"'}, story("Pier to be rebuilt")),
        (304, {}, b""),
    ]
    first = await archive_one(site.url("/pier"), desk.means, timedelta(seconds=5))

    again = await archive_one(site.url("/pier"), desk.means, timedelta(seconds=5))

    assert (again.status, again.reason) == (304, "not modified")
    assert again.article_id == first.article_id


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((500, {}, b""), LinkState.ERROR),
        ((200, {"Content-Encoding": "zstd"}, b"("), LinkState.ERROR),
        ((403, {}, b""), LinkState.BLOCKED),
        ((302, {"Location": "/pier"}, b""), LinkState.ERROR),
    ],
    ids=["error", "not whole", "wall", "loop"],
)
async def test_an_archived_page_that_cannot_be_had_today_says_so(
    desk: Desk, site: Site, answer: tuple[int, dict[str, str], bytes], state: LinkState
) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt"), answer]
    await archive_one(site.url("/pier"), desk.means, timedelta(seconds=5))

    today = await archive_one(site.url("/pier"), desk.means, timedelta(seconds=5))

    assert (today.state, today.status) == (state, answer[0])
    assert desk.link(site.url("/pier")).state == LinkState.ARCHIVED


async def test_below_the_disk_floor_nothing_is_fetched(desk: Desk, site: Site) -> None:
    desk.use(disk_floor=2**62)

    with pytest.raises(DiskFull, match=r"storage\.disk_floor"):
        await archive_one(site.url("/pier"), desk.means, timedelta(0))

    assert site.asked == []


async def test_a_child_that_dies_leaves_its_capture(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [b"<html><p>KILL THE CHILD</p></html>"]
    await desk.enter(site.url("/pier"))

    assert await attend(desk, site) == ["error"]
    (capture,) = desk.read(select(CaptureRow).where(CaptureRow.status == 200))
    assert capture.evidence == ["the child died"]


async def test_a_visit_that_was_taken_over_keeps_nothing(
    desk: Desk, site: Site
) -> None:
    site.answers["/robots.txt"] = [b""]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))
    host, now = host_key(site.url("/")), desk.means.now
    overtaken = False

    def overtaking() -> float:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            later = now() + timedelta(minutes=10)
            desk.means.writer.submit(
                lambda tx: open_visit(tx.session, host, now=later, until=later, limit=1)
            )
        return 0.5

    desk.use(draw=overtaking)

    assert await attend(desk, site) == []
    assert desk.read(select(ArticleRow)) == []


async def test_requests_to_a_host_keep_their_distance(desk: Desk, site: Site) -> None:
    for n in range(3):
        site.answers[f"/{n}"] = [story(f"Story number {n} of the day")]
        await desk.enter(site.url(f"/{n}"))
    desk.use(stray=desk.plan(delay=timedelta(milliseconds=60)))
    started = desk.means.now()

    await attend(desk, site)

    assert desk.means.now() - started >= timedelta(milliseconds=180)


async def test_a_refused_host_needs_no_rest(desk: Desk) -> None:
    """Nobody was asked, so every due link is refused in one visit."""
    for n in range(2):
        await desk.enter(f"http://10.0.0.1/{n}")

    done = await visit("10.0.0.1", desk.means, budget=20)

    assert [str(one.settlement.state) for one in done] == ["refused", "refused"]


async def test_a_host_is_free_again_after_its_rest(desk: Desk, site: Site) -> None:
    desk.use(stray=desk.plan(delay=timedelta(seconds=7)))
    await desk.enter(site.url("/robots.txt"))
    now = desk.means.now
    await visit(host_key(site.url("/")), replace(desk.means, now=now), budget=0)

    (host,) = desk.read(select(HostRow))
    assert host.visiting_until is None


async def add_source(desk: Desk, site: Site, **manners: object) -> int:
    return await desk.add_source(site.url("/"), **manners)


async def test_what_a_reading_found_is_learned_with_it(desk: Desk, site: Site) -> None:
    feed = RSS.format(url=site.url("/pier")).encode()
    site.answers["/feed"] = [(200, {"Cache-Control": "max-age=5400"}, feed)]
    await desk.enter(site.url("/feed"), LinkKind.FEED)

    await attend(desk, site)

    row = desk.link(site.url("/feed"))
    assert row.rhythm is not None
    assert row.rhythm["listed"] == 1
    assert row.pull is not None
    assert (row.interval_s, row.rhythm["why"]) == (
        5400,
        "as the server or the list asks",
    )


async def test_an_unchanged_feed_has_its_silence_learned(
    desk: Desk, site: Site
) -> None:
    feed = RSS.format(url=site.url("/pier")).encode()
    site.answers["/feed"] = [(200, {"ETag": '"1"'}, feed), (304, {}, b"")]
    link = await desk.enter(site.url("/feed"), LinkKind.FEED)
    await attend(desk, site)
    first = desk.link(site.url("/feed")).rhythm
    await desk.rested(site.url("/"))

    await visit_for(link, desk.means)

    second = desk.link(site.url("/feed")).rhythm
    assert first is not None
    assert second is not None
    assert second["days"] > first["days"]
    assert second["listed"] == 1


async def test_a_host_that_rests_for_long_is_not_waited_for(
    desk: Desk, site: Site
) -> None:
    site.answers["/feed"] = [(429, {"Retry-After": "9000"}, b"")]
    await desk.enter(site.url("/feed"))
    await attend(desk, site)

    async with asyncio.timeout(5):
        came = await archive_one(site.url("/pier"), desk.means, timedelta(minutes=10))

    assert (came.state, came.status) == ("waiting", None)
    assert came.reason.startswith("its host rests until ")
    assert "/pier" not in site.paths


async def test_what_a_page_was_goes_with_the_visit(desk: Desk, site: Site) -> None:
    """Held in a circle of objects, pages would pile up until garbage is collected."""
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))

    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        done = await attend(desk, site)
        await desk.means.writer.run(lambda _tx: None)  # it holds its last work
        gc.collect()
        found = {type(thing).__name__ for thing in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()

    assert done == ["archived"]
    assert not found & {"Exchange", "Extraction", "Reading", "VersionRow", "LinkRow"}
