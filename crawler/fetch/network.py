"""The only door to the network: it resolves, checks, dials and records.

A name is resolved once, every answer is judged, and a judged address is dialled;
nothing is resolved again, so a name cannot change its mind in between (DNS
rebinding). TLS still verifies the name. Redirects, refilled pools and reused
connections all pass here, so none of them needs a check of its own.
"""

import asyncio
import hashlib
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import cast

from crawler.errors import ConnectFailed, NameNotResolved, RefusedDestination
from crawler.fetch.guard import AddressPolicy, check_addresses, endpoint
from crawler.fetch.sockets import SocketStream, Stream, TlsStream
from crawler.fetch.tape import Connection, current_tape
from crawler.urls import is_address
from storage.model.exchange import Certificate

DNS_TIMEOUT = 5.0
#: Connections for one exchange: HTTP/2 may be told to begin anew.
MOST_CONNECTS = 3
FALLBACK_AFTER = 1.0  # seconds; a dead IPv6 route must not cost the whole wait
MAX_ADDRESSES = 4

_DNS_THREADS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="dns")

_Names = tuple[tuple[tuple[str, str], ...], ...]
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What is believed and offered under TLS: `h2`, `http/1.1`, as ALPN names them."""

    context: ssl.SSLContext
    protocols: tuple[str, ...] = ("http/1.1",)


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Return a host's addresses in the system's order, asked off the event loop.

    The threads are our own: a few dead name servers would fill the loop's
    default ones, and then every other name would seem dead too.
    """
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    answers = await asyncio.get_running_loop().run_in_executor(_DNS_THREADS, ask)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Dialler:
    """Connects where the policy allows, for the exchange of the current tape."""

    def __init__(
        self, policy: AddressPolicy, resolver: Resolver = resolve_by_system
    ) -> None:
        """Guard by a policy, with names looked up by a resolver."""
        self._policy = policy
        self._resolver = resolver

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Tls | None,
        timeout: float,  # noqa: ASYNC109 - of each step: connection, then TLS
    ) -> "RecordedStream":
        """Dial the first of a host's addresses that answers; None is in the clear.

        Raises:
            NameNotResolved: The name has no address, or DNS gave no answer.
            RefusedDestination: An address is not allowed, or the URL leads
                elsewhere: two parsers that disagree are an attack.
            ConnectFailed: Nothing answers, or not as TLS has to.
        """
        tape = current_tape.get()
        url = tape.url
        tape.connects += 1
        if tape.connects > MOST_CONNECTS:
            raise ConnectFailed(url, "every connection is closed before an answer")
        if (host, port) != endpoint(url) or (tls is None) != url.startswith("http:"):
            raise RefusedDestination(url, f"leads to {host} port {port}")
        found = await self.addresses(url)
        allowed = check_addresses(url, found, self._policy)[:MAX_ADDRESSES]
        try:
            address, stream = await _first_of(allowed, port, timeout)
            if tls is None:
                return RecordedStream(stream, Connection(ip=address))
            return await _under_tls(stream, Connection(ip=address), host, tls, timeout)
        except OSError as error:
            raise ConnectFailed(url, _said(error)) from error

    async def addresses(self, url: str) -> Sequence[str]:
        """Return the addresses of a URL's host, at least one; none is judged yet.

        Raises:
            NameNotResolved: The name has no address, or DNS gave no answer.
        """
        host, port = endpoint(url)
        return [host] if is_address(host) else await self._resolve(url, host, port)

    async def _resolve(self, url: str, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(DNS_TIMEOUT):
                found = await self._resolver(host, port)
        except TimeoutError as error:
            raise NameNotResolved(url, f"no DNS answer in {DNS_TIMEOUT:g} s") from error
        except (OSError, UnicodeError) as error:
            raise NameNotResolved(url, f"{host}: {_said(error)}") from error
        if not found:
            raise NameNotResolved(url, f"{host} has no address")
        return found


def _said(error: OSError | UnicodeError) -> str:
    """Return what is wrong as the system says it, without its numbers."""
    match error:
        case ssl.SSLError():
            return str(error)
        case socket.gaierror(strerror=str(words)):
            return words
        case OSError(errno=int(number)):
            return os.strerror(number)
        case _:
            return words_of(error)


def words_of(error: Exception) -> str:
    """Return what an error says; for one that says nothing, what is known of it."""
    is_late = "timeout" in type(error).__name__.lower()
    return str(error) or ("its time was up" if is_late else "no more is known")


class RecordedStream:
    """A connection that writes each exchange's bytes onto its tape."""

    def __init__(self, stream: Stream, connection: Connection) -> None:
        """Record what passes a stream."""
        self.connection = connection
        self._stream = stream

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came but what was read as part of a response."""
        return self._stream.is_quiet and not self.connection.spoiled

    async def read(self, timeout: float) -> bytes:  # noqa: ASYNC109 - as Stream
        """Read and record.

        Raises:
            OSError: The connection broke, or TLS ended without its close_notify:
                who knows what was still to come (RFC 8446, section 6.1).
        """
        read = await self._stream.read(timeout)
        current_tape.get().record_received(read)
        if not read and self._stream.is_torn:
            raise ConnectionResetError("TLS ended without close_notify")
        return read

    async def write(self, sent: bytes, timeout: float) -> None:  # noqa: ASYNC109 - as Stream
        """Record and write.

        Raises:
            OSError: The connection broke.
        """
        current_tape.get().record_sent(sent, self.connection)
        await self._stream.write(sent, timeout)

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()


async def _first_of(
    addresses: Sequence[str],
    port: int,
    timeout: float,  # noqa: ASYNC109 - of the last; others have less
) -> tuple[str, SocketStream]:
    """Return the first address that answers, with its connection."""
    for address in addresses[:-1]:
        try:
            return address, await _dial(address, port, min(timeout, FALLBACK_AFTER))
        except OSError:
            continue
    return addresses[-1], await _dial(addresses[-1], port, timeout)


async def _dial(address: str, port: int, timeout: float) -> SocketStream:  # noqa: ASYNC109 - as above
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    dialled = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialled.setblocking(False)
        async with asyncio.timeout(timeout):
            await loop.sock_connect(dialled, (address, port))
        _, stream = await loop.create_connection(SocketStream, sock=dialled)
    except TimeoutError as error:
        dialled.close()
        raise TimeoutError(f"no connection within {timeout:g} s") from error
    except BaseException:
        dialled.close()
        raise
    return stream


async def _under_tls(
    below: SocketStream,
    connection: Connection,
    host: str,
    tls: Tls,
    timeout: float,  # noqa: ASYNC109 - of each wait
) -> RecordedStream:
    """Return the same connection under TLS, its bytes recorded in the clear."""
    tls.context.set_alpn_protocols(list(tls.protocols))
    try:
        stream = TlsStream(below, tls.context, host.removesuffix("."))
        async with asyncio.timeout(timeout):
            await stream.shake_hands(timeout)
    except BaseException:
        below.close()
        raise
    session = stream.session
    cipher = session.cipher()
    connection.tls = (str(session.version()), str(cipher[0] if cipher else ""))
    connection.certificate = _certificate(session)
    if session.selected_alpn_protocol() == "h2":
        connection.protocol = "h2"
    return RecordedStream(stream, connection)


def _certificate(connection: ssl.SSLObject) -> Certificate | None:
    """Return the certificate that was verified, its issuer's names joined."""
    encoded, parsed = connection.getpeercert(binary_form=True), connection.getpeercert()
    if not encoded or not parsed:
        return None
    parts = cast("_Names", parsed.get("issuer", ()))
    return Certificate(
        sha256=hashlib.sha256(encoded).hexdigest(),
        issuer=", ".join(value for part in parts for _, value in part),
    )
