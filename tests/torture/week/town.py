"""A town of fake news sites on loopback that notes when each is asked for what.

A fifth of the sites has a fault for some of the time, each of one kind. Every
answer but those of faults is a plain feed, article or robots.txt.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Self

HOUR, DAY = 3600.0, 86400.0

#: What must be named in the ledger for each kind of fault (a part of a reason).
FAULTS = {
    "down": "no connection",
    "dns": "no address",
    "storm": "HTTP 503|status 503",
    "busy": "HTTP 429|status 429",
    "robots_error": "no robots.txt to go by|HTTP 500",
    "robots_changes": "robots.txt says Disallow: /",
    "robots_elsewhere": "robots.txt says Disallow: /private",
    "hang": "no answer in time",
    "reset": "cut short",
    "loop": "too many redirects",
    "garbage": "bad answer",
    "liar": "not modified|0 new",
    "wall": "HTTP 403",
    "vanish": "HTTP 404|HTTP 410",
    "aliases": "moved to|canonical",
    "slow": "article, first",
}
#: From the first day on; from some day on; seen only where robots.txt is asked for.
_ALWAYS = {"liar", "robots_elsewhere", "slow"}
_FOR_EVER = {"aliases", "robots_changes", "vanish"}
_DAILY = {"robots_error"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it came and was answered, in seconds; what was said."""

    host: str
    address: str
    path: str
    began: float
    ended: float
    status: int
    retry_after: float = 0.0


@dataclass
class Site:
    """A site, and when its fault holds."""

    number: int
    host: str
    address: str
    fault: str
    since: float
    until: float
    crawl_delay: int
    published: tuple[float, ...]

    def is_faulty(self, second: float) -> bool:
        return bool(self.fault) and self.since <= second < self.until

    @property
    def domain(self) -> str:
        return ".".join(self.host.split(".")[-2:])


def make_sites(count: int, days: float, dice: random.Random) -> list[Site]:
    """Return sites: some of one domain, some at one address, a fifth faulty."""
    kinds = list(FAULTS)
    return [_make_site(n, days, kinds, dice) for n in range(count)]


def make_crowd(count: int, dice: random.Random) -> list[Site]:
    """Return sites with much to fetch at once: six at an address, three of a domain."""
    kinds = ("", "", "", "", "", "busy", "", "slow", "", "", "")
    return [
        Site(
            number=n,
            host=f"w{n % 3}.town{n // 3}.test",
            address=f"127.41.7.{1 + n // 6}",
            fault=kinds[n % len(kinds)],
            since=0.0,
            until=DAY,
            crawl_delay=dice.choice((0, 0, 0, 5)),
            published=tuple(float(-n) for n in range(20)),
        )
        for n in range(count)
    ]


