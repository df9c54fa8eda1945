"""An operator's day in a real browser, without JavaScript, on a site that is served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Response

from crawler.clock import utc_now
from crawler.demo.server import NewsWeb
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.access import Scope
from crawler.web.server import serve_pages
from storage.sql.sources import list_sources
from tests.crawler.web.conftest import GIVEN, enter, give
from tests.crawler.web.test_api_writing import polite_to_loopback

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@asynccontextmanager
async def at_the_desk(
    folder: Path, chromium: Browser, scope: Scope
) -> AsyncIterator[tuple[Service, Page, str]]:
    """A browser logged in at a service of its own."""
    async with open_service(polite_to_loopback(folder)) as service:
        await give(service, scope, GIVEN[scope])
        async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
            context = await chromium.new_context(java_script_enabled=False)
            page = await context.new_page()
            await enter(page, address, scope)
            yield service, page, address
            await context.close()


async def test_an_operator_adds_reads_pauses_and_takes_down(
    chromium: Browser, tmp_path: Path
) -> None:
    async with (
        NewsWeb(clock=lambda: 0.0, articles=3) as web,
        at_the_desk(tmp_path, chromium, Scope.ADMIN) as (service, page, address),
    ):
        site = web.sites[0]
        await page.goto(f"{address}/sources")
        await page.click("text=Add a source")
        await page.fill("#url", site.url("/"))
        await page.fill("#samples", "2")
        await page.click("text=Look at it")
        samples = await page.locator("ol.articles li").count()
        await page.fill("#name", "Desk's own")
        await page.click("text=Watch this source")
        added = await page.inner_text("h1")
        for button, said in {
            "Pause": "nothing of it is fetched",
            "Resume": "active again",
            "Read its lists now": "due now",
            "Boost": "as often as may be",
        }.items():
            await page.click(f"button:text-is('{button}')")
            assert said in await page.inner_text("[role=status]")

        story = site.url(web.articles(site)[0].path)
        await page.goto(f"{address}/explain?url={story}")
        await page.click("text=Fetch and archive it now")
        await page.click("dd a[href^='/articles/']")
        article = page.url
        title = await page.inner_text("h1")
        await page.goto(f"{address}/sources/Desk's%20own/rules")
        await page.fill("#rules", "body: p")
        await page.click("text=Try them")
        tried = await page.locator("main").inner_text()
        await page.goto(article)
        await page.click("text=Take this article down")
        await page.click("text=Show what this reaches")
        reach = await page.inner_text("h2")
        await page.click("text=Take it down")
        withheld = await page.goto(article)
        await page.goto(f"{address}/takedowns")
        await page.click("text=Show again")
        again = await page.goto(article)
        await page.click("text=Log out")
        asked = await page.locator("#token").count()
        with service.session() as session:
            states = {row.name: row.state for row in list_sources(session)}

    assert samples == 2
    assert added == "Desk's own"
    assert states["Desk's own"] == "active"
    assert title
    assert "What they would change" in tried
    assert reach == "This reaches 1 address"
    assert isinstance(withheld, Response)
    assert withheld.status == 451
    assert isinstance(again, Response)
    assert again.status == 200
    assert asked == 1


async def test_a_reader_is_offered_nothing_to_change(
    chromium: Browser, tmp_path: Path
) -> None:
    async with at_the_desk(tmp_path, chromium, Scope.READ) as (_, page, address):
        offered = []
        for path in ("/", "/sources", "/sources/Harbour%20Post", "/takedowns"):
            await page.goto(f"{address}{path}")
            offered.append(await page.locator("form[method=post]").count())
        refused = await page.goto(f"{address}/settings")

    assert offered == [1, 1, 1, 1]  # to log out
    assert isinstance(refused, Response)
    assert refused.status == 403
