"""Imports into a real archive; pages are extracted in this process."""

import gzip
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from crawler.imports.wacz import NoWarc
from crawler.imports.warc import (
    Imported,
    keep_file,
    read_imports,
    record_by_record,
)
from crawler.kept.unread import read_unread
from crawler.means import Watch
from crawler.sources.homes import Homes
from crawler.urls import url_key
from storage.fixity import verify
from storage.kept import received
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.takedown import Depth
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.sql.takedowns import Wanted, reach
from storage.sql.takedowns import take_down as enter_takedown
from storage.warc.capture import ORIGIN, SAME_PAYLOAD
from storage.warc.reader import walk
from storage.writer import Tx
from tests.crawler.desk import Desk, open_desk, story
from tests.crawler.imports.foreign import HTML, Wrote, write_warc

pytestmark = pytest.mark.anyio
URL = "http://news.example/2016/harbour"
OLD = datetime(2016, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "archive").mkdir()
    async with open_desk(tmp_path / "archive") as desk:
        yield desk


def page(title: str = "Harbour", url: str = URL, **record: object) -> Wrote:
    """Return a record as CC-NEWS had it: chunks and gzip named, but not there."""
    lies = (HTML, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    return Wrote(**{"url": url, "body": story(title), "headers": lies, **record})


async def kept(desk: Desk, tmp_path: Path, *records: Wrote, **how: object) -> Imported:
    path = write_warc(tmp_path / "CC-NEWS-20161001.warc.gz", *records, **how)
    return await keep_file(desk.means, path, path.name, lambda _done, _all: None)


async def imported(desk: Desk, tmp_path: Path, *records: Wrote) -> Imported:
    done = await kept(desk, tmp_path, *records)
    await read_all(desk)
    return done


async def read_all(desk: Desk) -> dict[str, int]:
    return await read_imports(desk.means, desk._session, lambda _done, _all: None)


def articles(desk: Desk) -> list[ArticleRow]:
    return desk.read(select(ArticleRow).order_by(col(ArticleRow.id)))


def versions(desk: Desk) -> Sequence[VersionRow]:
    return desk.read(select(VersionRow).order_by(col(VersionRow.captured_at)))


async def test_a_page_becomes_an_article_of_its_own_time(
    desk: Desk, tmp_path: Path
) -> None:
    done = await imported(desk, tmp_path, page())
    (article,) = articles(desk)

    assert (done.kept, done.known, done.damaged) == (1, 0, [])
    assert (article.title, article.first_seen, article.last_seen) == (
        "Harbour",
        OLD,
        OLD,
    )


async def test_its_bytes_are_kept_with_where_they_are_from(
    desk: Desk, tmp_path: Path
) -> None:
    await imported(desk, tmp_path, page(request="before"))
    (row,) = desk.read(select(CaptureRow))
    segment = desk.folder.segment(row.segment)
    assert segment is not None
    records = [w.record for w in walk(segment) if w.record]
    (response,) = [r for r in records if r.kind == "response"]

    assert row.imported_from == "CC-NEWS-20161001.warc.gz"
    assert row.fetched_at == OLD
    assert received(desk.folder, row).endswith(story("Harbour"))
    assert '"file": "CC-NEWS-20161001.warc.gz"' in (response.header(ORIGIN) or "")
    assert response.header("WARC-Date") == "2016-10-01T12:00:00.000000Z"
    kinds = [r.kind for r in records if r.kind != "metadata"]
    assert kinds == ["warcinfo", "request", "response"]


async def test_an_answer_without_a_request_is_sound(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, tmp_path, page())

    with desk._session() as session:
        assert list(verify(desk.folder, session, full=True)) == []


async def test_a_file_that_was_gzipped_as_a_whole_is_read_to_its_end(
    desk: Desk, tmp_path: Path
) -> None:
    records = [page(str(n), f"{URL}{n}") for n in range(3)]
    plain = write_warc(tmp_path / "a.warc", *records, packed=False)
    whole = tmp_path / "a.warc.gz"
    whole.write_bytes(gzip.compress(plain.read_bytes()))

    done = await keep_file(desk.means, whole, whole.name, lambda _done, _all: None)

    assert (done.kept, done.damaged) == (3, [])
    assert {path.name for path in desk.folder.path.iterdir()} == {
        "kliping.sqlite3",
        "kliping.sqlite3-shm",
        "kliping.sqlite3-wal",
        "quarantine",
        "warc",
    }


def test_what_is_unpacked_has_no_name_that_a_crash_could_leave(tmp_path: Path) -> None:
    plain = write_warc(tmp_path / "a.warc", page(), packed=False).read_bytes()
    whole = tmp_path / "a.warc.gz"
    whole.write_bytes(gzip.compress(plain))
    (folder := tmp_path / "data").mkdir()

    with record_by_record(whole, folder) as file:
        assert file.path.read_bytes() == plain
        assert list(folder.iterdir()) == []


def test_a_file_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    plain = write_warc(tmp_path / "a.warc", page(), packed=False).read_bytes()
    bomb = tmp_path / "a.warc.gz"
    bomb.write_bytes(gzip.compress(plain + bytes(9_000_000)))

    with (
        pytest.raises(NoWarc, match="100 times its size"),
        record_by_record(bomb, tmp_path),
    ):
        pass


async def test_importing_again_keeps_nothing_twice(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, tmp_path, page())
    again = await imported(desk, tmp_path, page(), page("Ferry", f"{URL}2"))

    assert (again.kept, again.known) == (1, 1)
    assert len(desk.read(select(CaptureRow))) == len(versions(desk)) == 2


async def test_a_page_twice_in_a_file_is_kept_once(desk: Desk, tmp_path: Path) -> None:
    done = await imported(desk, tmp_path, page(), page())

    assert (done.kept, done.known) == (1, 1)


async def test_versions_stand_in_the_order_of_their_time(
    desk: Desk, tmp_path: Path
) -> None:
    later = page("The pier is closed", date="2016-10-03T12:00:00Z")
    earlier = page("The pier opens", date="2016-10-01T12:00:00Z")
    await imported(desk, tmp_path, later)
    await imported(desk, tmp_path, earlier)
    (article,) = articles(desk)

    assert [row.title for row in versions(desk)] == [
        "The pier opens",
        "The pier is closed",
    ]
    assert article.title == "The pier is closed"
    assert article.first_seen == OLD
    assert article.last_seen == OLD + timedelta(days=2)


async def test_how_a_later_version_differs_is_decided_anew(
    desk: Desk, tmp_path: Path
) -> None:
    await imported(desk, tmp_path, page("Two", date="2016-10-03T12:00:00Z"))
    await imported(desk, tmp_path, page("One"))

    assert [row.change for row in versions(desk)] == ["first", "correction"]


async def test_what_came_back_after_a_change_that_was_not_known_is_a_version(
    desk: Desk, tmp_path: Path
) -> None:
    """It had made none: it was as the one before."""
    first, third = page("One"), page("One", date="2016-10-03T12:00:00Z")
    await imported(desk, tmp_path, first, third)
    assert len(versions(desk)) == 1
    await imported(desk, tmp_path, page("Two", date="2016-10-02T12:00:00Z"))

    assert [row.title for row in versions(desk)] == ["One", "Two", "One"]
    assert articles(desk)[0].title == "One"


async def test_captures_of_one_article_are_read_in_time_whatever_their_order(
    desk: Desk, tmp_path: Path
) -> None:
    titles = ["One", "Two", "One", "Three"]
    records = [page(t, date=f"2016-10-0{n}T12:00:00Z") for n, t in enumerate(titles, 1)]
    await imported(desk, tmp_path, *records[::-1])

    assert [(row.number, row.title) for row in versions(desk)] == list(
        enumerate(titles, 1)
    )


async def test_what_is_no_page_is_counted(desk: Desk, tmp_path: Path) -> None:
    done = await imported(
        desk,
        tmp_path,
        page(status="404 Not Found"),
        page(headers=[("Content-Type", "image/png")]),
        page(kind="resource"),
        page(more={"WARC-Segment-Number": "1"}),
    )

    assert done.kept == 0
    assert done.passed == {
        "warcinfo record": 1,
        "HTTP 404": 1,
        "not HTML (image)": 1,
        "resource record": 1,
        "part of a record": 1,
    }


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_revisit_as_wget_writes_it_is_kept(
    desk: Desk, tmp_path: Path, version: str
) -> None:
    await imported(desk, tmp_path, page(headers=[HTML]))
    (original,) = desk.read(select(CaptureRow))
    more = {
        "WARC-Profile": SAME_PAYLOAD.replace("1.1", version),
        "WARC-Payload-Digest": original.digest,
        "WARC-Truncated": "length",
    }
    again = page(kind="revisit", body=b"", headers=[HTML], date="2016-10-02", more=more)
    path = write_warc(tmp_path / "again.warc", again, packed=False)
    before, _, behind = path.read_bytes().rpartition(b"Block-Digest: sha1:")
    path.write_bytes(before + b"Block-Digest: sha1:" + b"A" * 32 + behind[32:])

    done = await keep_file(desk.means, path, path.name, lambda _done, _all: None)

    assert (done.kept, done.damaged) == (1, [])
    rows = desk.read(select(CaptureRow).order_by(col(CaptureRow.id)))
    assert [row.revisit_of for row in rows] == [None, original.id]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("is_chunked", [True, False], ids=["chunks", "no chunks"])
async def test_a_revisit_names_its_payload_by_any_usual_digest(
    desk: Desk, tmp_path: Path, algorithm: str, is_chunked: bool
) -> None:
    headers = [HTML, ("Transfer-Encoding", "chunked")]
    plain = story("Harbour")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(plain), plain)
    digest = hashlib.new(algorithm, body if is_chunked else plain).hexdigest()
    more = {
        "WARC-Profile": SAME_PAYLOAD,
        "WARC-Payload-Digest": f"{algorithm}:{digest}",
    }
    again = {"kind": "revisit", "body": b"", "date": "2016-10-02", "more": more}

    done = await imported(
        desk, tmp_path, page(body=body, headers=headers), page(headers=headers, **again)
    )

    assert done.kept == 2


