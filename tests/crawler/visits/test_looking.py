"""Looks under a budget, on a real archive and a site that changes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.ondemand import enter_link
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.looks import Tally, read_tally, tally_document
from storage.model.change import Change
from storage.model.link import Haste, NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import add_links, put_off
from storage.sql.looks import note_requests, tally_of
from storage.sql.sources import set_state
from storage.sql.tables import LinkRow, SourceRow, VersionRow
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
STILL = [f"/still-{n}" for n in range(16)]
CHANGING = [f"/changing-{n}" for n in range(3)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        site.answers["/robots.txt"] = [(404, {}, b"")]
        yield site


async def archive(desk: Desk, site: Site, paths: list[str], **manners: object) -> int:
    """Archive pages of a source at START; return the source."""
    desk.use(now=lambda: START)
    source = await desk.add_source(site.url("/"), **manners)
    for path in paths:
        site.answers[path] = [story(f"About {path}, as it was at first")]
        await desk.enter(site.url(path), source=source)
    await visit(host_key(site.url("/")), desk.means, budget=100)
    assert len(desk.read(select(VersionRow))) == len(paths)
    site.asked.clear()
    return source


async def visit_at(desk: Desk, site: Site, now: datetime) -> int:
    desk.use(now=lambda: now)
    return len(await visit(host_key(site.url("/")), desk.means, budget=100))


def tally(desk: Desk, now: datetime) -> Tally:
    (row,) = desk.read(select(SourceRow))
    return read_tally(row.tally).faded(now)


async def spend_all(desk: Desk, source: int) -> None:
    """Leave nothing of a source's budget."""

    def work(tx: Tx) -> None:
        note_requests(tx.session, source, START, looks=1000)

    await desk.means.writer.run(work)


async def test_under_a_tight_budget_the_changers_are_found(
    desk: Desk, site: Site
) -> None:
    """Of 19 articles three change every two hours for a day: they get the looks."""
    manners = {"revisit_share": 0.5, "poll": QUARTER}
    source = await archive(desk, site, [*STILL, *CHANGING], **manners)
    site.answers["/feed"] = [b"<rss><channel><title>Town</title></channel></rss>"]
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)

    for n in range(1, 96):
        if n % 8 == 5:
            for path in CHANGING:
                site.answers[path] = [story(f"About {path}, as it was at step {n}")]
        await visit_at(desk, site, START + n * QUARTER)

    looks = {path: site.paths.count(path) for path in (*STILL, *CHANGING)}
    at_changers = sum(looks[path] for path in CHANGING)
    others = site.paths.count("/feed") + len(looks) + 30
    assert sum(looks.values()) <= others
    assert at_changers / 3 > 3 * sum(looks[path] for path in STILL) / len(STILL)
    found = desk.read(select(VersionRow).where(VersionRow.change != Change.FIRST))
    assert len(found) >= 36 / 2  # first come, first served: 3 of the 36


async def test_a_look_that_waits_costs_no_request_and_says_so(
    desk: Desk, site: Site
) -> None:
    source = await archive(desk, site, ["/pier"])
    await spend_all(desk, source)

    attended = await visit_at(desk, site, START + timedelta(hours=1))

    link = desk.link(site.url("/pier"))
    assert (attended, site.asked) == (0, [])
    assert link.state == LinkState.ARCHIVED
    assert link.reason.startswith("a look waits: it is worth ")
    assert link.next_run == START + timedelta(hours=25)


async def test_a_new_article_is_fetched_whatever_was_spent(
    desk: Desk, site: Site
) -> None:
    source = await archive(desk, site, ["/pier"])
    await spend_all(desk, source)
    site.answers["/new"] = [story("A new one")]

    await desk.enter(site.url("/new"), source=source)
    await visit_at(desk, site, START + timedelta(hours=1))

    assert site.paths == ["/new"]


async def test_new_articles_come_before_looks(desk: Desk, site: Site) -> None:
    """Also where the looks fell due later, which would put them first."""
    source = await archive(desk, site, ["/pier"])
    site.answers["/new"] = [story("A new one")]

    await desk.enter(site.url("/new"), source=source)
    await visit_at(desk, site, START + timedelta(hours=1))

    assert site.paths == ["/new", "/pier"]


async def test_requests_and_what_looks_find_are_kept_with_the_source(
    desk: Desk, site: Site
) -> None:
    await archive(desk, site, ["/pier", "/ferry"])
    site.answers["/pier"] = [story("The pier is another one now")]
    before, later = tally(desk, START), START + timedelta(hours=1)

    await visit_at(desk, site, later)

    after = tally(desk, later)
    assert (before.spent, before.others) == (0, 32)
    assert after.spent == 2
    assert sum(after.hours) == pytest.approx(2)
    assert sum(after.changes) == pytest.approx(1)


async def test_an_unchanged_answer_is_a_look_that_found_nothing(
    desk: Desk, site: Site
) -> None:
    await archive(desk, site, ["/pier"])
    site.answers["/pier"] = [(304, {}, b"")]

    await visit_at(desk, site, START + timedelta(hours=1))

    after = tally(desk, START + timedelta(hours=1))
    assert desk.link(site.url("/pier")).reason == "not modified"
    assert (sum(after.hours), sum(after.changes)) == (pytest.approx(1), 0)


