"""Many small news sites, each at a loopback address of its own, that watch manners.

`python -m tests.torture.fleet.hosts HOSTS PAGES LATENCY DELAY` serves them until its
standard input ends, then prints what it counted as JSON. Times are seconds.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from html import escape

#: What a clock and a busy loop may take from a pause, s.
_SLACK = 0.02
_WORDS = [
    "harbour",
    "council",
    "bridge",
    "winter",
    "market",
    "river",
    "school",
    "station",
    "ferry",
    "garden",
    "museum",
    "storm",
    "budget",
    "teacher",
    "orchard",
    "library",
    "tunnel",
    "engine",
    "voter",
    "village",
    "theatre",
    "lamp",
    "farmer",
    "bicycle",
    "clinic",
    "mayor",
    "forest",
    "railway",
    "bakery",
    "lighthouse",
    "choir",
    "quarry",
]


def address(number: int) -> str:
    """Return the address of a host, from 127.7.0.1 on."""
    return f"127.7.{number // 200}.{number % 200 + 1}"


def story(host: int, number: int) -> str:
    """Return the page of a story: the same words each time, no others' words."""
    dice = random.Random(host * 100_003 + number)

    def sentence() -> str:
        words = [dice.choice(_WORDS) for _ in range(14)]
        return f"{' '.join(words).capitalize()} {dice.randrange(10_000)}."

    title = f"{sentence()[:-1]} of host {host}"
    body = "".join(f"<p>{' '.join(sentence() for _ in range(5))}</p>" for _ in range(6))
    return (
        f"<!doctype html><html lang=en><head><title>{escape(title)}</title>"
        f"<meta property=og:type content=article></head><body><nav><a href=/>Home</a>"
        f"</nav><article><h1>{escape(title)}</h1>{body}</article></body></html>"
    )


@dataclass
class Web:
    """The sites, and what they saw."""

    pages: int
    latency: float
    delay: float
    port: int = 0
    active: Counter[str] = field(default_factory=Counter)
    ended: dict[str, float] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    too_soon: int = 0
    least_pause: float = float("inf")

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve a connection until it ends."""
        host = writer.get_extra_info("sockname")[0]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                await self._serve(host, path, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve(self, host: str, path: str, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        now = clock()
        self.at_once += self.active[host] > 0
        if host in self.ended:
            pause = now - self.ended[host]
            self.least_pause = min(self.least_pause, pause)
            self.too_soon += pause < self.delay - _SLACK
        self.active[host] += 1
        self.asked[f"{host}{path}"] += 1
        try:
            await asyncio.sleep(self.latency)
            status, kind, body = self._page(host, path)
            data = body.encode()
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(data)}\r\n\r\n".encode()
                + data
            )
            await writer.drain()
        finally:
            self.active[host] -= 1
            self.ended[host] = clock()

    def _page(self, host: str, path: str) -> tuple[str, str, str]:
        _, _, high, low = (int(part) for part in host.split("."))
        number = high * 200 + low - 1
        if path == "/feed.xml":
            items = "".join(
                f"<item><title>Story {n}</title>"
                f"<link>http://{host}:{self.port}/story/{n}</link></item>"
                for n in range(self.pages)
            )
            feed = f"<rss version='2.0'><channel><title>{host}</title>{items}</channel>"
            return "200 OK", "application/rss+xml", f"{feed}</rss>"
        if path.startswith("/story/"):
            kind = "text/html; charset=utf-8"
            return "200 OK", kind, story(number, int(path.rpartition("/")[2]))
        return "404 Not Found", "text/plain", "nothing here"

    def figures(self) -> dict[str, object]:
        """Return what was seen."""
        stories = [n for path, n in self.asked.items() if "/story/" in path]
        return {
            "requests": self.asked.total(),
            "stories": len(stories),
            "asked_again": sum(n - 1 for n in stories),
            "at_once": self.at_once,
            "too_soon": self.too_soon,
            "least_pause": round(self.least_pause, 3),
        }


async def main(hosts: int, pages: int, latency: float, delay: float) -> None:
    web = Web(pages=pages, latency=latency, delay=delay)
    servers = []
    for number in range(hosts):
        one = await asyncio.start_server(web.answer, address(number), web.port)
        web.port = web.port or one.sockets[0].getsockname()[1]
        servers.append(one)
    print(web.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(web.figures()), flush=True)


if __name__ == "__main__":
    asyncio.run(
        main(int(sys.argv[1]), int(sys.argv[2]), *(float(x) for x in sys.argv[3:5]))
    )
