"""Sites under several names on one server that counts who asks, and when.

Its clock is its event loop's: run on a simulated one, pauses take no time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from storage.model.exchange import Exchange

#: How long the server takes for an answer, in seconds of its loop's clock.
TAKES = 0.25
_POLICY = AddressPolicy(allow_networks=(IPv4Network("127.0.0.0/8"),))

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Counter:
    """What a server was asked.

    Attributes:
        asked: Name and path of each request, with its first and last moment.
        answers: By name and path; all else is missing.
        stuck: By path, the bytes after which nothing comes any more.
        port: Where it listens.
        under_way: Requests being answered now.
        most: The most of them at once.
    """

    asked: list[tuple[str, str, float, float]] = field(default_factory=list)
    answers: dict[tuple[str, str], Answer | bytes] = field(default_factory=dict)
    stuck: dict[str, bytes] = field(default_factory=dict)
    port: int = 0
    under_way: int = 0
    most: int = 0

    def url(self, name: str, path: str = "/") -> str:
        return f"http://{name}:{self.port}{path}"

    def gaps(self, name: str) -> list[float]:
        """Return the seconds between two requests to a name; robots.txt is none."""
        mine = [
            (begun, ended)
            for host, path, begun, ended in self.asked
            if host == name and path != "/robots.txt"
        ]
        return [after[0] - before[1] for before, after in pairwise(mine)]

    def paths(self) -> list[str]:
        """Return the names and paths asked for in order, robots.txt left out."""
        return [f"{n}{p}" for n, p, _, _ in self.asked if p != "/robots.txt"]

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ")[1]
                name = head.split("Host: ")[1].split("\r\n")[0].split(":")[0]
                self.under_way += 1
                self.most = max(self.most, self.under_way)
                begun = clock()
                await asyncio.sleep(TAKES)
                self.asked.append((name, path, begun, clock()))
                self.under_way -= 1
                if path in self.stuck:
                    writer.write(self.stuck[path])
                    await reader.read()  # until the client has had enough
                    break
                writer.write(_response(self.answers.get((name, path))))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


def _response(answer: Answer | bytes | None) -> bytes:
    if isinstance(answer, bytes):
        answer = (200, {}, answer)
    status, headers, body = answer or (404, {}, b"not here")
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def moved(url: str) -> Answer:
    return (302, {"Location": url}, b"")


@asynccontextmanager
async def counting() -> AsyncIterator[Counter]:
    """Serve as a site of any name."""
    counter = Counter()
    server = await asyncio.start_server(counter.converse, "127.0.0.1", 0)
    counter.port = server.sockets[0].getsockname()[1]
    try:
        yield counter
    finally:
        server.close()


async def to_counter(name: str, _port: int) -> Sequence[str]:
    """Return the address of a name: the last number of `far-2`, else 127.0.0.1."""
    number = name.split(".", maxsplit=1)[0].rpartition("far-")[2]
    return [f"127.0.0.{number}" if number.isdigit() else "127.0.0.1"]


class TalkingClient(Client):
    """A client whose requests are known to a simulated loop to be under way."""

    talking: Callable[[], AbstractContextManager[None]]

    async def exchange(self, url: str, **more: Any) -> Exchange:  # noqa: ANN401
        with self.talking():
            return await super().exchange(url, **more)


def talking_client(
    talking: Callable[[], AbstractContextManager[None]], now: Callable[[], datetime]
) -> Client:
    """Return a client for a counter on a simulated loop."""
    client = TalkingClient(
        user_agent="Test/1",
        limits=Limits(total=timedelta(minutes=5)),
        policy=_POLICY,
        resolver=to_counter,
        now=now,
    )
    client.talking = talking
    return client
