"""The judge of politeness sees what it is there to see."""

import asyncio
from dataclasses import replace

import pytest

from tests.torture.week.judge import breaches
from tests.torture.week.simulated import SimulatedLoop, run_simulated
from tests.torture.week.town import DAY, Asked, Site

SITE = Site(
    number=0,
    host="www.a.test",
    address="127.0.0.9",
    fault="",
    since=0,
    until=0,
    crawl_delay=5,
    published=(),
)
SISTER = replace(SITE, host="m.a.test", address="127.0.0.8")
NEIGHBOUR = replace(SITE, host="b.test")
SITES = {site.host: site for site in (SITE, SISTER, NEIGHBOUR)}
RULES = {site: [(0.0, 200, b"Disallow: /private")] for site in SITES}


def asked(site: Site, path: str, began: float, **more: float) -> Asked:
    return Asked(
        host=site.host,
        address=site.address,
        path=path,
        began=began,
        ended=began + more.get("takes", 0.0),
        status=int(more.get("status", 200)),
        retry_after=more.get("retry_after", 0.0),
    )


def found(*log: Asked) -> set[str]:
    return {why.split(" at ")[0] for why in breaches(log, SITES, RULES, 2.0)}


def test_a_polite_visit_is_no_breach() -> None:
    robots = asked(SITE, "/robots.txt", 0)

    assert found(robots, asked(SITE, "/a", 5), asked(NEIGHBOUR, "/a", 7)) == set()


@pytest.mark.parametrize("other", [SITE, SISTER, NEIGHBOUR])
def test_a_pause_that_is_too_short_is_seen(other: Site) -> None:
    assert "gap" in found(asked(SITE, "/a", 9), asked(other, "/b", 10))


@pytest.mark.parametrize("other", [SITE, SISTER, NEIGHBOUR])
def test_two_requests_at_once_are_seen(other: Site) -> None:
    assert "overlap" in found(asked(SITE, "/a", 9, takes=4), asked(other, "/b", 12))


def test_a_crawl_delay_that_was_told_is_watched() -> None:
    assert found(asked(SITE, "/robots.txt", 0), asked(SITE, "/a", 3)) == {"crawl-delay"}


def test_a_rest_that_was_asked_for_is_watched() -> None:
    busy = asked(SITE, "/a", 9, status=429, retry_after=900)

    assert found(busy, asked(SITE, "/a", 500)) == {"retry-after"}


def test_what_robots_txt_forbids_is_seen() -> None:
    assert found(asked(SITE, "/private/a", 9)) == {"robots.txt forbids"}


def test_rules_that_are_too_old_are_seen() -> None:
    assert found(asked(SITE, "/a", 2 * DAY)) == {"robots.txt is old"}


def test_rules_that_are_not_known_are_seen() -> None:
    log = [asked(SITE, "/a", 9)]

    assert list(breaches(log, SITES, {}, 2.0)) == [
        "robots.txt unknown at www.a.test: /a"
    ]


def test_a_week_of_sleep_takes_no_time() -> None:
    async def sleep(loop: SimulatedLoop) -> float:
        await asyncio.to_thread(sum, range(10))
        await asyncio.sleep(7 * DAY)
        return loop.time()

    assert run_simulated(sleep) == 7 * DAY
