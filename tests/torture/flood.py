"""Ask the API without end: the crawl keeps its pace.

Sites on loopback have more articles than can be read in the time, each host at the pace of its
rest. The time is cut into windows, without the flood and with it in turn, and the captures of
each are counted. The flood bears one token that may read, and one that opens nothing.
"""

import argparse
import http.client
import itertools
import json
import random
import socketserver
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from sqlmodel import Session, func, select

from crawler.config.tree import Config
from storage.folder import read_holder
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import CaptureRow
from tests.crawler.desk import story
from tests.torture.world import read_config, start_service

_HOSTS = 8
_DELAY = "500ms"
_CONNECTIONS = 32
_PAIRS = 4
_KEEPS = 0.9
_WARM_SECONDS = 10
_PATHS = (
    "/",
    "/sources",
    "/ledger",
    "/search?q=story",
    "/v1/articles",
    "/v1/search?q=story",
    "/v1/sources",
    "/v1/ledger",
    "/v1/health",
    "/feeds/all.atom",
    "/metrics",
)


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        is_page = self.path != "/robots.txt"
        body = story(f"A story at {self.path}") if is_page else b""
        self.send_response(200 if is_page else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Sites(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def _sites() -> Iterator[int]:
    """Serve articles at all loopback addresses; yield the port."""
    with _Sites(("0.0.0.0", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class _Flood:
    """Connections that ask as fast as they are answered, while they may."""

    def __init__(self, address: str, token: str) -> None:
        self.answers: Counter[int] = Counter()
        self._address = urlsplit(address)
        self._token = token
        self._may = threading.Event()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(n,), daemon=True)
            for n in range(_CONNECTIONS)
        ]
        for thread in self._threads:
            thread.start()

    def begin(self) -> None:
        self._may.set()

    def pause(self) -> None:
        self._may.clear()

    def end(self) -> None:
        self._ended.set()
        self._may.set()
        for thread in self._threads:
            thread.join(10)

    def _ask(self, number: int) -> None:
        token = self._token if number % 4 else "wrong"
        headers = {"Authorization": f"Bearer {token}"}
        paths = itertools.cycle(_PATHS[number % len(_PATHS) :] + _PATHS)
        connection = http.client.HTTPConnection(
            self._address.hostname or "", self._address.port, timeout=60
        )
        while not self._ended.is_set():
            self._may.wait()
            try:
                connection.request("GET", next(paths), headers=headers)
                answer = connection.getresponse()
                answer.read()
                self.answers[answer.status] += 1
            except (OSError, http.client.HTTPException):
                connection.close()


def _settings(folder: Path) -> Path:
    path = folder / "config.yaml"
    settings = {
        "identity": {"name": "Torture", "contact": "torture@localhost"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "defaults": {"max_age": "3650d", "delay": _DELAY, "revisit": "30d"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": 0, "visit_links": 1000},
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def _captures(config: Config) -> int:
    engine = reading_engine(sqlite_url(config.storage.folder))
    with Session(engine) as session:
        count = session.exec(select(func.count()).select_from(CaptureRow)).one()
    engine.dispose()
    return count


def _call(address: str, token: str, path: str, body: object) -> dict[str, object]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
    }
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    found: dict[str, object] = json.loads(answer.read())
    connection.close()
    return found


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Crawl with and without a flood in turn; compare captures a second."""
    window = args.seconds / (2 * _PAIRS)
    with tempfile.TemporaryDirectory() as name, _sites() as port:
        path = _settings(Path(name))
        config = read_config(path)
        service = start_service(path)
        own = str((read_holder(config.storage.folder) or {})["token"])
        given = _call(service.address, own, "/v1/tokens", {"name": "flood"})
        each = int(args.seconds * 3) + 100
        for host in range(1, _HOSTS + 1):
            urls = [f"http://127.0.0.{host}:{port}/story-{n}" for n in range(each)]
            for at in range(0, each, 1000):
                chunk = {"urls": urls[at : at + 1000]}
                _call(service.address, own, "/v1/links/list", chunk)
        flood = _Flood(service.address, str(given["token"]))
        time.sleep(_WARM_SECONDS)
        quiet, flooded = [], []
        for _ in range(_PAIRS):
            quiet.append(_rate(config, window))
            flood.begin()
            flooded.append(_rate(config, window))
            flood.pause()
        flood.end()
        _, code = service.terminate()
    kept = statistics.median(flooded) / statistics.median(quiet)
    failed = sum(n for status, n in flood.answers.items() if status >= 500)
    broken = ["the crawl slowed down"] * (kept < _KEEPS)
    broken += ["an answer failed"] * bool(failed) + ["exit code"] * (code != 0)
    return {
        "pages_a_second": round(statistics.median(quiet), 2),
        "pages_a_second_flooded": round(statistics.median(flooded), 2),
        "kept": round(kept, 3),
        "answers": dict(sorted(flood.answers.items())),
        "troubles": service.troubles[:3],
        "broken": broken,
    }


def _rate(config: Config, seconds: float) -> float:
    before, began = _captures(config), time.monotonic()
    time.sleep(seconds)
    return (_captures(config) - before) / (time.monotonic() - began)
