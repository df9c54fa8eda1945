"""Endless addresses stop within a budget; articles beside them are still had."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.decisions import traps
from crawler.decisions.traps import BUDGET, LOOK_EVERY, Trail, endless, pattern
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.tables import ArticleRow, LinkRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SITE = "https://news.test"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/a/a/a/", "a again and again"),
        ("/x/img/css/img/css/img/css/y", "img/css again and again"),
        ("/" + "/".join(str(n) for n in range(16)), "over 15 folders deep"),
        ("/list?p=1&p=2&p=3&p=4", "?p= again and again"),
    ],
)
def test_some_addresses_look_endless(path: str, why: str) -> None:
    assert endless(SITE + path) == why


@pytest.mark.parametrize(
    "path",
    [
        "/2026/11/22/the-old-mill-reopens.html",
        "/news/news/story",
        "/11/11/11-people-of-november",
        "/2011/11/11/parade",
        "/story?id=5&sid=3",
        "/story?&&&&id=5",
        "/" + "/".join(str(n) for n in range(15)),
        "/?p=123",
        "/search?tag=a&tag=b&tag=c",
    ],
)
def test_articles_do_not(path: str) -> None:
    assert endless(SITE + path) is None


def test_facets_in_any_number_and_order_are_one_pattern() -> None:
    urls = [f"{SITE}/list?{q}" for q in ("a=1&b=2", "b=red&a=9&c=x", "c=1&sort=up")]

    assert len({pattern(url) for url in urls}) == 1
    assert pattern(f"{SITE}/calendar/2031/05") == pattern(f"{SITE}/calendar/1999/12")
    assert pattern(f"{SITE}/calendar/2031/05") != pattern(f"{SITE}/news/2031/05")


def barren(length: int) -> Trail:
    return Trail.of(
        (f"{SITE}/calendar/{n}", LinkState.NOT_ARTICLE, NOW) for n in range(length)
    )


def test_a_pattern_is_left_when_a_hundred_of_it_were_nothing() -> None:
    assert barren(BUDGET - 1).trap(f"{SITE}/calendar/7", NOW) is None
    why = barren(BUDGET).trap(f"{SITE}/calendar/7", NOW)
    assert why == "news.test/calendar/##: 100 in a row were no new articles"


def test_a_pattern_that_was_left_is_looked_at_now_and_then() -> None:
    trail, url = barren(BUDGET), f"{SITE}/calendar/7"

    assert trail.trap(url, NOW + LOOK_EVERY) is None
    trail.note(url, LinkState.NOT_ARTICLE, NOW + LOOK_EVERY)
    assert trail.trap(url, NOW + LOOK_EVERY) is not None


def test_an_article_frees_its_pattern() -> None:
    trail, url = barren(BUDGET), f"{SITE}/calendar/7"
    trail.note(url, LinkState.ARCHIVED, NOW)

    assert trail.trap(url, NOW) is None


def test_only_what_came_since_the_last_article_counts() -> None:
    ends = [(f"{SITE}/news/{n}", LinkState.NOT_ARTICLE, NOW) for n in range(60)]
    trail = Trail.of([*ends, (f"{SITE}/news/x", LinkState.NOT_ARTICLE, NOW)])
    other = Trail.of([*ends, (f"{SITE}/news/1", LinkState.ARCHIVED, NOW), *ends])

    assert max(trail.fruitless.values()) == 60
    assert max(other.fruitless.values()) == 60


def test_walls_and_errors_say_nothing_of_a_pattern() -> None:
    trail = Trail()
    for n in range(2 * BUDGET):
        trail.note(f"{SITE}/news/{n}", LinkState.BLOCKED, NOW)

    assert trail.trap(f"{SITE}/news/7", NOW) is None


def test_copies_of_articles_are_no_new_ones() -> None:
    ends = [(f"{SITE}/go/{n}", LinkState.DUPLICATE, NOW) for n in range(BUDGET)]

    assert Trail.of(ends).trap(f"{SITE}/go/7", NOW) is not None


def test_what_was_asked_for_last_is_what_counts() -> None:
    """Of the newest end, not of those before it."""
    long_ago = NOW - 2 * LOOK_EVERY
    ends = [
        (f"{SITE}/calendar/{n}", LinkState.NOT_ARTICLE, NOW if n == 0 else long_ago)
        for n in range(BUDGET)
    ]

    assert Trail.of(ends).trap(f"{SITE}/calendar/7", NOW) is not None


# ---- against a site that never ends ------------------------------------------------


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


HUB = b"<html><body>" + b"".join(
    b"<div><a href='/t/%d'>A topic of the day, number %d</a></div>" % (n, n)
    for n in range(40)
)


class Endless(dict[str, list[object]]):
    """Answers: a feed of ever new addresses of six kinds, and two articles."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site
        self._numbers = count()
        self._dice = random.Random(1)

    def get(self, path: str, _default: object = None) -> list[object]:  # type: ignore[override]
        if path == "/feed":
            return [(200, {"Content-Type": "application/rss+xml"}, self._feed())]
        if path.startswith("/news/"):
            return [story(f"Story {path[6:]}")]
        if path == "/robots.txt":
            return [b""]
        return [HUB]

    def _feed(self) -> bytes:
        paths = [path for _ in range(40) for path in self._more()]
        links = [f"/news/the-{n}-old-mill-reopens" for n in range(2)]
        items = "".join(
            f"<item><link>{self._site.url(path).replace('&', '&amp;')}</link></item>"
            for path in [*links, *paths]
        )
        return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()

    def _more(self) -> list[str]:
        n, dice = next(self._numbers), self._dice
        facets = dice.sample(["color", "size", "brand", "sort", "year"], k=3)
        return [
            f"/calendar/{1900 + n // 12}/{n % 12}",
            "/a" * (n + 1),
            f"/list?session={dice.getrandbits(64):x}",
            "/list?" + "&".join(f"{name}={n}" for name in facets),
            f"/sorted/{n}?by={n}",
            f"/grow?{'&'.join(f'x{k}=1' for k in range(n % 50 + 2))}",
        ]


