"""HTTP/1.1 on one connection: h11 says what the bytes mean, we carry them.

h11 judges every head and every chunk, so what is refused here is what httpx refuses.
Bodies of a stated length are counted by ourselves. Errors are httpx's.
"""

from enum import Enum, auto
from functools import lru_cache
from time import monotonic

import h11
import httpx

from crawler.fetch.network import RecordedStream

#: Bytes of a head, or of a chunk's size, that h11 takes before it gives up.
_MOST_UNREAD = 100 * 1024
_BODILESS = frozenset({204, 304})

RawHeaders = tuple[tuple[bytes, bytes], ...]


class _State(Enum):
    FREE = auto()
    TAKEN = auto()
    CLOSED = auto()


class Http1Connection:
    """A connection that carries one exchange at a time, and is kept for the next."""

    def __init__(self, stream: RecordedStream, keep_alive: float) -> None:
        """Speak on a connection just made.

        Args:
            stream: The connection.
            keep_alive: Seconds that it may idle.
        """
        self._stream = stream
        self._keep_alive = keep_alive
        self._state = _State.FREE
        self._ends_at: float | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it is of no more use."""
        if self._state is _State.FREE and not self._is_fresh:
            self.close()
        return self._state is _State.CLOSED

    @property
    def _is_fresh(self) -> bool:
        is_young = self._ends_at is None or monotonic() < self._ends_at
        return is_young and self._stream.is_quiet

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._state is _State.FREE

    @property
    def has_room(self) -> bool:
        """Whether one more request may be sent."""
        return self._state is _State.FREE

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return the final response, its body still to be read.

        Raises:
            httpx.TransportError: No response came.
        """
        self._state = _State.TAKEN
        try:
            exchange = _Exchange(self._stream, request)
            await exchange.send()
            head = await exchange.head()
        except BaseException:
            self.close()
            raise
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(exchange, self),
        )

    def finish(self, exchange: "_Exchange") -> None:
        """End an exchange: keep the connection if all is said and nothing is left."""
        if exchange.may_go_on and self._stream.is_quiet:
            self._ends_at = monotonic() + self._keep_alive
            self._state = _State.FREE
        else:
            self.close()

    def close(self) -> None:
        """Close it, whatever is under way."""
        self._state = _State.CLOSED
        self._stream.close()


class _Exchange:
    """One request and its response.

    `_rest` is how many bytes of a body of stated length are still to come, of which
    h11 holds the first ones; None when h11 reads the body.
    """

    def __init__(self, stream: RecordedStream, request: httpx.Request) -> None:
        self._stream = stream
        self._request = request
        self._timeouts = request.extensions["timeout"]
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_UNREAD)
        self._rest: int | None = None
        self._held = b""
        self._is_whole = False

    @property
    def may_go_on(self) -> bool:
        """Whether the connection may carry another exchange after this one."""
        return self._is_whole and self._h11.our_state is h11.DONE

    async def send(self) -> None:
        """Send the whole request.

        A server may answer and hang up before it has heard all: what it has said
        is still read.
        """
        try:
            sent = self._encoded()
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        try:
            await self._stream.write(sent, self._timeouts["write"])
        except TimeoutError as error:
            raise httpx.WriteTimeout(str(error)) from error
        except OSError:
            pass

    async def head(self) -> h11.Response:
        """Return the head of the final response; interim ones are passed over."""
        while not isinstance(event := await self._next_event(), h11.Response):
            pass
        self._rest = _stated_length(self._request.method, event)
        self._held, _ = self._h11.trailing_data
        return event

    async def next_piece(self) -> bytes | None:
        """Return a part of the body, or None behind the last."""
        if self._rest is not None:
            return await self._next_counted(self._rest)
        event = await self._next_event()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        left, _ = self._h11.trailing_data
        self._is_whole = self._h11.their_state is h11.DONE and not left
        return None

    async def _next_counted(self, rest: int) -> bytes | None:
        if rest == 0:
            self._is_whole = not self._held
            return None
        piece, self._held = self._held or await self._read(), b""
        if not piece:
            raise httpx.RemoteProtocolError(f"hung up {rest} bytes before the end")
        piece, self._held = piece[:rest], piece[rest:]
        self._rest = rest - len(piece)
        return piece

    def _encoded(self) -> bytes:
        request = self._request
        head = h11.Request(
            method=request.method,
            target=request.extensions["target"],
            headers=_checked(tuple(request.headers.raw)).headers,
        )
        content = [h11.Data(request.content)] if request.content else []
        events = (head, *content, h11.EndOfMessage())
        return b"".join([self._h11.send(event) or b"" for event in events])

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        try:
            while (event := self._h11.next_event()) is h11.NEED_DATA:
                read = await self._read()
                if not read and self._h11.their_state is h11.SEND_RESPONSE:
                    raise httpx.RemoteProtocolError("hung up without a response")
                self._h11.receive_data(read)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return event

    async def _read(self) -> bytes:
        try:
            return await self._stream.read(self._timeouts["read"])
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error


class _Body(httpx.AsyncByteStream):
    """The body of a response; to close it is to end the exchange."""

    def __init__(self, exchange: _Exchange, connection: Http1Connection) -> None:
        self._exchange = exchange
        self._connection = connection
        self._is_closed = False

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        piece = await self._exchange.next_piece()
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._connection.finish(self._exchange)


def _stated_length(method: str, head: h11.Response) -> int | None:
    """Return the length of a body that is framed by its length alone.

    h11 has seen to it that there is one length and no other transfer coding than
    chunks, which count for more (RFC 9112, section 6.3).
    """
    headers = {name.lower(): value for name, value in head.headers.raw_items()}
    if (
        method == "HEAD"
        or head.status_code in _BODILESS
        or b"transfer-encoding" in headers
        or b"content-length" not in headers
    ):
        return None
    return int(headers[b"content-length"])


@lru_cache(256)
def _checked(headers: RawHeaders) -> h11.Request:
    """Return a request whose headers h11 has let pass; most of a visit are the same."""
    return h11.Request(method="GET", target="/", headers=list(headers))
