"""What a kept page shows, found among what is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from crawler.exports.shown import shown_by
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.tables import CaptureRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story
from tests.crawler.web.replayed import PIXEL

pytestmark = pytest.mark.anyio

GIF = (200, {"Content-Type": "image/gif"}, PIXEL)
SHEET = (200, {"Content-Type": "text/css"}, b"body{background:url(/paper.gif)}")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        sheet = "<link rel=stylesheet href=/town.css>"
        images = "<img src=/old.gif><img src=/lost.gif>"
        site.answers["/pier"] = [story("Pier", head=sheet, tail=images)]
        site.answers["/town.css"] = [SHEET]
        site.answers["/old.gif"] = [(301, {"Location": "/new.gif"}, b"")]
        site.answers["/new.gif"] = site.answers["/paper.gif"] = [GIF]
        yield site


async def shown(desk: Desk, site: Site, path: str) -> list[str]:
    """Visit a page and what it shows; return the paths of what is found of it."""
    done = True
    while done:
        await desk.rested(site.url("/"))
        done = bool(await visit(host_key(site.url("/")), desk.means, budget=20))
    engine = writing_engine(sqlite_url(desk.folder.path))
    with Session(engine) as session:
        page = session.exec(
            select(CaptureRow).where(CaptureRow.url == site.url(path))
        ).one()
        found = shown_by(desk.folder, desk.means.limits, session)(page)
        paths = [row.url.removeprefix(site.url("")) for row in found]
    engine.dispose()
    return paths


async def test_images_and_styles_of_a_page_are_found_where_they_are_kept(
    site: Site, tmp_path: Path
) -> None:
    async with open_desk(tmp_path) as desk:
        source = await desk.add_source(site.url("/"), assets="page")
        await desk.enter(site.url("/pier"), source=source)

        found = await shown(desk, site, "/pier")

    assert found == ["/town.css", "/paper.gif", "/old.gif", "/new.gif", "/lost.gif"]


async def test_without_any_no_page_is_read(site: Site, tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.enter(site.url("/pier"))

        assert await shown(desk, site, "/pier") == []
