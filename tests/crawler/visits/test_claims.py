"""Hosts that are asked by hand beside visits: nobody meets anybody there."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.errors import HostBusy
from crawler.urls import host_key
from storage.sql.tables import TurnRow
from storage.sql.visits import open_visit
from tests.crawler.bench import DELAY, PATIENCE, Bench, on_bench
from tests.crawler.counting import TAKES, moved

PAGE = b"<html><p>A page</p></html>"


def test_a_survey_and_visits_never_meet_at_a_host(tmp_path: Path) -> None:
    """Whoever begins, the server sees one request at a time and every pause."""

    async def work(bench: Bench) -> None:
        await bench.enter("www.a.example", "/1", "/2", "/3")
        ticks = asyncio.create_task(bench.keep_visiting("www.a.example"))
        await asyncio.sleep(2)
        async with bench.asking() as asker:
            for path in ("/1", "/2"):
                await asker.fetch(bench.counter.url("www.a.example", path))
            await bench.enter("www.a.example", "/4", "/5")
            await asyncio.sleep(20)
            await asker.fetch(bench.counter.url("www.a.example", "/3"))
        await asyncio.sleep(30)
        ticks.cancel()

    counted = on_bench(tmp_path, work)

    assert counted.most == 1
    assert len(counted.paths()) == 8
    assert min(counted.gaps("www.a.example")) >= DELAY.total_seconds()


def test_without_claims_they_would_meet(tmp_path: Path) -> None:
    """The measure itself: two who do not know of each other are counted."""

    async def work(bench: Bench) -> None:
        await bench.enter("www.a.example", "/1")
        async with bench.desk.means.new_client() as client:
            url = bench.counter.url("www.a.example", "/1")
            await asyncio.gather(client.fetch(url), bench.attend("www.a.example"))

    assert on_bench(tmp_path, work).most == 2


def test_names_of_one_domain_and_address_are_one_stay(tmp_path: Path) -> None:
    """A redirect to another name, or domain there, does not wait for ourselves."""

    async def work(bench: Bench) -> None:
        answers = bench.counter.answers
        answers["a.example", "/"] = moved(bench.counter.url("www.a.example", "/"))
        answers["www.a.example", "/"] = moved(bench.counter.url("b.example", "/"))
        answers["b.example", "/"] = PAGE
        async with bench.asking() as asker:
            answer = await asker.fetch(bench.counter.url("a.example", "/"))
            assert answer.body == PAGE
            for name in ("m.a.example", "b.example", "c.example"):
                await bench.enter(name, "/1")
                assert await bench.attend(name) == 0
        assert all(turn.host is None for turn in bench.desk.read(select(TurnRow)))

    counted = on_bench(tmp_path, work)

    assert counted.paths() == ["a.example/", "www.a.example/", "b.example/"]


def test_a_host_elsewhere_is_visited_meanwhile(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.counter.answers["a.example", "/"] = PAGE
        await bench.enter("far-2.example", "/1")
        async with bench.asking() as asker:
            await asker.fetch(bench.counter.url("a.example", "/"))
            bench.desk.use(stray=bench.desk.plan(delay=timedelta(0)))
            assert await bench.attend("far-2.example") == 1

    on_bench(tmp_path, work)


def test_a_host_that_is_visited_for_long_is_given_up_with_a_reason(
    tmp_path: Path,
) -> None:
    """It is waited for once: later pages of it fail at once."""

    async def work(bench: Bench) -> None:
        await bench.enter("a.example", "/1")
        now, host = bench.desk.means.now(), host_key(bench.counter.url("a.example"))
        until = now + timedelta(hours=1)
        await bench.desk.means.writer.run(
            lambda tx: open_visit(tx.session, host, now=now, until=until, limit=1)
        )
        async with bench.asking() as asker:
            for _ in range(2):
                with pytest.raises(HostBusy, match="being visited, for over 1m"):
                    await asker.fetch(bench.counter.url("a.example", "/1"))
        waited = bench.desk.means.now() - now
        assert PATIENCE - timedelta(seconds=2) < waited <= PATIENCE

    assert on_bench(tmp_path, work).asked == []


def test_a_host_at_an_address_that_is_visited_is_not_claimed(tmp_path: Path) -> None:
    """What was claimed of it meanwhile is given back: it stays due for visits."""

    async def work(bench: Bench) -> None:
        await bench.enter("a.example", "/1", "/2", "/3")
        busy = asyncio.create_task(bench.attend("a.example"))
        await asyncio.sleep(TAKES)
        async with bench.asking(timedelta(0)) as asker:
            with pytest.raises(HostBusy):
                await asker.fetch(bench.counter.url("b.example", "/"))
        await busy
        assert bench.host("b.example").visiting_until is None

    assert set(on_bench(tmp_path, work).paths()) == {f"a.example/{n}" for n in "123"}


def test_a_host_that_rests_for_long_is_not_waited_for(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.counter.answers["a.example", "/"] = (503, {"Retry-After": "3600"}, b"")
        url = bench.counter.url("a.example", "/")
        async with bench.asking() as asker:
            await asker.fetch(url)
            with pytest.raises(HostBusy, match="asks for a rest"):
                await asker.fetch(url)
        began = bench.desk.means.now()
        async with bench.asking() as asker:
            with pytest.raises(HostBusy, match="rests until 2026-03-03 01:00"):
                await asker.fetch(url)
        assert bench.desk.means.now() == began
        assert bench.host("a.example").failures == 1

    assert on_bench(tmp_path, work).paths() == ["a.example/"]


def test_a_host_is_left_with_the_pause_it_asks_for(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        rules = b"User-agent: *\nCrawl-delay: 30"
        bench.counter.answers["a.example", "/robots.txt"] = rules
        bench.counter.answers["a.example", "/"] = PAGE
        async with bench.asking() as asker:
            await asker.fetch(bench.counter.url("a.example", "/"))
        owed = bench.host("a.example").free_at - bench.desk.means.now()
        assert owed == timedelta(seconds=30)
        assert bench.host("a.example").response_ms == pytest.approx(TAKES * 1000)

    on_bench(tmp_path, work)


def test_a_host_that_was_taken_over_is_asked_nothing_more(tmp_path: Path) -> None:
    """A survey that slept for longer than its lease has lost the host."""

    async def work(bench: Bench) -> None:
        await bench.enter("a.example", "/1", "/2")
        async with bench.asking() as asker:
            await asker.fetch(bench.counter.url("a.example", "/1"))
            await asyncio.sleep(3600)
            assert await bench.attend("a.example") == 2
            with pytest.raises(HostBusy, match=r"took a\.example"):
                await asker.fetch(bench.counter.url("a.example", "/1"))

    assert len(on_bench(tmp_path, work).paths()) == 3