async def test_a_revisit_of_what_is_not_here_is_counted(
    desk: Desk, tmp_path: Path
) -> None:
    more = {
        "WARC-Profile": SAME_PAYLOAD,
        "WARC-Payload-Digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        "WARC-Refers-To-Target-URI": "urn:nothing",
    }
    gone = page(kind="revisit", body=b"", more=more)
    other = page(kind="revisit", body=b"", more=more, url="ftp://news.example/")
    done = await imported(desk, tmp_path, page("Ferry"), gone, other)

    assert done.kept == 1
    assert done.passed["revisit of what is not here"] == 2


async def test_a_url_that_may_not_be_fetched_is_counted(
    desk: Desk, tmp_path: Path
) -> None:
    done = await imported(desk, tmp_path, page(url="https://a:b@news.example/"))

    assert done.passed["not a URL that may be fetched"] == 1


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        "0999-01-01",
    ],
)
async def test_a_date_that_is_none_costs_its_page_alone(
    desk: Desk, tmp_path: Path, date: str
) -> None:
    done = await imported(desk, tmp_path, page(date=date), page("Ferry", f"{URL}2"))

    assert done.kept == 1
    assert done.passed["no date"] == 1


async def test_damage_is_named_and_passed_over(desk: Desk, tmp_path: Path) -> None:
    path = write_warc(tmp_path / "a.warc.gz", page(), page("Ferry", f"{URL}2"))
    start = [w.offset for w in walk(path)][1]
    data = bytearray(path.read_bytes())
    data[start + 40 : start + 60] = b"\0" * 20
    path.write_bytes(data)

    done = await keep_file(desk.means, path, path.name, lambda _done, _all: None)

    assert done.kept == 1
    (damage,) = done.damaged
    assert damage.startswith(f"a.warc.gz at {start}: ")


