"""No script of a page that was archived runs in a page of ours.

Each payload is the title, author, section, tag, text, table, caption, site, image, address
and description of an article of its own; the title and address of a link; the reason of a
failure, as a server's words stand in it; and what is asked for in every form and address.
A browser then opens every page. A payload got through where it ran, where the browser's
policy had to stop it, or where markup of it stands in the page. For comparison the same
payloads are put into a bare page: those that run there show that the browser would.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Page, Response, async_playwright

from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.server import serve_pages
from storage.folder import read_holder
from storage.model.article import Article, Block, BlockKind
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.ledger import add_links, find_link
from storage.writer import Tx
from tests.crawler.web.material import HARBOUR, NOON, keep
from tests.torture.xss.payloads import VECTORS, payloads

_SMOKE = 40
_TABS = 4
_BATCH = 50
#: Where what was asked for is shown again.
_REFLECTED = (
    "/search?q={0}",
    "/explain?url={0}",
    "/?source={0}&language={0}",
    "/ledger?source={0}&state={0}",
    "/sources/{0}",
    "/alerts/{0}",
    "/{0}",
    "/takedowns/new?{0}",
)
#: A page that explains a hostile one waits for a child that has its own limits.
_PATIENCE_MS = 180_000
#: Live markup: what none of our own pages has.
_LIVE = """() => {
  const found = [];
  for (const one of document.querySelectorAll('*')) {
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) found.push(name);
      if (/^(href|src|action|formaction|data|xlink:href)$/i.test(name)
          && /^\\s*(javascript|data:text|vbscript)/i.test(value)) found.push(value);
    }
    if (/^(IFRAME|OBJECT|EMBED|BASE|MARQUEE|MATH|VIDEO|AUDIO)$/.test(one.tagName))
      found.push(one.tagName);
    if (one.tagName === 'SCRIPT' && !(one.src || '').includes('/static/'))
      found.push('script');
  }
  return found;
}"""


@dataclass
class Noted:
    """What the browser met."""

    pages: int = 0
    answers: int = 0
    hits: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def hostile(payload: str, number: int) -> Article:
    """Return an article that says a payload wherever it says anything."""
    blocks = (
        Block(kind=BlockKind.PARAGRAPH, text=payload),
        Block(kind=BlockKind.HEADING, text=payload, level=2),
        Block(kind=BlockKind.TABLE, text=f"{payload} | {payload}"),
        Block(kind=BlockKind.QUOTE, text=payload),
        Block(kind=BlockKind.LIST_ITEM, text=payload, level=1),
        Block(kind=BlockKind.PREFORMATTED, text=payload),
        Block(kind=BlockKind.EMBED, text=payload),
    )
    return replace(
        HARBOUR,
        url=f"https://x{number}.example/{quote(payload, safe='')}",
        title=payload,
        raw_title=payload,
        site=payload,
        authors=(payload, payload),
        section=payload,
        tags=(payload,),
        image=f"javascript:window.hit=1//{payload}",
        description=payload,
        language=payload[:20],
        captions=(payload,),
        marks=(payload,),
        blocks=blocks,
    )


async def plant(service: Service, given: Sequence[str]) -> list[int]:
    """Archive the payloads; return the articles' ids."""
    ids = []
    for number, payload in enumerate(given):
        url = f"https://x{number}.example/story"
        ids.append(await keep(service, hostile(payload, number), None, NOON, url=url))
    await service.means.writer.run(lambda tx: _fail(tx, given))
    return ids


def _fail(tx: Tx, given: Sequence[str]) -> None:
    """Enter links whose addresses, titles and reasons are payloads."""
    links = [
        NewLink(
            url=f"https://y{number}.example/?{payload}",
            key=f"y{number}",
            host=f"y{number}.example",
            kind=LinkKind.ARTICLE,
            title=payload,
        )
        for number, payload in enumerate(given)
    ]
    add_links(tx.session, links, source=None, found_on=None, now=NOON)
    for number, payload in enumerate(given):
        row = find_link(tx.session, f"y{number}")
        assert row is not None  # it was just entered
        row.state, row.reason, row.robots_line = "error", payload, payload


def addresses(given: Sequence[str], ids: Sequence[int]) -> Iterator[str]:
    """Yield the address of every page that shows a payload."""
    for before in range(ids[-1] + 1, 0, -_BATCH):
        yield f"/?before={before}"
    for before in range(2 * len(given) + 1, 0, -100):
        yield f"/ledger?before={before}"
    for number, article in enumerate(ids):
        yield f"/articles/{article}"
        if number % 20 == 0:
            yield f"/articles/{article}/explain"
            yield f"/explain?url=https://x{number}.example/story"
    for number, payload in enumerate(given):
        place = _REFLECTED[number % len(_REFLECTED)]
        yield place.format(quote(payload.replace("\x00", ""), safe=""))


