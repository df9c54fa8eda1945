"""HTTP/2 on one connection, as httpcore speaks it. Errors are httpx's."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from crawler.fetch.network import RecordedStream

#: Seconds for a step that httpcore gives none; none that we ask for is without.
_PATIENCE = 60.0


class NotHeardError(Exception):
    """A connection takes no more requests, and did not hear this one."""


class Http2Connection:
    """A connection that carries several exchanges at once."""

    def __init__(
        self, stream: RecordedStream, origin: httpx.URL, keep_alive: float
    ) -> None:
        """Speak on a connection just made.

        Args:
            stream: The connection.
            origin: Scheme, host and port of all requests on it.
            keep_alive: Seconds that it may idle.
        """
        self._stream = stream
        self._origin = httpcore.URL(
            scheme=origin.raw_scheme,
            host=origin.raw_host,
            port=origin.port,
            target=b"/",
        )
        self._http2 = httpcore.AsyncHTTP2Connection(
            self._origin.origin, _Frames(stream), keep_alive
        )

    @property
    def is_closed(self) -> bool:
        """Whether it is of no more use."""
        if self.is_idle and (self._http2.has_expired() or not self.has_room):
            self.close()
            return True
        return self._http2.is_closed()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._http2.is_idle()

    @property
    def has_room(self) -> bool:
        """Whether one more request may be sent."""
        return self._http2.is_available()

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return the response, its body still to be read.

        Raises:
            NotHeardError: Another connection has to be asked.
            httpx.TransportError: No response came.
        """
        asked = httpcore.Request(
            request.method,
            self._origin,
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            try:
                response = await self._http2.handle_async_request(asked)
            except httpcore.ConnectionNotAvailable as error:
                raise NotHeardError from error
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response)
        )

    def close(self) -> None:
        """Close it, whatever is under way."""
        self._stream.close()


class _Body(httpx.AsyncByteStream):
    """The body of a response; to close it is to end the exchange."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for piece in self._response.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        with _errors_of_httpx():
            await self._response.aclose()


class _Frames(httpcore.AsyncNetworkStream):
    """A connection in the form in which httpcore reads and writes one."""

    def __init__(self, stream: RecordedStream) -> None:
        self._stream = stream

    async def read(
        self,
        max_bytes: int,  # noqa: ARG002 - we read as much at once
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        try:
            return await self._stream.read(timeout or _PATIENCE)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        try:
            await self._stream.write(buffer, timeout or _PATIENCE)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._stream.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Raise httpx's errors for those of httpcore, which have the same names."""
    try:
        yield
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
    ) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind(str(error)) from error
