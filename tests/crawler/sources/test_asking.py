"""Sites asked by hand: every hop waits for its host's turn, as the server counts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.config.tree import Config
from crawler.errors import RobotsRefused
from crawler.sources.asking import Asker, Pace
from tests.crawler.counting import Counter, counting, moved, talking_client
from tests.torture.week.simulated import SimulatedLoop, clock_of, run_simulated

BEGAN = datetime(2026, 3, 3, tzinfo=UTC)
DELAY = 5.0
PAGE = b"<html><p>A page</p></html>"


def ask(work: Callable[[Asker, Counter], Awaitable[object]]) -> Counter:
    """Ask a counting server on a simulated clock; return what it counted."""

    async def run(loop: SimulatedLoop) -> Counter:
        async with (
            counting() as counter,
            talking_client(loop.talking, clock_of(loop, BEGAN)) as client,
        ):
            asker = Asker(Config(), client, Pace(timedelta(seconds=DELAY)))
            await work(asker, counter)
            return counter

    return run_simulated(run)


def test_each_hop_on_a_host_is_a_turn() -> None:
    """A redirect on the same host is a request like any other."""

    async def work(asker: Asker, counter: Counter) -> None:
        counter.answers["a.example", "/1"] = moved("/2")
        counter.answers["a.example", "/2"] = PAGE
        await asker.fetch(counter.url("a.example", "/1"))
        await asker.fetch(counter.url("a.example", "/2"))

    counted = ask(work)

    assert counted.paths() == ["a.example/1", "a.example/2", "a.example/2"]
    assert min(counted.gaps("a.example")) >= DELAY


def test_the_host_that_a_redirect_leads_to_has_its_pause() -> None:
    """Two pages of b are asked for by way of a, which owes b nothing."""

    async def work(asker: Asker, counter: Counter) -> None:
        for n in range(2):
            counter.answers["a.example", f"/{n}"] = moved(
                counter.url("b.example", f"/{n}")
            )
            counter.answers["b.example", f"/{n}"] = PAGE
        urls = [counter.url("a.example", f"/{n}") for n in range(2)]
        await asyncio.gather(*(asker.fetch(url) for url in urls))
        await asker.fetch(counter.url("b.example", "/0"))

    counted = ask(work)

    assert len(counted.gaps("b.example")) == 2
    assert min(counted.gaps("b.example")) >= DELAY


def test_redirects_that_cross_do_not_wait_for_each_other() -> None:
    """Each fetch has the turn of one host at a time."""

    async def work(asker: Asker, counter: Counter) -> None:
        counter.answers["a.example", "/1"] = moved(counter.url("b.example", "/2"))
        counter.answers["b.example", "/1"] = moved(counter.url("a.example", "/2"))
        starts = (counter.url("a.example", "/1"), counter.url("b.example", "/1"))
        async with asyncio.timeout(10 * DELAY):
            await asyncio.gather(*(asker.fetch(url) for url in starts))

    counted = ask(work)

    assert sorted(counted.paths()) == [
        "a.example/1",
        "a.example/2",
        "b.example/1",
        "b.example/2",
    ]


def test_robots_txt_and_the_page_it_allows_are_one_turn() -> None:
    async def work(asker: Asker, counter: Counter) -> None:
        counter.answers["a.example", "/1"] = PAGE
        await asker.fetch(counter.url("a.example", "/1"))

    counted = ask(work)

    assert [path for _, path, _, _ in counted.asked] == ["/robots.txt", "/1"]
    assert counted.asked[1][2] - counted.asked[0][3] < DELAY


def test_a_robots_txt_kept_on_another_host_waits_for_that_ones_turn() -> None:
    async def work(asker: Asker, counter: Counter) -> None:
        rules = counter.url("b.example", "/rules.txt")
        counter.answers["a.example", "/robots.txt"] = moved(rules)
        counter.answers["b.example", "/rules.txt"] = b"User-agent: *\nDisallow: /x"
        counter.answers["b.example", "/1"] = PAGE
        await asker.fetch(counter.url("b.example", "/1"))
        with pytest.raises(RobotsRefused):
            await asker.fetch(counter.url("a.example", "/x"))

    counted = ask(work)

    assert counted.paths() == ["b.example/1", "b.example/rules.txt"]
    assert min(counted.gaps("b.example")) >= DELAY


def test_a_crawl_delay_sets_the_pause_of_its_host_alone() -> None:
    async def work(asker: Asker, counter: Counter) -> None:
        rules = b"User-agent: *\nCrawl-delay: 30"
        counter.answers["slow.example", "/robots.txt"] = rules
        for name in ("slow.example", "a.example"):
            for path in ("/1", "/2"):
                await asker.fetch(counter.url(name, path))

    counted = ask(work)

    assert counted.gaps("slow.example")[0] >= 30
    assert DELAY <= counted.gaps("a.example")[0] < 30
