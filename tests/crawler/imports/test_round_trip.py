"""What was crawled, exported as WARC and imported elsewhere is the same archive."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from crawler.exports.fields import values_of
from crawler.exports.warcs import Bundle, write_warc
from crawler.imports.warc import Imported, keep_file, read_imports
from crawler.visits.visit import visit_for
from storage.model.exchange import Exchange, Rendering
from storage.sql.ledger import due_now
from storage.sql.selection import Wanted, all_versions, wanted_ids
from storage.sql.tables import CaptureRow, EventRow
from storage.warc.reader import walk
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio
STATED = '<meta property="article:published_time" content="2026-03-01T08:30:00+07:00">'
#: What an archive gives its own numbers and places.
OWN = {
    "id",
    "link_id",
    "capture_id",
    "warc_file",
    "warc_offset",
    "warc_length",
    "warc_sha256",
}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def fetch(desk: Desk, url: str, times: int) -> None:
    """Fetch an article so many times, each when its host has rested."""
    link = await desk.enter(url)
    for _ in range(times):
        await desk.rested(url)
        await desk.means.writer.run(
            lambda tx: due_now(tx.session, link, desk.means.now())
        )
        assert await visit_for(link, desk.means) is not None


def told(desk: Desk) -> list[dict[str, Any]]:
    with desk._session() as session:
        ids = wanted_ids(session, Wanted())
        rows = [values_of(one) for one in all_versions(session, ids)]
    rows.sort(key=lambda row: row["captured_at"])
    return [{k: v for k, v in row.items() if k not in OWN} for row in rows]


def exported(desk: Desk, path: Path) -> Path:
    bundle = Bundle(
        title="all", software="Test/1", operator="test", made_at=datetime.now(UTC)
    )
    out = BytesIO()
    with desk._session() as session:
        versions = all_versions(session, wanted_ids(session, Wanted()))
        write_warc(desk.folder, session, versions, out, bundle, lambda _: ())
    path.write_bytes(out.getvalue())
    return path


async def take_in(desk: Desk, path: Path) -> Imported:
    done = await keep_file(desk.means, path, path.name, lambda _done, _all: None)
    await read_imports(desk.means, desk._session, lambda _done, _all: None)
    return done


async def test_an_archive_goes_out_and_comes_back_the_same(
    site: Site, tmp_path: Path
) -> None:
    site.answers = {
        "/a": [story("One", head=STATED), story("Two"), story("One", head=STATED)],
        "/b": [story("Ferry", head=STATED)],
    }
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    async with (
        open_desk(tmp_path / "here") as here,
        open_desk(tmp_path / "there") as there,
    ):
        await fetch(here, site.url("/a"), 3)
        await fetch(here, site.url("/b"), 1)
        path = exported(here, tmp_path / "all.warc.gz")
        revisits = select(CaptureRow).where(col(CaptureRow.revisit_of).is_not(None))

        done = await take_in(there, path)
        again = await take_in(there, path)

        assert (done.kept, again.kept, again.known) == (4, 0, 4)
        assert len(told(here)) == 4
        assert told(there) == told(here)
        assert len(here.read(revisits)) == len(there.read(revisits)) == 1
        assert len(here.read(select(EventRow))) == 4
        assert there.read(select(EventRow)) == []


class Scripts:
    """A browser in which each page becomes the story that its scripts would write."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._titles = list(titles)

    async def render(self, page: Exchange, *_: object) -> Rendering:
        return Rendering(
            url=page.url,
            document=story(self._titles.pop(0)),
            started_at=datetime.now(UTC),
            elapsed=timedelta(milliseconds=1),
        )


async def test_what_a_browser_rendered_comes_back_too(
    site: Site, tmp_path: Path
) -> None:
    """Of an unchanged shell as well, which is a revisit; and where pages came alone before."""
    site.answers = {"/a": [b"<html><div id=root></div><script src=/main.js></script>"]}
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    async with (
        open_desk(tmp_path / "here") as here,
        open_desk(tmp_path / "there") as there,
    ):
        here.use(browser=Scripts(["One", "Two"]), stray=here.plan(render="auto"))
        await fetch(here, site.url("/a"), 2)
        path = exported(here, tmp_path / "all.warc.gz")
        pages = without_conversions(path, tmp_path / "pages.warc.gz")

        alone = await take_in(there, pages)
        before = told(there)
        done = await take_in(there, path)
        again = await take_in(there, path)

        assert (alone.kept, done.kept, done.known) == (2, 2, 2)
        assert (again.kept, again.known) == (0, 4)
        assert before == []
        assert len(told(here)) == 2
        assert told(there) == told(here)
        verdicts = select(CaptureRow.verdict).order_by(col(CaptureRow.fetched_at))
        assert there.read(verdicts) == ["error", "article"] * 2
        assert there.link(site.url("/a")).state == "archived"
        assert {row.imported_from for row in there.read(select(CaptureRow))} == {
            "pages.warc.gz",
            "all.warc.gz",
        }


def without_conversions(path: Path, target: Path) -> Path:
    data = path.read_bytes()
    members = [
        data[walked.offset : walked.offset + walked.length]
        for walked in walk(path)
        if walked.record is not None and walked.record.kind != "conversion"
    ]
    target.write_bytes(b"".join(members))
    return target


async def test_what_came_back_goes_out_the_same_again(
    site: Site, tmp_path: Path
) -> None:
    site.answers = {"/a": [story("One", head=STATED)]}
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    async with (
        open_desk(tmp_path / "one") as one,
        open_desk(tmp_path / "two") as two,
        open_desk(tmp_path / "three") as three,
    ):
        await fetch(one, site.url("/a"), 1)
        await take_in(two, exported(one, tmp_path / "1.warc.gz"))
        await take_in(three, exported(two, tmp_path / "2.warc.gz"))

        (row,) = three.read(select(CaptureRow))
        assert told(three) == told(one)
        assert row.imported_from == "1.warc.gz"
