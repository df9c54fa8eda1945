"""What a host's wall or outage kept from us is asked for once it serves articles again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_state import LinkState
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
Answer = tuple[int, dict[str, str], bytes]
WALL: Answer = (403, {}, b"<p>Access denied</p>")
GONE: Answer = (404, {}, b"<p>Not found</p>")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as served:
        yield served


async def days_pass(desk: Desk, site: Site, *days: int) -> None:
    """Visit the site so many days from now."""
    for day in days:
        at = datetime.now(UTC) + day * DAY
        desk.use(now=lambda at=at: at)
        await visit(host_key(site.url("/")), desk.means, budget=90)


async def test_what_a_wall_of_days_kept_back_is_had_when_it_falls(
    desk: Desk, site: Site
) -> None:
    """It was refused as often as is asked; no list names it any more."""
    site.answers = {"/first": [story("Pier")], "/walled": [WALL]}
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/first"), source=source)
    await days_pass(desk, site, 0)
    await desk.enter(site.url("/walled"), source=source)
    await days_pass(desk, site, 1, 2, 4, 7)
    given_up = desk.link(site.url("/walled"))
    site.answers |= {"/walled": [story("Lighthouse")], "/new": [story("Harbour")]}
    await desk.enter(site.url("/new"), source=source)

    await days_pass(desk, site, 8, 9)

    assert (given_up.state, given_up.next_run) == (LinkState.BLOCKED, None)
    assert desk.link(site.url("/walled")).state == LinkState.ARCHIVED


async def test_what_a_host_led_away_for_days_is_had_when_it_is_back(
    desk: Desk, site: Site
) -> None:
    """All its pages led to one of maintenance, at another host."""
    async with scripted_site() as other:
        site.answers["/pier"] = [(302, {"Location": other.url("/wait")}, b"")]
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/pier"), source=source)
        await days_pass(desk, site, 0)
        await days_pass(desk, other, 0)
    site.answers["/pier"] = [story("Pier")]

    await days_pass(desk, site, 1)

    assert desk.link(site.url("/pier")).state == LinkState.ARCHIVED


async def test_what_is_archived_where_it_leads_is_not_asked_for_again(
    desk: Desk, site: Site
) -> None:
    async with scripted_site() as other:
        other.answers["/pier"] = [story("Pier")]
        leads = (302, {"Location": other.url("/pier")}, b"")
        site.answers = {"/early": [leads], "/late": [leads]}
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/early"), source=source)
        await days_pass(desk, site, 0)
        await days_pass(desk, other, 0)
        await desk.enter(site.url("/late"), source=source)

        await days_pass(desk, site, 1, 9)

    assert site.paths == ["/early", "/late"]


async def test_what_is_missing_while_the_host_serves_others_stays_so(
    desk: Desk, site: Site
) -> None:
    days, later = range(9), (30, 31, 50, 51)
    stories = {f"/{day}": [story(f"Pier {day}")] for day in (*days, *later)}
    site.answers = {"/missing": [GONE], **stories}
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/missing"), source=source)
    for day in days:
        await desk.enter(site.url(f"/{day}"), source=source)
        await days_pass(desk, site, day)
    asked = site.paths.count("/missing")

    for day in later:
        await desk.enter(site.url(f"/{day}"), source=source)
        await days_pass(desk, site, day)

    assert asked == 5
    assert site.paths.count("/missing") == asked
