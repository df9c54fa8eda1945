"""What one exchange puts on the wire, byte for byte.

Headers rebuilt from a parsed response are wrong for one server in three (odd
spacing, folded lines, bare LF, interim responses), so the bytes are recorded
where they pass the socket.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from crawler.errors import BadResponse, NotReadable
from crawler.fetch.decode import StoredResponse, read_body, read_response
from crawler.fetch.limits import Limits
from crawler.fetch.wire import (
    head_end,
    is_http1,
    is_interim,
    message_size,
    read_head,
)
from storage.model.exchange import Certificate, Exchange, Truncated

#: What frames may take beside headers and body: settings, pings, padding.
_FRAMING_BYTES = 256 * 1024


class BodyLimitError(Exception):
    """The body's wire bytes passed their limit; the tape has them."""


@dataclass(slots=True, kw_only=True)
class Connection:
    """What a socket knows of itself.

    `spoiled` is set when bytes came that belong to no response: the next
    exchange would take them for its own.
    """

    ip: str
    tls: tuple[str, str] | None = None
    certificate: Certificate | None = None
    protocol: str = "http/1.1"
    exchanges: int = 0
    spoiled: bool = False


class Tape:
    """One exchange being recorded.

    Attributes:
        sent: Every byte written.
        received: Every byte read, interim responses included.
        head_start: Where the final response begins in `received`.
        body_start: Where its body begins, or None while its head is not whole.
        accepted: Whether the head turned out to be HTTP.
        ended: Whether the server closed its side.
        whole: Whether a response in frames came to its end.
        connection: The connection used, once known.
        connects: How many were opened for it.
        reused: Whether the connection had served an exchange before.
        started_at: When the first byte was sent.
    """

    def __init__(
        self,
        url: str,
        *,
        header_limit: int,
        body_limit: int,
        now: Callable[[], datetime],
    ) -> None:
        """Start an empty tape for a URL."""
        self.url = url
        self.sent = bytearray()
        self.received = bytearray()
        self.head_start = 0
        self.body_start: int | None = None
        self.accepted = False
        self.ended = False
        self.whole = False
        self.connection: Connection | None = None
        self.connects = 0
        self.reused = False
        self.started_at = now()
        self._header_limit = header_limit
        self._body_limit = body_limit
        self._now = now
        self._first_sent = self._last_received = monotonic()
        self._searched = 0
        self._frame_bytes = 0

    @property
    def is_http2(self) -> bool:
        """Whether the exchange is in frames, which are not kept."""
        return self.connection is not None and self.connection.protocol == "h2"

    @property
    def elapsed(self) -> timedelta:
        """From the first byte sent to the last one received."""
        return timedelta(seconds=self._last_received - self._first_sent)

    def record_sent(self, written: bytes, connection: Connection) -> None:
        """Keep what is written, and on which connection."""
        if self.connection is None:
            self.started_at = self._now()
            self._first_sent = self._last_received = monotonic()
            self.connection = connection
            self.reused = connection.exchanges > 0
            connection.exchanges += 1
        if not self.is_http2:
            self.sent += written

    def record_received(self, read: bytes) -> None:
        """Keep what was read.

        Raises:
            BadResponse: The head is over its limit.
            BodyLimitError: The body is; there is nothing more to read for.
        """
        self.ended = not read
        self._last_received = monotonic()
        if self.is_http2:
            self._count_frames(len(read))
            return
        self.received += read
        if self.body_start is None:
            self._find_body()
        if self.accepted:
            self._check_body()

    def accept(self) -> None:
        """Note that the head is HTTP.

        Raises:
            BadResponse: It is of a version that we did not ask in.
            BodyLimitError: Its body is over its limit already.
        """
        if not is_http1(self.received, self.head_start):
            raise BadResponse(self.url, "neither HTTP/1.0 nor HTTP/1.1")
        self.accepted = True
        self._check_body()

    def put_head(self, request: bytes, response: bytes) -> None:
        """Keep the heads of an exchange in frames, in the form of HTTP/1.1.

        Raises:
            BadResponse: The response's is over its limit.
        """
        if len(response) > self._header_limit:
            raise BadResponse(self.url, f"headers over {self._header_limit} bytes")
        self.sent[:0] = request
        self.received += response
        self.body_start = len(response)
        self.accepted = True

    def put_body(self, piece: bytes) -> None:
        """Keep a part of a body that came in frames.

        Raises:
            BodyLimitError: The body is over its limit.
        """
        self.received += piece
        self._check_body()

    def take(self) -> tuple[bytes, bytes]:
        """Return the interim responses, and what came after; the tape forgets both."""
        with memoryview(self.received) as received:
            taken = (
                bytes(received[: self.head_start]),
                bytes(received[self.head_start :]),
            )
        self.received = bytearray()
        return taken

    def _count_frames(self, size: int) -> None:
        self._frame_bytes += size
        if self._frame_bytes <= self._body_limit + self._header_limit + _FRAMING_BYTES:
            return
        if self.accepted:
            raise BodyLimitError
        raise BadResponse(self.url, f"{self._frame_bytes} bytes of frames, no response")

    def _check_body(self) -> None:
        if len(self.received) - (self.body_start or 0) > self._body_limit:
            raise BodyLimitError

    def _find_body(self) -> None:
        """Look for the end of the final head; interim ones come before it."""
        while (end := head_end(self.received, self._searched)) is not None:
            self._searched = end
            if not is_interim(self.received, self.head_start):
                self.body_start = end
                break
            self.head_start = end
        else:
            self._searched = max(self.head_start, len(self.received) - 2)
        if self._searched > self._header_limit:
            raise BadResponse(self.url, f"headers over {self._header_limit} bytes")


