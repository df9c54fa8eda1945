"""The page of a live blog, and of an article that was joined from several pages."""

from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import select

from crawler.service.service import Service
from storage.model.article import Article, Entry
from storage.model.moment import Moment, Precision
from storage.sql.tables import CaptureRow, PartRow, VersionRow
from storage.writer import Tx
from tests.crawler.web.material import block, keep

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
URL = "https://harbour.example/storm"


def live_blog() -> Article:
    at = Moment(at=NOON, precision=Precision.MINUTE, zone_stated=True)
    return Article(
        url=URL,
        title="The storm, live",
        blocks=(block("It has begun."), block("Bridge closed."), block("Ferry gone.")),
        entries=(
            Entry(start=1, end=2, at=at, authors=("Ada Quill",)),
            Entry(start=2, end=3),
        ),
    )


async def test_entries_are_shown_with_their_time_and_authors(
    service: Service, writer: httpx.AsyncClient
) -> None:
    article = await keep(service, live_blog(), None, NOON)

    page = (await writer.get(f"/articles/{article}")).text

    lead, entry, rest = page.partition('<p class="facts entry">')
    assert "<p>It has begun.</p>" in lead
    assert entry
    assert rest.index("2026-05-04 12:00 UTC") < rest.index("Ada Quill")
    assert rest.index("Ada Quill") < rest.index("<p>Bridge closed.</p>")
    assert "<p>Ferry gone.</p>" in rest


async def test_further_pages_are_evidence(
    service: Service, writer: httpx.AsyncClient
) -> None:
    article = await keep(service, live_blog(), None, NOON)
    await keep(service, live_blog(), None, NOON, url=f"{URL}/2")

    def join(tx: Tx) -> None:
        made = tx.session.exec(select(VersionRow.id)).first()
        part = select(CaptureRow.id).where(CaptureRow.url == f"{URL}/2")
        second = tx.session.exec(part).first()
        assert made is not None
        assert second is not None
        tx.session.add(PartRow(version_id=made, number=2, capture_id=second))

    await service.means.writer.run(join)
    page = (await writer.get(f"/articles/{article}")).text
    told = (await writer.get(f"/v1/articles/{article}")).json()

    assert "<dt>Page 2</dt>" in page
    assert [part["url"] for part in told["parts"]] == [f"{URL}/2"]
