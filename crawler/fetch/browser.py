"""A page in, its document as scripts make it out: the only module with a browser.

Chromium never reaches the network. Everything a page asks for is stopped and
answered by whoever renders, which means by our own client. Should something get
past that (DNS prefetch, WebRTC, reports), two more walls stand: no name and no
address resolves, so no proxy either, and where the kernel allows it the browser
lives in a network namespace of its own that has no interface at all.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from crawler.errors import FetchError, RenderFailed
from storage.model import Exchange, Rendering

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Route

#: Answers a page's GET of a URL, or raises FetchError to refuse it.
Answer = Callable[[str], Awaitable[Exchange]]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: A browser is ended and started anew after this many pages.
PAGES_EACH = 50

_WALLS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--no-pings",
    "--js-flags=--max-old-space-size=256",
)
_OWN_NETWORK = ("unshare", "--user", "--map-current-user", "--net", "--")
#: What a page cannot have; it is told that it is online, for its scripts ask.
_BEFORE_SCRIPTS = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"])
    delete window[name];
Object.defineProperty(Navigator.prototype, "onLine", {get: () => true});
Navigator.prototype.sendBeacon = () => true;
window.open = () => null;
"""
_NEEDED = frozenset({"script", "xhr", "fetch"})
#: They say how bytes were sent, not what they are; the body given is decoded.
_OF_THE_WIRE = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "set-cookie",
        "transfer-encoding",
    }
)
_LOOK_AGAIN = 0.1
_ENDING = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLimits:
    """What one page may cost.

    Attributes:
        requests: Answered for a page; more are refused.
        own_time: For its scripts; the time it waits for answers does not count.
        total: For everything; then the browser is ended.
        quiet: How long nothing is asked for before a page counts as done.
        document: Largest document taken, in characters.
    """

    requests: int = 60
    own_time: timedelta = timedelta(seconds=20)
    total: timedelta = timedelta(seconds=180)
    quiet: timedelta = timedelta(milliseconds=800)
    document: int = 10 * 1024 * 1024


class Browser:
    """A chromium that starts with the first page and is replaced now and then.

    One page is rendered at a time.
    """

    def __init__(
        self,
        program: str,
        *,
        user_agent: str,
        limits: RenderLimits | None = None,
        own_network: bool = True,
    ) -> None:
        """Name the program; an empty name looks for one.

        Args:
            program: Path of a chromium.
            user_agent: What scripts see, as servers do.
            limits: What one page may cost.
            own_network: Whether it lives in a network namespace where it can.
        """
        self._program = program
        self._user_agent = user_agent
        self._limits = limits or RenderLimits()
        self._own_network = own_network
        self._turn = asyncio.Lock()
        self._running: _Chromium | None = None

    async def __aenter__(self) -> Self:
        """Start nothing yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """End the browser."""
        await self._end()

    async def render(self, page: Exchange, answer: Answer) -> Rendering:
        """Return a page's document once its scripts have come to rest.

        Args:
            page: The page as it was received; it is not asked for again.
            answer: Answers what its scripts ask for.

        Raises:
            RenderFailed: No browser can be had, or it came to no end.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(self._limits.total.total_seconds()):
                    return await self._render(page, answer)
            except TimeoutError as error:
                await self._end()
                raise RenderFailed(f"{page.url}: came to no end") from error
            except (RenderFailed, asyncio.CancelledError):
                await self._end()
                raise
            except Exception as error:  # whatever a browser's driver happens to raise
                await self._end()
                raise RenderFailed(f"{page.url}: {_first_line(error)}") from error

    async def _render(self, page: Exchange, answer: Answer) -> Rendering:
        if self._running is not None and self._running.pages >= PAGES_EACH:
            await self._end()
        if self._running is None:
            program = find_program(self._program)
            self._running = await _Chromium.start(
                program, own_network=self._own_network
            )
        self._running.pages += 1
        context = await self._running.browser.new_context(
            user_agent=self._user_agent,
            service_workers="block",
            accept_downloads=False,
        )
        try:
            return await _Visit(page, answer, self._limits).show(context)
        finally:
            async with asyncio.timeout(_ENDING):
                await context.close()

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await asyncio.shield(running.end())


