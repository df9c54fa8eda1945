"""The only door to the network: it resolves, checks, dials and records.

A name is resolved once, every answer is judged, and a judged address is dialled;
nothing is resolved again, so a name cannot change its mind in between (DNS
rebinding). TLS still verifies the name. Redirects, refilled pools and reused
connections all pass here, so none of them needs a check of its own.
"""

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, cast

import httpcore
from httpcore import SOCKET_OPTION

from crawler.errors import ConnectFailed, NameNotResolved, RefusedDestination
from crawler.fetch.guard import AddressPolicy, check_addresses, endpoint
from crawler.fetch.tape import Connection, current_tape
from crawler.urls import is_address
from storage.model import Certificate

DNS_TIMEOUT = 5.0
#: Connections for one exchange: HTTP/2 may be told to begin anew.
MOST_CONNECTS = 3
FALLBACK_AFTER = 1.0  # seconds; a dead IPv6 route must not cost the whole wait
MAX_ADDRESSES = 4

_DNS_THREADS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="dns")

_Names = tuple[tuple[tuple[str, str], ...], ...]
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Return a host's addresses in the system's order, asked off the event loop.

    The threads are our own: a few dead name servers would fill the loop's
    default ones, and then every other name would seem dead too.
    """
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    answers = await asyncio.get_running_loop().run_in_executor(_DNS_THREADS, ask)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects where the policy allows, for the exchange of the current tape."""

    def __init__(
        self, policy: AddressPolicy, resolver: Resolver = resolve_by_system
    ) -> None:
        """Guard by a policy, with names looked up by a resolver."""
        self._policy = policy
        self._resolver = resolver
        self._dialler = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial the first of a host's addresses that answers.

        Raises:
            NameNotResolved: The name has no address, or DNS gave no answer.
            RefusedDestination: An address is not allowed, or the URL leads
                elsewhere: two parsers that disagree are an attack.
        """
        tape = current_tape.get()
        url = tape.url
        tape.connects += 1
        if tape.connects > MOST_CONNECTS:
            raise ConnectFailed(url, "every connection is closed before an answer")
        if (host, port) != endpoint(url):
            raise RefusedDestination(url, f"leads to {host} port {port}")
        found = await self.addresses(url)
        allowed = check_addresses(url, found, self._policy)[:MAX_ADDRESSES]
        for address in allowed[:-1]:
            wait = FALLBACK_AFTER if timeout is None else min(timeout, FALLBACK_AFTER)
            try:
                return await self._dial(
                    address, port, wait, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._dial(
            allowed[-1], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a socket file is never a news site."""
        raise RefusedDestination(path, "Unix sockets are not allowed")

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
            raise NameNotResolved(url, f"{host}: {error}") from error
        if not found:
            raise NameNotResolved(url, f"{host} has no address")
        return found

    async def _dial(
        self,
        address: str,
        port: int,
        timeout: float | None,  # noqa: ASYNC109 - as connect_tcp
        local_address: str | None,
        socket_options: Iterable[SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._dialler.connect_tcp(
            address, port, timeout, local_address, socket_options
        )
        return RecordedStream(stream, Connection(ip=address))


class RecordedStream(httpcore.AsyncNetworkStream):
    """A socket that writes each exchange's bytes onto its tape."""

    def __init__(
        self, stream: httpcore.AsyncNetworkStream, connection: Connection
    ) -> None:
        """Record what passes a stream."""
        self._stream = stream
        self._connection = connection

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        """Read and record.

        Raises:
            httpcore.ReadError: TLS ended without its close_notify: who knows what
                was still to come (RFC 8446, section 6.1).
        """
        read = await self._stream.read(max_bytes, timeout)
        current_tape.get().record_received(read)
        if not read and _is_torn(self._stream.get_extra_info("ssl_object")):
            raise httpcore.ReadError("TLS ended without close_notify")
        return read

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        """Record and write."""
        current_tape.get().record_sent(buffer, self._connection)
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the socket."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Return the same connection under TLS, its bytes recorded in the clear."""
        name = server_hostname.removesuffix(".") if server_hostname else None
        try:
            stream = await self._stream.start_tls(ssl_context, name, timeout)
        except asyncio.CancelledError:  # httpcore closes it for errors alone
            await self._stream.aclose()
            raise
        ssl_object = stream.get_extra_info("ssl_object")
        cipher = ssl_object.cipher()
        self._connection.tls = (str(ssl_object.version()), str(cipher[0]))
        self._connection.certificate = _certificate(ssl_object)
        if ssl_object.selected_alpn_protocol() == "h2":
            self._connection.protocol = "h2"
        return RecordedStream(stream, self._connection)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Answer as the socket does; a spoiled one looks closed to the pool."""
        if info == "is_readable" and self._connection.spoiled:
            return True
        return self._stream.get_extra_info(info)


def _is_torn(connection: ssl.SSLObject | None) -> bool:
    """Tell whether a TLS stream that has ended was cut rather than closed."""
    if connection is None:
        return False
    try:
        connection.read(1)
    except ssl.SSLZeroReturnError:
        return False
    except ssl.SSLError:
        return True
    return False


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
