"""A site whose sitemaps change their names each hour, read for twelve hours."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.sources import set_state
from storage.sql.tables import ACTIVE, LinkRow, SourceRow
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

START = datetime(2026, 3, 1, 0, tzinfo=UTC)
HOUR, STEP = timedelta(hours=1), timedelta(minutes=10)
HOURS = 12
INDEX = "/sitemap.xml"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


@dataclass
class Rotation:
    """A file an hour, named for two hours and served for three."""

    site: Site
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def stories(self, hour: int) -> list[str]:
        """Return what was published in an hour so far: at its start and half."""
        begun = START + hour * HOUR
        halves = [begun, begun + HOUR / 2]
        return [
            f"/news/a-long-story-of-hour-{hour}-part-{part}"
            for part, when in enumerate(halves)
            if when <= self.at
        ]

    def turn(self) -> None:
        """Have the site answer as it does now."""
        hour = (self.at - START) // HOUR
        self.site.answers.pop(f"/news-{hour - 3}.xml", None)
        for past in range(max(hour - 2, 0), hour + 1):
            pages = self.stories(past)
            for path in pages:
                self.site.answers.setdefault(path, [story(path)])
            entries = "".join(
                f"<url><loc>{self.site.url(path)}</loc></url>" for path in pages
            )
            self.site.answers[f"/news-{past}.xml"] = [
                f"<urlset>{entries}</urlset>".encode()
            ]
        names = "".join(
            f"<sitemap><loc>{self.site.url(f'/news-{n}.xml')}</loc></sitemap>"
            for n in range(max(hour - 1, 0), hour + 1)
        )
        self.site.answers[INDEX] = [f"<sitemapindex>{names}</sitemapindex>".encode()]


async def run(desk: Desk, site: Site) -> Rotation:
    rotation = Rotation(site)
    desk.use(now=rotation.now)
    source = await desk.add_source(site.url("/"), poll=timedelta(minutes=20))
    await desk.enter(site.url(INDEX), LinkKind.SITEMAP, source)
    while rotation.at < START + HOURS * HOUR:
        rotation.turn()
        await visit(host_key(site.url("/")), desk.means, budget=100)
        rotation.at += STEP
    return rotation


async def test_sitemaps_that_rotate_lose_nothing_and_cost_little(
    desk: Desk, site: Site
) -> None:
    """All articles are archived; each file is asked for a few times, then let go."""
    rotation = await run(desk, site)

    published = {path for hour in range(HOURS - 1) for path in rotation.stories(hour)}
    archived = select(LinkRow.url).where(LinkRow.state == LinkState.ARCHIVED)
    missed = {site.url(path) for path in published} - set(desk.read(archived))
    assert missed == set()
    asked = Counter(path for path in site.paths if path.startswith("/news-"))
    assert max(asked.values()) <= 2 * HOUR / STEP + 2
    children = select(LinkRow).where(
        LinkRow.kind == LinkKind.SITEMAP, col(LinkRow.found_on).is_not(None)
    )
    rows = desk.read(children)
    assert len(rows) == HOURS
    assert sum(row.next_run is not None for row in rows) <= 4
    let_go = [row for row in rows if row.next_run is None]
    assert {row.state for row in let_go} == {LinkState.GONE}
    assert all(row.reason.startswith("no longer named") for row in let_go)


async def test_a_resumed_source_does_not_wake_its_tombstones(
    desk: Desk, site: Site
) -> None:
    """Its index is due; the sub-sitemap that was let go is not."""
    source = await desk.add_source(site.url("/"))
    index = await desk.enter(site.url(INDEX), LinkKind.SITEMAP, source)
    child = await desk.enter(site.url("/old.xml"), LinkKind.SITEMAP, source)

    def pause_and_resume(tx: Tx) -> None:
        row = tx.session.get_one(LinkRow, child)
        row.found_on, row.state, row.next_run = index, LinkState.GONE, None
        owner = tx.session.get_one(SourceRow, source)
        set_state(tx.session, owner, "paused", desk.means.now())
        set_state(tx.session, owner, ACTIVE, desk.means.now())

    await desk.means.writer.run(pause_and_resume)

    assert desk.link(site.url(INDEX)).next_run is not None
    assert desk.link(site.url("/old.xml")).next_run is None