async def test_a_missing_page_says_nothing_of_changes(desk: Desk, site: Site) -> None:
    await archive(desk, site, ["/pier"])
    site.answers["/pier"] = [(404, {}, b"")]

    await visit_at(desk, site, START + timedelta(hours=1))

    after = tally(desk, START + timedelta(hours=1))
    assert desk.link(site.url("/pier")).state == LinkState.GONE
    assert (after.spent, sum(after.hours)) == (1, 0)


async def test_what_became_due_anew_is_not_put_off(desk: Desk, site: Site) -> None:
    """A list may state a change between the decision and its commit."""
    await archive(desk, site, ["/pier"])
    link = desk.link(site.url("/pier"))

    def work(tx: Tx) -> None:
        put_off(
            tx.session,
            int(link.id or 0),
            seen=START,
            until=None,
            reason="waits",
            rhythm={},
        )

    await desk.means.writer.run(work)

    assert desk.link(site.url("/pier")).next_run == link.next_run


async def test_a_source_without_a_share_is_not_looked_at(
    desk: Desk, site: Site
) -> None:
    await archive(desk, site, ["/pier"], revisit_share=0.0)

    link = desk.link(site.url("/pier"))
    assert link.next_run is None
    assert link.reason == "article, first; not looked at again"


async def test_a_link_of_no_source_is_looked_at_by_the_ladder(
    desk: Desk, site: Site
) -> None:
    desk.use(now=lambda: START)
    site.answers["/pier"] = [story("The pier")]
    await desk.enter(site.url("/pier"))

    for n in range(3):
        await visit_at(desk, site, START + n * QUARTER)

    assert site.paths.count("/pier") == 3


async def test_a_source_that_is_gone_has_no_tally(desk: Desk) -> None:
    def work(tx: Tx) -> Tally:
        note_requests(tx.session, 99, START, looks=1)
        return tally_of(tx.session, 99)

    assert tally_document(await desk.means.writer.run(work)) == tally_document(Tally())


async def test_a_due_look_is_found_by_the_index_alone(desk: Desk) -> None:
    """A million archived articles that are not due are never looked at."""

    def plan(tx: Tx) -> str:
        explained = tx.session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM link WHERE host = 'a' "
            "AND next_run <= '2026' ORDER BY kind NOT IN ('feed'), "
            "state IN ('archived', 'gone'), next_run DESC LIMIT 20"
        )
        return " ".join(str(row) for row in explained)

    assert "SEARCH link USING INDEX ix_link_due" in await desk.means.writer.run(plan)


async def test_a_page_asked_for_by_hand_is_fetched_whatever_was_spent(
    desk: Desk, site: Site
) -> None:
    source = await archive(desk, site, ["/pier"])
    await spend_all(desk, source)

    await enter_link(site.url("/pier"), desk.means)
    await visit_at(desk, site, START + timedelta(minutes=1))

    assert site.paths == ["/pier"]


async def test_a_stated_change_is_looked_at_at_once_and_counted(
    desk: Desk, site: Site
) -> None:
    source = await archive(desk, site, ["/pier"])
    later = START + timedelta(minutes=40)
    site.answers["/pier"] = [story("The pier is another one now")]

    await state_change(desk, site, source, later)
    await visit_at(desk, site, later)

    after = tally(desk, later)
    assert (after.stated, after.confirmed) == (1, 1)
    assert desk.link(site.url("/pier")).haste is None


async def state_change(desk: Desk, site: Site, source: int, now: datetime) -> None:
    """Let a list state that /pier was changed five minutes ago."""
    link = desk.link(site.url("/pier"))
    named = NewLink(
        url=link.url,
        key=link.key,
        host=link.host,
        kind=LinkKind.ARTICLE,
        modified=now - timedelta(minutes=5),
    )

    def work(tx: Tx) -> None:
        row = tx.session.get_one(LinkRow, link.id)
        row.fetched_at = START  # the site's clock is the real one
        row.next_run = now + timedelta(hours=1)
        tx.session.flush()
        add_links(tx.session, [named], source=source, found_on=None, now=now)

    await desk.means.writer.run(work)
    assert desk.link(site.url("/pier")).haste == Haste.STATED


async def test_what_a_pause_held_back_is_not_taken_for_stated(
    desk: Desk, site: Site
) -> None:
    """A source that is resumed has all its articles due; few are worth a look."""
    await archive(desk, site, ["/pier"], revisit_until=timedelta(days=90))
    later = START + timedelta(days=20)

    def work(tx: Tx) -> None:
        (row,) = tx.session.exec(select(SourceRow))
        set_state(tx.session, row, "paused", START)
        set_state(tx.session, row, "active", later)
        note_requests(tx.session, int(row.id or 0), later, looks=1000)

    await desk.means.writer.run(work)
    await visit_at(desk, site, later)

    assert site.asked == []
    assert desk.link(site.url("/pier")).next_run == later + timedelta(days=20)
