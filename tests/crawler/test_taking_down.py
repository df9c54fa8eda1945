"""Articles taken down that a source's lists go on to quote."""

from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from crawler.fetch.limits import Limits
from crawler.kept.quotes import addresses_in
from crawler.kept.quoting import captures_asked_for, captures_quoting
from crawler.takedown import reach_of
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.link_kind import LinkKind
from storage.model.takedown import Depth
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import CaptureRow, LinkRow, TakedownRow
from storage.sql.takedowns import Wanted, take_down
from storage.takedown.erasing import Eraser
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

LISTS = {
    "a feed": (
        LinkKind.FEED,
        "<rss><item><title>{title}</title><link>{url}</link></item></rss>",
    ),
    "a section": (
        LinkKind.SECTION,
        "<html><body><h2><a href='{path}'>{title}</a></h2></body></html>",
    ),
}


def erase(desk: Desk, name: str, url: str, *, everywhere: bool) -> TakedownRow:
    """Erase what is known under an address, as the service does."""
    engine = reading_engine(sqlite_url(desk.folder.path))
    wanted = Wanted(depth=Depth.ERASE, everywhere=everywhere)
    now = desk.means.now()
    desk.means.writer.submit(
        lambda tx: take_down(
            tx.session, name, wanted, reach_of(tx.session, [url], Depth.ERASE), now
        )
    ).result(60)
    Eraser(
        folder=desk.folder,
        writer=desk.means.writer,
        session=lambda: Session(engine),
        now=desk.means.now,
        asked_for=partial(captures_asked_for, desk.folder, Limits()),
        quoting=partial(captures_quoting, desk.folder, Limits()),
    ).finish()
    found = desk.read(select(TakedownRow).where(TakedownRow.name == name))[0]
    assert isinstance(found, TakedownRow)
    return found


def captures_of(desk: Desk, kind: LinkKind) -> list[int]:
    query = select(CaptureRow.id).join(LinkRow, CaptureRow.link_id == LinkRow.id)  # type: ignore[arg-type]
    return desk.read(query.where(LinkRow.kind == kind))


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "listed"), LISTS.values(), ids=LISTS)
async def test_lists_that_name_what_was_erased_before_are_erased_later(
    tmp_path: Path, kind: LinkKind, listed: str
) -> None:
    title, path = "The pier is torn down again", "/news/2026/03/pier-torn-down-4711"
    async with scripted_site() as site, open_desk(tmp_path / "data") as desk:
        url = site.url(path)
        body = listed.format(title=title, url=f"{url}?utm_source=rss", path=path)
        await crawl(desk, site, kind, body.encode(), {path: story(title)})

        first = erase(desk, "one", url, everywhere=False)
        kept = captures_of(desk, kind)
        second = erase(desk, "two", url, everywhere=True)

        assert first.state == second.state == "erased"
        assert (len(kept), captures_of(desk, kind)) == (1, [])
        assert second.report is not None
        assert second.report["lists"] == 1


async def crawl(
    desk: Desk, site: Site, kind: LinkKind, listed: bytes, pages: dict[str, bytes]
) -> None:
    site.answers = {"/list": [listed], **{path: [one] for path, one in pages.items()}}
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/list"), kind, source)
    await visit(host_key(site.url("/")), desk.means, budget=20)


def test_addresses_are_found_as_they_are_written() -> None:
    page = (
        "<a href='/news/1'>One</a> see https://a.example/news/2. "
        '{"url": "https:\\/\\/a.example\\/news\\/3"} &lt;a href=&quot;/news/4&quot;&gt;'
    )

    assert addresses_in(page) == {
        "/news/1",
        "https://a.example/news/2",
        "https://a.example/news/3",
        "/news/4",
    }
