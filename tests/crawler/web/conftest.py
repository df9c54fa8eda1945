"""An open service with a small archive, and a client that speaks to its pages."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from crawler.config.tree import Config, Source, Storage
from crawler.config.tree import Service as ServiceConfig
from crawler.jobs.running import working
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.access import Scope
from crawler.web.app import make_app
from crawler.web.keys import digest
from crawler.web.rates import Buckets
from crawler.web.security import Rates
from storage.sql.tables import TokenRow
from storage.sql.tokens import add_token
from tests.crawler.web.material import Archive, fill

TOKEN = "token-of-this-test-run"
#: A token of each scope that was given out, on the archive that is only read.
GIVEN = {scope: f"token-that-opens-{scope}" for scope in Scope}
BASE = "http://127.0.0.1:8765"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def config_for(folder: Path) -> Config:
    return Config(
        storage=Storage(folder=folder, disk_floor=0),
        service=ServiceConfig(port=0),
        sources=(
            Source(name="Harbour Post", home="https://harbour.example/"),
            Source(
                name="川辺新聞",
                home="https://kawabe.example/",
                feeds=("https://kawabe.example/feed.xml",),
            ),
        ),
    )


async def give(service: Service, scope: Scope, token: str) -> int:
    """Give out a token of this test's own making; return its number."""
    row = TokenRow(
        name=f"who may {scope}",
        scope=scope,
        digest=digest(token),
        created_at=service.means.now(),
    )
    known = await service.means.writer.run(lambda tx: add_token(tx.session, row))
    return known.id


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def enter(page: Page, address: str, scope: Scope) -> None:
    """Log a browser in as people do; on the archive that is only read."""
    await page.goto(address)
    await page.fill("#token", GIVEN[scope])
    await page.click("button")
    await page.wait_for_selector("h1 >> text=Today")


@asynccontextmanager
async def speaking_to(
    app: FastAPI, base: str = BASE
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client


@pytest.fixture(scope="session")
async def shown(
    anyio_backend: str,  # noqa: ARG001  # an async fixture of a session needs it
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Service, Archive]]:
    """A service whose archive is only read by tests."""
    async with open_service(config_for(tmp_path_factory.mktemp("shown"))) as service:
        for scope, token in GIVEN.items():
            await give(service, scope, token)
        yield service, await fill(service)


@pytest.fixture
def archive(shown: tuple[Service, Archive]) -> Archive:
    return shown[1]


def patient(app: FastAPI) -> FastAPI:
    """Return an application that may be asked as often as tests do."""
    app.rates = Rates(safe=Buckets(1e6, 1e6), unsafe=Buckets(1e6, 1e6))  # type: ignore[attr-defined]
    return app


@pytest.fixture(scope="session")
def shown_app(shown: tuple[Service, Archive]) -> FastAPI:
    app = patient(make_app(shown[0], Pulse(), TOKEN))
    app.state.streams.close()  # no answer ends here before it is whole
    return app


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


@pytest.fixture
def app(shown_app: FastAPI, pulse: Pulse) -> FastAPI:
    """The application on the archive that is only read."""
    shown_app.state.pulse = pulse
    return shown_app


@pytest.fixture
async def reader(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may read, on the archive that is only read."""
    async with speaking_to(app) as client:
        client.headers.update(bearing(GIVEN[Scope.READ]))
        yield client


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token, on the archive that is only read."""
    async with speaking_to(app) as client:
        yield client


@pytest.fixture
async def holder(reader: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the token, on that archive, to be refused what it asks."""
    reader.headers["Authorization"] = f"Bearer {TOKEN}"
    return reader


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service of this test's own, to change."""
    async with open_service(config_for(tmp_path / "own")) as service:
        yield service


@pytest.fixture
async def writer(service: Service, pulse: Pulse) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token, on a service of this test's own."""
    async with (
        working(service) as jobs,
        speaking_to(make_app(service, pulse, TOKEN, jobs)) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI"):
        pytest.fail("chromium is missing")
    if found is None:
        pytest.skip("chromium is missing")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )
        yield started
        await started.close()
