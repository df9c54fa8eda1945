"""What must not stop a host, a source or a start: one odd page, answer or edit."""

import asyncio
from collections import UserDict
from collections.abc import AsyncIterator, ValuesView
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Update, event, update
from sqlmodel import col, select

from crawler.config.tree import Config, Source
from crawler.extract.source import PageSource
from crawler.kept.unread import read_unread
from crawler.means import Watch
from crawler.ondemand import archive_one, enter_link, enter_links
from crawler.sources.watching import add_source, put_sources, read_now
from crawler.urls import host_key, url_key
from crawler.visits.visit import visit
from storage.model.extraction import Extraction
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.visit import RobotsCopy
from storage.sql.ledger import add_links
from storage.sql.sources import PAUSED, set_state
from storage.sql.tables import ACTIVE, ArticleRow, HostRow, LinkRow, SourceRow
from storage.sql.visits import due_hosts, open_visit, save_robots
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

ELSEWHERE = '<link rel=canonical href="http://user:secret@127.0.0.1/x">'


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def attend(desk: Desk, site: Site) -> list[str]:
    await desk.rested(site.url("/"))
    done = await visit(host_key(site.url("/")), desk.means, budget=20)
    return [str(one.settlement.state) for one in done]


class Broken:
    """A pool with a bug."""

    async def extract(self, _source: PageSource) -> Extraction:
        raise RuntimeError("unexpected")


class Dying:
    """A pool in a process that dies."""

    async def extract(self, _source: PageSource) -> Extraction:
        raise asyncio.CancelledError


def config(site: Site, name: str = "A", feed: str = "/feed") -> Config:
    source = {"name": name, "home": site.url("/"), "feeds": [site.url(feed)]}
    return Config.model_validate({"sources": [source]})


async def put(desk: Desk, settings: Config) -> None:
    now = desk.means.now()
    await desk.means.writer.run(lambda tx: put_sources(tx.session, settings, now))


async def test_a_link_that_breaks_us_does_not_stop_its_host(
    desk: Desk, site: Site
) -> None:
    await desk.enter(site.url("/bad"))
    site.answers["/bad"] = [story("A story that breaks us")]
    desk.use(pool=Broken())

    assert await attend(desk, site) == ["error"]

    row = desk.link(site.url("/bad"))
    assert (row.reason, row.attempts) == ("RuntimeError: unexpected", 1)
    assert row.next_run is not None
    assert row.next_run > desk.means.now()


@pytest.mark.parametrize(
    "head",
    [
        ELSEWHERE,
        '<link rel=canonical href="http://127.0.0.1:99999999/x">',
        f'<link rel=canonical href="http://127.0.0.1/{"x" * 9000}">',
    ],
    ids=["user", "port", "long"],
)
async def test_a_canonical_url_that_is_none_is_passed_over(
    desk: Desk, site: Site, head: str
) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt", head=head)]
    await desk.enter(site.url("/pier"))

    assert await attend(desk, site) == ["archived"]


async def test_a_retry_after_beyond_all_numbers_is_passed_over(
    desk: Desk, site: Site
) -> None:
    odd = {"Retry-After": f"Mon, 01 Jan 2024 00:00:00 +{'9' * 20}"}
    site.answers["/pier"] = [(200, odd, story("Pier to be rebuilt"))]
    await desk.enter(site.url("/pier"))

    assert await attend(desk, site) == ["archived"]


