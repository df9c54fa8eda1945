"""From a publisher's ping to the article, with the service as it is: real sockets."""

import asyncio
import gzip
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.urls import host_key
from crawler.web.server import serve_pages
from crawler.websub.hubs import standing
from storage.sql.subscriptions import feeds_with_hubs
from tests.crawler.desk import Site, scripted_site, story
from tests.crawler.hub import Hub, open_hub, sign

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


def feed(site: Site, hub: Hub, *paths: str) -> bytes:
    items = "".join(
        f"<item><title>{p}</title><link>{site.url(p)}</link></item>" for p in paths
    )
    links = "".join(
        f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{rel}" href="{url}"/>'
        for rel, url in (("hub", hub.url), ("self", site.url("/feed")))
    )
    return f"<rss version='2.0'><channel>{links}{items}</channel></rss>".encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(folder: Path, site: Site, port: int, **more: object) -> dict[str, Any]:
    return {
        "identity": {"contact": "test@news.example"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "defaults": {"delay": "0s", "poll": "7d"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "service": {"port": port},
        "sources": [
            {"name": "Town", "home": site.url("/"), "feeds": [site.url("/feed")]}
        ],
        **more,
    }


@asynccontextmanager
async def serving(folder: Path, config: dict[str, Any]) -> AsyncIterator[None]:
    """Run `kliping serve` until the context ends."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crawler", "--config", str(path), "serve"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.readline(), 30)
        assert said.startswith(b"Kliping is running")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def until(holds: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # another process gets there
            await asyncio.sleep(0.05)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(folder / "data/kliping.sqlite3")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


async def test_what_is_published_is_archived_at_once_and_the_hub_let_go(
    tmp_path: Path,
) -> None:
    """One service, its whole life: subscribe, verify, deliver, restart, part.

    The feed is not polled for a week, so what is archived was pushed.
    """
    async with scripted_site() as site, open_hub() as hub:
        port = free_port()
        callback = {"websub": {"callback": f"http://127.0.0.1:{port}/websub"}}
        config = settings(tmp_path, site, port)
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        site.answers["/mill"] = [story("Mill sold to the town")]
        site.answers["/feed"] = [feed(site, hub, "/pier"), feed(site, hub, "/mill")]

        async with serving(tmp_path, config | callback):
            await until(lambda: hub.held)
            polled = site.paths.count("/feed")
            delivered = await hub.publish(site.url("/feed"))
            await until(lambda: "/mill" in site.paths)
            await until(lambda: len(rows(tmp_path, "SELECT title FROM article")) == 2)
        titles = rows(tmp_path, "SELECT title FROM article ORDER BY title")
        (stands,) = rows(tmp_path, "SELECT deliveries, idle, until FROM subscription")
        (form,) = hub.asked
        warc = (tmp_path / "data/warc").iterdir()
        kept = b"".join(gzip.decompress(path.read_bytes()) for path in warc)

        async with serving(tmp_path, config | callback):
            await until(lambda: site.paths)
        asked_again = len(hub.asked)

        async with serving(tmp_path, config):  # the setting is gone
            await until(lambda: not hub.held)
            await until(lambda: not rows(tmp_path, "SELECT link FROM subscription"))

    assert polled == 1
    assert delivered == [202]
    assert [title for (title,) in titles] == [
        "Mill sold to the town",
        "Pier to be rebuilt",
    ]
    assert stands[:2] == (1, 0)
    assert stands[2] is not None
    assert len(form["hub.secret"]) == 43
    assert b"GET /feed HTTP/1.1" in kept
    assert form["hub.secret"].encode() not in kept
    assert asked_again == 1
    assert [one["hub.mode"] for one in hub.asked] == ["subscribe", "unsubscribe"]


async def test_a_hub_that_lies_and_keeps_silent_costs_no_news(tmp_path: Path) -> None:
    """All that a hub can do wrong once it is verified; the feed is polled on."""
    async with scripted_site() as site, open_hub() as hub:
        port = free_port()
        callback = {"callback": f"http://127.0.0.1:{port}/websub"}
        config = settings(tmp_path, site, port, websub=callback)
        config["defaults"]["poll"] = "2s"
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        site.answers["/mill"] = [story("Mill sold to the town")]
        site.answers["/feed"] = [feed(site, hub, "/pier")]

        async with serving(tmp_path, config):
            await until(lambda: hub.held)
            (form,) = hub.asked
            (before,) = rows(tmp_path, "SELECT until FROM subscription")
            hub.answers.clear()
            for said in (
                {"hub.lease_seconds": "2592000"},  # a replay
                {"hub.mode": "unsubscribe"},
                {"hub.topic": site.url("/other")},
            ):
                await hub.verify(form, **said)
            posted = await post(
                form["hub.callback"], b"<feed/>", sign("no", b"<feed/>")
            )
            huge = await post(form["hub.callback"], b"x" * 11 * 1024**2, {})
            (after,) = rows(tmp_path, "SELECT until FROM subscription")
            site.answers["/feed"] = [feed(site, hub, "/mill")]
            await until(lambda: len(rows(tmp_path, "SELECT id FROM article")) == 2)
        (stands,) = rows(
            tmp_path, "SELECT missed_at, deliveries, rejected FROM subscription"
        )

    assert [status for status, _ in hub.answers] == [404, 404, 404]
    assert (posted, huge) == (202, 413)
    assert before == after
    assert stands[0] is not None
    assert stands[1:] == (0, 1)


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=body, headers=headers)).status_code


async def test_a_hub_may_verify_before_it_answers(tmp_path: Path) -> None:
    async with scripted_site() as site, open_hub() as hub:
        hub.first = True
        port = free_port()
        callback = {"callback": f"http://127.0.0.1:{port}/websub"}
        site.answers["/feed"] = [feed(site, hub, "/pier")]
        config = Config.model_validate(settings(tmp_path, site, port, websub=callback))
        async with open_service(config) as service, serve_pages(service, Pulse()):
            await service.visit(host_key(site.url("/")))
            (host,) = await service.due_hubs(10)
            await service.visit_hub(host)
            with service.session() as session:
                ((_, known),) = feeds_with_hubs(session)
            waiting = await service.due_hubs(10)

    assert [status for status, _ in hub.answers] == [200]
    assert standing(known, utc_now()).startswith("verified until")
    assert waiting == []
