"""What holds for all tests."""

import os
from collections.abc import Iterator

import pytest

from tests.postgres import Server, serving

# The processes that a worker's tests start are not measured line by line, which makes
# them twice as slow: their code has tests of its own.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this test process, started when first asked for."""
    with serving() as server:
        yield server
