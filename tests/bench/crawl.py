"""A whole crawl against Scrapy with trafilatura: fetch, extract, store.

Both crawl the same generated news web, which nginx (or, without one, a process of ours)
serves packed on loopback: 20 hosts, pages of 85 to 90 KB in six languages. Both begin at
the same feeds, obey robots.txt and ask one thing at a time of a host, without a pause.
Kliping is the service itself, `serve --once`, as it comes: every byte into WARC files,
all fields and versions, search, SQLite, each commit synced; only its pauses are taken
away and all hosts are visited at once. The peer is `peers/scrapy_spider.py`; with it,
trafilatura's text and metadata go into SQLite, a commit for a hundred.

With `--data` the pages are recorded ones (packed sets of them, drawn by `--seed`), which
are dearer to read than generated ones: for trafilatura far more so. Then not every page
is an article, and what each archived is counted: ours has to archive nine in ten of what
the peer has.

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
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from statistics import median

import yaml

from storage.folder import DATABASE
from tests.bench._figures import spread
from tests.bench._pages import Page, draw_pages
from tests.bench._peers import (
    CACHE,
    crawl_by_news_please,
    crawl_by_scrapy,
    peer_python,
    versions,
)
from tests.bench._process import Crawl, run
from tests.bench._web.serving import Web, news_web, recorded_web

HOSTS, PAGES = 20, 30
#: Pages of each host in the smaller crawl that `slope` takes off.
FEW = 10
ROUNDS = 5
ROOT = Path(__file__).parents[2]
OURS, BASE = "kliping", "scrapy"
#: Of the recorded pages that the peer archived, ours at least.
LEAST_SHARE = 0.9

Crawler = Callable[[Web, Path], Crawl]
Crawls = Mapping[str, Sequence[Crawl]]


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures; return 1 when ours or the base left pages out."""
    args = _parser().parse_args(argv)
    if args.smoke:
        args.hosts, args.pages, args.rounds, args.few = 4, 5, 1, 0
    crawlers = _crawlers(args)
    crawls = _measure(args, crawlers, args.pages)
    few = _measure(args, crawlers, args.few) if args.few else {}
    pages = args.hosts * args.pages
    broken = _left_out(crawls, pages, recorded=args.data is not None)
    figures: dict[str, object] = {
        "benchmark": "crawl",
        "recorded": args.data is not None,
        "hosts": args.hosts,
        "pages": pages,
        "rounds": args.rounds,
        "systems": {name: _figures(some, pages) for name, some in crawls.items()},
        "ratios": _ratios(crawls),
        "slope_cpu_ms_a_page": _slopes(crawls, few, pages - args.hosts * args.few),
        "broken": broken,
    }
    if BASE in crawlers:
        python = peer_python(args.peers, BASE)
        figures["versions"] = versions(python, ("scrapy", "trafilatura"))
    print(json.dumps(figures))
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench crawl",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--pages", type=int, default=PAGES, help="of each host")
    parser.add_argument("--data", type=Path, help="folder of packed sets (.jsonl.xz)")
    parser.add_argument("--seed", type=int, default=1, help="which of them are drawn")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--few", type=int, default=FEW, help="0 leaves `slope` out")
    parser.add_argument(
        "--peers", type=Path, default=CACHE, help="where peers are installed"
    )
    parser.add_argument(
        "--with", dest="also", action="append", default=[], choices=["news-please"]
    )
    parser.add_argument(
        "--only", action="append", choices=[OURS, BASE], help="without the other"
    )
    parser.add_argument("--folder", type=Path, help="where archives are written")
    parser.add_argument("--smoke", action="store_true", help="one small round")
    return parser


def _crawlers(args: argparse.Namespace) -> dict[str, Crawler]:
    known: dict[str, Callable[[], Crawler]] = {
        OURS: lambda: crawl_by_kliping,
        BASE: lambda: partial(crawl_by_scrapy, peer_python(args.peers, BASE)),
        "news-please": lambda: partial(
            crawl_by_news_please, peer_python(args.peers, "news-please")
        ),
    }
    return {name: known[name]() for name in (args.only or [OURS, BASE]) + args.also}