async def _walk(
    browser: Browser, address: str, token: str, paths: Sequence[str], noted: Noted
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{address}/login")
    await page.fill("#token", token)
    await page.click("button")
    await page.wait_for_selector("h1")
    now = {"path": ""}
    page.on("dialog", lambda one: noted.hits.append(f"{now['path']}: {one.message}"))
    page.on(
        "console",
        lambda one: (
            noted.stopped.append(f"{now['path']}: {one.text[:200]}")
            if "Content Security Policy" in one.text or "Refused" in one.text
            else None
        ),
    )
    page.on("response", lambda one: _judge(one, address, noted))
    page.on(
        "request",
        lambda one: (
            None
            if one.url.startswith((address, "data:"))
            else noted.elsewhere.append(f"{now['path']}: {one.url[:100]}")
        ),
    )
    for path in paths:
        now["path"] = path[:100]
        await page.goto(address + path, wait_until="load", timeout=_PATIENCE_MS)
        noted.pages += 1
        if await page.evaluate("window.hit"):
            noted.hits.append(path)
        if live := await page.evaluate(_LIVE):
            noted.live.append(f"{path[:100]}: {live[:3]}")
    await context.close()


def _judge(answer: Response, address: str, noted: Noted) -> None:
    if answer.url.startswith(address):
        noted.answers += 1
        if "default-src 'none'" not in answer.headers.get(
            "content-security-policy", ""
        ):
            noted.bare.append(answer.url[:100])


async def _sent(page: Page, address: str, given: Sequence[str], noted: Noted) -> None:
    """Send payloads in forms; what is wrong with them is shown again."""
    for payload in given:
        text = payload.replace("\x00", "")
        for path, box in (("/add", "#url"), ("/takedowns/new", "#articles")):
            await page.goto(address + path)
            await page.evaluate("document.querySelector('main form').noValidate = true")
            await page.fill(box, text)
            await page.click("main form button")
            noted.pages += 1
            if await page.evaluate("window.hit"):
                noted.hits.append(f"{path}: {text}")
            if live := await page.evaluate(_LIVE):
                noted.live.append(f"{path}: {live[:3]}")


async def _fire(browser: Browser, given: Sequence[str]) -> int:
    """Return how many payloads run where nothing holds them."""
    fired = 0
    page = await browser.new_page()
    for payload in given:
        await page.goto("about:blank")
        await page.set_content(f"<!doctype html><p>{payload}", wait_until="commit")
        await page.wait_for_timeout(60)
        fired += bool(await page.evaluate("window.hit"))
    await page.close()
    return fired


async def _run(folder: Path, count: int) -> dict[str, object]:
    given, noted = payloads(count), Noted()
    config = Config.model_validate(
        {"storage": {"folder": folder, "disk_floor": 0}, "service": {"port": 0}}
    )
    async with open_service(config) as service, async_playwright() as playwright:
        ids = await plant(service, given)
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        async with serve_pages(service, Pulse(ticked_at=utc_now())) as address:
            token = str((read_holder(folder) or {})["token"])
            paths = list(addresses(given, ids))
            await asyncio.gather(
                *(
                    _walk(browser, address, token, paths[n::_TABS], noted)
                    for n in range(_TABS)
                )
            )
            context = await browser.new_context()
            page = await context.new_page()
            await page.goto(f"{address}/login")
            await page.fill("#token", token)
            await page.click("button")
            await page.wait_for_selector("h1")
            await _sent(page, address, given[:: max(count // 40, 1)], noted)
        fired = await _fire(browser, VECTORS)
        await browser.close()
    wrong = {
        "hits": noted.hits,
        "stopped": noted.stopped,
        "live": noted.live,
        "bare": noted.bare,
        "elsewhere": noted.elsewhere,
    }
    return {
        "payloads": len(given),
        "pages": noted.pages,
        "answers": noted.answers,
        "executed": len(noted.hits),
        "answers_without_policy": len(noted.bare),
        "vectors": len(VECTORS),
        "fired_in_a_bare_page": fired,
        "broken": [f"{name}: {one}" for name, many in wrong.items() for one in many][
            :20
        ]
        or (["too few run in a bare page"] if fired < len(VECTORS) // 2 else []),
    }


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Plant, then look at everything."""
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(_run(Path(name), _SMOKE if args.smoke else 1200))
