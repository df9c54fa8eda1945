"""The pages on a real port."""

import asyncio
import gc
import json
import signal
import socket
import stat
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from crawler.config.tree import Service as ServiceConfig
from crawler.errors import ConfigError, UsageError
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.access import Scope
from crawler.web.giving import give_token
from crawler.web.server import serve_pages
from storage.folder import read_holder
from tests.crawler.web.conftest import bearing

pytestmark = pytest.mark.anyio


def at(service: Service, address: str, port: int = 0) -> Service:
    """Return the service as if configured for another address."""

    settings = ServiceConfig.model_construct(
        **ServiceConfig().model_dump() | {"address": address, "port": port}
    )
    return replace(
        service, config=service.config.model_copy(update={"service": settings})
    )


async def test_pages_answer_on_a_port_the_system_chose(service: Service) -> None:
    async with (
        serve_pages(service, Pulse()) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        alive = await client.get("/healthz")
        token = (read_holder(service.folder.path) or {})["token"]
        client.headers.update(bearing(token))
        css = await client.get("/static/kliping.css")
        head = await client.head("/")

    assert alive.json() == {"status": "alive", "reason": None}
    assert "prefers-color-scheme" in css.text
    assert (head.status_code, head.content) == (200, b"")
    assert "server" not in alive.headers


async def test_the_token_is_in_the_lock_note_of_the_same_user(service: Service) -> None:
    async with (
        serve_pages(service, Pulse()) as address,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        note = read_holder(service.folder.path) or {}
        answer = await client.post(
            f"{note['address']}/v1/sources/nobody/pause",
            headers={"Authorization": f"Bearer {note['token']}"},
        )

    lock = service.folder.path / "kliping.lock"
    assert note["address"] == address
    assert len(note["token"]) == 43
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert answer.status_code == 404


async def test_each_run_has_a_token_of_its_own(service: Service) -> None:
    tokens = set()
    for _ in range(2):
        async with serve_pages(service, Pulse()):
            tokens.add((read_holder(service.folder.path) or {})["token"])

    assert len(tokens) == 2


async def test_an_answer_does_not_wait_to_be_acknowledged(service: Service) -> None:
    async with serve_pages(service, Pulse()) as address:
        port = int(address.rpartition(":")[2])
        accepted = [
            one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for one in _listeners(port)
        ]

    assert accepted
    assert all(accepted)


def _listeners(port: int) -> list[socket.socket]:
    """Return this process's sockets that listen on a port."""
    found = []
    for one in gc.get_objects():
        if isinstance(one, socket.socket) and one.fileno() >= 0:
            with suppress(OSError):
                if one.getsockname()[1:2] == (port,):
                    found.append(one)
    return found


async def test_the_port_is_free_once_the_pages_ended(service: Service) -> None:
    async with serve_pages(service, Pulse()) as address:
        port = int(address.rpartition(":")[2])

    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_pages_end_while_a_connection_is_held_open(service: Service) -> None:
    async with serve_pages(service, Pulse()) as address:
        port = int(address.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/links HTTP/1.1\r\nHost: ")
        await writer.drain()

    assert await reader.read() == b""
    writer.close()


async def test_the_signals_of_the_process_stay_with_the_daemon(
    service: Service,
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    async with serve_pages(service, Pulse()):
        during = signal.getsignal(signal.SIGTERM)

    assert during is before


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
async def test_others_reach_us_only_once_a_token_was_given_out(
    service: Service, address: str
) -> None:
    with pytest.raises(ConfigError, match="no token was given out"):
        async with serve_pages(at(service, address), Pulse()):
            pass


async def test_with_a_token_others_may_reach_us_and_so_may_commands(
    service: Service,
) -> None:
    given = await give_token(service, "desk", Scope.READ, None)

    async with (
        serve_pages(at(service, "0.0.0.0"), Pulse()) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        closed = await client.get("/v1/articles")
        opened = await client.get("/v1/articles", headers=bearing(given.token))
        note = read_holder(service.folder.path) or {}

    assert address.startswith("http://127.0.0.1:")
    assert note["address"] == address
    assert (closed.status_code, opened.status_code) == (401, 200)


@pytest.mark.parametrize("address", ["news.example", "", "127.0.0.1:80"])
def test_an_address_is_an_ip_address(address: str) -> None:
    with pytest.raises(ValueError, match="no IP address"):
        ServiceConfig(address=address)


def test_anybody_may_read_on_a_loopback_address_only() -> None:
    with pytest.raises(ValueError, match="loopback address only"):
        ServiceConfig(address="192.0.2.1", anonymous="read")


@pytest.mark.parametrize("address", ["localhost", "127.0.0.2"])
async def test_any_loopback_address_is_served(service: Service, address: str) -> None:
    async with (
        serve_pages(at(service, address), Pulse()) as served,
        httpx.AsyncClient(base_url=served, trust_env=False) as client,
    ):
        answer = await client.get("/healthz")

    assert answer.status_code == 200


async def test_a_port_in_use_is_named(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(UsageError, match=str(port)):
            async with serve_pages(at(service, "127.0.0.1", port), Pulse()):
                pass


async def test_a_server_that_cannot_start_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError("no file descriptors left")

    monkeypatch.setattr("uvicorn.Server.startup", fail)

    with pytest.raises(OSError, match="no file descriptors"):
        async with serve_pages(service, Pulse()):
            pass


async def test_the_note_is_plain_json(service: Service) -> None:
    async with serve_pages(service, Pulse()):
        note = (service.folder.path / "kliping.lock").read_text()

    assert set(json.loads(note)) == {"address", "token", "pid"}
