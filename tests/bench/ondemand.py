"""How soon a fetch by hand begins behind a backlog of due links.

A service with its clockwork works at a backlog on loopback: half of it at one host,
half at hosts of a link each. Then pages are asked for by the API: at hosts that nobody
visits, and at the very host that is being visited, whose rest is kept. Measured is from
the request to the site's receiving it; of the busy host, beside the pause that is owed.
The peer is the same request with nothing due.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import httpx
import structlog
from sqlalchemy import insert

from crawler.config.tree import Config, Defaults, Identity, Policy, Storage
from crawler.config.tree import Service as ServiceConfig
from crawler.daemon.schedule import TICK, clockwork
from crawler.dispatch.local import LocalDispatch
from crawler.jobs.running import working
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.urls import host_key, url_key
from crawler.web.app import make_app
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.tables import HostRow, LinkRow
from storage.writer import Tx
from tests.crawler.desk import story

_TOKEN = "bench"
_DELAY = timedelta(milliseconds=500)
_BUSY = "127.0.0.1"
#: Seconds within which a fetch is to begin, beside its host's rest.
_PROMISE = 2.0


@dataclass
class Town:
    """Sites at all loopback addresses, and when each page was first asked for."""

    port: int = 0
    asked: dict[str, float] = field(default_factory=dict)
    hosts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


@asynccontextmanager
async def _town() -> AsyncIterator[Town]:
    town, page = Town(), story("A page of the backlog")
    head = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                said = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = said.split(" ", 2)[1]
                host = writer.get_extra_info("sockname")[0]
                town.asked.setdefault(f"{host}{path}", time.monotonic())
                is_page = path != "/robots.txt"
                body = page if is_page else b""
                status = b"200 OK" if is_page else b"404 Not Found"
                writer.write(head % (status, len(body)) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0)
    town.port = server.sockets[0].getsockname()[1]
    async with server:
        yield town


def _config(folder: Path) -> Config:
    return Config(
        identity=Identity(contact="mailto:bench@archive.example"),
        storage=Storage(folder=folder, disk_floor=0),
        defaults=Defaults(delay=_DELAY),
        policy=Policy(allow_networks=(IPv4Network("127.0.0.0/8"),)),
        service=ServiceConfig(port=0),
    )


async def _fill(service: Service, town: Town, links: int) -> None:
    """Enter due links: half at one host, the others at hosts of their own."""
    now = service.means.now()
    hosts = [
        f"127.{1 + n // 60000}.{n // 250 % 240}.{1 + n % 250}"
        for n in range(links // 2)
    ]
    urls = [f"http://{_BUSY}:{town.port}/due/{n}" for n in range(links - len(hosts))]
    urls += [f"http://{host}:{town.port}/due" for host in hosts]

    def fill(tx: Tx) -> None:
        names = {host_key(url) for url in urls}
        tx.session.execute(
            insert(HostRow), [{"key": name, "free_at": now} for name in names]
        )
        rows = [
            {
                "host": host_key(url),
                "url": url,
                "key": url_key(url),
                "kind": LinkKind.ARTICLE,
                "state": LinkState.WAITING,
                "reason": "",
                "found_at": now,
                "next_run": now,
            }
            for url in urls
        ]
        tx.session.execute(insert(LinkRow), rows)

    await service.means.writer.run(fill)


@asynccontextmanager
async def _running(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Visit what is due, and serve the API."""
    log = structlog.get_logger("bench")
    async with (
        LocalDispatch(service.visit, service.config.service.visits, log) as dispatch,
        working(service) as jobs,
    ):

        async def tick() -> None:
            await dispatch.start(service.due)

        transport = httpx.ASGITransport(make_app(service, Pulse(), _TOKEN, jobs))
        async with (
            clockwork({"tick": (TICK, tick)}),
            httpx.AsyncClient(
                transport=transport,
                base_url="http://127.0.0.1",
                headers={"Authorization": f"Bearer {_TOKEN}"},
                timeout=600,
            ) as client,
        ):
            yield client


async def _begun(
    client: httpx.AsyncClient, town: Town, host: str, number: int
) -> float:
    """Return the seconds from a request to its page's being asked for."""
    place = f"{host}/by-hand/{number}"
    url = f"http://{host}:{town.port}/by-hand/{number}"
    began = time.monotonic()
    asking = asyncio.create_task(client.post("/v1/fetch", json={"url": url, "wait": 0}))
    while place not in town.asked:
        if time.monotonic() - began > 120:
            raise TimeoutError(place)
        await asyncio.sleep(0.002)
    await asking
    return town.asked[place] - began


async def _measure(links: int, fetches: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        async with _town() as town, open_service(_config(Path(name))) as service:
            async with _running(service) as client:
                found["idle"] = [
                    await _begun(client, town, f"127.200.0.{n + 1}", n)
                    for n in range(fetches)
                ]
            await _fill(service, town, links)
            async with _running(service) as client:
                while f"{_BUSY}/due/0" not in town.asked and len(town.asked) < 20:
                    await asyncio.sleep(0.1)
                found["backlog"] = [
                    await _begun(client, town, f"127.201.0.{n + 1}", n)
                    for n in range(fetches)
                ]
                found["busy host"] = [
                    await _begun(client, town, _BUSY, n) for n in range(fetches)
                ]
    return found


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench ondemand")
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--fetches", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="a small size")
    args = parser.parse_args(argv)
    if args.smoke:
        args.links, args.fetches = 1_000, 3
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    found = asyncio.run(_measure(args.links, args.fetches))
    figures = {
        name: {
            "median_s": round(statistics.median(times), 3),
            "worst_s": round(max(times), 3),
        }
        for name, times in found.items()
    }
    # the page under way, robots.txt, and the pause before each of ours
    owed = 3 * _DELAY.total_seconds()
    broken = [
        name
        for name, times in found.items()
        if max(times) > _PROMISE + (owed if name == "busy host" else 0)
    ]
    print(
        json.dumps(
            {"bench": "ondemand", "links": args.links, **figures, "broken": broken}
        )
    )
    return 1 if broken else 0
