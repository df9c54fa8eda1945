"""One page in a browser: what its scripts may ask for, and when it is at rest.

Everything a page asks for is stopped here and answered by whoever renders, or
refused: only GETs of scripts and of their data are answered. A style sheet is empty,
and nobody is asked for it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.errors import FetchError, RenderFailed
from crawler.fetch.limits import RenderLimits
from crawler.fetch.request import Fields, script_headers
from storage.model.exchange import Exchange, Rendering

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Route

#: Answers a page's GET of a URL with some headers, or raises FetchError to refuse it.
Answer = Callable[[str, Fields], Awaitable[Exchange]]

#: What a page cannot have; it is told that it is online, for its scripts ask.
_BEFORE_SCRIPTS = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"])
    delete window[name];
Object.defineProperty(Navigator.prototype, "onLine", {get: () => true});
Navigator.prototype.sendBeacon = () => true;
window.open = () => null;
{
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
        return attach.call(this, {...init, mode: "open"})
    }
}
"""
#: The document with its shadow trees, as templates that make them (HTML, section
#: 13.3), or its length where that is more than may be taken.
_DOCUMENT = """
const seen = [document];
for (const root of seen)
    for (const one of root.querySelectorAll("*"))
        if (one.shadowRoot) seen.push(one.shadowRoot);
const type = document.doctype;
const all = document.documentElement;
const text = (type ? new XMLSerializer().serializeToString(type) : "") + (
    seen.length === 1 ? all.outerHTML
    : all.cloneNode(false).outerHTML.replace(/<.html>$/, "")
        + all.getHTML({shadowRoots: seen.slice(1)}) + "</html>");
text.length > MOST ? text.length : text;
"""
_NEEDED = frozenset({"script", "xhr", "fetch"})
#: Sites made with Vite or webpack load the styles of a part before it, and show
#: neither where those fail.
_STYLES = "stylesheet"
#: They say how bytes were sent, not what they are, or to save them; the body given is
#: decoded.
_OF_THE_WIRE = frozenset(
    {
        "connection",
        "content-disposition",
        "content-encoding",
        "content-length",
        "keep-alive",
        "set-cookie",
        "transfer-encoding",
    }
)
#: A header's name (RFC 9110, section 5.6.2); chromium takes no answer with another.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LOOK_AGAIN = 0.1
#: Seconds a page has at least to hand out its document.
_HANDING_OUT = 5.0


