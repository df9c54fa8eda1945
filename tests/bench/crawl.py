"""A whole crawl against Scrapy with trafilatura: fetch, extract, store.

Both crawl the same generated news web, which nginx (or, without one, a process of ours)
serves packed on loopback: 20 hosts, pages of 85 to 90 KB in six languages. Both begin at
the same feeds, obey robots.txt and ask one thing at a time of a host, without a pause.
Kliping is the service itself, `serve --once`, as it comes: every byte into WARC files,
all fields and versions, search, SQLite, each commit synced; only its pauses are taken
away and all hosts are visited at once. The peer is `peers/scrapy_spider.py`; with it,
trafilatura's text and metadata go into SQLite, a commit for a hundred.

Runs are whole processes, in turns; CPU is that of a process with all its children, from
start to end. `slope` is what one more page costs: the starts are taken out by a smaller
crawl of each.
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import yaml

from storage.folder import DATABASE
from tests.bench._peers import CACHE, FOLDER, peer_python, versions
from tests.bench._process import Cost, run
from tests.bench._web.serving import Web, news_web

HOSTS, PAGES = 20, 30
#: Pages of each host in the smaller crawl that `slope` takes off.
FEW = 10
ROUNDS = 5
ROOT = Path(__file__).parents[2]
OURS, BASE = "kliping", "scrapy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What a crawl cost, and what it left behind."""

    cost: Cost
    archived: int


Crawler = Callable[[Web, Path], Crawl]


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures; return 1 when somebody did not archive all pages."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench crawl",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--pages", type=int, default=PAGES, help="of each host")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--few", type=int, default=FEW, help="0 leaves `slope` out")
    parser.add_argument("--peers", type=Path, default=CACHE, help="environments")
    parser.add_argument("--only", action="append", help="run this system alone")
    parser.add_argument("--folder", type=Path, help="where archives are written")
    parser.add_argument("--smoke", action="store_true", help="one small round")
    args = parser.parse_args(argv)
    if args.smoke:
        args.hosts, args.pages, args.rounds, args.few = 4, 5, 1, 0
    crawlers = _crawlers(args.peers, args.only or [OURS, BASE])
    costs = _measure(args, crawlers, args.pages)
    small = _measure(args, crawlers, args.few) if args.few else {}
    pages = args.hosts * args.pages
    figures: dict[str, object] = {
        "benchmark": "crawl",
        "hosts": args.hosts,
        "pages": pages,
        "rounds": args.rounds,
        "systems": {name: _figures(some, pages) for name, some in costs.items()},
        "ratios": _ratios(costs),
    }
    if small:
        steps = args.hosts * (args.pages - args.few)
        figures["slope_cpu_ms_a_page"] = _slopes(costs, small, steps)
    if BASE in crawlers:
        python = peer_python(args.peers, "scrapy")
        figures["versions"] = versions(python, ("scrapy", "trafilatura"))
    print(json.dumps(figures))
    return 0


def _crawlers(peers: Path, names: Sequence[str]) -> dict[str, Crawler]:
    known: dict[str, Callable[[], Crawler]] = {
        OURS: lambda: crawl_by_kliping,
        BASE: lambda: partial(crawl_by_scrapy, peer_python(peers, "scrapy")),
    }
    return {name: known[name]() for name in names}