def _left_out(crawls: Crawls, pages: int, *, recorded: bool) -> list[str]:
    """Tell of crawls of ours or the base that archived too few pages."""
    least = dict.fromkeys((OURS, BASE), pages)
    if recorded:
        read = max((crawl.archived for crawl in crawls.get(BASE, ())), default=0)
        least = {OURS: int(LEAST_SHARE * read), BASE: 1}
    return [
        f"{name} archived {crawl.archived} of {pages}"
        for name, some in crawls.items()
        for crawl in some
        if crawl.archived < least.get(name, 0)
    ]


def _measure(
    args: argparse.Namespace, crawlers: Mapping[str, Crawler], pages: int
) -> Crawls:
    """Let all crawl in turns; return the crawls of each."""
    crawls = defaultdict(list)
    total = args.hosts * pages
    with _web(args, pages) as web:
        for _ in range(args.rounds):
            for name, crawl in crawlers.items():
                with tempfile.TemporaryDirectory(dir=args.folder) as folder:
                    done = crawl(web, Path(folder))
                crawls[name].append(done)
                cost = done.cost
                print(
                    f"{name:12} {done.archived} of {total} pages, {cost.wall:6.1f} s,"
                    f" {cost.cpu / total * 1000:6.2f} ms CPU a page,"
                    f" {cost.peak:5.0f} MiB",
                    flush=True,
                )
    return crawls


def _web(args: argparse.Namespace, pages: int) -> AbstractContextManager[Web]:
    if args.data is None:
        return news_web(args.hosts, pages)
    return recorded_web(args.hosts, _drawn(args, args.hosts * pages))


def _drawn(args: argparse.Namespace, size: int) -> list[Page]:
    return draw_pages(args.data, (), size=size, seed=args.seed)


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
    data = folder / "data"
    with closing(sqlite3.connect(data / DATABASE)) as sql:
        archived = sql.execute(kept).fetchone()[0]
    files = [path for path in data.rglob("*") if path.is_file()]
    rows = sum(path.stat().st_size for path in files if path.name.startswith(DATABASE))
    total = sum(path.stat().st_size for path in files)
    return Crawl(cost=cost, archived=archived, disk={"warc": total - rows, "sql": rows})


def write_settings(folder: Path, web: Web, visits: int | None = None) -> Path:
    """Write a config.yaml that asks as fast as it can, by default all hosts at once."""
    settings = {
        "identity": {"name": "Bench", "contact": "bench@localhost"},
        "storage": {"folder": str(folder / "data")},
        "defaults": {"delay": "0s", "response_factor": 0, "max_age": "3650d"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": 0, "visits": visits or len(web.bases)},
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


def _figures(crawls: Sequence[Crawl], pages: int) -> dict[str, float]:
    costs = [crawl.cost for crawl in crawls]
    return {
        "archived": min(crawl.archived for crawl in crawls),
        "cpu_ms_a_page": round(median(one.cpu for one in costs) / pages * 1000, 2),
        "pages_a_second": round(pages / median(one.wall for one in costs), 1),
        "wall_s": round(median(one.wall for one in costs), 2),
        "peak_mib": round(median(one.peak for one in costs)),
        **{
            f"{kind}_kib_a_page": round(size / 1024 / pages, 1)
            for kind, size in crawls[-1].disk.items()
        },
    }


def _ratios(crawls: Crawls) -> dict[str, dict[str, list[float]]]:
    """Return of each system against the base: least, median, most over the rounds."""
    if BASE not in crawls:
        return {}
    return {
        name: {
            what: spread(
                [
                    getattr(one.cost, what) / getattr(base.cost, what)
                    for one, base in zip(some, crawls[BASE], strict=True)
                ]
            )
            for what in ("cpu", "wall", "peak")
        }
        for name, some in crawls.items()
        if name != BASE
    }


def _slopes(many: Crawls, few: Crawls, pages: int) -> dict[str, float]:
    """Return the milliseconds of CPU that each of so many further pages took."""

    def cpu(crawls: Sequence[Crawl]) -> float:
        return median(crawl.cost.cpu for crawl in crawls)

    return {
        name: round((cpu(many[name]) - cpu(some)) / pages * 1000, 2)
        for name, some in few.items()
    }
