"""A web server of raw sockets: every host on an address of its own, one fault each.

A host is its pages by path, each a script with the connection in its hands, down to
single bytes and resets. What was asked is counted here, not by who asks.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

PORTS = {"http": 80, "https": 443}
#: Nobody has any business here; who dials one is counted under its number.
CANARY_PORTS = (22, 25, 6379)
START_SECONDS = 10.0

#: Called with each request for its path; returns when the reply was sent.
Script = Callable[["Talk"], Awaitable[None]]


@dataclass
class Talk:
    """One request on a connection.

    Attributes:
        host: The name of the host that was dialled.
        path: The request's target; empty before a request.
        headers: In lower case.
        turn: Which request for this path it is, counted from 1.
        keep: Whether the connection is kept for another request.
    """

    host: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    turn: int = 0
    keep: bool = False

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection by RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What a host does.

    Attributes:
        address: Where it is dialled.
        pages: Scripts by path; `*` is for all others.
        greet: Runs instead of reading any request.
        tls: The certificate it shows on port 443; None closes the connection.
        stall_tls: Whether it never answers a TLS handshake.
    """

    address: str
    pages: Mapping[str, Script] = field(default_factory=dict)
    greet: Script | None = None
    tls: ssl.SSLContext | None = None
    stall_tls: bool = False


@dataclass
class FaultServer:
    """The hosts by name, and what was asked: requests by host and path."""

    hosts: Mapping[str, Host]
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    heads: dict[tuple[str, str], list[Mapping[str, str]]] = field(default_factory=dict)
    dialled: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._names = {host.address: name for name, host in self.hosts.items()}
        self._talks: set[asyncio.Task[None]] = set()

    def requests(self, host: str) -> dict[str, int]:
        """Return how often each path of a host was asked for."""
        return {path: n for (name, path), n in self.asked.items() if name == host}

    async def serve(self, stop: threading.Event, ready: threading.Event) -> None:
        """Listen on all addresses until told to stop."""
        families = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))
        servers = [
            await asyncio.start_server(
                self._converse, address, port, family=family, reuse_port=True
            )
            for family, address in families
            for port in (*PORTS.values(), *CANARY_PORTS)
        ]
        ready.set()
        await asyncio.to_thread(stop.wait)
        for server in servers:
            server.close()
        for talk in self._talks:
            talk.cancel()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            address, port = writer.get_extra_info("sockname")[:2]
            known = port not in CANARY_PORTS and self._names.get(address)
            name = known or f"{address} port {port}"
            self.dialled[name] += 1
            host = self.hosts.get(name)
            if host is not None and await self._is_open(host, port, writer):
                await self._talk(name, host, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # ssl's errors are OSErrors; whoever asked has gone
        except asyncio.CancelledError:
            pass  # the server ends, and this talk with it
        finally:
            self._talks.discard(task)
            writer.close()

    async def _is_open(
        self, host: Host, port: int, writer: asyncio.StreamWriter
    ) -> bool:
        if port != PORTS["https"]:
            return True
        if host.stall_tls:
            await asyncio.Event().wait()
        if host.tls is not None:
            await writer.start_tls(host.tls)
        return host.tls is not None

    async def _talk(
        self,
        name: str,
        host: Host,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if host.greet is not None:
            await host.greet(Talk(name, reader, writer))
            return
        keep = True
        while keep:
            path, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
            self.asked[name, path] += 1
            self.heads.setdefault((name, path), []).append(headers)
            script = host.pages.get(path) or host.pages.get("*", missing)
            turn = self.asked[name, path]
            talk = Talk(name, reader, writer, path, headers, turn)
            await script(talk)
            keep = talk.keep


def _read_head(head: bytes) -> tuple[str, Mapping[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return first.split(" ")[1], {name.lower(): text for name, text in headers.items()}


async def missing(talk: Talk) -> None:
    """Say that there is nothing here."""
    talk.keep = True
    await talk.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def serving(hosts: Mapping[str, Host]) -> Iterator[FaultServer]:
    """Serve hosts from a thread of their own."""
    server = FaultServer(hosts)
    ready, stop = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(stop, ready)), daemon=True
    )
    thread.start()
    if not ready.wait(START_SECONDS):
        raise RuntimeError("the fault server did not start")
    try:
        yield server
    finally:
        stop.set()
        thread.join(START_SECONDS)
