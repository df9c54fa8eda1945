"""One connected socket, read when asked; in the clear or under TLS.

What arrives waits here until it is read, up to a bound: behind it the sender waits. So
bytes that nobody asked for, and a server that hangs up, are seen while a connection
idles, at the cost of no system call.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar, cast

T = TypeVar("T")

#: Bytes of one reading at most.
READ_BYTES = 64 * 1024

_MOST_AHEAD = 128 * 1024


class Stream(Protocol):
    """Bytes both ways. All raise OSError; TimeoutError when a wait is too long."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came since the last reading, nor an end."""

    @property
    def is_torn(self) -> bool:
        """Whether it ended where more was to come."""

    async def read(self, timeout: float) -> bytes:  # noqa: ASYNC109 - of each wait
        """Return what came next, nothing at the end."""

    async def write(self, sent: bytes, timeout: float) -> None:  # noqa: ASYNC109
        """Send, waiting while too much is on its way."""

    def close(self) -> None:
        """Close at once; what was not sent is not."""


class SocketStream(asyncio.Protocol):
    """A socket in the clear."""

    is_torn = False

    def __init__(self) -> None:
        """Await the connection."""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._arrived: deque[bytes] = deque()
        self._size = 0
        self._is_paused = False
        self._is_full = False
        self._is_over = False
        self._why: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self._arrived.append(data)
        self._size += len(data)
        if self._size > _MOST_AHEAD and self._transport and not self._is_paused:
            self._transport.pause_reading()
            self._is_paused = True
        _wake(self._reader)

    def eof_received(self) -> bool:
        """Note the end; our side stays open, for a request may be on its way."""
        self._is_over = True
        _wake(self._reader)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, and why."""
        self._is_over = True
        self._why = exc
        self._transport = None
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        """Have writers wait."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Let them go on."""
        self._is_full = False
        _wake(self._writer)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came since the last reading, nor an end."""
        return not (self._arrived or self._is_over)

    async def read(self, timeout: float) -> bytes:  # noqa: ASYNC109 - as Stream
        """Return what came next, nothing at the end."""
        if not self._arrived and not self._is_over:
            self._reader = self._loop.create_future()
            await self._wait(self._reader, timeout)
        if self._arrived:
            return self._next()
        if self._why is not None:
            raise ConnectionResetError(str(self._why)) from self._why
        return b""

    async def write(self, sent: bytes, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        """Send, waiting while too much is on its way."""
        if self._transport is None:
            raise ConnectionResetError(str(self._why or "the connection is closed"))
        self._transport.write(sent)
        if self._is_full:
            self._writer = self._loop.create_future()
            await self._wait(self._writer, timeout)

    def close(self) -> None:
        """Close at once; what was not sent is not."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(
        self,
        until: asyncio.Future[None],
        timeout: float,  # noqa: ASYNC109 - a timer costs a third of asyncio.timeout
    ) -> None:
        timer = self._loop.call_later(timeout, _give_up, until, timeout)
        try:
            await until
        finally:
            timer.cancel()

    def _next(self) -> bytes:
        read = self._arrived.popleft()
        if len(read) > READ_BYTES:
            self._arrived.appendleft(read[READ_BYTES:])
            read = read[:READ_BYTES]
        self._size -= len(read)
        if self._is_paused and not self._arrived and self._transport:
            self._transport.resume_reading()
            self._is_paused = False
        return read


class TlsStream:
    """TLS over a socket.

    asyncio's own keeps 256 KiB a connection, does not tell a stream that is cut from
    one that is closed, and sends nothing once the other side has closed.
    """

    def __init__(
        self, below: SocketStream, context: ssl.SSLContext, server_name: str
    ) -> None:
        """Lay TLS over a socket that nothing was read from yet."""
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name
        )
        self.is_torn = False

    @property
    def session(self) -> ssl.SSLObject:
        """What was agreed upon."""
        return self._tls

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came since the last reading, nor an end."""
        return (
            self._below.is_quiet
            and not self._incoming.pending
            and not self._tls.pending()
        )

    async def shake_hands(self, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        """Agree with the server; its certificate is verified."""
        await self._run(self._tls.do_handshake, timeout)

    async def read(self, timeout: float) -> bytes:  # noqa: ASYNC109 - as Stream
        """Return what came next, nothing at the end."""
        try:
            return await self._run(partial(self._tls.read, READ_BYTES), timeout)
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLEOFError:
            self.is_torn = True
            return b""

    async def write(self, sent: bytes, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        """Send, waiting while too much is on its way."""
        if sent:
            self._tls.write(sent)
        await self._flush(timeout)

    def close(self) -> None:
        """Close at once, as browsers do, without taking leave."""
        self._below.close()

    async def _run(self, step: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 - as Stream
        """Repeat a step of TLS until it has read and sent all that it needs."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush(timeout)
                await self._fill(timeout)
            else:
                await self._flush(timeout)
                return done

    async def _fill(self, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        read = await self._below.read(timeout)
        if read:
            self._incoming.write(read)
        else:
            self._incoming.write_eof()

    async def _flush(self, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        if self._outgoing.pending:
            await self._below.write(self._outgoing.read(), timeout)


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _give_up(waiting: asyncio.Future[None], seconds: float) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError(f"nothing moved for {seconds:g} s"))