def _measure(
    args: argparse.Namespace, crawlers: Mapping[str, Crawler], pages: int
) -> dict[str, list[Cost]]:
    """Let all crawl in turns; return what each crawl cost, by system."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    with news_web(args.hosts, pages) as web:
        for _ in range(args.rounds):
            for name, crawl in crawlers.items():
                with tempfile.TemporaryDirectory(dir=args.folder) as folder:
                    done = crawl(web, Path(folder))
                total = args.hosts * pages
                if done.archived != total:
                    raise SystemExit(f"{name} archived {done.archived} of {total}")
                costs[name].append(done.cost)
                print(
                    f"{name:12} {total} pages, {done.cost.wall:6.1f} s,"
                    f" {done.cost.cpu / total * 1000:6.2f} ms CPU a page,"
                    f" {done.cost.peak:5.0f} MiB",
                    flush=True,
                )
    return costs


def crawl_by_kliping(web: Web, folder: Path) -> Crawl:
    """Crawl by the service itself."""
    config = write_settings(folder, web)
    cost = run(
        [sys.executable, "-m", "crawler", "--config", str(config), "serve", "--once"],
        log=folder / "log",
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("KLIPING_")},
    )
    kept = "SELECT count(DISTINCT article_id) FROM version"
    return Crawl(cost=cost, archived=_count(folder / "data" / DATABASE, kept))


def write_settings(folder: Path, web: Web) -> Path:
    """Write a config.yaml that asks as fast as it can."""
    settings = {
        "identity": {"name": "Bench", "contact": "bench@localhost"},
        "storage": {"folder": str(folder / "data")},
        "defaults": {"delay": "0s", "response_factor": 0, "max_age": "3650d"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": 0, "visits": len(web.bases)},
        "sources": [
            {"name": f"host {number}", "home": f"{base}/", "feeds": [feed]}
            for number, (base, feed) in enumerate(
                zip(web.bases, web.feeds, strict=True)
            )
        ],
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def crawl_by_scrapy(python: Path, web: Web, folder: Path) -> Crawl:
    """Crawl by Scrapy, trafilatura and SQLite."""
    feeds, database = folder / "feeds", folder / "articles.sqlite"
    feeds.write_text("\n".join(web.feeds), encoding="utf-8")
    spider = str(FOLDER / "scrapy_spider.py")
    cost = run(
        [str(python), spider, str(feeds), str(database), str(len(web.bases))],
        log=folder / "log",
        cwd=folder,
        env=_bare_environment(),
    )
    kept = "SELECT count(*) FROM article WHERE length(text) > 500"
    return Crawl(cost=cost, archived=_count(database, kept))


def _bare_environment() -> dict[str, str]:
    """Return our environment without what leads to our own packages."""
    ours = {"PYTHONPATH", "VIRTUAL_ENV"}
    return {key: value for key, value in os.environ.items() if key not in ours}


def _count(database: Path, question: str) -> int:
    with closing(sqlite3.connect(database)) as sql:
        found: int = sql.execute(question).fetchone()[0]
        return found


def _figures(costs: Sequence[Cost], pages: int) -> dict[str, float]:
    return {
        "cpu_ms_a_page": round(median(one.cpu for one in costs) / pages * 1000, 2),
        "pages_a_second": round(pages / median(one.wall for one in costs), 1),
        "wall_s": round(median(one.wall for one in costs), 2),
        "peak_mib": round(median(one.peak for one in costs)),
    }


def _ratios(costs: Mapping[str, Sequence[Cost]]) -> dict[str, dict[str, list[float]]]:
    """Return of each system against the base: least, median, most over the rounds."""
    if BASE not in costs:
        return {}
    return {
        name: {
            what: spread(
                [
                    getattr(one, what) / getattr(base, what)
                    for one, base in zip(some, costs[BASE], strict=True)
                ]
            )
            for what in ("cpu", "wall", "peak")
        }
        for name, some in costs.items()
        if name != BASE
    }


def spread(values: Sequence[float]) -> list[float]:
    """Return the least, the median and the most."""
    return [round(one, 3) for one in (min(values), median(values), max(values))]


def _slopes(
    many: Mapping[str, Sequence[Cost]], few: Mapping[str, Sequence[Cost]], pages: int
) -> dict[str, float]:
    return {
        name: round(
            (median(c.cpu for c in some) - median(c.cpu for c in few[name]))
            / pages
            * 1000,
            2,
        )
        for name, some in many.items()
    }
