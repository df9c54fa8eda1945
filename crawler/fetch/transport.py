"""Connections of one visit: kept between its requests, few, and never shared.

A transport of httpx. What a connection speaks is agreed upon under TLS (ALPN):
`http1` or `http2`; both use what `network` dialled.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from ssl import SSLContext
from typing import Protocol, cast

import httpx

from crawler.fetch.http1 import Http1Connection
from crawler.fetch.http2 import Http2Connection, NotHeardError
from crawler.fetch.network import Dialler, Tls

KEEP_ALIVE_SECONDS = 60.0  # a politeness delay is longer than httpx's 5 s
#: Exchanges, and connections, of a visit at once.
MOST_AT_ONCE = 10

_PORTS = {"http": 80, "https": 443}


class _Connection(Protocol):
    @property
    def is_closed(self) -> bool: ...

    @property
    def is_idle(self) -> bool: ...

    @property
    def has_room(self) -> bool: ...

    async def handle(self, request: httpx.Request) -> httpx.Response: ...

    def close(self) -> None: ...


class Transport(httpx.AsyncBaseTransport):
    """Carries requests over connections that a dialler opens."""

    def __init__(self, dialler: Dialler, context: SSLContext, *, http2: bool) -> None:
        """Keep connections; none is open yet.

        Args:
            dialler: Opens them, and judges where they lead.
            context: Whose certificates are believed.
            http2: Offer HTTP/2 under TLS.
        """
        protocols = ("http/1.1", "h2") if http2 else ("http/1.1",)
        self._dialler = dialler
        self._tls = Tls(context=context, protocols=protocols)
        self._offers_http2 = http2
        self._open: list[tuple[httpx.URL, _Connection]] = []
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._turn = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return the response, its body still to be read.

        Raises:
            httpx.TransportError: No response came.
            FetchError: No connection could be made, or none is allowed.
        """
        await self._enter(request.extensions["timeout"]["pool"])
        try:
            response = await self._ask(request)
        except BaseException:
            self._room.release()
            raise
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _Body(body, self._room.release)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        for _, connection in self._open:
            connection.close()
        self._open.clear()
        await asyncio.sleep(0)  # a socket is closed in the loop's next round

    async def _enter(self, patience: float) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(patience):
                await self._room.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("too many requests at once") from error

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        while True:
            connection = self._kept(request.url) or await self._opened(request)
            try:
                return await connection.handle(request)
            except NotHeardError:
                continue

    def _kept(self, origin: httpx.URL) -> _Connection | None:
        """Return an open connection that takes a request; forget the closed ones."""
        self._open = [pair for pair in self._open if not pair[1].is_closed]
        for place, connection in self._open:
            if connection.has_room and (place is origin or place == origin):
                return connection
        return None

    async def _opened(self, request: httpx.Request) -> _Connection:
        """Open a connection.

        With HTTP/2 on offer one at a time: the others may find room on it.
        """
        if not self._offers_http2 or request.url.scheme == "http":
            return await self._dial(request)
        async with self._turn:
            return self._kept(request.url) or await self._dial(request)

    async def _dial(self, request: httpx.Request) -> _Connection:
        self._make_room()
        url = request.url
        stream = await self._dialler.connect(
            url.raw_host.decode("ascii"),  # `host` undoes the punycode of a name
            url.port or _PORTS[url.scheme],
            tls=self._tls if url.scheme == "https" else None,
            timeout=request.extensions["timeout"]["connect"],
        )
        connection: _Connection = (
            Http2Connection(stream, url, KEEP_ALIVE_SECONDS)
            if stream.connection.protocol == "h2"
            else Http1Connection(stream, KEEP_ALIVE_SECONDS)
        )
        self._open.append((url, connection))
        return connection

    def _make_room(self) -> None:
        """Close the connection that was opened first and does nothing, if all are open."""
        idle = [pair for pair in self._open if pair[1].is_idle]
        if len(self._open) >= MOST_AT_ONCE and idle:
            idle[0][1].close()
            self._open.remove(idle[0])


class _Body(httpx.AsyncByteStream):
    """The body of a response; to close it makes room for another exchange."""

    def __init__(
        self, stream: httpx.AsyncByteStream, release: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._release: Callable[[], None] | None = release

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        release, self._release = self._release, None
        if release is None:
            return
        try:
            await self._stream.aclose()
        finally:
            release()
