"""Images and styles of article pages, from the page to what is kept of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_kind import LinkKind
from storage.sql.tables import CaptureRow, LinkRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story
from tests.crawler.web.replayed import PIXEL

pytestmark = pytest.mark.anyio

GIF = (200, {"Content-Type": "image/gif"}, PIXEL)
SHEET = (200, {"Content-Type": "text/css"}, b"body{background:url(/paper.gif)}")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        site.answers["/pier.gif"] = site.answers["/paper.gif"] = [GIF]
        site.answers["/town.css"] = [SHEET]
        site.answers["/pier"] = [showing("Pier", "<img src=/pier.gif>")]
        yield site


def showing(title: str, tail: str) -> bytes:
    sheet = "<link rel=stylesheet href=/town.css>"
    return story(f"{title} to be rebuilt", head=sheet, tail=tail)


async def attend(desk: Desk, site: Site) -> dict[str, str]:
    """Visit the site until nothing is due; return what came of each link."""
    came: dict[str, str] = {}
    while True:
        await desk.rested(site.url("/"))
        done = await visit(host_key(site.url("/")), desk.means, budget=20)
        if not done:
            return came
        for one in done:
            came[one.link.url.removeprefix(site.url(""))] = str(one.settlement.state)


async def watched(desk: Desk, site: Site, *paths: str, assets: str = "page") -> None:
    source = await desk.add_source(site.url("/"), assets=assets)
    for path in paths:
        await desk.enter(site.url(path), source=source)


async def test_a_page_s_images_and_styles_are_kept(desk: Desk, site: Site) -> None:
    await watched(desk, site, "/pier")

    came = await attend(desk, site)

    assert came == {
        "/pier": "archived",
        "/town.css": "kept",
        "/pier.gif": "kept",
        "/paper.gif": "kept",
    }
    kept = {row.url for row in desk.read(select(CaptureRow))}
    assert {site.url(path) for path in came} <= kept
    assert desk.link(site.url("/pier.gif")).reason == "image/gif, 43 bytes"


async def test_without_the_setting_none_are_asked_for(desk: Desk, site: Site) -> None:
    await watched(desk, site, "/pier", assets="none")

    assert await attend(desk, site) == {"/pier": "archived"}


async def test_articles_come_before_images(desk: Desk, site: Site) -> None:
    site.answers["/quay"] = [showing("Quay", "<img src=/quay.gif>")]
    await watched(desk, site, "/pier", "/quay")
    await desk.rested(site.url("/"))
    await visit(host_key(site.url("/")), desk.means, budget=1)

    await desk.rested(site.url("/"))
    (second,) = await visit(host_key(site.url("/")), desk.means, budget=1)

    assert second.link.kind is LinkKind.ARTICLE


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ((404, {}, b"not here"), "gone", "HTTP 404"),
        (b"<p>Please log in", "error", "no image or style: text/html, 16 bytes"),
        ((500, {}, b"no"), "error", "HTTP 500"),
    ],
)
async def test_the_ledger_says_why_an_image_is_not_kept(
    desk: Desk, site: Site, answer: object, state: str, reason: str
) -> None:
    site.answers["/pier.gif"] = [answer]
    await watched(desk, site, "/pier")
    await attend(desk, site)

    link = desk.link(site.url("/pier.gif"))

    assert (link.state, link.reason) == (state, reason)
    assert (link.next_run is None) == (reason != "HTTP 500")


async def test_robots_txt_holds_for_images(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /pier.gif\n"]
    await watched(desk, site, "/pier")

    assert (await attend(desk, site))["/pier.gif"] == "robots"
    assert "/pier.gif" not in site.paths


async def test_what_two_pages_show_belongs_to_neither(desk: Desk, site: Site) -> None:
    site.answers["/quay"] = [showing("Quay", "<img src=/quay.gif>")]
    site.answers["/quay.gif"] = [GIF]
    await watched(desk, site, "/pier", "/quay")
    await attend(desk, site)

    shown = {
        row.url.removeprefix(site.url("")): row.found_on
        for row in desk.read(select(LinkRow).where(LinkRow.kind == LinkKind.ASSET))
    }

    assert shown["/town.css"] is None
    assert shown["/pier.gif"] == desk.link(site.url("/pier")).id
    assert shown["/quay.gif"] == desk.link(site.url("/quay")).id


@pytest.mark.parametrize("is_visited", [False, True])
async def test_a_page_has_nothing_asked_for_in_a_private_network(
    desk: Desk, site: Site, is_visited: bool
) -> None:
    """Not even in one that is allowed, also where its host is visited for more."""
    async with scripted_site("127.0.0.2") as inside:
        inside.answers["/secret.gif"] = [GIF]
        inside.answers["/quay"] = [story("Quay")]
        secret = inside.url("/secret.gif").replace("127.0.0.1", "127.0.0.2")
        site.answers["/pier"] = [showing("Pier", f"<img src={secret}>")]
        await watched(desk, site, "/pier")
        await attend(desk, site)
        if is_visited:
            await desk.enter(secret.replace("secret.gif", "quay"))
        await visit(host_key(secret), desk.means, budget=20)

        assert inside.paths == (["/quay"] if is_visited else [])
        assert desk.link(secret).state == "refused"
