"""Fetching as a visit does it, against a plain httpx.AsyncClient in the same run.

Ours is the client of a visit: each address judged, every byte recorded as it came, the
body unpacked within limits; a client for each visit of a host. The peer is one client as
it comes, for all. Both ask one thing at a time of a host and of all hosts at once, of
nginx (or a process of ours) on loopback; pages are of 85 to 90 KB, packed. CPU is that of
this process, which does nothing else, round by round in turns.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Callable, Coroutine, Sequence
from statistics import median

import httpx

from crawler.config.tree import Config, Policy
from crawler.garbage import collect_seldom
from crawler.service.clients import client_for
from tests.bench._figures import spread
from tests.bench._web.serving import Web, news_web

PAGES = 2000
HOSTS = (20, 500)
ROUNDS = 5
#: A client as it comes gives up a request that waits for a connection so long, s.
PATIENCE = 60

#: Fetches all pages of some hosts; returns how many bytes they had, unpacked.
Fetcher = Callable[[Sequence[Sequence[str]]], Coroutine[None, None, int]]


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures; return 1 when a body is not what the other got."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench fetch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hosts", type=int, nargs="+", default=HOSTS)
    parser.add_argument("--pages", type=int, default=PAGES, help="of all hosts")
    parser.add_argument("--each", type=int, help="pages of each host, in its place")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--smoke", action="store_true", help="one small round")
    args = parser.parse_args(argv)
    if args.smoke:
        args.hosts, args.pages, args.rounds = [4], 20, 1
    gc.freeze()  # for both, as `serve` begins
    collect_seldom()
    if args.pages < max(args.hosts) and not args.each:
        parser.error("each host needs a page")
    found = {
        hosts: _measure(hosts, args.each or args.pages // hosts, args.rounds)
        for hosts in args.hosts
    }
    print(json.dumps({"benchmark": "fetch", "hosts": found}))
    return 0


def _measure(hosts: int, each: int, rounds: int) -> dict[str, object]:
    fetchers: dict[str, Fetcher] = {"kliping": by_visits, "httpx": by_httpx}
    costs: dict[str, list[float]] = {name: [] for name in fetchers}
    with news_web(hosts, each) as web:
        groups = _by_host(web)
        total = sum(map(len, groups))
        for number in range(rounds + 1):
            sizes: dict[str, int] = {}
            for name, fetch in fetchers.items():
                began = time.process_time()
                sizes[name] = asyncio.run(fetch(groups))
                spent = (time.process_time() - began) / total * 1000
                if number:  # the first warms
                    costs[name].append(spent)
                    print(f"{hosts} hosts {name:8} {spent:.3f} ms a page", flush=True)
            if len(set(sizes.values())) > 1:
                raise SystemExit(f"not the same bytes: {sizes}")
    ratios = [
        ours / theirs
        for ours, theirs in zip(costs["kliping"], costs["httpx"], strict=True)
    ]
    ms = {name: round(median(some), 3) for name, some in costs.items()}
    return {"cpu_ms_a_page": ms, "ratio": spread(ratios)}


def _by_host(web: Web) -> list[list[str]]:
    hosts = len(web.bases)
    return [list(web.articles[host::hosts]) for host in range(hosts)]


async def by_visits(groups: Sequence[Sequence[str]]) -> int:
    """Fetch as visits do: a client for each host."""
    networks = Policy.model_validate({"allow_networks": ["127.0.0.0/8"]})
    config = Config(policy=networks)

    async def visit(urls: Sequence[str]) -> int:
        size = 0
        async with client_for(config) as client:
            for url in urls:
                hops = await client.fetch(url)
                size += len(hops[-1].body)
        return size

    return sum(await asyncio.gather(*map(visit, groups)))


async def by_httpx(groups: Sequence[Sequence[str]]) -> int:
    """Fetch by one client as it comes."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:

        async def ask(urls: Sequence[str]) -> int:
            size = 0
            for url in urls:
                size += len((await client.get(url)).content)
            return size

        return sum(await asyncio.gather(*map(ask, groups)))