async def test_nothing_becomes_due_by_an_import(desk: Desk, tmp_path: Path) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await imported(desk, tmp_path, page(date=now))
    link = desk.link(URL)

    assert (link.state, link.next_run) == (LinkState.ARCHIVED, None)
    assert link.reason == "imported: article, first"


async def test_what_is_due_stays_due(desk: Desk, tmp_path: Path) -> None:
    await desk.enter(URL)
    due = desk.link(URL).next_run
    await imported(desk, tmp_path, page())

    assert desk.link(URL).next_run == due
    assert desk.link(URL).state == LinkState.ARCHIVED


async def test_a_link_that_was_asked_since_stands_as_it_was(
    desk: Desk, tmp_path: Path
) -> None:
    await imported(desk, tmp_path, page("New", date="2020-01-01T00:00:00Z"))
    before = desk.link(URL)
    await imported(desk, tmp_path, page("Old"))
    after = desk.link(URL)

    assert (after.reason, after.fetched_at) == (before.reason, before.fetched_at)
    assert articles(desk)[0].title == "New"


async def test_a_watched_list_is_not_read_as_an_article(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.enter(URL, LinkKind.SECTION)
    done = await imported(desk, tmp_path, page())

    assert done.passed["a list that is watched"] == 1
    assert articles(desk) == []


async def test_a_page_of_a_source_s_host_is_that_source_s(
    desk: Desk, tmp_path: Path
) -> None:
    number = await desk.add_source("http://news.example/")
    await imported(desk, tmp_path, page(), page("Ferry", "http://other.example/x"))

    assert {row.title: row.source_id for row in articles(desk)} == {
        "Harbour": number,
        "Ferry": None,
    }


async def test_a_host_s_own_source_comes_before_its_site_s(desk: Desk) -> None:
    await desk.add_source("http://a.news.example/")
    plan = desk.means.stray
    source = next(iter(desk.means.watches.values())).source
    other = source.model_copy(update={"home": "http://b.news.example/"})
    watches = [
        Watch(id=1, source=source, plan=plan),
        Watch(id=2, source=other, plan=plan),
    ]

    homes = Homes.of(watches)

    assert homes.source_of("http://b.news.example/x") == 2
    assert homes.source_of("http://c.news.example/x") == 1
    assert homes.source_of("http://elsewhere.example/x") is None


async def test_what_was_kept_and_not_read_is_read_by_the_next_start(
    desk: Desk, tmp_path: Path
) -> None:
    await kept(desk, tmp_path, page())
    assert articles(desk) == []

    assert await read_unread(desk.means, desk._session, 10) == 1

    assert articles(desk)[0].title == "Harbour"
    assert desk.link(URL).next_run is None


async def test_a_page_that_is_no_article_is_kept_and_told(
    desk: Desk, tmp_path: Path
) -> None:
    await kept(desk, tmp_path, page(body=b"<html><body>Not found</body></html>"))
    came = await read_all(desk)

    assert sum(came.values()) == 1
    assert not any(what.startswith("article") for what in came)
    assert desk.read(select(LinkRow))[0].state not in {
        LinkState.ARCHIVED,
        LinkState.CAPTURED,
    }


async def test_a_child_that_dies_costs_its_page_alone(
    desk: Desk, tmp_path: Path
) -> None:
    bad = page(body=b"<html><p>KILL THE CHILD</p></html>")
    await kept(desk, tmp_path, bad, page("Ferry", f"{URL}2"))
    came = await read_all(desk)

    assert came == {"not read": 1, "article, first": 1}
    assert (
        desk.read(select(CaptureRow).where(col(CaptureRow.extracted_at).is_(None)))
        == []
    )


async def test_the_pages_of_an_article_find_each_other(
    desk: Desk, tmp_path: Path
) -> None:
    first = story("Harbour", tail=f'<p><a rel=next href="{URL}?page=2">2</a></p>')
    second = story("Harbour, the rest", paragraphs=6)
    await imported(
        desk,
        tmp_path,
        page(url=f"{URL}?page=2", body=second),
        page(body=first),
    )
    texts = [row.text for row in versions(desk) if row.title == "Harbour"]

    assert any("Part 5 of Harbour, the rest" in text for text in texts)


async def take_down(desk: Desk) -> None:
    def work(tx: Tx) -> None:
        reached = reach(tx.session, [url_key(URL)])
        wanted = Wanted(depth=Depth.EXCLUDE)
        enter_takedown(tx.session, "one", wanted, reached, desk.means.now())

    await desk.means.writer.run(work)


async def test_what_was_taken_down_does_not_come_back(
    desk: Desk, tmp_path: Path
) -> None:
    await imported(desk, tmp_path, page())
    await take_down(desk)
    later = page("Harbour again", date="2017-01-01T00:00:00Z")
    done = await imported(desk, tmp_path, later)

    assert done.passed["was taken down"] == 1
    assert len(desk.read(select(CaptureRow))) == 1
    assert desk.link(URL).state == LinkState.EXCLUDED


async def test_what_was_taken_down_does_not_come_back_under_another_address(
    desk: Desk, tmp_path: Path
) -> None:
    await imported(desk, tmp_path, page())
    await take_down(desk)
    other = story("Harbour", head=f'<link rel=canonical href="{URL}">')
    await imported(desk, tmp_path, page(url=f"{URL}/amp", body=other))

    assert len(articles(desk)) == 1
    assert desk.link(f"{URL}/amp").state == LinkState.EXCLUDED
