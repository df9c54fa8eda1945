"""A host that lets everyone wait holds no worker: three silences end its visit."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.visits.courtesy import SILENCES
from tests.crawler.bench import Bench, on_bench
from tests.crawler.counting import moved

PATHS = tuple(f"/{n}" for n in range(8))
HALF_A_HEAD = b"HTTP/1.1 200 OK\r\nContent-Le"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<html>"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "no answer in time"),
        (HALF_A_HEAD, "no answer in time"),
        (HEAD, "cut short (time)"),
    ],
    ids=["nothing comes", "half a head", "the body never ends"],
)
def test_three_silences_end_a_visit(tmp_path: Path, sent: bytes, reason: str) -> None:
    """The links that were not asked for stay due, and the host rests."""

    async def work(bench: Bench) -> None:
        bench.counter.stuck = dict.fromkeys(PATHS, sent)
        await bench.enter("a.example", *PATHS)
        assert await bench.attend("a.example") == SILENCES
        now, host = bench.desk.means.now(), bench.host("a.example")
        assert (host.failures, host.free_at - now) == (1, timedelta(minutes=1))
        urls = [bench.counter.url("a.example", path) for path in PATHS]
        links = [bench.desk.link(url) for url in urls]
        assert sum(reason in link.reason for link in links) == SILENCES
        due = [link.next_run for link in links if link.attempts == 0]
        assert len(due) == len(PATHS) - SILENCES
        assert all(at is not None and at <= now for at in due)

    assert len(on_bench(tmp_path, work).paths()) == SILENCES


def test_a_redirect_before_the_silence_is_no_answer(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.counter.stuck = {f"/slow{path}": b"" for path in PATHS}
        await bench.enter("a.example", *PATHS)
        for path in PATHS:
            bench.counter.answers["a.example", path] = moved(f"/slow{path}")
        assert await bench.attend("a.example") == SILENCES

    on_bench(tmp_path, work)


def test_the_rest_doubles_with_each_such_visit(tmp_path: Path) -> None:
    """A head that comes before the silence is no good answer."""

    async def work(bench: Bench) -> None:
        bench.counter.stuck = dict.fromkeys(PATHS, HEAD)
        await bench.enter("a.example", *PATHS)
        for minutes in (1, 2):
            await bench.attend("a.example")
            owed = bench.host("a.example").free_at - bench.desk.means.now()
            assert owed == timedelta(minutes=minutes)
            await bench.rest("a.example")

    on_bench(tmp_path, work)


def test_answers_between_silences_let_a_visit_go_on(tmp_path: Path) -> None:
    """Two wait, one answers, two wait, one answers, two wait: in either order."""

    async def work(bench: Bench) -> None:
        await bench.enter("a.example", *PATHS)
        bench.counter.stuck = {path: b"" for path in PATHS if path not in ("/2", "/5")}
        assert await bench.attend("a.example") == len(PATHS)
        assert bench.host("a.example").failures == 0

    assert len(on_bench(tmp_path, work).paths()) == len(PATHS)