def _make_site(n: int, days: float, kinds: list[str], dice: random.Random) -> Site:
    fault = kinds[n // 5 % len(kinds)] if n % 5 == 0 else ""
    length = days * DAY
    since, until = _window(fault, length, dice)
    # three in ten live on one server with another, two in ten are of one domain
    lives_with = n // 10 * 10 if n % 10 in {2, 3, 4} else n
    host = f"site{n}.test"
    if n % 10 in {6, 7}:
        host = f"{'www' if n % 10 == 6 else 'm'}.family{n // 10}.test"
    return Site(
        number=n,
        host=host,
        address=f"127.{40 + lives_with // 250}.7.{1 + lives_with % 250}",
        fault=fault,
        since=since,
        until=until,
        crawl_delay=dice.choice((0, 0, 0, 5, 20)),
        published=tuple(
            sorted(dice.uniform(-DAY, length) for _ in range(4 + int(days)))
        ),
    )


def _window(fault: str, length: float, dice: random.Random) -> tuple[float, float]:
    """Return from when to when a fault holds, in seconds."""
    if fault in _ALWAYS:
        return 0.0, length
    since = dice.uniform(0.1, 0.4) * length
    if fault in _FOR_EVER:
        return since, length
    return since, since + max(
        0.15 * length, 26 * HOUR if fault in _DAILY else 16 * HOUR
    )


@dataclass
class Town:
    """The sites, served while the context is open.

    Attributes:
        log: Every request, in the order of answers.
        met: Hosts whose fault a request has met; a closed port is not seen here.
        robots: What robots.txt last said to whom, and when: (second, status, body).
    """

    sites: Sequence[Site]
    loop: "asyncio.AbstractEventLoop"
    began: datetime
    dice: random.Random
    port: int = 0
    log: list[Asked] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    robots: dict[str, list[tuple[float, int, bytes]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _servers: dict[str, asyncio.Server] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._by_host = {site.host: site for site in self.sites}
        for address in dict.fromkeys(site.address for site in self.sites):
            await self._listen(address)
        self._tasks = [
            asyncio.create_task(self._close_for_a_while(site))
            for site in self.sites
            if site.fault == "down"
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.close()
        for task in (*self._tasks, *self._talks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._talks, return_exceptions=True)

    async def resolve(self, name: str, _port: int) -> Sequence[str]:
        """Answer as the town's name server."""
        site = self._by_host.get(name)
        if site is None:
            raise OSError("no such name")
        if site.fault == "dns" and site.is_faulty(self.loop.time()):
            self.met.add(name)
            raise OSError("the name server does not answer")
        return [site.address]

    def url(self, site: Site, path: str) -> str:
        return f"http://{site.host}:{self.port}{path}"

    async def _listen(self, address: str) -> None:
        server = await asyncio.start_server(self._accept, address, self.port)
        self.port = self.port or server.sockets[0].getsockname()[1]
        self._servers[address] = server

    async def _close_for_a_while(self, site: Site) -> None:
        await asyncio.sleep(site.since)
        self._servers[site.address].close()
        await asyncio.sleep(site.until - site.since)
        await self._listen(site.address)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._converse(reader, writer))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                if not await self._answer(head, writer):
                    break
        writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> bool:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        headers = {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in lines)
        }
        site = self._by_host[headers["host"].split(":")[0]]
        began = self.loop.time()
        if site.fault == "slow":
            self.met.add(site.host)
            await asyncio.sleep(self.dice.uniform(1, 6))
        status, said, body = self._reply(site, path, headers)
        self.log.append(
            Asked(
                host=site.host,
                address=writer.get_extra_info("sockname")[0],
                path=path,
                began=began,
                ended=self.loop.time(),
                status=status,
                retry_after=float(said.get("Retry-After", 0)),
            )
        )
        if path == "/robots.txt":
            self.robots[site.host].append((self.loop.time(), status, body))
        return await self._send(writer, status, said, body)

    async def _send(
        self,
        writer: asyncio.StreamWriter,
        status: int,
        said: dict[str, str],
        body: bytes,
    ) -> bool:
        if status == 0 and not body:  # hangs
            await asyncio.sleep(120)
            return False
        if status == 0:  # speaks no HTTP
            writer.write(body)
            return False
        cut = said.pop("X-Cut", "")
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in said.items()]
        sent = body[: len(body) // 2] if cut else body
        writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
        await writer.drain()
        return not cut

    # ---- what is said -----------------------------------------------------------

    def _reply(
        self, site: Site, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        second = self.loop.time()
        if site.is_faulty(second):
            said = self._faulty(site, path, headers)
            if said is not None:
                self.met.add(site.host)
                return said
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, _robots(site)
        if path == "/feed.xml":
            return self._feed(site, second)
        return self._article(site, path, second)

    def _faulty(  # noqa: C901, PLR0911, PLR0912 - a line or two for each fault
        self, site: Site, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes] | None:
        is_robots, is_feed = path == "/robots.txt", path == "/feed.xml"
        match site.fault:
            case "storm":
                return 503, {}, b"busy"
            case "busy" if self.dice.random() < 0.3:
                return 429, {"Retry-After": "900"}, b"slow down"
            case "robots_error" if is_robots:
                return 500, {}, b"error"
            case "robots_changes" if is_robots:
                return 200, {}, b"User-agent: *\nDisallow: /\n"
            case "robots_elsewhere" if is_robots:
                other = self.sites[site.number + 1]
                return 301, {"Location": self.url(other, "/robots.txt")}, b""
            case "hang" if not is_robots:
                return 0, {}, b""
            case "reset" if not is_robots and self.dice.random() < 0.8:
                return 200, {"X-Cut": "half"}, b"<html><p>cut</p></html>" * 200
            case "loop" if not is_robots and not is_feed:
                return 302, {"Location": f"{path}"}, b""
            case "garbage" if not is_robots and not is_feed:
                return 0, {}, b"\x00\x01 no HTTP \r\n\r\n"
            case "liar" if is_feed and "if-none-match" in headers:
                return 304, {"ETag": '"for-ever"'}, b""
            case "wall" if not is_robots and not is_feed:
                return 403, {"Server": "wall"}, b"<html><p>Are you a robot?</p></html>"
            case "vanish" if path.startswith("/a/"):
                return 410, {}, b"gone"
            case "aliases" if path.startswith("/alias/"):
                number = path.split("/")[2]
                return 301, {"Location": self.url(site, f"/a/{number}")}, b""
        return None

    def _feed(self, site: Site, second: float) -> tuple[int, dict[str, str], bytes]:
        live = [(n, at) for n, at in enumerate(site.published) if at <= second][-15:]
        items = "".join(self._item(site, n, at) for n, at in reversed(live))
        body = (
            f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
        ).encode()
        said = {"Content-Type": "application/rss+xml"}
        if site.fault == "liar":
            said["ETag"] = '"for-ever"'
        return 200, said, body

    def _item(self, site: Site, n: int, at: float) -> str:
        date = format_datetime(self.began + timedelta(seconds=at))
        paths = [f"/a/{n}"]
        if site.fault == "aliases":
            paths += [f"/alias/{n}/{k}" for k in range(4)]
        if n % 3 == 2:
            paths += [f"/private/{n}"]
        return "".join(
            f"<item><link>{self.url(site, path)}</link><title>Story {n} of "
            f"{site.host}</title><pubDate>{date}</pubDate></item>"
            for path in paths
        )

    def _article(
        self, site: Site, path: str, second: float
    ) -> tuple[int, dict[str, str], bytes]:
        number = path.removeprefix("/a/")
        if not number.isdigit() or site.published[int(number)] > second:
            return 404, {}, b"not here"
        words = random.Random(f"{site.host}{number}")
        body = "".join(f"<p>{_sentences(words)}</p>" for _ in range(5))
        title = f"Story {number} of {site.host}"
        page = (
            f"<html lang=en><head><title>{title}</title></head><body><article>"
            f"<h1>{title}</h1>{body}</article></body></html>"
        )
        return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _robots(site: Site) -> bytes:
    delay = f"Crawl-delay: {site.crawl_delay}\n" if site.crawl_delay else ""
    return f"User-agent: *\n{delay}Disallow: /private/\n".encode()


_WORDS = [
    "the",
    "council",
    "harbour",
    "bridge",
    "ferry",
    "mayor",
    "winter",
    "market",
    "school",
    "river",
    "old",
    "new",
    "people",
    "street",
    "station",
    "plan",
    "money",
    "vote",
    "week",
    "morning",
    "engineers",
    "builders",
    "town",
]


def _sentences(words: random.Random) -> str:
    return " ".join(
        " ".join(words.choices(_WORDS, k=14)).capitalize() + "." for _ in range(3)
    )
