"""A little of what the harness `api` asks, so that CI holds the API to its description."""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.torture.api import SMOKE, ask

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_every_answer_is_as_described(tmp_path: Path) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        if os.environ.get("CI"):
            pytest.fail("schemathesis is missing")
        pytest.skip("schemathesis is missing")

    figures = await ask(tmp_path, SMOKE, seed=1)

    assert not figures["broken"]
