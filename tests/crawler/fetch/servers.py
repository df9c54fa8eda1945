"""Servers that misbehave to the byte, on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from crawler.fetch.network import Resolver

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK = AddressPolicy(allow_networks=(IPv4Network("127.0.0.0/8"),))


@dataclass
class Server:
    """A running server, and the request heads it was sent."""

    port: int
    scheme: str
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@asynccontextmanager
async def serving(
    *replies: bytes | Script,
    tls: ssl.SSLContext | None = None,
    hang_up: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Server]:
    """Run a server that gives its replies in turn, the last one for ever.

    A reply is bytes, or a script with the connection in its hands. The server
    hangs up after a script, and after bytes when told to.
    """
    talks: list[asyncio.Task[None]] = []
    server = Server(port=0, scheme="https" if tls else "http")

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        server.connections += 1
        talks.append(_this_task())
        try:
            while True:
                server.heads.append(await reader.readuntil(b"\r\n\r\n"))
                reply = replies[min(len(server.heads), len(replies)) - 1]
                if not isinstance(reply, bytes):
                    await reply(reader, writer)
                    break
                writer.write(reply)
                await writer.drain()
                if hang_up:
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # the visitor left, or the test is over
        finally:
            writer.close()

    listener = await asyncio.start_server(converse, host, port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks)


def client(
    *,
    limits: Limits | None = None,
    policy: AddressPolicy = LOOPBACK,
    ssl_context: ssl.SSLContext | None = None,
    http2: bool = False,
    resolver: Resolver | None = None,
) -> Client:
    """Return a client that may speak to loopback."""
    return Client(
        user_agent="KlipingTest/1.0",
        limits=limits or Limits(),
        policy=policy,
        ssl_context=ssl_context,
        http2=http2,
        resolver=resolver,
    )


def page(body: bytes = b"<p>Harbour reopens.</p>", *headers: bytes) -> bytes:
    """Return a plain 200 response."""
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return a redirect with an empty body."""
    head = (
        f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    )
    return head.encode()


def resolving(*answers: str) -> Resolver:
    """Return a resolver that gives its answers in turn, the last one for ever."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> list[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    return resolve


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None
    return task