async def test_a_capture_that_breaks_us_does_not_break_every_start(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(site.url("/pier"))
    desk.use(pool=Dying())
    with pytest.raises(asyncio.CancelledError):
        await attend(desk, site)
    desk.use(pool=Broken())

    assert await read_unread(desk.means, desk._session, 10) == 1
    assert await read_unread(desk.means, desk._session, 10) == 0


async def test_a_renamed_source_goes_on(desk: Desk, site: Site) -> None:
    await put(desk, config(site, "Old"))

    await put(desk, config(site, "New"))

    assert [(s.name, s.state) for s in desk.read(select(SourceRow))] == [
        ("New", "active")
    ]
    assert desk.link(site.url("/feed")).next_run is not None


async def test_of_two_sources_with_one_home_none_is_renamed(
    desk: Desk, site: Site
) -> None:
    first, second = config(site, "One"), config(site, "Two", feed="/2")
    await put(desk, Config(sources=[*first.sources, *second.sources]))

    await put(desk, config(site, "New"))

    found = {s.name: s.state for s in desk.read(select(SourceRow))}
    assert found == {"One": "removed", "Two": "removed", "New": "active"}


async def test_what_stands_as_it_is_listed_is_not_written_again(
    desk: Desk, site: Site
) -> None:
    settings = config(site)
    await put(desk, settings)
    written: list[str] = []

    def again(tx: Tx) -> None:
        @event.listens_for(tx.session.connection(), "before_cursor_execute")
        def note(*args: object) -> None:
            written.append(str(args[2]).split()[0])

        put_sources(tx.session, settings, desk.means.now())

    await desk.means.writer.run(again)

    assert set(written) == {"SELECT"}


async def test_a_list_that_fell_out_of_turn_is_due_again(
    desk: Desk, site: Site
) -> None:
    await put(desk, config(site))
    await desk.means.writer.run(
        lambda tx: tx.session.exec(update(LinkRow).values(next_run=None))
    )

    await put(desk, config(site))

    assert desk.link(site.url("/feed")).next_run is not None


async def test_a_source_paused_by_command_stays_so(desk: Desk, site: Site) -> None:
    await put(desk, config(site))
    await desk.means.writer.run(
        lambda tx: set_state(
            tx.session,
            tx.session.exec(select(SourceRow)).one(),
            PAUSED,
            desk.means.now(),
        )
    )

    await put(desk, config(site))

    assert [s.state for s in desk.read(select(SourceRow))] == [PAUSED]
    assert desk.link(site.url("/feed")).next_run is None


async def test_a_feed_that_left_the_file_is_not_polled(desk: Desk, site: Site) -> None:
    await put(desk, config(site, feed="/old"))

    await put(desk, config(site, feed="/new"))

    assert desk.link(site.url("/old")).next_run is None
    assert desk.link(site.url("/new")).next_run is not None


async def test_a_page_asked_for_belongs_to_the_source_of_its_site(
    desk: Desk, site: Site
) -> None:
    """Its plan reads it; its lists may name it later, and nothing is due of a paused one."""
    number = await desk.add_source(site.url("/"))
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await archive_one(site.url("/pier"), desk.means, timedelta(seconds=5))
    await enter_link("http://elsewhere.example/a", desk.means)
    (article,) = desk.read(select(ArticleRow))

    def pause(tx: Tx) -> None:
        row = tx.session.get_one(SourceRow, number)
        set_state(tx.session, row, PAUSED, desk.means.now())

    await desk.means.writer.run(pause)
    await enter_link(site.url("/while-paused"), desk.means)

    assert desk.link(site.url("/pier")).source_id == article.source_id == number
    assert desk.link("http://elsewhere.example/a").source_id is None
    assert desk.link(site.url("/while-paused")).source_id is None
    assert desk.link(site.url("/while-paused")).next_run is not None


async def test_many_pages_asked_for_take_one_look_at_all_sources(desk: Desk) -> None:
    """There may be 10,000 of them, and 1,000 pages."""

    class Watches(UserDict[int, Watch]):
        looks = 0

        def values(self) -> ValuesView[Watch]:
            self.looks += 1
            return super().values()

    watches = Watches(desk.means.watches)
    desk.use(watches=watches)
    urls = [f"http://elsewhere.example/{number}" for number in range(3)]

    links = await enter_links(urls, desk.means)

    assert links == [desk.link(url).id for url in urls]
    assert watches.looks == 1


async def test_a_home_page_known_as_an_article_is_watched(
    desk: Desk, site: Site
) -> None:
    await enter_link(site.url("/"), desk.means)
    source = Source.model_validate({"name": "A", "home": site.url("/")})
    now = desk.means.now()

    await desk.means.writer.run(
        lambda tx: add_source(tx.session, source, Config(), now).id
    )

    row = desk.link(site.url("/"))
    assert (row.kind, row.source_id) == ("section", 1)


async def test_an_old_robots_txt_that_stands_in_is_asked_for_once_a_visit(
    desk: Desk, site: Site
) -> None:
    site.answers["/robots.txt"] = [(503, {}, b"")]
    for path in ("/a", "/b", "/c"):
        await desk.enter(site.url(path))
    await know_robots(desk, site, days_old=2)

    await attend(desk, site)

    assert [path for path, _ in site.asked].count("/robots.txt") == 1


async def test_a_host_that_went_away_ends_the_visit(desk: Desk) -> None:
    async with scripted_site() as gone:
        for path in ("/a", "/b", "/c"):
            await desk.enter(gone.url(path))
        await know_robots(desk, gone, days_old=0)

    assert len(await attend(desk, gone)) == 1
    assert [host.failures for host in desk.read(select(HostRow))] == [1]


async def know_robots(desk: Desk, site: Site, *, days_old: int) -> None:
    copy = RobotsCopy(
        url=site.url("/robots.txt"),
        status=200,
        body=b"",
        read_at=desk.means.now() - timedelta(days=days_old),
    )
    host = host_key(site.url("/"))
    await desk.means.writer.run(lambda tx: save_robots(tx.session, host, copy))


async def test_known_links_take_nothing_of_the_budget(desk: Desk, site: Site) -> None:
    await put(desk, config(site))
    source = Source.model_validate({"name": "A", "home": site.url("/")})
    desk.use(watches={1: Watch(id=1, source=source, plan=desk.plan(daily_links=3))})
    paths = ["/k1", "/k2", "/k3", "/new"]
    for path in paths[:3]:
        await desk.enter(site.url(path))
    items = "".join(f"<item><link>{site.url(path)}</link></item>" for path in paths)
    site.answers["/feed"] = [
        f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    ]

    await attend(desk, site)

    assert desk.link(site.url("/new")).state != "budget"


def run(statement: Update, tx: Tx) -> None:
    tx.session.exec(statement)


async def test_news_over_the_budget_waits_so_many_a_day_over_all_readings(
    desk: Desk, site: Site
) -> None:
    """The second reading put its own off to the same day as the first one."""
    await put(desk, config(site))
    source = Source.model_validate({"name": "A", "home": site.url("/")})
    desk.use(watches={1: Watch(id=1, source=source, plan=desk.plan(daily_links=2))})
    for reading in range(2):
        items = "".join(
            f"<item><link>{site.url(f'/{reading}-{n}')}</link></item>" for n in range(4)
        )
        feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
        site.answers["/feed"] = [feed.encode()]
        is_feed = col(LinkRow.key) == url_key(site.url("/feed"))
        now = desk.means.now()
        due = update(LinkRow).where(is_feed).values(next_run=now)
        await desk.means.writer.run(partial(run, due))
        await desk.rested(site.url("/"))
        await attend(desk, site)

    late = desk.read(select(LinkRow).where(LinkRow.state == "budget"))
    days = [round((row.next_run - now) / timedelta(days=1)) for row in late]
    assert sorted(days) == [1, 1, 2, 2, 3, 3]


async def test_a_backlog_does_not_starve_other_hosts(desk: Desk) -> None:
    now = desk.means.now()

    def link(url: str, minutes_due: int) -> NewLink:
        return NewLink(
            url=url,
            key=url_key(url),
            host=host_key(url),
            kind=LinkKind.ARTICLE,
            next_run=now - timedelta(minutes=minutes_due),
        )

    def enter_and_visit(tx: object) -> list[str]:
        session = tx.session  # type: ignore[attr-defined]
        big = [link(f"http://big.example/{n}", 120) for n in range(9)]
        add_links(
            session,
            [*big, link("http://small.example/", 30)],
            source=None,
            found_on=None,
            now=now - timedelta(hours=3),
        )
        host = session.get_one(HostRow, "big.example")
        host.free_at = now - timedelta(minutes=1)  # it was visited a moment ago
        session.flush()
        return due_hosts(session, now, 1)

    assert await desk.means.writer.run(enter_and_visit) == ["small.example"]


async def test_a_fetch_given_up_while_it_waits_is_still_made(
    desk: Desk, site: Site
) -> None:
    await desk.enter(site.url("/x"))
    host, now = host_key(site.url("/")), desk.means.now()
    until = now + timedelta(minutes=5)
    await desk.means.writer.run(
        lambda tx: open_visit(tx.session, host, now=now, until=until, limit=1)
    )
    waiting = asyncio.create_task(
        archive_one(site.url("/y"), desk.means, timedelta(seconds=30))
    )
    while not desk.read(select(LinkRow).where(LinkRow.url == site.url("/y"))):
        await asyncio.sleep(0.01)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert desk.link(site.url("/y")).next_run is not None


async def test_a_page_kept_but_not_read_is_asked_for_whole(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [(200, {"ETag": '"1"'}, story("Pier to be rebuilt"))]
    await desk.enter(site.url("/pier"))
    desk.use(pool=Dying())
    with pytest.raises(asyncio.CancelledError):
        await attend(desk, site)

    with pytest.raises(asyncio.CancelledError):
        await attend(desk, site)

    asked = [headers for path, headers in site.asked if path == "/pier"]
    assert len(asked) == 2
    assert "if-none-match" not in asked[1]


async def test_a_source_that_is_polled_by_hand_has_its_robots_txt_read_anew(
    desk: Desk, site: Site
) -> None:
    """Else it would be forbidden for a day after its site allowed it again."""
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /", b""]
    site.answers["/feed"] = [b"<rss version='2.0'><channel></channel></rss>"]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source=source)
    await attend(desk, site)
    before = desk.link(site.url("/feed")).state

    def poll(tx: Tx) -> int:
        row = tx.session.get_one(SourceRow, source)
        return read_now(tx.session, row, desk.means.now())

    await desk.means.writer.run(poll)
    await attend(desk, site)

    assert (before, desk.link(site.url("/feed")).state) == ("robots", "watched")


async def test_a_resumed_source_tries_again_what_was_not_there_yet(
    desk: Desk, site: Site
) -> None:
    """An article that is listed before it is served is not lost by a pause."""
    site.answers["/pier"] = [(404, {}, b"")]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/pier"), source=source)

    def pause_and_resume(tx: Tx) -> None:
        row = tx.session.get_one(SourceRow, source)
        set_state(tx.session, row, PAUSED, desk.means.now())
        set_state(tx.session, row, ACTIVE, desk.means.now())

    was_due = []
    for _ in range(4):
        await desk.rested(site.url("/"))
        await visit(host_key(site.url("/")), desk.means, budget=100)
        await desk.means.writer.run(pause_and_resume)
        was_due.append(desk.link(site.url("/pier")).next_run is not None)

    assert was_due == [True, True, True, False]
