"""What holds for all tests."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Generator, Iterator

import pytest
from coverage import Coverage

from tests.objects import CREDENTIALS, S3
from tests.objects import serving as serving_s3
from tests.postgres import Server, serving

#: Folders of tests that read thousands of pages.
_READS_MUCH = {"bench", "quality", "torture"}
#: Cases of one test that are measured; on two databases these are both.
_MEASURED = 2
#: Cases that ran, by their test.
_ran: Counter[str] = Counter()
# In the background shells leave SIGINT ignored, which children inherit: some are ended by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# The processes that a worker's tests start are not measured line by line, which makes
# them twice as slow: their code has tests of its own.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no lines where that shows nothing new: it makes tests take twice as long.

    What is reached where thousands of pages are read has tests of its own, and the
    tenth case of a test reaches what the first ones did.
    """
    measured = None if _is_worth_measuring(item) else Coverage.current()
    if measured is None:
        return (yield)
    measured.stop()
    try:
        return (yield)
    finally:
        measured.start()


def _is_worth_measuring(item: pytest.Item) -> bool:
    test = item.nodeid.partition("[")[0]
    _ran[test] += 1
    return _ran[test] <= _MEASURED and not _READS_MUCH & {*item.path.parts}


def pytest_collection_finish() -> None:
    """Leave what is loaded out of garbage collection, and collect more seldom.

    Modules and tests are a million objects that stay: to look through them
    again and again took a tenth of the tests' time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this test process, started when first asked for."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An S3 server of this test process, started when first asked for."""
    with serving_s3() as server:
        yield server


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who we are for that server."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
