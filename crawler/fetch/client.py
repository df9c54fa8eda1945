"""A URL in, its exchanges out.

httpx is used without its client: no cookies, no environment, no redirects of its
own, no decoders that unpack a bomb; and with our own transport. One small `Client`
serves one visit and shares its TLS context with all others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from ssl import OP_IGNORE_UNEXPECTED_EOF, SSLContext
from types import TracebackType
from typing import Self, cast

import h2.exceptions
import h11
import httpcore
import httpx

from crawler.errors import (
    BadResponse,
    BadUrl,
    ConnectFailed,
    FetchError,
    FetchTimeout,
    TooManyRedirects,
)
from crawler.fetch.guard import AddressPolicy, check_addresses, check_url
from crawler.fetch.http2_form import head_fault, request_head, response_head
from crawler.fetch.limits import Limits
from crawler.fetch.network import Dialler, Resolver, resolve_by_system, words_of
from crawler.fetch.request import Fields, Validators, next_url, request_headers
from crawler.fetch.tape import (
    BodyLimitError,
    Tape,
    current_tape,
    exchange_on,
    refused_on,
)
from crawler.fetch.transport import Transport
from crawler.urls import fetch_url
from storage.model.exchange import Exchange, Truncated

__all__ = [
    "Client",
    "Limits",
    "Validators",
    "next_url",
    "shared_http2_context",
    "shared_ssl_context",
    "translate",
]

_MOST_TRIES = 3  # of a request that was not heard
_PIECES_AT_ONCE = 100  # chunks of one byte must not hold the event loop
_MOST_PIECES = 200_000  # nor may they, by the million, cost what a deadline ends
_DECODED_AT_ONCE = 128 * 1024  # wire bytes; more are decoded in a thread

_MEANINGS: tuple[tuple[type[FetchError], tuple[type[Exception], ...]], ...] = (
    (ConnectFailed, (httpx.ConnectTimeout, httpcore.ConnectTimeout)),
    (FetchTimeout, (httpx.TimeoutException, httpcore.TimeoutException, TimeoutError)),
    (TooManyRedirects, (httpx.TooManyRedirects,)),
    (
        BadUrl,
        (
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
            httpcore.UnsupportedProtocol,
            httpx.LocalProtocolError,
            httpcore.LocalProtocolError,
            h11.LocalProtocolError,
        ),
    ),
    (
        BadResponse,
        (
            httpx.ProtocolError,
            httpcore.ProtocolError,
            h11.ProtocolError,
            httpx.DecodingError,
            httpx.HTTPStatusError,
            httpx.StreamError,
            httpx.CookieConflict,
            h2.exceptions.H2Error,
        ),
    ),
    (
        ConnectFailed,
        (
            httpx.HTTPError,
            httpcore.NetworkError,
            httpcore.ProxyError,
            httpcore.ConnectionNotAvailable,
            OSError,
        ),
    ),
)
_FOREIGN = tuple(kind for _, kinds in _MEANINGS for kind in kinds)


@cache
def shared_ssl_context() -> SSLContext:
    """Return the process's TLS context: certifi's authorities, all verified.

    Building one costs 31 ms, a client with one ready 0.1 ms.
    """
    return httpx.create_ssl_context(trust_env=False)


@cache
def shared_http2_context() -> SSLContext:
    """Return the same for clients of HTTP/2: what is offered is the context's own."""
    return httpx.create_ssl_context(trust_env=False)


def translate(error: Exception, url: str) -> FetchError:
    """Return our own error for one of httpx, httpcore, h11, ssl or the system."""
    why = words_of(error)
    for ours, theirs in _MEANINGS:
        if isinstance(error, theirs):
            return ours(url, why)
    raise error


