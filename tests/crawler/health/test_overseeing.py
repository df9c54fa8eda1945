"""Sources watched over on a real archive, and judged."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from crawler.health.overseeing import Overseer, judge
from crawler.urls import url_key
from storage.alerts import AlertKind, AlertState, Loss
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.alerts import NamedAlert, list_alerts
from storage.sql.captures import KeptRecords, add_capture
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.ledger import add_links
from storage.sql.sources import PAUSED, set_state
from storage.sql.tables import ACTIVE, ArticleRow, EventRow, SourceDayRow, SourceRow
from storage.warc.capture import capture_records
from storage.writer import Tx
from tests.crawler.desk import Desk, open_desk
from tests.crawler.health.material import NOON, day, past, usual
from tests.storage.kept import exchange

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = [0] * 8 + [1] * 10 + [0] * 6


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        desk.use(now=lambda: NOW)
        yield desk


def overseer(desk: Desk, at: datetime = NOW) -> Overseer:
    engine = reading_engine(sqlite_url(desk.folder.path))
    desk.use(now=lambda: at)
    return Overseer(
        means=desk.means,
        sessions=lambda: Session(engine),
        budget=20,
        started_at=NOW,
        waited=timedelta(days=3),
    )


def alerts(desk: Desk, state: AlertState | None = None) -> list[NamedAlert]:
    with Session(reading_engine(sqlite_url(desk.folder.path))) as session:
        return list_alerts(session, state=state)


async def watched(desk: Desk, last_new: datetime) -> int:
    """Watch a source that brought ten articles a day, the last one at a time."""
    source = await desk.add_source("https://town.example/")
    link = await desk.enter("https://town.example/pier", source=source)

    def fill(tx: Tx) -> None:
        tx.session.get_one(SourceRow, source).created_at = NOW - timedelta(days=90)
        for ago in range(60):
            day = (NOW - timedelta(days=ago)).date()
            is_over = day > last_new.date()
            tx.session.add(
                SourceDayRow(
                    source_id=source,
                    day=day,
                    asked=10,
                    read=10,
                    new=0 if is_over else 10,
                    hours=[0] * 24 if is_over else HOURS,
                    fields={},
                    lengths={},
                )
            )
        tx.session.add(
            ArticleRow(
                link_id=link,
                source_id=source,
                key="pier",
                url="https://town.example/pier",
                title="Pier",
                authors=[],
                first_seen=last_new,
                last_seen=last_new,
            )
        )

    await desk.means.writer.run(fill)
    return source


async def test_a_source_that_fell_silent_is_told_of(desk: Desk) -> None:
    source = await watched(desk, NOW - timedelta(days=3))

    first = await overseer(desk).oversee()
    (opened,) = await overseer(desk, NOW + HOUR).oversee()

    assert first == []
    assert (opened.source, opened.kind) == (source, AlertKind.SILENT)
    (listed,) = alerts(desk, AlertState.OPEN)
    assert listed.name == "Town"
    assert "no new article for 73 h" in listed.alert.why


@pytest.mark.parametrize("ago", [2, 9, 12, 49, 200])
async def test_a_source_is_silent_until_its_next_article(desk: Desk, ago: int) -> None:
    """However long that lasts: days of silence are none of its usual ones."""
    await watched(desk, NOW - timedelta(days=2))
    await overseer(desk).oversee()
    await overseer(desk, NOW + HOUR).oversee()

    assert await overseer(desk, NOW + timedelta(days=ago)).oversee() == []
    (still,) = alerts(desk)
    assert (still.alert.kind, still.alert.closed_at) == (AlertKind.SILENT, None)


async def test_a_source_of_an_article_a_day_is_called_silent(desk: Desk) -> None:
    await watched(desk, NOW - timedelta(days=1))

    def slow(tx: Tx) -> None:
        for row in tx.session.exec(select(SourceDayRow)):
            row.asked = row.read = row.new = min(row.new, 1)
            row.hours = [0] * 12 + [row.new] + [0] * 11

    await desk.means.writer.run(slow)
    for days in range(13):
        await overseer(desk, NOW + timedelta(days=days)).oversee()

    (silent,) = alerts(desk)
    assert silent.alert.kind is AlertKind.SILENT


@pytest.mark.parametrize(("ago", "sources"), [(6, 2), (8, 1)])
def test_a_source_that_died_before_all_fell_silent_says_nothing_of_us(
    ago: int, sources: int
) -> None:
    days = [*past()[-20:], day(0)]
    news = {1: NOON, 2: NOON - timedelta(days=ago)}
    known = dict.fromkeys(news, days)
    later = NOON + timedelta(days=2)

    judged = judge(dict.fromkeys(news, usual()), known, news, (), (), later)

    assert judged.missed == pytest.approx(20 * sources, rel=0.01)
    assert len(news) - len(judged.left) == sources


async def test_what_stood_there_when_a_source_was_entered_is_not_missed_later(
    desk: Desk,
) -> None:
    """A month of articles came on its first day, and five a day since, as before."""
    source = await watched(desk, NOW - HOUR)

    def begin(tx: Tx) -> None:
        tx.session.get_one(SourceRow, source).created_at = NOW - timedelta(days=9)
        for row in tx.session.exec(select(SourceDayRow)):
            row.found = row.asked = row.read = row.new = 5
            row.hours = [0] * 9 + [1] * 5 + [0] * 10
            if row.day == (NOW - timedelta(days=9)).date():
                row.found = row.asked = row.read = row.new = 150
                row.hours = [0] * 12 + [150] + [0] * 11
            elif row.day < (NOW - timedelta(days=9)).date():
                tx.session.delete(row)

    await desk.means.writer.run(begin)
    await overseer(desk).oversee()

    assert await overseer(desk, NOW + HOUR).oversee() == []


async def test_that_an_alert_opened_is_an_event(desk: Desk) -> None:
    await watched(desk, NOW - timedelta(days=3))
    await overseer(desk).oversee()
    await overseer(desk, NOW + HOUR).oversee()

    (event,) = desk.read(select(EventRow))
    assert (event.type, event.data["source"]) == ("source.degraded", "Town")
    assert event.next_try is None  # nobody is to be told


async def test_a_source_that_brings_what_it_used_to_is_not(desk: Desk) -> None:
    await watched(desk, NOW - HOUR)

    await overseer(desk).oversee()
    assert await overseer(desk, NOW + HOUR).oversee() == []
    assert alerts(desk) == []


async def test_an_alert_closes_with_the_first_article(desk: Desk) -> None:
    await watched(desk, NOW - timedelta(days=3))
    await overseer(desk).oversee()
    await overseer(desk, NOW + HOUR).oversee()

    def bring(tx: Tx) -> None:
        for row in tx.session.exec(select(ArticleRow)):
            row.first_seen = NOW + HOUR

    await desk.means.writer.run(bring)
    (closed,) = await overseer(desk, NOW + 2 * HOUR).oversee()

    assert closed.closed_at == NOW + 2 * HOUR
    assert alerts(desk, AlertState.OPEN) == []


async def test_an_alert_that_closes_by_a_pause_names_its_source(desk: Desk) -> None:
    source = await watched(desk, NOW - timedelta(days=3))
    await overseer(desk).oversee()
    await overseer(desk, NOW + HOUR).oversee()

    def pause(tx: Tx) -> None:
        set_state(tx.session, tx.session.get_one(SourceRow, source), PAUSED, NOW)

    await desk.means.writer.run(pause)
    await overseer(desk, NOW + 2 * HOUR).oversee()

    _, event = desk.read(select(EventRow))
    assert (event.type, event.data["source"]) == ("source.recovered", "Town")
    assert event.data["why"].startswith("not judged any more")


async def test_a_pause_is_no_loss(desk: Desk) -> None:
    """It brought nothing for ten days since nobody asked, and goes on as before."""
    source = await watched(desk, NOW - timedelta(days=10))

    def pause(tx: Tx) -> None:
        row = tx.session.get_one(SourceRow, source)
        set_state(tx.session, row, PAUSED, NOW - timedelta(days=10))
        set_state(tx.session, row, ACTIVE, NOW)

    await desk.means.writer.run(pause)
    for hours in (0, 1, 2, 5):
        assert await overseer(desk, NOW + hours * HOUR).oversee() == []

    (silent,) = [
        one
        for hours in (73, 74)
        for one in await overseer(desk, NOW + hours * HOUR).oversee()
    ]
    assert silent.kind is AlertKind.SILENT
    assert silent.why.startswith("no new article for 74 h")


async def test_rows_of_a_visit_are_counted(desk: Desk) -> None:
    source = await desk.add_source("https://town.example/")
    await desk.enter("https://town.example/pier", source=source)

    await overseer(desk).count(NOW)

    (day,) = desk.read(select(SourceDayRow))
    assert (day.source_id, day.found) == (source, 1)


async def test_counting_ends_while_links_keep_coming(desk: Desk) -> None:
    source = await desk.add_source("https://town.example/")
    engine = reading_engine(sqlite_url(desk.folder.path))
    opened: list[int] = []

    def sessions() -> Session:
        opened.append(len(opened))
        url = f"https://town.example/{len(opened)}"
        link = NewLink(
            url=url, key=url_key(url), host="town.example", kind=LinkKind.ARTICLE
        )
        desk.means.writer.submit(
            lambda tx: add_links(
                tx.session, [link], source=source, found_on=None, now=NOW
            )
        ).result(timeout=20)
        assert len(opened) < 5
        return Session(engine)

    watching = overseer(desk)
    watching.sessions = sessions

    await watching.count(NOW)

    (day,) = desk.read(select(SourceDayRow))
    assert day.found == 1


async def test_time_in_which_the_service_did_not_run_is_an_outage(desk: Desk) -> None:
    """Nobody is called silent for it; much came since by the time it is noted."""
    await watched(desk, NOW - timedelta(days=3))
    await received(desk, NOW - timedelta(days=3))
    await received(desk, NOW + timedelta(minutes=5))
    watching = overseer(desk)
    await watching.oversee()
    await watching.oversee()

    (outage,) = alerts(desk)
    assert (outage.alert.loss, outage.alert.why) == (
        Loss.OURS,
        "the service did not run",
    )
    assert outage.alert.bad_since == NOW - timedelta(days=3)


async def test_that_the_service_did_not_run_is_told_once(desk: Desk) -> None:
    """It may be started again before anything is received."""
    await received(desk, NOW - timedelta(days=3))

    await overseer(desk).oversee()
    await overseer(desk).oversee()

    (event,) = desk.read(select(EventRow))
    assert (event.type, event.data["why"]) == (
        "service.back",
        "the service did not run",
    )
    assert event.data["bad_since"] == "2026-03-13T12:00:00Z"


async def test_a_service_for_which_nothing_was_due_may_well_have_run(
    desk: Desk,
) -> None:
    """A few sources are seldom read at night; a start in the morning is no outage."""
    await received(desk, NOW - 9 * HOUR)
    watching = overseer(desk)
    watching.waited = timedelta(minutes=5)

    await watching.oversee()

    assert alerts(desk) == []


async def received(desk: Desk, at: datetime) -> None:
    """Have it that something was received at a time."""

    def keep(tx: Tx) -> None:
        seen = replace(exchange(1), started_at=at)
        made = capture_records(seen)
        request, response = tx.append([made.request, made.response])
        kept = KeptRecords(
            request=request,
            response=response,
            payload_sha256=made.payload_sha256,
            record_sha256=made.record_sha256,
            request_sha256=made.request_sha256,
        )
        add_capture(tx.session, seen, kept, link_id=None, to_read=False)

    await desk.means.writer.run(keep)
