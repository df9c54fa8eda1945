"""How long every page and reading of the API takes in a large archive.

An archive of a million articles of 500 sources is served; each address is asked over
HTTP on loopback, many times. The bare baseline is SQLite alone: a SELECT of all the rows
that the answer shows, which are the very statements that the address had run and those of
the figures it found ready, with their parameters, through a connection as the service's,
all rows fetched, in the same run, turn by turn: once alone, and once asked for over HTTP
too, of a bare Starlette application that answers without a word. A promise is about the
second: what is small takes as long as an answer does, whatever its rows cost.

Besides, the page Today is timed when nothing is known yet: the first reader waits for the
figures, which later ones find ready.

What reads a page again has no rows to be compared with: it starts a process. It is timed alone.
"""

import argparse
import asyncio
import http.client
import json
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from sqlalchemy import event, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.figures import Figures
from crawler.web.server import serve_pages
from storage.folder import read_holder
from storage.sql.engine import reading_engine, sqlite_url
from storage.writer import Tx
from tests.bench.keep import Archive, Newsroom, fill

RATIO_MOST = 10.0
TODAY_MOST_MS = 300.0
_DAYS = 60
_LONG = timedelta(days=1)
PATHS = (
    "/",
    "/?source=source-7",
    "/?language=en",
    "/?before={middle}",
    "/sources",
    "/sources/source-7",
    "/ledger",
    "/ledger?source=source-7&state=archived",
    "/ledger?state=error",
    "/alerts",
    "/health",
    "/takedowns",
    "/search?q={word}",
    "/search?q={word}&order=newest",
    "/search?q={word}+{other}",
    "/articles/{middle}",
    "/v1/articles",
    "/v1/articles?source=source-7",
    "/v1/articles/{middle}",
    "/v1/articles/{middle}/versions",
    "/v1/articles/{middle}/copies",
    "/v1/search?q={word}",
    "/v1/sources",
    "/v1/sources/source-7",
    "/v1/sources/source-7/days",
    "/v1/sources/source-7/coverage",
    "/v1/ledger",
    "/v1/ledger?state=archived",
    "/v1/links/{middle}",
    "/v1/health",
    "/v1/alerts",
    "/v1/events",
    "/v1/takedowns",
    "/v1/jobs",
    "/feeds/all.atom",
    "/feeds/source/source-7.json",
    "/readyz",
    "/cdx?url={url}",
    "/timemap/link/{url}",
)
_READS = ("SELECT", "WITH")
#: What reads a page again.
REREAD = ("/explain?url={url}",)
#: Which figures a page shows that were found before.
FIGURES = {
    "/": ("now",),
    "/sources": ("sources", "lines"),
    "/health": ("now", "sources", "ledger"),
}


