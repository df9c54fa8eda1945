"""Plant secrets in all the ways in, provoke errors, and search all the ways out."""

import argparse
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from sqlmodel import Session
from warcio.archiveiterator import ArchiveIterator

from crawler.config.file import load_config
from crawler.service.opening import migrated
from storage.folder import DataFolder, read_holder
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.events import add_event
from tests.torture.inspect import segment_files
from tests.torture.secrets.plants import PLANTS, Place, Planted, planted
from tests.torture.secrets.site import ARTICLES, site
from tests.torture.world import ROOT

_PATIENCE = 90.0
#: Pages and routes that are asked for, beside those of the API's description.
_PAGES = (
    *("/", "/search?q=bridge", "/sources", "/ledger", "/health", "/takedowns"),
    *(
        "/alerts",
        "/settings",
        "/explain?url=http://127.0.0.1/",
        "/add",
        "/takedowns/new",
    ),
)
#: An answer that never ends; its events are listed as well.
_ENDLESS = "/v1/events/stream"
_BY_NAME = {
    "article_id": "1",
    "number": "1",
    "name": "Echo",
    "form": "atom",
    "run": "20261122T120000Z",
}

Found = defaultdict[str, set[str]]


def run(_args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Return where each secret was found where it may not be."""
    secrets = planted(dice)
    with tempfile.TemporaryDirectory() as name, site(secrets) as base:
        world = _World(Path(name), base, secrets)
        world.write_config()
        world.enter_event()
        with world.service():
            world.wait_until_done()
            world.ask_all()
            world.spoil_config()
            world.run_commands()
        world.look_into_files()
        unseen = sorted(world.unseen())
    leaks = {
        name: sorted(places - PLANTS[name])
        for name, places in sorted(world.found.items())
        if places - PLANTS[name]
    }
    return {
        "secrets": len(PLANTS),
        "texts": world.texts,
        "bytes": world.bytes,
        "allowed": {
            name: sorted(places & PLANTS[name])
            for name, places in sorted(world.found.items())
            if places & PLANTS[name]
        },
        "leaks": leaks,
        "not_provoked": unseen,
        "broken": [f"{name}: {', '.join(at)}" for name, at in leaks.items()] + unseen,
    }


class _World:
    """A service with secrets all around it, and what was found of them."""

    def __init__(self, folder: Path, base: str, secrets: Planted) -> None:
        self.base = base
        self.secrets = secrets
        self.found: Found = defaultdict(set)
        self.texts = self.bytes = 0
        self._folder = folder
        self._config = folder / "config.yaml"
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""
        self._address = ""

    def look(self, place: Place, text: bytes) -> None:
        """Search a text, and remember what was found."""
        self.texts += 1
        self.bytes += len(text)
        for name in self.secrets.found_in(text):
            self.found[name].add(place)

    def unseen(self) -> Iterator[str]:
        """Yield what should have been provoked and was not, by the log."""
        log = self._log.read_text()
        for said in (
            "attending failed",
            "event not taken",
            "settings refused",
            "Exception in ASGI application",
        ):
            if said not in log:
                yield f"no {said!r} in the log"
        evidence = [n for n, places in PLANTS.items() if Place.WARC in places]
        for name in evidence:
            if Place.WARC not in self.found[name]:
                yield f"{name} is not in the WARC files"

    def write_config(self, **more: object) -> None:
        secrets = self.secrets
        token, signature = secrets["feed_token"], secrets["feed_signature"]
        feed = f"{self.base}/feed.xml?token={token}&sig={signature}"
        hook = f"{self.base}/hook/{secrets['webhook_path']}"
        values = {
            "identity": {"contact": "torture@localhost"},
            "storage": {"folder": str(self._folder / "data"), "disk_floor": "1MiB"},
            "defaults": {"delay": "0s", "max_age": "3650d"},
            "sources": [{"name": "Echo", "home": f"{self.base}/", "feeds": [feed]}],
            "policy": {"allow_networks": ["127.0.0.0/8"]},
            "service": {"port": 0, "log": "debug"},
            "alerts": {
                "webhook": f"{hook}?key={secrets['webhook_query']}",
                "secret": f"whsec_{secrets['webhook_secret']}",
            },
            **more,
        }
        self._config.write_text(yaml.safe_dump(values), encoding="utf-8")

    def enter_event(self) -> None:
        """Enter an event to be sent, or nothing would go to the webhook."""
        config = load_config(self._config, {})
        config.storage.folder.mkdir(parents=True)
        migrated(config)
        engine = writing_engine(sqlite_url(config.storage.folder))
        now = datetime.now(UTC)
        with Session(engine) as session:
            add_event(session, "source.degraded", {"n": 1}, now, send_at=now)
            session.commit()
        engine.dispose()

    @contextmanager
    def service(self) -> Iterator[None]:
        """Run the service, its log in a file."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command("tests.torture.secrets.leaking", "-v", "serve"),
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        try:
            self._await(lambda: bool(self._holder().get("address")))
            self._address = str(self._holder()["address"])
            self._token = str(self._holder()["token"])
            self.secrets = Planted({**self.secrets.values, "api_token": self._token})
            yield
        finally:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def wait_until_done(self) -> None:
        """Wait until all links were attended to, and the webhook failed."""

        def is_done() -> bool:
            log = self._log.read_text()
            named = all(f"{path}?" in log for path in ARTICLES)
            return named and "event not taken" in log and "attending failed" in log

        self._await(is_done)
        self._ask("POST", "/v1/links", {"urls": [self._given()]})
        self._await(lambda: "/given" in self._log.read_text())

    def ask_all(self) -> None:
        """Ask for everything, rightly and wrongly."""
        secrets = self.secrets
        paths = json.loads(self._ask("GET", "/openapi.json"))["paths"]
        gets = [
            re.sub(r"\{(\w+)\}", lambda named: _BY_NAME.get(named[1], "1"), path)
            for path in paths
            if "get" in paths[path] and path != _ENDLESS
        ]
        for path in (*gets, *_PAGES, "/articles/1", "/cdx?url=*", "/sources/Echo"):
            self._ask("GET", path, place=self._place(path))
        cookie = {"Cookie": f"session={secrets['api_cookie']}"}
        wrong = {"Authorization": f"Bearer {secrets['api_wrong_token']}"}
        lost = f"/nowhere?api_key={secrets['api_query']}"
        for headers in (cookie, wrong, {**cookie, **wrong}):
            for path in (lost, "/v1/alerts", "/v1/articles/999", f"/v1{lost}"):
                self._ask("GET", path, headers=headers, place=Place.ERRORS)
            self._ask("POST", "/v1/sources", {}, headers=headers, place=Place.ERRORS)
        login = f"http://me:{secrets['api_fetch_userinfo']}@127.0.0.1/"
        for path in ("/v1/fetch", "/v1/links", "/v1/sources/probe"):
            wanted = {"urls": [login]} if path == "/v1/links" else {"url": login}
            self._ask("POST", path, wanted, place=Place.ERRORS)
        body = {"name": 7, "home": login, "secret": secrets["api_body"]}
        self._ask("POST", "/v1/sources", body, place=Place.ERRORS)

    def spoil_config(self) -> None:
        """Let the service read settings that cannot be used."""
        secrets = self.secrets
        login = f"https://me:{secrets['feed_userinfo']}@127.0.0.1/feed.xml"
        self.write_config(
            sources=[{"name": "Echo", "home": self.base, "feeds": [login]}],
            storage={"database": f"postgresql://k:{secrets['database_password']}@h/k"},
            alerts={"secret": [secrets["secret_of_wrong_type"]]},
        )
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        self._await(lambda: "settings refused" in self._log.read_text())
        self._ask("POST", "/v1/config/reload", {}, place=Place.ERRORS)
        for words in (("config", "check"), ("doctor",)):
            self._run(words)

    def run_commands(self) -> None:
        """Run commands with settings that can be used, and one variable that cannot."""
        self.write_config()
        password = f"postgresql://k:{self.secrets['database_password']}@h/k"
        self._run(("config", "check"), {"KLIPING_STORAGE__DATABASE": password})
        for words in (("doctor",), ("reload",)):
            self._run(words)

    def look_into_files(self) -> None:
        """Search the log, the database and the WARC files, unpacked."""
        folder = DataFolder(self._folder / "data")
        self.look(Place.LOG, self._log.read_bytes())
        for path in folder.path.glob("kliping.sqlite3*"):
            self.look(Place.DATABASE, path.read_bytes())
        for path in segment_files(folder):
            with path.open("rb") as file:
                for record in ArchiveIterator(file, no_record_parse=True):
                    head = record.rec_headers.to_str()
                    self.look(Place.WARC, head.encode() + record.raw_stream.read())

    def _given(self) -> str:
        return f"{self.base}/given?password={self.secrets['api_link_password']}"

    def _place(self, path: str) -> Place:
        known = {"/metrics": Place.FIGURES, "/v1/config": Place.SETTINGS}
        return known.get(path, Place.API)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        place: Place = Place.API,
    ) -> bytes:
        """Ask the service for something and search its answer."""
        parts = urlsplit(self._address)
        asking = http.client.HTTPConnection(
            str(parts.hostname), parts.port, timeout=_PATIENCE
        )
        bearer = {"Authorization": f"Bearer {self._token}"}
        sent = json.dumps(body).encode() if body is not None else None
        kind = {"Content-Type": "application/json"} if sent else {}
        asking.request(method, path, sent, {**bearer, **kind, **(headers or {})})
        answer = asking.getresponse()
        said = answer.read()
        asking.close()
        where = Place.ERRORS if answer.status >= 400 else place
        self.look(where, str(answer.headers).encode() + said)
        return said

    def _run(
        self, words: tuple[str, ...], extra: Mapping[str, str] | None = None
    ) -> None:
        done = subprocess.run(
            self._command("crawler", *words),
            cwd=ROOT,
            env=self._environment() | dict(extra or {}),
            capture_output=True,
            check=False,
        )
        self.look(Place.OUTPUT, done.stdout + done.stderr)

    def _command(self, module: str, *words: str) -> list[str]:
        return [sys.executable, "-m", module, "--config", str(self._config), *words]

    def _environment(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("KLIPING_")}
        return own | {
            "AWS_SECRET_ACCESS_KEY": self.secrets["environment"],
            "LEAK_URL": self.secrets["exception_url"],
            "LEAK_HEADER": self.secrets["exception_header"],
        }

    def _holder(self) -> dict[str, Any]:
        return dict(read_holder(self._folder / "data") or {})

    def _await(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + _PATIENCE
        while not is_so():
            if time.monotonic() > ends or (
                self._process is not None and self._process.poll() is not None
            ):
                raise RuntimeError(
                    f"it did not happen:\n{self._log.read_text()[-3000:]}"
                )
            time.sleep(0.1)
