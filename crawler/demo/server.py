"""Serve the fake news web: one port a site, so that each is a host of its own."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from crawler.demo.listen import Serve, listening
from crawler.demo.magazine import FEED, LANGUAGE, NAME, Magazine
from crawler.demo.misbehaving import TRICKS, Trick
from crawler.demo.newsroom import Newsroom
from crawler.demo.spec import SPECS, Spec
from crawler.demo.timeline import Revision, Timeline
from crawler.demo.wire import Asked, frame

_FIRST_NEWS = 20.0
_NEXT_SITE = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that is being served; paths are made absolute with `url`."""

    key: str
    name: str
    base: str
    language: str | None = None
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()

    def url(self, path: str) -> str:
        """Return the absolute URL of one of its paths."""
        return self.base + path

    def source(self) -> dict[str, Any]:
        """Return the entry that stands for it in the configuration's `sources`."""
        entry: dict[str, Any] = {"name": self.name, "home": self.url("/")}
        for kind in ("feeds", "sitemaps", "sections"):
            entry[kind] = [self.url(path) for path in getattr(self, kind)]
        return entry | ({"language": self.language} if self.language else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that was answered; `site` is the site's key, `at` by the clock."""

    site: str
    at: float
    method: str
    path: str
    status: int
    user_agent: str


class NewsWeb:
    """The fake news web, served while the context is open.

    Attributes:
        sites: The seven news sites, in the order of `spec.SPECS`.
        misbehaving: The sites with a bad habit.
        magazine: The site with an article on several pages and a live blog.
        log: Every request answered, in order.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        started_at: datetime | None = None,
        articles: int | None = None,
    ) -> None:
        """Say how to serve; nothing is opened yet.

        Args:
            host: Address to listen on.
            port: First port; each further site takes the next. 0 takes free ones.
            speed: How much faster than real time things happen.
            clock: Seconds that only grow.
            started_at: The time of the newest articles' day; now if None.
            articles: How many articles each site has at the start; 6 to 12 if None.
        """
        self.sites: tuple[Site, ...] = ()
        self.misbehaving: tuple[Site, ...] = ()
        self.magazine = Site(key="magazine", name=NAME, base="")
        self.log: list[Request] = []
        self._host = host
        self._port = port
        self._speed = speed
        self._clock = clock
        self._started_at = started_at or datetime.now(UTC)
        self._articles = articles
        self._began = clock()
        self._rooms: dict[str, Newsroom] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open every port; the demo's time begins now."""
        self._began = self._clock()
        async with AsyncExitStack() as opening:
            self.sites = tuple(
                [
                    await self._open_site(opening, n, spec)
                    for n, spec in enumerate(SPECS)
                ]
            )
            self.misbehaving = tuple(
                [
                    await self._open_trick(opening, len(SPECS) + n, trick)
                    for n, trick in enumerate(TRICKS)
                ]
            )
            self.magazine = await self._open_magazine(opening, len(SPECS) + len(TRICKS))
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every port and connection."""
        await self._open.aclose()

    def revision(self, site: Site, path: str) -> Revision | None:
        """Return what a page holds now, or None if it is no article's."""
        room = self._rooms.get(site.key)
        return room.revision(path, self._second()) if room else None

    def articles(self, site: Site) -> tuple[Revision, ...]:
        """Return the articles that can be read on a site now, newest first."""
        room = self._rooms.get(site.key)
        return tuple(room.live(self._second())) if room else ()

    def _second(self) -> float:
        return (self._clock() - self._began) * self._speed

    async def _open_site(
        self, opening: AsyncExitStack, number: int, spec: Spec
    ) -> Site:
        room = Newsroom(
            spec=spec,
            timeline=Timeline(
                started_at=self._started_at,
                speed=self._speed,
                initial=6 + number % 4 * 2
                if self._articles is None
                else self._articles,
                phase=_FIRST_NEWS + number * _NEXT_SITE,
            ),
        )
        serve = partial(self._serve_site, room)
        room.base = await self._listen(opening, number, serve)
        self._rooms[spec.key] = room
        return Site(
            key=spec.key,
            name=spec.name,
            base=room.base,
            language=spec.language,
            feeds=spec.feeds,
            sitemaps=spec.sitemaps,
            sections=spec.sections,
        )

    async def _open_trick(
        self, opening: AsyncExitStack, number: int, trick: Trick
    ) -> Site:
        base = await self._listen(opening, number, partial(self._serve_trick, trick))
        return Site(key=trick.key, name=trick.key, base=base, feeds=("/feed.xml",))

    async def _open_magazine(self, opening: AsyncExitStack, number: int) -> Site:
        magazine = Magazine(started_at=self._started_at, speed=self._speed)
        serve = partial(self._serve_magazine, magazine)
        magazine.base = await self._listen(opening, number, serve)
        return Site(
            key="magazine",
            name=NAME,
            base=magazine.base,
            language=LANGUAGE,
            feeds=(FEED,),
        )

    async def _listen(self, opening: AsyncExitStack, number: int, serve: Serve) -> str:
        port = self._port + number if self._port else 0
        return await opening.enter_async_context(listening(self._host, port, serve))

    async def _serve_site(
        self, room: Newsroom, asked: Asked, writer: asyncio.StreamWriter
    ) -> None:
        answer = room.answer(asked.path, self._second())
        status, sent = frame(answer, asked, chunked=room.spec.chunked)
        self._note(room.spec.key, asked, status)
        writer.write(sent)

    async def _serve_magazine(
        self, magazine: Magazine, asked: Asked, writer: asyncio.StreamWriter
    ) -> None:
        answer = magazine.answer(asked.path, self._second())
        status, sent = frame(answer, asked, chunked=False)
        self._note("magazine", asked, status)
        writer.write(sent)

    async def _serve_trick(
        self, trick: Trick, asked: Asked, writer: asyncio.StreamWriter
    ) -> None:
        name, port = writer.get_extra_info("sockname")[:2]
        answer = trick.respond(asked.path, f"http://{name}:{port}")
        if answer is not None:
            status, sent = frame(answer, asked, chunked=False)
            self._note(trick.key, asked, status)
            writer.write(sent)
        elif trick.raw is not None:
            self._note(trick.key, asked, 200)
            async for piece in trick.raw():
                writer.write(piece)
                await writer.drain()
            writer.close()

    def _note(self, site: str, asked: Asked, status: int) -> None:
        agent = asked.headers.get("user-agent", "")
        self.log.append(
            Request(
                site=site,
                at=self._clock(),
                method=asked.method,
                path=asked.path,
                status=status,
                user_agent=agent,
            )
        )