@dataclass
class Statements:
    """The statements that one request had run."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    is_on: bool = False

    def of(self, *asks: Callable[[], object]) -> list[tuple[str, Any]]:
        """Return what is read when something is asked."""
        self.heard, self.is_on = [], True
        for ask in asks:
            ask()
        self.is_on = False
        return [one for one in self.heard if one[0].lstrip().startswith(_READS)]

    def listen(self, service: Service) -> None:
        """Hear all that is read."""

        def note(
            _connection: object, _cursor: object, said: str, given: object, *_: object
        ) -> None:
            if self.is_on:
                self.heard.append((said, given))

        event.listen(service.engine, "before_cursor_execute", note)


def spread(tx: Tx, sources: int) -> None:
    """Give all articles and links to sources, and spread them over the last days."""
    run = tx.session.connection().execute
    now = datetime.now(UTC)
    for number in range(1, sources + 1):
        name, home = f"source-{number}", f"https://news{number}.example/"
        settings = json.dumps({"name": name, "home": home})
        run(
            text(
                "INSERT INTO source (id, name, home, state, origin, settings, created_at)"
                " VALUES (:id, :name, :home, 'active', 'command', :settings, :at)"
            ),
            {
                "id": number,
                "name": name,
                "home": home,
                "settings": settings,
                "at": _stored(now - timedelta(days=_DAYS)),
            },
        )
    last = run(text("SELECT max(id) FROM article")).scalar_one()
    step = _DAYS * 86400 / max(last, 1)
    when = "strftime('%Y-%m-%d %H:%M:%f000', :now, '-' || ((:last - id) * :step) || ' seconds')"
    given = {
        "n": sources,
        "last": last,
        "step": step,
        "now": f"{now:%Y-%m-%d %H:%M:%S}",
    }
    run(text("UPDATE link SET source_id = id % :n + 1"), given)
    run(
        text(
            "UPDATE article SET source_id = link_id % :n + 1, language = 'en',"  # noqa: S608
            f" first_seen = {when}, last_seen = {when}"
        ),
        given,
    )
    days = [now.date() - timedelta(days=n) for n in range(_DAYS)]
    run(
        text(
            "INSERT INTO source_day (source_id, day, found, asked, walls, missing,"
            ' broken, read, "new", changed, same, hours, fields, lengths, kept, removed)'
            " VALUES (:s, :d, 40, 45, 1, 1, 0, 40, 38, 3, 0, :h, :f, :l, 90000, 9000)"
        ),
        [
            {
                "s": source,
                "d": f"{day:%Y-%m-%d}",
                "h": json.dumps([1] * 24),
                "f": '{"authors": 30, "published": 38}',
                "l": '{"44": 38}',
            }
            for source in range(1, sources + 1)
            for day in days
        ],
    )


def _stored(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


@dataclass
class Asker:
    """One connection that asks for pages, as a browser keeps it."""

    address: str
    token: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=600
        )

    def ask(self, path: str = "/") -> tuple[int, float]:
        """Return the status of an answer and how many milliseconds it took."""
        headers = {"Authorization": f"Bearer {self.token}"}
        self._connection.connect()  # what stood unused for some seconds is closed
        began = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, 1000 * (time.perf_counter() - began)


@dataclass
class Bare:
    """Has statements run by SQLite and gives nothing back."""

    database: sqlite3.Connection
    heard: Sequence[tuple[str, Any]] = ()

    def run(self) -> float:
        """Return how many milliseconds the statements take."""
        began = time.perf_counter()
        for said, given in self.heard:
            self.database.execute(said, given).fetchall()
        return 1000 * (time.perf_counter() - began)

    def answer(self, _request: Request) -> Response:
        self.run()
        return Response()


@asynccontextmanager
async def answering(bare: Bare) -> AsyncIterator[str]:
    """Answer over HTTP on loopback until the context ends; yield the address."""
    app = Starlette(routes=[Route("/", bare.answer)])
    settings = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Not serve(): the process's signals are not the server's.
        serving = asyncio.create_task(server._serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.95), len(times) - 1)]


@dataclass(frozen=True)
class Sides:
    """Who is asked: the service, and the same statements bare, over HTTP and alone."""

    ours: Asker
    plain: Asker
    bare: Bare


def _measure(
    sides: Sides,
    statements: Statements,
    figures: Figures,
    paths: Sequence[str],
    rounds: int,
) -> list[dict[str, Any]]:
    asker, plain, bare = sides.ours, sides.plain, sides.bare
    found = []
    for path in paths:
        asker.ask(path)
        shown = FIGURES.get(path.partition("?")[0], ())
        kept = [getattr(figures, name).find for name in shown]
        bare.heard = statements.of(partial(asker.ask, path), *kept)
        status, _ = asker.ask(path)
        plain.ask()
        served, alone, answered = [], [], []
        for _ in range(rounds):
            served.append(asker.ask(path)[1])
            alone.append(bare.run())
            answered.append(plain.ask()[1])
        measured = {
            "path": path,
            "status": status,
            "p50_ms": round(median(served), 2),
            "p95_ms": round(p95(served), 2),
            "bare_p95_ms": round(p95(alone), 3),
            "answered_p95_ms": round(p95(answered), 3),
            "over_bare": round(p95(served) / max(p95(alone), 1e-6), 2),
            "ratio": round(p95(served) / p95(answered), 2),
        }
        print(
            "  ".join(f"{key} {value}" for key, value in measured.items()), flush=True
        )
        found.append(measured)
    return found


async def run(
    folder: Path,
    articles: int,
    sources: int,
    rounds: int,
    paths: Sequence[str] = PATHS,
) -> dict[str, Any]:
    """Fill an archive, unless it is, serve it, and ask for everything."""
    config = Config.model_validate(
        {
            "identity": {"name": "Bench", "contact": "bench@localhost"},
            "storage": {"folder": str(folder), "disk_floor": 1},
            "service": {"port": 0},
        }
    )
    statements = Statements()
    async with open_service(config) as service:
        if not (folder / "filled").exists():
            if not await service.means.writer.run(_has_articles):
                await fill(Archive(service.means, Newsroom(1)), articles)
            await service.means.writer.run(lambda tx: spread(tx, sources))
            (folder / "filled").touch()
        await service.reload_sources()
        statements.listen(service)
        with service.session() as session:
            middle, url, said = session.execute(
                text(
                    "SELECT id, url, title FROM article WHERE id >="
                    " (SELECT max(id) / 2 FROM article) ORDER BY id LIMIT 1"
                )
            ).one()
        word, other, *_ = said.split()
        given = {"middle": middle, "url": url, "word": word, "other": other}
        asked = [one.format(**given) for one in paths]
        pulse = Pulse(ticked_at=utc_now() + _LONG)  # there is no clockwork to tick
        engine = reading_engine(sqlite_url(folder))
        database = engine.raw_connection().driver_connection
        assert isinstance(database, sqlite3.Connection)
        bare = Bare(database)
        async with serve_pages(service, pulse) as address, answering(bare) as plain:
            token = str((read_holder(folder) or {})["token"])
            asker = Asker(address, token)
            _, first = await asyncio.to_thread(asker.ask, "/")
            found = await asyncio.to_thread(
                _measure,
                Sides(asker, Asker(plain, token), bare),
                statements,
                Figures(service, 0),
                asked,
                rounds,
            )
            again = {
                one: await asyncio.to_thread(_slowest, asker, one.format(**given))
                for one in REREAD
            }
        engine.dispose()
    return {"first_today_ms": round(first, 1), "paths": found, "reread_ms": again}


def _has_articles(tx: Tx) -> bool:
    return tx.session.execute(text("SELECT 1 FROM article LIMIT 1")).first() is not None


def _slowest(asker: Asker, path: str) -> float:
    """Return the longest of a few turns, ms."""
    return round(max(asker.ask(path)[1] for _ in range(5)), 1)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="faces", description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=80)
    parser.add_argument(
        "--folder", type=Path, help="Keep the archive there, or use it."
    )
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = args.folder or Path(name)
        found = asyncio.run(run(folder, args.articles, args.sources, args.rounds))
    slow = [one["path"] for one in found["paths"] if one["ratio"] >= RATIO_MOST]
    failed = [one["path"] for one in found["paths"] if one["status"] >= 400]
    today = next(one for one in found["paths"] if one["path"] == "/")
    broken = bool(slow or failed) or today["p95_ms"] >= TODAY_MOST_MS
    print(
        json.dumps(
            {
                "benchmark": "faces",
                "articles": args.articles,
                "first_today_ms": found["first_today_ms"],
                "today_p95_ms": today["p95_ms"],
                "reread_ms": found["reread_ms"],
                "worst": max(found["paths"], key=lambda one: one["ratio"]),
                "slowest": max(found["paths"], key=lambda one: one["p95_ms"]),
                "slow": slow,
                "failed": failed,
                "broken": broken,
            }
        )
    )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