@dataclass
class View:
    """One page in its context: what it asks for, and when it is done."""

    page: Exchange
    answer: Answer
    limits: RenderLimits
    asked: int = 0
    refused: int = 0
    waiting: int = 0
    waited: float = 0.0
    shown: bool = False
    loaded: bool = False
    over: bool = False
    pending: set[asyncio.Task[Exchange]] = field(default_factory=set)

    async def show(self, context: "BrowserContext") -> Rendering:
        """Open the page, let it come to rest, and return its document."""
        self._clock = asyncio.get_running_loop().time
        self._started = self._changed = self._clock()
        started_at = datetime.now(UTC)
        await context.route("**/*", self._route)
        await context.route_web_socket("**/*", lambda socket: socket.close())
        await context.add_init_script(_BEFORE_SCRIPTS)
        view = await context.new_page()
        view.on("domcontentloaded", self._note_loaded)
        try:
            await view.goto(self.page.url, wait_until="commit", timeout=0)
            cut = await self._rest()
            document = await self._document(context, view)
        finally:
            await self._stop_answering()
        return Rendering(
            url=self.page.url,
            document=document.encode("utf-8", "replace"),
            started_at=started_at,
            elapsed=timedelta(seconds=self._clock() - self._started),
            requests=self.asked,
            refused=self.refused,
            cut=cut,
        )

    async def _rest(self) -> bool:
        """Wait until nothing is asked for; return whether the time ran out first."""
        quiet = self.limits.quiet.total_seconds()
        while not self._is_at_rest(quiet):
            if self._is_out_of_time():
                return True
            await asyncio.sleep(_LOOK_AGAIN)
        return False

    def _is_at_rest(self, quiet: float) -> bool:
        is_quiet = self._clock() - self._changed >= quiet
        return self.loaded and not self.waiting and is_quiet

    def _is_out_of_time(self) -> bool:
        """Tell whether a page has to hand out what it made so far.

        Turns of slow hosts take all of the time without any of the page's own.
        """
        total = self.limits.total.total_seconds() - 2 * _HANDING_OUT
        is_late = self._clock() - self._started > total
        return is_late or self._own_time() > self.limits.own_time.total_seconds()

    def _note_loaded(self, _: object) -> None:
        self.loaded = True
        self._wait(0)

    def _own_time(self) -> float:
        now = self._clock()
        waiting = now - self._changed if self.waiting else 0.0
        return now - self._started - self.waited - waiting

    async def _document(self, context: "BrowserContext", view: "Page") -> str:
        left = self.limits.own_time.total_seconds() - self._own_time()
        async with asyncio.timeout(max(left, _HANDING_OUT)):
            text = await _asked_apart(context, view, self.limits.document)
        if isinstance(text, int):
            raise RenderFailed(f"{self.page.url}: a document of {text} characters")
        return text

    async def _route(self, route: "Route") -> None:
        """Answer one request, or refuse it; the browser asks nobody else."""
        request = route.request
        if request.is_navigation_request():
            await self._navigate(route)
        elif request.resource_type == _STYLES:
            await route.fulfill(status=200, content_type="text/css", body="")
        elif not self._is_needed(request):
            await route.abort("blockedbyclient")
        else:
            await self._ask(route)

    async def _navigate(self, route: "Route") -> None:
        """Show the page; it may lead nowhere else, and frames stay empty."""
        if self.shown:
            await route.abort("aborted")  # any other reason would show an error page
            return
        self.shown = True
        await _fulfil(route, self.page)

    def _is_needed(self, request: "Request") -> bool:
        if self.over:
            return False
        needed = request.method == "GET" and request.resource_type in _NEEDED
        if needed and self.asked >= self.limits.requests:
            self.refused += 1
            return False
        return needed

    async def _ask(self, route: "Route") -> None:
        self.asked += 1
        self._wait(1)
        said = script_headers(route.request.headers)
        answering = asyncio.ensure_future(self.answer(route.request.url, said))
        self.pending.add(answering)
        try:
            await _fulfil(route, await answering)
        except FetchError:
            self.refused += 1
            await route.abort("blockedbyclient")
        except asyncio.CancelledError:
            if not self.over:
                raise
        finally:
            self.pending.discard(answering)
            self._wait(-1)

    async def _stop_answering(self) -> None:
        """Let nothing be asked for any more: who answers is about to leave."""
        self.over = True
        pending = list(self.pending)
        for answering in pending:
            answering.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _wait(self, more: int) -> None:
        now = self._clock()
        self.waited += now - self._changed if self.waiting else 0.0
        self._changed, self.waiting = now, self.waiting + more


async def _asked_apart(context: "BrowserContext", view: "Page", most: int) -> str | int:
    """Return a page's document, or its length, in a world that its scripts do not share.

    In theirs they could say that an enormous document is a short one.
    """
    session = await context.new_cdp_session(view)
    tree = await session.send("Page.getFrameTree")
    frame = {"frameId": tree["frameTree"]["frame"]["id"]}
    world = await session.send("Page.createIsolatedWorld", frame)
    asked = {
        "expression": f"{{ const MOST = {most}; {_DOCUMENT} }}",
        "contextId": world["executionContextId"],
        "returnByValue": True,
    }
    answer = await session.send("Runtime.evaluate", asked)
    if "value" not in answer["result"] or "exceptionDetails" in answer:
        raise RenderFailed(f"{view.url}: has no document")
    value: str | int = answer["result"]["value"]
    return value


async def _fulfil(route: "Route", exchange: Exchange) -> None:
    """Give the browser an answer as if it had come to it.

    Scripts may read answers of other sites as well: there are no cookies and no
    passwords by which these could be secret.
    """
    headers = {
        name: value
        for name, value in exchange.headers
        if name.lower() not in _OF_THE_WIRE and _NAME.fullmatch(name)
    }
    headers["access-control-allow-origin"] = route.request.headers.get("origin", "*")
    headers["access-control-allow-credentials"] = "true"
    await route.fulfill(status=exchange.status, headers=headers, body=exchange.body)