@pytest.mark.anyio
async def test_an_endless_site_stops_within_its_budget(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heritrix's pathological paths and more: 250 fetches at most, not 960."""
    monkeypatch.setattr(traps, "BUDGET", 25)
    async with scripted_site() as site:
        site.answers = Endless(site)
        source = await desk.add_source(site.url("/"), daily_links=100_000)
        feed = await desk.enter(site.url("/feed"), LinkKind.FEED, source)
        for _ in range(4):
            await _poll(desk, site, feed)
        fetched = len([path for path in site.paths if path != "/feed"])

    links = desk.read(select(LinkRow))
    left = [link for link in links if link.state == LinkState.TRAP]
    assert fetched <= 250
    assert len(desk.read(select(ArticleRow))) == 2
    assert len(left) > 500
    assert all(trap.reason and trap.next_run is None for trap in left)
    assert not [link for link in links if link.state == LinkState.WAITING]


@pytest.mark.anyio
async def test_addresses_that_lead_to_articles_elsewhere_are_no_trap(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed whose links all go through a redirector's host brings its articles."""
    monkeypatch.setattr(traps, "BUDGET", 10)
    async with scripted_site() as site, scripted_site("127.0.0.2") as elsewhere:
        there = f"http://127.0.0.2:{elsewhere.port}/"
        source = await desk.add_source(site.url("/"))
        count = 15
        for n in range(count):
            elsewhere.answers[f"/news/{n}"] = [story(f"The harbour, part {n}")]
            site.answers[f"/go/{n}"] = [(302, {"Location": f"{there}news/{n}"}, b"")]
        for n in range(count):
            await desk.enter(site.url(f"/go/{n}"), source=source)
            await _visit_all(desk, site.url("/"), there)

    links = desk.read(select(LinkRow))
    assert not [link for link in links if link.state == LinkState.TRAP]
    assert len(desk.read(select(ArticleRow))) == count


@pytest.mark.anyio
async def test_what_was_left_is_asked_for_when_its_pattern_bears_fruit_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site in trouble for a day, whose pages read as no articles, loses none."""
    monkeypatch.setattr(traps, "BUDGET", 10)
    async with scripted_site() as site:
        site.answers = {"*": [HUB]}
        source = await desk.add_source(site.url("/"))
        for n in range(30):
            await desk.enter(site.url(f"/news/{n}"), source=source)
        await _visit_all(desk, site.url("/"))
        left = desk.read(select(LinkRow).where(LinkRow.state == LinkState.TRAP))
        site.answers = {
            site_path: [story(f"Story of {site_path}")]
            for site_path in (f"/news/{n}" for n in range(31))
        }
        desk.use(now=lambda: datetime.now(UTC) + LOOK_EVERY)
        await desk.enter(site.url("/news/30"), source=source)
        await _visit_all(desk, site.url("/"))

    assert len(left) == 20
    assert not desk.read(select(LinkRow).where(LinkRow.state == LinkState.TRAP))
    assert len(desk.read(select(ArticleRow))) == 21


async def _visit_all(desk: Desk, *urls: str) -> None:
    for url in urls:
        while await visit(host_key(url), desk.means, budget=500):
            await desk.rested(url)


async def _poll(desk: Desk, site: Site, feed: int) -> None:
    host, now = host_key(site.url("/")), desk.means.now()

    def due(tx: object) -> None:
        session = tx.session  # type: ignore[attr-defined]
        session.get_one(LinkRow, feed).next_run = now
        session.flush()

    await desk.means.writer.run(due)
    while await visit(host, desk.means, budget=500):
        await desk.rested(site.url("/"))
