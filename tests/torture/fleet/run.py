"""A fleet of processes crawls many hosts while workers and PostgreSQL are killed.

Then one embedded process crawls the same hosts, and both must have the same articles.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from sqlalchemy import Engine, func
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from crawler.config.tree import Config
from crawler.daemon.daemon import run_once
from crawler.service.opening import open_service
from storage.sql.engine import database_url, reading_engine
from storage.sql.tables import ArticleRow, CaptureRow, SegmentRow, VersionRow
from tests.postgres import Server, serving
from tests.torture.fleet.hosts import address
from tests.torture.inspect import read_three_ways
from tests.torture.world import (
    ROOT,
    Running,
    read_config,
    spawn_service,
    start_service,
)

SCHEDULE, WORK = ("serve", "--role", "schedule"), ("serve", "--role", "work")
KILL_EVERY = 5.0
RESTART_EVERY = 30.0
SECONDS = 3600.0
#: Hosts, pages of each, workers: asked for, and in a smoke run.
SIZE = (300, 67, 4)
SMOKE = (12, 10, 2)
DELAY = 0.1
PROMISES = ("missing", "twice", "lost", "at_once", "too_soon", "warc_faults", "differ")


@dataclass
class Web:
    """The hosts' process."""

    process: subprocess.Popen[str]
    port: int
    figures: dict[str, object] = field(default_factory=dict)


