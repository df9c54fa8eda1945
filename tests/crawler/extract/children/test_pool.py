"""Children extract, die alone, and are replaced."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from crawler.errors import ExtractFailed
from crawler.extract.article import extract
from crawler.extract.children.environment import child_environment
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource

pytestmark = pytest.mark.anyio

_BODY = (
    b"<html><body><h1>Water</h1>"
    + b"<p>The reservoir has filled again, the water board said on Tuesday.</p>" * 5
)
_SOURCE = PageSource(
    "https://paper.example/story", _BODY, datetime(2026, 3, 3, tzinfo=UTC)
)
_BIG = PageSource(
    "https://paper.example/big",
    b"<p>x y z, a b c." * 400_000,
    datetime(2026, 3, 3, tzinfo=UTC),
)


async def test_a_child_gives_the_same_extraction() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        assert await pool.extract(_SOURCE) == extract(_SOURCE)


async def test_a_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_ALERTS__SECRET", "hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")

    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        (pid,) = pool.pids
        told = psutil.Process(pid).environ()

    assert "hush" not in told.values()
    assert told["LC_TIME"] == "C.UTF-8"
    assert told["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("HOME", True),
        ("CACHE_DIRECTORY", True),
        ("LC_ALL", True),
        ("PYTHONPATH", True),
        ("KLIPING_DATABASE", False),
        ("PYTHONHOST_TOKEN", False),
        ("PGPASSWORD", False),
    ],
)
async def test_a_child_is_told_where_things_are(name: str, is_told: bool) -> None:
    assert (child_environment({name: "x"}).get(name) == "x") is is_told


async def test_a_killed_child_is_one_failed_extraction() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        (pid,) = pool.pids
        asking = asyncio.create_task(pool.extract(_BIG))
        await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)

        with pytest.raises(ExtractFailed, match="signal 9"):
            await asking

        assert (await pool.extract(_SOURCE)).article is not None


async def test_a_child_that_died_idle_is_replaced() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGKILL)
        while pool.pids:
            await asyncio.sleep(0.01)

        assert (await pool.extract(_SOURCE)).article is not None


async def test_a_page_over_the_wall_limit_fails() -> None:
    async with ExtractPool(
        workers=1, limits=ChildLimits(wall=timedelta(milliseconds=1))
    ) as pool:
        with pytest.raises(ExtractFailed, match="no answer"):
            await pool.extract(_SOURCE)
        assert pool.pids == ()


async def test_a_child_out_of_memory_fails() -> None:
    limits = ChildLimits(memory_bytes=40 * 1024**2)
    async with ExtractPool(workers=1, limits=limits) as pool:
        with pytest.raises(ExtractFailed, match="the child"):
            await pool.extract(_SOURCE)


async def test_a_page_over_the_cpu_limit_fails_and_the_next_one_works() -> None:
    limits = ChildLimits(cpu=timedelta(seconds=3), wall=timedelta(minutes=2))
    slow = PageSource(_BIG.url, _BIG.body * 40, _BIG.captured_at)
    async with ExtractPool(workers=1, limits=limits) as pool:
        with pytest.raises(ExtractFailed, match=f"signal {signal.SIGXCPU.value}"):
            await pool.extract(slow)

        assert (await pool.extract(_SOURCE)).article is not None


async def test_a_child_is_recycled_after_its_pages() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits(pages=1)) as pool:
        await pool.extract(_SOURCE)

        assert pool.pids == ()


async def test_a_cancelled_page_takes_its_child_along() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        asking = asyncio.create_task(pool.extract(_BIG))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert pool.pids == ()


async def test_closing_leaves_no_process() -> None:
    pool = ExtractPool(workers=2, limits=ChildLimits())
    await asyncio.gather(pool.extract(_SOURCE), pool.extract(_SOURCE))
    pids = pool.pids
    await pool.aclose()

    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_closed_pool_extracts_nothing() -> None:
    pool = ExtractPool(workers=1, limits=ChildLimits())
    await pool.aclose()

    with pytest.raises(ExtractFailed, match="closed"):
        await pool.extract(_SOURCE)


async def test_interrupts_are_left_to_the_parent() -> None:
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGINT)
        await pool.extract(_SOURCE)

        assert pool.pids == (pid,)


async def test_a_page_that_exhausts_memory_in_mid_parse_fails_alone() -> None:
    needed = await _memory_to_start()
    limits = ChildLimits(memory_bytes=needed + 64 * 1024**2)
    hungry = PageSource(_BIG.url, _BIG.body * 8, _BIG.captured_at)
    async with ExtractPool(workers=1, limits=limits) as pool:
        first = await pool.extract(_SOURCE)

        with pytest.raises(ExtractFailed, match="the child"):
            await pool.extract(hungry)

        assert await pool.extract(_SOURCE) == first


async def _memory_to_start() -> int:
    """Return the address space of a child that has read a small page."""
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        await pool.extract(_SOURCE)
        (pid,) = pool.pids
        return int(psutil.Process(pid).memory_info().vms)


_TALKATIVE = """
import sys
from crawler.extract.article import extract
from crawler.extract.children.wire import (
    NOTICE, decode_source, encode_extraction, read_frames, write_frame,
)
page = decode_source(*read_frames(sys.stdin.buffer, 3))
for said in (b"the first", b"the second"):
    write_frame(sys.stdout.buffer, NOTICE + said)
write_frame(sys.stdout.buffer, encode_extraction(extract(page)))
"""


async def test_what_a_child_tells_of_itself_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def start(_: ExtractPool) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-c", _TALKATIVE)
        return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)

    monkeypatch.setattr(ExtractPool, "_start", start)
    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        assert await pool.extract(_SOURCE) == extract(_SOURCE)

    assert "the first" in caplog.text
    assert "the second" not in caplog.text