def find_program(program: str) -> str:
    """Return the path of a chromium.

    Raises:
        RenderFailed: There is none.
    """
    found = next(
        filter(None, map(shutil.which, [program] if program else PROGRAMS)), None
    )
    if found is None:
        raise RenderFailed(f"no {program or 'chromium'} is installed")
    return found


def can_drive() -> bool:
    """Tell whether the library that drives a browser is installed."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass
class _Chromium:
    """A running browser: the driver, its process and its folder."""

    driver: Any
    browser: Any
    folder: Path
    pages: int = 0

    @classmethod
    async def start(cls, program: str, *, own_network: bool) -> "_Chromium":
        if not can_drive():
            raise RenderFailed("playwright is not installed (extra: browser)")
        from playwright.async_api import async_playwright

        folder = Path(tempfile.mkdtemp(prefix="kliping-browser-"))
        own = own_network and await asyncio.to_thread(_can_have_own_network)
        starter = _write_starter(folder, program, own_network=own)
        driver = await async_playwright().start()
        try:
            browser = await driver.chromium.launch(
                executable_path=str(starter),
                args=list(_WALLS),
                chromium_sandbox=os.geteuid() != 0,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=30_000,
            )
        except BaseException:
            await driver.stop()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(driver=driver, browser=browser, folder=folder)

    async def end(self) -> None:
        """Close it, and kill what does not go by itself."""
        with suppress(Exception):
            async with asyncio.timeout(_ENDING):
                await self.browser.close()
        with suppress(OSError, ValueError):
            os.killpg(int((self.folder / "pid").read_text()), signal.SIGKILL)
        with suppress(Exception):
            async with asyncio.timeout(_ENDING):
                await self.driver.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _can_have_own_network() -> bool:
    if shutil.which(_OWN_NETWORK[0]) is None:
        return False
    tried = subprocess.run(  # noqa: S603  # our own command
        [*_OWN_NETWORK, "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


def _write_starter(folder: Path, program: str, *, own_network: bool) -> Path:
    """Write what starts the browser: it notes the process, so that it can be killed."""
    before = " ".join(_OWN_NETWORK) + " " if own_network else ""
    starter = folder / "start"
    starter.write_text(
        f'#!/bin/sh\necho $$ > "{folder}/pid"\nexec {before}"{program}" "$@"\n',
        encoding="utf-8",
    )
    starter.chmod(0o700)
    return starter


@dataclass
class _Visit:
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
            document = await self._document(view)
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
            if self._own_time() > self.limits.own_time.total_seconds():
                return True
            await asyncio.sleep(_LOOK_AGAIN)
        return False

    def _is_at_rest(self, quiet: float) -> bool:
        is_quiet = self._clock() - self._changed >= quiet
        return self.loaded and not self.waiting and is_quiet

    def _note_loaded(self, _: object) -> None:
        self.loaded = True
        self._wait(0)

    def _own_time(self) -> float:
        now = self._clock()
        waiting = now - self._changed if self.waiting else 0.0
        return now - self._started - self.waited - waiting

    async def _document(self, view: "Page") -> str:
        left = self.limits.own_time.total_seconds() - self._own_time()
        async with asyncio.timeout(max(left, _ENDING)):
            length = await view.evaluate("document.documentElement.outerHTML.length")
            if length > self.limits.document:
                raise RenderFailed(
                    f"{self.page.url}: a document of {length} characters"
                )
            return await view.content()

    async def _route(self, route: "Route") -> None:
        """Answer one request, or refuse it; the browser asks nobody else."""
        request = route.request
        if request.is_navigation_request():
            await self._navigate(route)
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
        answering = asyncio.ensure_future(self.answer(route.request.url))
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


async def _fulfil(route: "Route", exchange: Exchange) -> None:
    """Give the browser an answer as if it had come to it.

    Scripts may read answers of other sites as well: there are no cookies and no
    passwords by which these could be secret.
    """
    headers = {
        name: value
        for name, value in exchange.headers
        if name.lower() not in _OF_THE_WIRE
    }
    headers["access-control-allow-origin"] = route.request.headers.get("origin", "*")
    headers["access-control-allow-credentials"] = "true"
    await route.fulfill(status=exchange.status, headers=headers, body=exchange.body)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
