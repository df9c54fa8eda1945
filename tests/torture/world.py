"""A fake news web in a thread, and the real service as a process beside it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crawler.config.file import load_config
from crawler.config.tree import Config
from crawler.demo.server import NewsWeb, Site

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0


@contextmanager
def news_web(speed: float) -> Iterator[NewsWeb]:
    """Serve the fake news web from a thread of its own."""
    started: list[NewsWeb] = []
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with NewsWeb(speed=speed) as web:
            started.append(web)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    if not ready.wait(START_SECONDS):
        raise RuntimeError("the fake news web did not start")
    try:
        yield started[0]
    finally:
        stop.set()
        thread.join(10)


def write_config(
    folder: Path, sites: tuple[Site, ...], manners: Mapping[str, str]
) -> Path:
    """Write a config.yaml that watches these sites on loopback."""
    path = folder / "config.yaml"
    settings = {
        "identity": {"name": "Torture", "contact": "torture@localhost"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "defaults": {"max_age": "3650d", **manners},
        "sources": [site.source() for site in sites],
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": 0, "visit_links": 50},
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def read_config(path: Path) -> Config:
    return load_config(path, {})


@dataclass
class Running:
    """The service as a process: its log, and what it acknowledged.

    `firsts` counts how often an article was acknowledged as new.
    """

    process: subprocess.Popen[str]
    address: str = ""
    acknowledged: set[str] = field(default_factory=set)
    firsts: list[str] = field(default_factory=list)
    troubles: list[dict[str, Any]] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def kill(self) -> None:
        """Kill -9 the service's own process, as a power switch would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._join()

    def terminate(self) -> tuple[float, int]:
        """Send SIGTERM; return the seconds it took and the exit code."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        taken = time.monotonic() - started
        self._join()
        return taken, code

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(10)

    def follow(self) -> None:
        """Read the service's log and address from threads."""
        self._threads = [
            threading.Thread(target=self._read_log, daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if not line.startswith("{"):
                self.troubles.append({"line": line.rstrip()})
                continue
            event = json.loads(line)
            if event.get("state") == "archived":
                self.acknowledged.add(event["url"])
                if event["reason"].endswith(", first"):
                    self.firsts.append(event["url"])
            if event.get("level") in {"error", "critical"}:
                self.troubles.append(event)

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "http://" in line:
                self.address = line[line.index("http://") :].strip()
                self.ready.set()


def start_service(
    config: Path,
    extra: Mapping[str, str] | None = None,
    program: Sequence[str] = ("crawler",),
    *,
    verb: Sequence[str] = ("serve",),
    may_die: bool = False,
    patience: float = START_SECONDS,
) -> Running:
    """Start `kliping serve`, or a share of it, and wait until it says its address.

    Args:
        config: Its config.yaml.
        extra: Further environment variables.
        program: The module that is the service, and what comes before its arguments.
        verb: What it is told to do.
        may_die: It may end before it says its address.
        patience: It may take so many seconds.
    """
    running = spawn_service(config, extra, program, verb=verb)
    process = running.process
    ends = time.monotonic() + patience
    while not running.ready.wait(0.05):
        if may_die and process.poll() is not None:
            break
        if time.monotonic() < ends:
            continue
        process.kill()
        raise RuntimeError(f"the service did not start: {running.troubles}")
    return running


def spawn_service(
    config: Path,
    extra: Mapping[str, str] | None = None,
    program: Sequence[str] = ("crawler",),
    *,
    verb: Sequence[str] = ("serve",),
) -> Running:
    """Start a service as `start_service` does; wait for nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", *program, "--config", str(config), *verb],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("KLIPING_")}
        | dict(extra or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running(process)
    running.follow()
    return running