class Client:
    """Fetches for one visit; connections stay open between its requests."""

    def __init__(  # noqa: PLR0913  # one keyword each
        self,
        *,
        user_agent: str,
        limits: Limits,
        policy: AddressPolicy,
        ssl_context: SSLContext | None = None,
        http2: bool = False,
        resolver: Resolver | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make a client; it connects to nothing yet.

        Args:
            user_agent: Who asks, with a way to reach them.
            limits: What one fetch may cost.
            policy: Which addresses may be dialled.
            ssl_context: Whose certificates are believed; None is certifi's.
            http2: Offer HTTP/2 to servers under TLS.
            resolver: Looks up names; None asks the system.
            now: Current time, UTC.
        """
        self._user_agent = user_agent
        self._limits = limits
        self._timeouts = _timeouts(limits)
        self._policy = policy
        self._now = now
        self._dialler = Dialler(policy, resolver or resolve_by_system)
        self._http2 = http2
        shared = shared_http2_context if http2 else shared_ssl_context
        self._ssl_context = _strict(ssl_context or shared())
        self._transport = self._new_transport()
        self._allowed: set[str] = set()

    def _new_transport(self) -> Transport:
        return Transport(self._dialler, self._ssl_context, http2=self._http2)

    async def __aenter__(self) -> Self:
        """Connect to nothing yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def addresses(self, url: str) -> Sequence[str]:
        """Look up the addresses of a URL's host; nothing is asked of it.

        Raises:
            NameNotResolved: It has none.
        """
        return await self._dialler.addresses(url)

    async def check(self, url: str) -> None:
        """Look up a URL's host and judge all of its addresses; nothing is asked.

        Raises:
            FetchError: It has none, or the policy does not allow one of them.
        """
        check_url(url, self._policy)
        check_addresses(url, await self.addresses(url), self._policy)

    async def fetch(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        allow: Callable[[str], Awaitable[None]] | None = None,
        raw_limit: int | None = None,
        at_least: int = 0,
        extra_headers: Fields = (),
    ) -> tuple[Exchange, ...]:
        """Fetch a URL and follow its redirects; the last exchange is the answer.

        Args:
            url: What to fetch.
            validators: Sent with every hop: it is the last one's ETag we know.
            allow: Awaited before each hop's request; raises to forbid it.
            raw_limit: As for `exchange`.
            at_least: As for `exchange`.
            extra_headers: As for `exchange`.

        Raises:
            FetchError: Nothing came, or a hop failed or was refused; its
                `exchanges` are the hops before, and what came instead of a response.
        """
        exchanges: list[Exchange] = []
        asked: set[str] = set()
        place: str | None = url
        try:
            while place is not None:
                here = fetch_url(place)
                self._count_hop(here, asked)
                if allow is not None:
                    await allow(here)
                exchanges.append(
                    await self.exchange(
                        here,
                        validators=validators,
                        raw_limit=raw_limit,
                        at_least=at_least,
                        extra_headers=extra_headers,
                    )
                )
                place = next_url(exchanges[-1])
        except FetchError as error:
            error.exchanges = (*exchanges, *error.exchanges)
            raise
        return tuple(exchanges)

    async def exchange(  # noqa: PLR0913  # one keyword each
        self,
        url: str,
        *,
        validators: Validators | None = None,
        raw_limit: int | None = None,
        at_least: int = 0,
        extra_headers: Fields = (),
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Exchange:
        """Make one request and return what came, whole or truncated.

        Args:
            url: What to ask for.
            validators: Makes the request conditional; a 304 is a result.
            raw_limit: Wire bytes of the body to read, instead of the limits'.
            at_least: Bytes of the body to read, on the wire and decoded, where the
                limits allow less.
            extra_headers: Sent after our own, or in their place.
            form: Makes the request a POST of these fields; one whose repetition
                does no harm, for a request that was not heard is sent again.
            content: Makes it a POST of these bytes, as `form` does.

        Raises:
            FetchError: No response head came, for the reason its class names;
                its `exchanges` are what came instead, if anything did.
        """
        asked = fetch_url(url)
        self._check_origin(asked)
        limits = self._limits.with_room(at_least)
        limit = limits.raw_bytes if raw_limit is None else raw_limit
        headers = request_headers(self._user_agent, validators, extra_headers)
        if self._http2:  # has no such header, and HTTP/1.1 needs none
            headers = tuple(pair for pair in headers if pair[0] != "Connection")
        request = _request(asked, headers, self._timeouts, form, content)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.total.total_seconds()
        tape, truncated = await self._record(asked, request, limit, deadline)
        if len(tape.received) <= _DECODED_AT_ONCE:
            return exchange_on(tape, truncated, limit, limits)
        return await asyncio.to_thread(exchange_on, tape, truncated, limit, limits)

    def _check_origin(self, url: str) -> None:
        """Judge a URL as `check_url` does, once for all URLs of an origin."""
        origin = _origin(url)
        if origin not in self._allowed:
            check_url(url, self._policy)
            self._allowed.add(origin)

    def _count_hop(self, url: str, asked: set[str]) -> None:
        if url in asked:
            raise TooManyRedirects(url, "redirects in a loop")
        if len(asked) > self._limits.redirects:
            raise TooManyRedirects(url, f"over {self._limits.redirects} redirects")
        asked.add(url)

    async def _record(
        self,
        url: str,
        request: httpx.Request,
        limit: int,
        deadline: float,
        tries: int = 1,
    ) -> tuple[Tape, Truncated | None]:
        """Send one request; return all that came, and what cut it short.

        A server may close a kept connection in the moment we write on it; such
        a request was not heard and is sent again (RFC 9112, section 9.3.1).
        """
        tape = Tape(
            url,
            header_limit=self._limits.header_bytes,
            body_limit=limit,
            now=self._now,
        )
        token = current_tape.set(tape)
        try:
            async with asyncio.timeout_at(deadline):
                await self._send(request, tape)
        except BodyLimitError:
            return tape, Truncated.LENGTH
        except _FOREIGN as error:
            if tape.accepted:
                return tape, _cut_by(error)
            again = tape.reused and not tape.received and _is_hangup(error)
            if not again or tries == _MOST_TRIES:
                failed = _meaning(error, tape)
                failed.exchanges = self._refused(tape, _refused_by(error, tape))
                raise failed from error
        except BadResponse as error:
            is_long = tape.body_start is None
            why = Truncated.LENGTH if is_long else Truncated.UNSPECIFIED
            error.exchanges = self._refused(tape, why)
            raise
        else:
            return tape, None
        finally:
            current_tape.reset(token)
            if tape.is_http2 and not tape.whole:
                await self._begin_anew()
        return await self._record(url, request, limit, deadline, tries + 1)

    async def _begin_anew(self) -> None:
        """Close all connections: a stream of one that broke off may still send."""
        left, self._transport = self._transport, self._new_transport()
        await left.aclose()

    def _refused(self, tape: Tape, why: Truncated) -> tuple[Exchange, ...]:
        refused = refused_on(tape, why, self._limits)
        return () if refused is None else (refused,)

    async def _send(self, request: httpx.Request, tape: Tape) -> None:
        """Send a request and read its response to the end, onto the tape."""
        response = await self._transport.handle_async_request(request)
        # The same as `aiter_raw`, for half of its time.
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            if tape.is_http2:
                _put_heads(request, response, tape)
            else:
                tape.accept()
            pieces = 0
            async for piece in stream:
                if tape.is_http2:
                    tape.put_body(piece)
                pieces += 1
                if pieces % _PIECES_AT_ONCE == 0:
                    await asyncio.sleep(0)
                if pieces > _MOST_PIECES:
                    raise BodyLimitError
            tape.whole = True
        finally:
            await stream.aclose()


def _put_heads(request: httpx.Request, response: httpx.Response, tape: Tape) -> None:
    """Write the heads of an exchange in frames onto its tape.

    Raises:
        BadResponse: The response's is malformed.
    """
    received = response.headers.raw
    if fault := head_fault(received):
        raise BadResponse(tape.url, fault)
    target = request.extensions["target"]
    tape.put_head(
        request_head(request.method.encode(), target, request.headers.raw)
        + request.content,
        response_head(response.status_code, received),
    )


def _meaning(error: Exception, tape: Tape) -> FetchError:
    """Return our own error; what HTTP/2 calls local was caused by the server."""
    if tape.is_http2 and isinstance(error, httpx.LocalProtocolError):
        return BadResponse(tape.url, str(error))
    return translate(error, tape.url)


def _strict(context: SSLContext) -> SSLContext:
    """Have a TLS stream that is cut told from one that is closed.

    Early releases of Python 3.11 take the one for the other (python, gh-95494).
    """
    context.options &= ~OP_IGNORE_UNEXPECTED_EOF
    return context


def _request(
    url: str,
    headers: tuple[tuple[str, str], ...],
    timeouts: Mapping[str, float],
    form: Mapping[str, str] | None,
    content: bytes | None,
) -> httpx.Request:
    """Return a request whose target is our URL's, not httpx's reading of it."""
    origin = _origin(url)
    return httpx.Request(
        "GET" if form is None and content is None else "POST",
        _front_page(origin),
        headers=_headers(origin, headers),
        data=form,
        content=content,
        extensions={
            "target": url[len(origin) :].encode("ascii"),
            "timeout": timeouts,
        },
    )


def _origin(url: str) -> str:
    """Return scheme, host and port of what `fetch_url` returned: up to the path."""
    return url[: url.index("/", len("https://"))]


@lru_cache(1024)
def _front_page(origin: str) -> httpx.URL:
    return httpx.URL(f"{origin}/")


@lru_cache(1024)
def _headers(origin: str, headers: tuple[tuple[str, str], ...]) -> httpx.Headers:
    """Return the headers of a request, which copies them; most of a visit are the same."""
    host = (b"Host", _front_page(origin).netloc)
    return httpx.Headers(
        [host, *((name.encode(), _latin(value)) for name, value in headers)]
    )


def _timeouts(limits: Limits) -> dict[str, float]:
    """Return what httpx calls so: seconds of each wait."""
    first_byte = limits.first_byte.total_seconds()
    connect = limits.connect.total_seconds()
    return {
        "connect": connect,
        "read": first_byte,
        "write": first_byte,
        "pool": connect,
    }


def _cut_by(error: Exception) -> Truncated:
    is_late = isinstance(error, httpx.TimeoutException | TimeoutError)
    return Truncated.TIME if is_late else Truncated.DISCONNECT


def _refused_by(error: Exception, tape: Tape) -> Truncated:
    """Return what ended a response whose head was not accepted."""
    if isinstance(error, httpx.ProtocolError) and not tape.ended:
        return Truncated.UNSPECIFIED  # we stopped reading, not the server sending
    return _cut_by(error)


def _is_hangup(error: Exception) -> bool:
    hangups = httpx.NetworkError | httpx.RemoteProtocolError | ConnectionError
    return isinstance(error, hangups)


def _latin(value: str) -> bytes:
    """Return a header value's bytes; received ones come back as they were."""
    return value.encode("latin-1", "replace")