current_tape: ContextVar[Tape] = ContextVar("current_tape")


def exchange_on(
    tape: Tape, truncated: Truncated | None, limit: int, limits: Limits
) -> Exchange:
    """Return the exchange a tape holds, its body cut at the limit of wire bytes.

    A response that is whole by its own framing is whole, whatever ended the
    reading; what follows it belongs to no response and spoils the connection.
    """
    interim, received = tape.take()
    head = read_head(received)
    size = message_size(received, head)
    if size is not None:
        truncated = None
        if size < len(received) and tape.connection is not None:
            tape.connection.spoiled = True
    response, excess = (received, b"") if size is None else _cut(received, size)
    del received  # ten MiB that nobody needs while they are unpacked
    response, beyond = _cut(response, head.end + limit)
    if beyond:
        truncated, excess = Truncated.LENGTH, b""
    return _exchange(
        tape,
        response,
        read_body(response, head, limits),
        truncated=truncated,
        interim=interim,
        excess=excess,
    )


def refused_on(tape: Tape, why: Truncated, limits: Limits) -> Exchange | None:
    """Return what came instead of a response, or of one that broke off too early.

    None when nothing came. Nobody reads it as a page: it is kept as evidence.
    """
    start = tape.head_start if tape.head_start < len(tape.received) else 0
    received = bytes(tape.received[start:])
    if not received:
        return None
    nothing = StoredResponse(status=0, headers=(), body=b"", decode_error=None)
    try:
        is_readable = is_http1(received) and why is not Truncated.LENGTH
        read = read_response(received, limits) if is_readable else nothing
    except NotReadable:
        read = nothing
    return _exchange(
        tape, received, read, truncated=why, interim=bytes(tape.received[:start])
    )


def _cut(received: bytes, place: int) -> tuple[bytes, bytes]:
    return received[:place], received[place:]


def _exchange(
    tape: Tape,
    response: bytes,
    read: StoredResponse,
    *,
    truncated: Truncated | None,
    interim: bytes,
    excess: bytes = b"",
) -> Exchange:
    connection = tape.connection
    return Exchange(
        url=tape.url,
        started_at=tape.started_at,
        elapsed=tape.elapsed,
        request=bytes(tape.sent),
        response=response,
        status=read.status,
        headers=read.headers,
        body=read.body,
        ip=connection.ip if connection else None,
        protocol=connection.protocol if connection else "http/1.1",
        tls=connection.tls if connection else None,
        certificate=connection.certificate if connection else None,
        truncated=truncated,
        decode_error=read.decode_error,
        interim=interim,
        excess=excess,
    )
