"""Events of articles: what is told, exactly once, and what is not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.config.tree import Config
from crawler.kept.unread import read_unread
from crawler.visits.visit import visit_for
from storage.errors import StorageError
from storage.model.takedown import Depth, Ground
from storage.sql.events import list_events
from storage.sql.ledger import due_now
from storage.sql.tables import CaptureRow, EventRow, LinkRow, VersionRow
from storage.sql.takedowns import Wanted, reach, take_down
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

PIER = story("Pier to be rebuilt")
RETITLED = PIER.replace(b">Pier to be rebuilt<", b">Pier to be torn down<")
GONE = (404, {}, b"")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def look(desk: Desk, site: Site, *answers: object) -> list[EventRow]:
    """Look at a page once for each answer; return all events."""
    site.answers["/pier"] = list(answers)
    link = await desk.enter(site.url("/pier"))
    for _ in answers:
        await desk.rested(site.url("/"))
        await desk.means.writer.run(
            lambda tx: due_now(tx.session, link, desk.means.now())
        )
        await visit_for(link, desk.means)
    return desk.read(select(EventRow).order_by(EventRow.id))


def types(events: list[EventRow]) -> list[tuple[str, str]]:
    return [(one.type, one.data["change"]) for one in events]


async def test_a_new_article_is_told_with_what_it_is(desk: Desk, site: Site) -> None:
    source = await desk.add_source(site.url("/"))
    site.answers["/pier"] = [PIER]
    link = await desk.enter(site.url("/pier"), source=source)

    await visit_for(link, desk.means)

    (event,) = desk.read(select(EventRow))
    (version,) = desk.read(select(VersionRow))
    captured = version.captured_at.isoformat().replace("+00:00", "Z")
    assert event.data == {
        "id": version.article_id,
        "source": "Town",
        "url": site.url("/pier"),
        "title": "Pier to be rebuilt",
        "published": None,
        "language": "en",
        "version": 1,
        "change": "first",
        "captured_at": captured,
    }
    assert (event.type, event.link_id, event.next_try) == ("article.new", link, None)


async def test_what_changes_is_told_and_what_is_cosmetic_is_not(
    desk: Desk, site: Site
) -> None:
    shouted = PIER.replace(b"harbour town met", b"HARBOUR TOWN met")

    events = await look(desk, site, PIER, PIER, shouted, RETITLED)

    assert types(events) == [("article.new", "first"), ("article.changed", "headline")]
    assert [one.data["version"] for one in events] == [1, 2]
    assert events[1].data["title"] == "Pier to be torn down"


async def test_an_article_goes_once_and_comes_back(desk: Desk, site: Site) -> None:
    events = await look(desk, site, PIER, GONE, GONE, PIER)

    assert types(events) == [
        ("article.new", "first"),
        ("article.gone", "gone"),
        ("article.back", "same"),
    ]
    assert {one.data["title"] for one in events} == {"Pier to be rebuilt"}


async def test_what_comes_back_changed_is_told_twice(desk: Desk, site: Site) -> None:
    events = await look(desk, site, PIER, GONE, RETITLED)

    assert types(events)[2:] == [
        ("article.back", "headline"),
        ("article.changed", "headline"),
    ]


async def test_an_article_is_back_when_its_server_says_not_modified(
    desk: Desk, site: Site
) -> None:
    tagged = (200, {"ETag": '"1"'}, PIER)

    events = await look(desk, site, tagged, GONE, (304, {}, b""))

    assert types(events)[2:] == [("article.back", "same")]
    assert desk.link(site.url("/pier")).state == "archived"


async def test_a_wall_brings_no_article_back(desk: Desk, site: Site) -> None:
    events = await look(desk, site, PIER, GONE, (403, {}, b""))

    assert len(events) == 2


async def test_a_paywall_is_told_once(desk: Desk, site: Site) -> None:
    stub = story("Pier to be rebuilt", paragraphs=1)

    events = await look(desk, site, PIER, stub, stub)

    assert len(desk.read(select(VersionRow))) == len(events)


async def test_what_is_read_again_is_not_told_again(desk: Desk, site: Site) -> None:
    before = await look(desk, site, PIER, RETITLED)

    def forget(tx: Tx) -> None:
        for row in tx.session.exec(select(CaptureRow)):
            row.extracted_at = None

    await desk.means.writer.run(forget)
    await read_unread(desk.means, desk._session, 10)

    assert len(desk.read(select(EventRow))) == len(before) == 2


async def test_what_was_kept_and_not_read_is_told_when_it_is(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the two transactions."""

    def die(*_: object, **__: object) -> None:
        raise StorageError("killed")

    with monkeypatch.context() as dying:
        dying.setattr("crawler.events.announcing.add_event", die)
        with pytest.raises(StorageError):
            await look(desk, site, PIER)
    assert desk.read(select(EventRow)) == desk.read(select(VersionRow)) == []

    await read_unread(desk.means, desk._session, 10)

    assert types(desk.read(select(EventRow))) == [("article.new", "first")]


async def take(desk: Desk, url: str, depth: Depth) -> None:
    wanted = Wanted(depth=depth, ground=Ground.OTHER)

    def work(tx: Tx) -> None:
        (key,) = tx.session.exec(select(LinkRow.key).where(LinkRow.url == url))
        reached = reach(tx.session, [key])
        take_down(tx.session, "t", wanted, reached, desk.means.now())

    await desk.means.writer.run(work)


def show_all(tx: Tx) -> None:
    for row in tx.session.exec(select(LinkRow)):
        row.withheld = None


async def test_of_what_is_withheld_nothing_is_told(desk: Desk, site: Site) -> None:
    await look(desk, site, PIER)
    await take(desk, site.url("/pier"), Depth.HIDE)

    events = await look(desk, site, RETITLED)

    assert len(desk.read(select(VersionRow))) == 2
    assert len(events) == 1
    with desk._session() as session:
        assert list_events(session, after=0, limit=9) == []

    await desk.means.writer.run(show_all)
    with desk._session() as session:
        assert len(list_events(session, after=0, limit=9)) == 1


@pytest.mark.parametrize(
    ("sent", "is_sent"),
    [(("source.*",), False), (("article.new",), True), (("*",), True), ((), False)],
)
async def test_what_is_wanted_is_sent(
    desk: Desk, sent: tuple[str, ...], is_sent: bool
) -> None:
    desk.use(sent=sent)

    assert (desk.means.send_at("article.new") is not None) is is_sent


def test_a_webhook_gets_alerts_alone_unless_told_otherwise() -> None:
    assert Config().alerts.events == ("source.*", "service.*")
    with pytest.raises(ValueError, match="events"):
        Config.model_validate({"alerts": {"events": ["Article?"]}})


def test_events_are_kept_for_a_month() -> None:
    assert Config().storage.keep_events == timedelta(days=30)
