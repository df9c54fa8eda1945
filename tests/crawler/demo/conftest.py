from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from crawler.demo.server import NewsWeb
from tests.crawler.demo.client import Clock, Get, fetch


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def web(clock: Clock) -> AsyncIterator[NewsWeb]:
    started = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    async with NewsWeb(clock=clock, started_at=started) as opened:
        yield opened


@pytest.fixture
def get() -> Get:
    return fetch
