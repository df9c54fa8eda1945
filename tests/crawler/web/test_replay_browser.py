"""Kept pages in a real browser: they show, and reach nobody."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser

from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.access import Scope
from crawler.web.server import serve_pages
from tests.crawler.web.conftest import enter
from tests.crawler.web.material import Archive
from tests.crawler.web.replayed import PIXEL, hostile, keep

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

AT = "20260314120000"
STYLED = "getComputedStyle(document.getElementById('words')).color"


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server, and the paths that it is asked for."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_GET  # noqa: N815  # the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@dataclass
class Noted:
    """What came of hostile pages, by what they try."""

    server: list[str] = field(default_factory=list)
    browser: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def noted(
    chromium: Browser, shown: tuple[Service, Archive]
) -> AsyncIterator[Noted]:
    """All hostile pages opened, and clicked on."""
    service, _ = shown
    noted = Noted()
    with listening() as (there, asked):
        async with serve_pages(service, Pulse()) as address:
            page = await chromium.new_page()
            await enter(page, address, Scope.READ)
            page.set_default_timeout(10_000)
            page.on(
                "request",
                lambda made: (
                    None
                    if made.url.startswith((address, "data:"))
                    else noted.browser.append(made.url)
                ),
            )
            for number, (name, text) in enumerate(hostile(there).items()):
                url = f"{there}/{number}"
                await keep(service, url, text.encode())
                await page.goto(f"{address}/web/{AT}/{url}", wait_until="load")
                await page.wait_for_timeout(200)
                if await page.locator("#go").count():
                    await page.locator("#go").click(no_wait_after=True)
                noted.titles[name] = await page.title()
                noted.words[name] = await page.locator("#words").inner_text()
            await page.close()
        noted.server = asked
        yield noted


def test_no_hostile_page_asks_another_host_for_anything(noted: Noted) -> None:
    assert (noted.server, noted.browser) == ([], [])


def test_no_hostile_page_runs_anything(noted: Noted) -> None:
    assert [name for name, title in noted.titles.items() if title != name] == []


def test_every_hostile_page_shows_its_words(noted: Noted) -> None:
    assert set(noted.words.values()) == {"still here"}


async def test_the_same_pages_do_reach_out_where_nothing_holds_them(
    chromium: Browser,
) -> None:
    """What the other tests here would see if a page got through."""
    with listening() as (there, asked):
        pages = hostile(there)
        for name in ("scripts", "styles", "images", "media"):
            page = await chromium.new_page()
            await page.set_content(pages[name], wait_until="commit")
            await page.wait_for_timeout(200)
            await page.close()

        assert len(asked) > 10


async def test_kept_images_and_styles_are_shown(
    chromium: Browser, shown: tuple[Service, Archive]
) -> None:
    service, _ = shown
    site = "http://looks.example"
    markup = (
        b"<link rel=stylesheet href=/s.css><img src=/i.gif><p id=words>x"
        b"<img src='data:image/gif;base64,R0' data-src=/i.gif>"
        b"<noscript><img src=/i.gif></noscript><img src=/moved.gif>"
    )
    await keep(service, f"{site}/", markup)
    await keep(service, f"{site}/i.gif", PIXEL, "image/gif")
    to = "Location: /i.gif\r\n"
    await keep(service, f"{site}/moved.gif", b"", status=302, headers=to)
    await keep(service, f"{site}/s.css", b"p#words{color:rgb(1,2,3)}", "text/css")
    async with serve_pages(service, Pulse()) as address:
        page = await chromium.new_page()
        await enter(page, address, Scope.READ)
        await page.goto(f"{address}/web/{AT}/{site}/", wait_until="networkidle")

        shown_images = "Array.from(document.images, image => image.naturalWidth)"
        assert await page.evaluate(shown_images) == [1, 1, 1]
        assert await page.evaluate(STYLED) == "rgb(1, 2, 3)"
        await page.close()
