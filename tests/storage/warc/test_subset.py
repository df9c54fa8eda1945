import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from storage.model.exchange import Exchange
from storage.sql.tables import CaptureRow
from storage.warc.capture import capture_records, revisit_records
from storage.warc.record import ReadRecord, read_member
from storage.warc.subset import Copy, copies
from storage.writer import Tx
from tests.crawler.exports.told import told
from tests.storage.kept import Kept, capture_row, exchange, kept


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path) as archive:
        yield archive


def keep(archive: Kept, seen: Exchange, *, of: int | None = None) -> int:
    """Keep an exchange, as a revisit of an earlier capture's if one is named."""

    def work(tx: Tx) -> int:
        records = capture_records(seen)
        if of is not None:
            first = tx.session.get_one(CaptureRow, of)
            data = archive.folder.segment(first.segment).read_bytes()  # type: ignore[union-attr]
            member = data[first.offset : first.offset + first.length]
            records = revisit_records(seen, read_member(member))  # type: ignore[assignment]
        request, response, *_ = tx.append(
            [records.request, records.response, *records.strays]
        )
        row = capture_row(
            seen,
            records,
            segment=response.segment,
            offset=response.offset,
            length=response.length,
            request_offset=request.offset,
            request_length=request.length,
            revisit_of=of,
        )
        tx.session.add(row)
        tx.session.flush()
        return row.id or 0

    with archive.writer() as writer:
        return writer.submit(work).result(timeout=20)


def copied(archive: Kept, *captures: int) -> list[Copy]:
    with Session(archive.engine) as session:
        wanted = [told(version_id=c, capture_id=c) for c in captures]
        return [
            copy for _, copy in copies(archive.folder, session, wanted, lambda _: ())
        ]


def kinds(found: Sequence[Copy]) -> list[str]:
    members = (m for c in found for m in (c.before, c.answer, c.after) if m)
    records: list[ReadRecord] = [read_member(member) for member in members]
    return [record.kind for record in records]


def test_a_revisit_comes_with_what_it_repeats_before_it(archive: Kept) -> None:
    first = keep(archive, exchange(1))
    keep(archive, exchange(2))
    again = keep(archive, exchange(1, started_at=exchange(9).started_at), of=first)

    found = copied(archive, again)

    assert [copy.capture.id for copy in found] == [first, again]
    assert kinds(found) == ["request", "response", "request", "revisit"]


def test_no_record_is_copied_twice(archive: Kept) -> None:
    first = keep(archive, exchange(1))
    again = keep(archive, exchange(1, started_at=exchange(9).started_at), of=first)

    found = copied(archive, first, again, first)

    assert [copy.capture.id for copy in found] == [first, again]


def test_what_came_behind_an_answer_comes_along(archive: Kept) -> None:
    seen = replace(exchange(1), interim=b"HTTP/1.1 103 Early Hints\r\n\r\n")
    number = keep(archive, seen)
    keep(archive, exchange(2))

    assert kinds(copied(archive, number)) == ["request", "response", "metadata"]


def test_an_article_of_several_pages_comes_with_all_of_them(archive: Kept) -> None:
    first, second = keep(archive, exchange(1)), keep(archive, exchange(2))
    with sqlite3.connect(archive.folder.database) as rows:
        rows.execute("INSERT INTO version_part VALUES (?, 2, ?)", (first, second))
    rows.close()

    assert [c.capture.id for c in copied(archive, first)] == [first, second]


def test_a_damaged_record_is_left_out_and_told(archive: Kept) -> None:
    first, second = keep(archive, exchange(1)), keep(archive, exchange(2))
    row = archive.captures()[0]
    path = archive.folder.segment(row.segment)
    assert path is not None
    data = bytearray(path.read_bytes())
    data[row.offset + row.length // 2] ^= 1
    path.write_bytes(data)

    bad, good = copied(archive, first, second)

    assert (bad.answer, bad.before) == (b"", b"")
    assert bad.damage is not None
    assert "SHA-256" in bad.damage
    assert good.damage is None


def test_a_record_of_no_request_has_none(archive: Kept) -> None:
    number = keep(archive, exchange(1))
    with Session(archive.engine) as session:
        session.get_one(CaptureRow, number).request_length = 0
        session.commit()

    assert kinds(copied(archive, number)) == ["response"]
