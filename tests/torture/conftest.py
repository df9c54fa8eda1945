import os
import random

import pytest

from tests.torture import namespace


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def dice() -> random.Random:
    return random.Random(1)


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where no network namespace can be made; root, and so CI, always can."""
    if why := namespace.why_not_possible():
        if os.geteuid() == 0:
            pytest.fail(f"root cannot make a network namespace: {why}")
        pytest.skip(f"no network namespace here: {why}")
