import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from crawler.cli.app import app
from crawler.demo.server import NewsWeb


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Ended]


@pytest.fixture(scope="session")
def web() -> Iterator[NewsWeb]:
    """The fake news web, in a thread of its own; its time stands still."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    served = NewsWeb(clock=lambda: 0.0, articles=3)
    asyncio.run_coroutine_threadsafe(served.__aenter__(), loop).result(10)
    yield served
    ended = served.__aexit__(None, None, None)
    asyncio.run_coroutine_threadsafe(ended, loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": {"folder": str(tmp_path / "archive"), "disk_floor": 1},
        "defaults": {"delay": "1ms"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "limits": {"total": "5s", "first_byte": "5s"},
        "service": {"port": 0},
    }


@pytest.fixture
def config(tmp_path: Path, settings: dict[str, Any]) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


@pytest.fixture
def kliping(config: Path) -> Command:
    """Run a command in this process; the config file is already named."""

    def run(*words: str | Path, input: bytes | None = None) -> Ended:  # noqa: A002
        done = CliRunner().invoke(
            app, ["--config", str(config), *map(str, words)], input=input
        )
        return Ended(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def article(web: NewsWeb) -> str:
    """The URL of an article that can be read now."""
    site = next(site for site in web.sites if site.key == "wordpress")
    return site.url(web.articles(site)[0].path)


@pytest.fixture(scope="session")
def pages(web: NewsWeb) -> dict[str, str]:
    """The URL of an article on each misbehaving site, by its habit."""
    path = "/news/ferry-timetable-for-the-winter-months-4711"
    return {site.key: site.url(path) for site in web.misbehaving}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a module believe that stdout is a terminal; CliRunner has none."""

    def pretend(*modules: str) -> None:
        for module in modules:
            monkeypatch.setattr(f"{module}.on_terminal", lambda: True)

    return pretend
