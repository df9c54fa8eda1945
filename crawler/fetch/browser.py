"""A page in, its document as scripts make it out; the browser starts when needed."""

import asyncio
from types import TracebackType
from typing import Self

from crawler.errors import RenderFailed
from crawler.fetch.chromium import Chromium, find_program
from crawler.fetch.limits import RenderLimits
from crawler.fetch.view import Answer, View
from storage.model.exchange import Exchange, Rendering

#: Pages open at the same time; most of theirs is waiting for turns.
PAGES_AT_ONCE = 4
#: A browser is ended and started anew after this many pages.
PAGES_EACH = 50

_CLOSING = 5.0


class Browser:
    """A chromium that starts with the first page and is replaced now and then.

    Pages share no cookies, storage or cache. One that fails ends the browser for
    those to come; what is open in it may come to its end.
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
        self._room = asyncio.Semaphore(PAGES_AT_ONCE)
        self._starting = asyncio.Lock()
        self._running: Chromium | None = None

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
        chromium, self._running = self._running, None
        if chromium is not None:
            await asyncio.shield(chromium.end())

    async def render(
        self, page: Exchange, answer: Answer, language: str | None = None
    ) -> Rendering:
        """Return a page's document once its scripts have come to rest.

        Args:
            page: The page as it was received; it is not asked for again.
            answer: Answers what its scripts ask for.
            language: What they take for the reader's (ISO 639); None for chromium's
                own, which is English.

        Raises:
            RenderFailed: No browser can be had, or it came to no end.
        """
        async with self._room:
            chromium = await self._enter(page.url)
            try:
                async with asyncio.timeout(self._limits.total.total_seconds()):
                    return await self._show(chromium, page, answer, language)
            except TimeoutError as error:
                self._give_up(chromium)
                raise RenderFailed(f"{page.url}: came to no end") from error
            except (RenderFailed, asyncio.CancelledError):
                self._give_up(chromium)
                raise
            except Exception as error:  # whatever a browser's driver happens to raise
                self._give_up(chromium)
                raise RenderFailed(f"{page.url}: {_first_line(error)}") from error
            finally:
                await self._leave(chromium)

    async def _enter(self, url: str) -> Chromium:
        """Return the browser for one more page, started if there is none."""
        async with self._starting:
            if self._running is None:
                program = find_program(self._program)
                try:
                    self._running = await Chromium.start(
                        program, own_network=self._own_network
                    )
                except (RenderFailed, asyncio.CancelledError):
                    raise
                except Exception as error:  # as in render
                    raise RenderFailed(f"{url}: {_first_line(error)}") from error
            chromium = self._running
        chromium.pages += 1
        chromium.open += 1
        if chromium.pages >= PAGES_EACH:
            self._give_up(chromium)
        return chromium

    def _give_up(self, chromium: Chromium) -> None:
        """Show no further page in a browser; what is open in it may come to its end."""
        if self._running is chromium:
            self._running = None

    async def _leave(self, chromium: Chromium) -> None:
        chromium.open -= 1
        if chromium.open == 0 and self._running is not chromium:
            await asyncio.shield(chromium.end())

    async def _show(
        self, chromium: Chromium, page: Exchange, answer: Answer, language: str | None
    ) -> Rendering:
        context = await chromium.browser.new_context(
            user_agent=self._user_agent,
            locale=language,
            service_workers="block",
            accept_downloads=False,
        )
        try:
            return await View(page, answer, self._limits).show(context)
        finally:
            async with asyncio.timeout(_CLOSING):
                await context.close()


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