@contextmanager
def serve_hosts(
    hosts: int, pages: int, latency: float, delay: float = DELAY
) -> Iterator[Web]:
    """Serve the hosts; `figures` has what they counted once this ends."""
    program = [sys.executable, "-m", "tests.torture.fleet.hosts"]
    numbers = [str(one) for one in (hosts, pages, latency, delay)]
    with subprocess.Popen(
        program + numbers,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        web = Web(process, int(process.stdout.readline()))
        try:
            yield web
        finally:
            process.stdin.close()
            web.figures = json.loads(process.stdout.readline())


def write_settings(
    folder: Path, web: Web, hosts: int, database: str = "", delay: float = DELAY
) -> Path:
    """Write the config.yaml of one process; all watch the same sources."""
    folder.mkdir(parents=True)
    sources = [
        {
            "name": f"host {number}",
            "home": f"http://{address(number)}:{web.port}/",
            "feeds": [f"http://{address(number)}:{web.port}/feed.xml"],
        }
        for number in range(hosts)
    ]
    settings = {
        "identity": {"name": "Torture", "contact": "torture@localhost"},
        "storage": {
            "folder": str(folder / "data"),
            "database": database,
            "disk_floor": "1MiB",
        },
        "defaults": {"max_age": "3650d", "delay": f"{delay * 1000:.0f}ms"},
        "sources": sources,
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": 0, "visit_links": 50},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Crawl with a fleet that is killed at, then with one process; compare."""
    hosts, pages, workers = SMOKE if args.smoke else SIZE
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as name,
        serving() as server,
        database_of(server) as url,
    ):
        with serve_hosts(hosts, pages, 0.0) as web:
            fleet = Fleet(Path(name), web, hosts, workers, url)
            total = hosts * pages
            seen = fleet.crawl(total, server, dice)
        found = judge(fleet, url, total)
        seconds = time.monotonic() - started
        with serve_hosts(hosts, pages, 0.0, 0.0) as alone:
            path = write_settings(Path(name) / "one", alone, hosts, delay=0.0)
            asyncio.run(run_once(read_config(path)))
        one = stories(database_url("", Path(name) / "one" / "data"))
        many = stories(url)
    figures = {
        "hosts": hosts,
        "pages": total,
        "workers": workers,
        **seen,
        **found,
        **web.figures,
        "differ": len(set(one.items()) ^ set(many.items())),
        "seconds": round(seconds, 1),
    }
    broken = [name for name in PROMISES if figures[name]]
    return figures | {"broken": broken}


@contextmanager
def database_of(server: Server) -> Iterator[str]:
    """Give a new database, as settings name it."""
    with server.empty() as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


class Fleet:
    """Processes with a data folder each, on one database."""

    def __init__(
        self, folder: Path, web: Web, hosts: int, workers: int, database: str
    ) -> None:
        """Write their settings; start none."""
        self.database = database
        self.paths = [
            write_settings(folder / name, web, hosts, database)
            for name in ("s1", "s2", *(f"w{n}" for n in range(workers)))
        ]
        self.running: list[Running] = []
        self.acknowledged: set[str] = set()
        self.troubles: list[object] = []

    def crawl(
        self, total: int, server: Server, dice: random.Random
    ) -> dict[str, object]:
        """Crawl until all is archived; kill and restart meanwhile."""
        began = time.monotonic()
        self.running = [self._start(number) for number in range(len(self.paths))]
        engine = reading_engine(database_url(self.database, Path()))
        kills = restarts = 0
        next_kill, next_restart = began + KILL_EVERY, began + RESTART_EVERY
        while (found := articles(engine)) < total:
            now = time.monotonic()
            if now > began + SECONDS:
                break
            if now > next_restart:
                server.restart()
                restarts, next_restart = restarts + 1, now + RESTART_EVERY
            if now > next_kill:
                self._kill(dice.randrange(2, len(self.paths)))
                kills, next_kill = kills + 1, time.monotonic() + KILL_EVERY
                print(f"{found} of {total}, {kills} kills", flush=True)
            time.sleep(0.2)
        took = time.monotonic() - began
        engine.dispose()
        for one in self.running:
            self._gather(one, one.terminate)
        return {"kills": kills, "restarts": restarts, "crawl_seconds": round(took, 1)}

    def _kill(self, number: int) -> None:
        self._gather(self.running[number], self.running[number].kill)
        self.running[number] = spawn_service(self.paths[number], verb=WORK)

    def _gather(self, one: Running, end: object) -> None:
        with suppress(subprocess.TimeoutExpired):
            end()  # type: ignore[operator]
        self.acknowledged |= one.acknowledged
        self.troubles += one.troubles

    def _start(self, number: int) -> Running:
        return start_service(self.paths[number], verb=SCHEDULE if number < 2 else WORK)


def articles(engine: Engine) -> int:
    """Return how many articles there are; 0 while nobody answers."""
    try:
        with Session(engine) as session:
            return session.exec(select(func.count()).select_from(ArticleRow)).one()
    except DBAPIError:
        return 0


def stories(url: str) -> dict[str, str]:
    """Return the digest of each article's newest story, by the path of its page."""
    engine = reading_engine(database_url(url, Path()) if "://" in url else url)
    newest = (
        select(ArticleRow.url, VersionRow.story_sha256)
        .join(VersionRow, VersionRow.article_id == ArticleRow.id)
        .order_by(VersionRow.number)
    )
    with Session(engine) as session:
        found = {_place(page): digest for page, digest in session.exec(newest)}
    engine.dispose()
    return found


def judge(fleet: Fleet, url: str, total: int) -> dict[str, object]:
    """Recover each node, then hold the rows to the files of all of them."""
    configs = [read_config(path) for path in fleet.paths]
    for config in configs:
        asyncio.run(_recover(config))
    engine = reading_engine(database_url(url, Path()))
    with Session(engine) as session:
        pages = Counter(session.exec(select(ArticleRow.url)))
        versions = session.exec(select(func.count()).select_from(VersionRow)).one()
        captures = session.exec(select(func.count()).select_from(CaptureRow)).one()
        rows = dict(session.exec(select(SegmentRow.name, SegmentRow.state)).all())
    engine.dispose()
    faults: list[object] = []
    records = Counter[str]()
    files = []
    for config in configs:
        for path in sorted((config.storage.folder / "warc").glob("*.warc.gz*")):
            if path.suffix == ".cdxj":
                continue
            counted, wrong = read_three_ways(path)
            records.update(counted)
            faults += wrong
            files.append(path.name)
    faults += [f"{name} has no file" for name in set(rows) - set(files)]
    faults += [f"{name} is {state}" for name, state in rows.items() if state == "open"]
    return {
        "articles": len(pages),
        "captures": captures,
        "segments": len(files),
        "missing": total - len(pages),
        "twice": versions - len(pages) + sum(n - 1 for n in pages.values()),
        "lost": len(fleet.acknowledged - set(pages)),
        "warc_faults": faults[:5],
        "troubles": fleet.troubles[:5],
    }


async def _recover(config: Config) -> None:
    async with open_service(config) as service:
        while await service.read_unread():
            pass


def _place(url: str) -> str:
    """Return an address without its port, which differs between runs."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host.partition(':')[0]}/{path}"
