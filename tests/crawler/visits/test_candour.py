"""Validators are believed until they deny news that was there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.visits.visit import visit_for
from storage.model.link_kind import LinkKind
from storage.sql.tables import CaptureRow, HostRow, LinkRow
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site

pytestmark = pytest.mark.anyio

UNCHANGED = (304, {}, b"")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


def feed(site: Site, *paths: str, etag: str) -> tuple[int, dict[str, str], bytes]:
    items = "".join(
        f"<item><title>Of {path}</title><link>{site.url(path)}</link></item>"
        for path in paths
    )
    body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    return 200, {"ETag": etag}, body.encode()


async def poll(desk: Desk, site: Site, times: int) -> LinkRow:
    link = await desk.enter(site.url("/feed"), LinkKind.FEED)
    for _ in range(times):
        await desk.rested(site.url("/"))
        await visit_for(link, desk.means)
    return desk.link(site.url("/feed"))


async def a_day_passes(desk: Desk, site: Site) -> None:
    link = desk.link(site.url("/feed")).id

    def work(tx: Tx) -> None:
        row = tx.session.get_one(LinkRow, link)
        assert row.full_at is not None
        row.full_at -= timedelta(days=1)

    await desk.means.writer.run(work)


def conditions(site: Site) -> list[str | None]:
    """Return the ETag sent with each request for the feed."""
    return [given.get("if-none-match") for path, given in site.asked if path == "/feed"]


async def test_a_304_to_what_has_just_changed_is_a_lie(desk: Desk, site: Site) -> None:
    site.answers["/feed"] = [
        feed(site, "/a", etag='"1"'),
        UNCHANGED,
        feed(site, "/a", "/b", etag='"2"'),
        UNCHANGED,
        feed(site, "/a", "/b", etag='"2"'),
    ]
    await poll(desk, site, 2)
    await a_day_passes(desk, site)

    row = await poll(desk, site, 1)
    await poll(desk, site, 1)

    assert row.validators_lied_at is not None
    assert conditions(site) == [None, '"1"', None, '"1"', None]


async def test_a_change_after_the_last_304_is_no_lie(desk: Desk, site: Site) -> None:
    changed = feed(site, "/a", "/b", etag='"2"')
    site.answers["/feed"] = [feed(site, "/a", etag='"1"'), UNCHANGED, changed, changed]
    await poll(desk, site, 2)
    await a_day_passes(desk, site)

    row = await poll(desk, site, 1)
    await poll(desk, site, 1)

    assert row.validators_lied_at is None
    assert conditions(site) == [None, '"1"', None, '"1"', '"2"']


async def test_a_host_that_asks_for_a_rest_when_asked_again_has_it(
    desk: Desk, site: Site
) -> None:
    site.answers["/feed"] = [
        feed(site, "/a", etag='"1"'),
        UNCHANGED,
        feed(site, "/a", "/b", etag='"2"'),
        (503, {"Retry-After": "3600"}, b""),
    ]
    await poll(desk, site, 2)
    await a_day_passes(desk, site)

    row = await poll(desk, site, 1)

    (host,) = desk.read(select(HostRow))
    assert row.validators_lied_at is None
    assert host.free_at > desk.means.now() + timedelta(minutes=59)


async def test_one_etag_for_two_bodies_is_a_lie(desk: Desk, site: Site) -> None:
    site.answers["/feed"] = [
        feed(site, "/a", etag='"1"'),
        feed(site, "/a", "/b", etag='"1"'),
    ]
    await poll(desk, site, 1)
    await a_day_passes(desk, site)

    row = await poll(desk, site, 1)

    assert row.validators_lied_at is not None
    assert conditions(site) == [None, None]


async def test_another_body_without_news_is_no_lie(desk: Desk, site: Site) -> None:
    status, headers, body = feed(site, "/a", etag='"1"')
    site.answers["/feed"] = [(status, headers, body), (status, headers, body + b"\n")]
    await poll(desk, site, 1)
    await a_day_passes(desk, site)

    assert (await poll(desk, site, 1)).validators_lied_at is None


async def test_the_question_is_kept_as_evidence(desk: Desk, site: Site) -> None:
    site.answers["/feed"] = [
        feed(site, "/a", etag='"1"'),
        UNCHANGED,
        feed(site, "/a", "/b", etag='"2"'),
        UNCHANGED,
    ]
    await poll(desk, site, 2)
    await a_day_passes(desk, site)
    await poll(desk, site, 1)

    of_feed = select(CaptureRow.status).where(CaptureRow.url == site.url("/feed"))
    assert desk.read(of_feed.order_by(CaptureRow.id)) == [200, 304, 200, 304]
