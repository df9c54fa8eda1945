"""What was received before is not kept twice, and can still be had whole."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from sqlmodel import select
from structlog.testing import capture_logs

from crawler.kept.unread import exchange_of, read_unread
from crawler.urls import host_key
from crawler.visits.visit import visit_for
from storage.errors import RecordElsewhere
from storage.fixity import Damage, verify
from storage.kept import read_record
from storage.model.link_kind import LinkKind
from storage.sql.tables import CaptureRow, HostRow, VersionRow
from storage.warc.capture import NOT_MODIFIED, SAME_PAYLOAD
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

PAGE = story("Pier to be rebuilt")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def ask(desk: Desk, site: Site, path: str, times: int) -> list[CaptureRow]:
    """Ask for a page some times over; return its captures."""
    kind = LinkKind.FEED if path == "/feed" else LinkKind.ARTICLE
    link = await desk.enter(site.url(path), kind)
    for _ in range(times):
        await desk.rested(site.url("/"))
        await visit_for(link, desk.means)
    return captures(desk, site.url(path))


def captures(desk: Desk, url: str) -> list[CaptureRow]:
    of_url = select(CaptureRow).where(CaptureRow.url == url)
    return desk.read(of_url.order_by(CaptureRow.id))


def damages(desk: Desk) -> list[Damage]:
    with desk._session() as session:
        return list(verify(desk.folder, session, full=True))


async def test_the_same_answer_again_is_a_revisit_of_the_first(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [PAGE]

    first, second, third = await ask(desk, site, "/pier", 3)

    assert (first.revisit_of, second.revisit_of) == (None, first.id)
    assert third.revisit_of == first.id
    assert third.length < first.length
    record = read_record(desk.folder, third)
    assert record.kind == "revisit"
    assert record.header("WARC-Profile") == SAME_PAYLOAD
    assert record.header("WARC-Refers-To") == (
        read_record(desk.folder, first).record_id
    )
    assert damages(desk) == []


async def test_a_revisit_reads_as_it_was_received(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [
        (200, {"X-Served": "1"}, PAGE),
        (200, {"X-Served": "2"}, PAGE),
    ]

    _, again = await ask(desk, site, "/pier", 2)
    exchange = exchange_of(desk.means, again)

    assert exchange.body == PAGE
    assert exchange.header("X-Served") == "2"
    assert exchange.response.endswith(PAGE)


async def test_a_304_is_a_revisit_of_what_was_not_modified(
    desk: Desk, site: Site
) -> None:
    feed = b"<rss><channel><title>Town</title></channel></rss>"
    site.answers["/feed"] = [(200, {"ETag": '"1"'}, feed), (304, {}, b"")]

    full, unchanged = await ask(desk, site, "/feed", 2)

    record = read_record(desk.folder, unchanged)
    assert unchanged.revisit_of == full.id
    assert (record.kind, unchanged.status) == ("revisit", 304)
    assert record.header("WARC-Profile") == NOT_MODIFIED
    assert record.header("WARC-Refers-To-Target-URI") == site.url("/feed")
    assert record.block.startswith(b"HTTP/1.1 304 ")
    assert damages(desk) == []


async def test_a_304_to_nothing_we_have_is_a_response(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [(304, {}, b"")]

    (unasked,) = await ask(desk, site, "/pier", 1)

    assert unasked.revisit_of is None
    assert read_record(desk.folder, unasked).kind == "response"


async def test_another_body_is_a_response(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [PAGE, story("Pier is finished"), PAGE]

    first, second, third = await ask(desk, site, "/pier", 3)

    assert [row.revisit_of for row in (first, second, third)] == [None, None, first.id]


async def test_robots_txt_is_revisited_too(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\n"]
    site.answers["/pier"] = [PAGE]

    await ask(desk, site, "/pier", 1)
    await expire_robots(desk, site)
    await ask(desk, site, "/pier", 1)

    first, second = captures(desk, site.url("/robots.txt"))
    assert (first.revisit_of, second.revisit_of) == (None, first.id)


async def expire_robots(desk: Desk, site: Site) -> None:
    def work(tx: Tx) -> None:
        row = tx.session.get_one(HostRow, host_key(site.url("/")))
        row.robots_at -= timedelta(days=2)

    await desk.means.writer.run(work)


async def test_a_revisit_that_nobody_read_is_read_at_the_start(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [PAGE]
    _, again = await ask(desk, site, "/pier", 2)

    def forget(tx: Tx) -> None:
        tx.session.get_one(CaptureRow, again.id).extracted_at = None

    await desk.means.writer.run(forget)
    assert await read_unread(desk.means, desk._session, 10) == 1

    _, read = captures(desk, site.url("/pier"))
    assert read.verdict == "article"
    assert len(desk.read(select(VersionRow))) == 1


async def test_a_damaged_original_is_not_referred_to(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [PAGE]
    (first,) = await ask(desk, site, "/pier", 1)
    path = desk.folder.segment(first.segment)
    assert path is not None
    with path.open("r+b") as file:
        file.seek(first.offset + first.length // 2)
        file.write(b"rot")

    _, second = await ask(desk, site, "/pier", 1)

    assert second.revisit_of is None
    assert exchange_of(desk.means, second).body == PAGE


async def test_an_original_that_another_node_has_is_no_damage(
    desk: Desk, site: Site
) -> None:
    """It costs room; in a fleet it is so as often as nodes take turns at a host."""
    site.answers["/pier"] = [PAGE]
    (first,) = await ask(desk, site, "/pier", 1)
    path = desk.folder.segment(first.segment)
    assert path is not None
    path.rename(path.with_name("with another node"))
    desk.folder.node = "this one"

    with capture_logs() as logged:
        _, second = await ask(desk, site, "/pier", 1)

    assert second.revisit_of is None
    assert "capture is damaged" not in [one["event"] for one in logged]
    with pytest.raises(RecordElsewhere, match="another node"):
        exchange_of(desk.means, first)


async def test_damage_to_an_original_is_told_of_its_revisits(
    desk: Desk, site: Site
) -> None:
    site.answers["/pier"] = [PAGE]
    first, second = await ask(desk, site, "/pier", 2)
    path = desk.folder.segment(first.segment)
    assert path is not None
    with path.open("r+b") as file:
        file.seek(first.offset + first.length // 2)
        file.write(b"rot")

    found = {damage.capture_id: damage.why for damage in damages(desk)}

    assert f"repeats capture {first.id}" in found[second.id]


async def test_other_readers_read_revisits(desk: Desk, site: Site) -> None:
    site.answers["/pier"] = [PAGE]
    (row, _) = await ask(desk, site, "/pier", 2)
    path = desk.folder.segment(row.segment)
    assert path is not None

    with path.open("rb") as file:
        kinds = [
            (record.headers["WARC-Type"], record.verify_block_digest())
            for record in ArchiveIterator(file, auto_decode="none", parse_http=False)
        ]

    assert kinds.count(("revisit", True)) == 1
    assert all(sound for _, sound in kinds)
