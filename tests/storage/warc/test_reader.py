from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import CorruptRecord
from storage.sql.tables import CaptureRow
from storage.warc.capture import capture_records
from storage.warc.reader import first_member_length, read_capture, walk
from storage.warc.record import ReadRecord, make_record
from tests.storage.kept import Kept, exchange, kept


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path) as opened:
        yield opened


@pytest.fixture
def rows(archive: Kept) -> list[CaptureRow]:
    archive.keep(1, 2, 3)
    return archive.captures()


def _read(archive: Kept, row: CaptureRow, **changes: object) -> ReadRecord:
    place = {
        "segment": row.segment,
        "offset": row.offset,
        "length": row.length,
        "expected_sha256": row.record_sha256,
    }
    return read_capture(archive.folder, **(place | changes))


def test_a_capture_is_read_from_a_sealed_segment(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    assert _read(archive, rows[1]).block == exchange(2).response


def test_a_capture_is_read_while_its_segment_is_open(archive: Kept) -> None:
    segment = archive.open_segment()
    member = capture_records(exchange()).response
    (place,) = segment.append([member])

    record = read_capture(
        archive.folder, place.segment, place.offset, place.length, None
    )

    segment.close()
    assert record.block == exchange().response


@pytest.mark.parametrize(
    "changes",
    [
        {"expected_sha256": "0" * 64},
        {"segment": "kliping-none.warc.gz"},
        {"length": 10**12},
        {"offset": 7, "expected_sha256": None},
        {"length": 20, "expected_sha256": None},
    ],
    ids=["hash", "no file", "beyond the end", "beside a record", "half a record"],
)
def test_whatever_does_not_match_is_corrupt(
    archive: Kept, rows: list[CaptureRow], changes: object
) -> None:
    with pytest.raises(CorruptRecord) as caught:
        _read(archive, rows[0], **changes)

    assert caught.value.segment == changes.get("segment", rows[0].segment)
    assert caught.value.offset == changes.get("offset", rows[0].offset)


def test_a_record_longer_than_allowed_is_not_inflated(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    long = make_record([("WARC-Type", "metadata")], bytes(10**6)).member
    (archive.folder.warc / "long.warc.gz").write_bytes(long)

    with pytest.raises(CorruptRecord, match="longer"):
        _read(
            archive,
            rows[0],
            segment="long.warc.gz",
            offset=0,
            length=len(long),
            expected_sha256=None,
            max_bytes=1000,
        )


def test_a_file_that_cannot_be_read_is_corrupt(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    (archive.folder.warc / "folder.warc.gz").mkdir()

    with pytest.raises(CorruptRecord, match="cannot be read"):
        _read(archive, rows[0], segment="folder.warc.gz")


def test_a_walk_meets_every_record_without_a_gap(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    path = archive.folder.segment(rows[0].segment)

    walked = list(walk(path))

    assert [w.error for w in walked] == [None] * 7
    assert [w.record.kind for w in walked] == ["warcinfo"] + ["request", "response"] * 3
    assert {(w.offset, w.length) for w in walked} >= {
        (r.offset, r.length) for r in rows
    }
    assert walked[-1].offset + walked[-1].length == path.stat().st_size


def test_a_walk_goes_on_behind_damage(archive: Kept, rows: list[CaptureRow]) -> None:
    path = archive.folder.segment(rows[0].segment)
    data = bytearray(path.read_bytes())
    data[rows[1].offset : rows[1].offset + rows[1].length] = bytes(rows[1].length)
    path.write_bytes(data)

    walked = list(walk(path))

    assert [w.offset for w in walked if w.error] == [rows[1].offset]
    assert [w.length for w in walked if w.error] == [rows[1].length]
    assert sum(w.record is not None for w in walked) == 6


def test_a_walk_reports_a_torn_end(archive: Kept, rows: list[CaptureRow]) -> None:
    path = archive.folder.segment(rows[0].segment)
    path.write_bytes(path.read_bytes()[:-20])

    walked = list(walk(path))

    assert walked[-1].offset == rows[2].offset
    assert walked[-1].error


def test_a_walk_reports_foreign_bytes_at_the_end(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    path = archive.folder.segment(rows[0].segment)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"\x1f\x8b\x08 not a record" * 3)

    walked = list(walk(path))

    assert walked[-1].offset == size
    assert walked[-1].error
    assert sum(w.record is not None for w in walked) == 7


def test_a_walk_finds_damage_where_the_file_begins(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    path = archive.folder.segment(rows[0].segment)
    path.write_bytes(b"\0" * 100_000 + path.read_bytes())

    walked = list(walk(path))

    assert (walked[0].offset, walked[0].length) == (0, 100_000)
    assert sum(w.record is not None for w in walked) == 7


def test_a_walk_does_not_read_what_is_too_long(
    archive: Kept, rows: list[CaptureRow]
) -> None:
    path = archive.folder.segment(rows[0].segment)

    walked = list(walk(path, max_bytes=300))

    assert [w.error for w in walked if w.error] == ["longer than allowed"] * 3


def test_a_walk_reads_uncompressed_files(tmp_path: Path) -> None:
    path = tmp_path / "plain.warc"
    record = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    path.write_bytes(record * 2)

    assert [w.record.block for w in walk(path)] == [b"ab", b"ab"]


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_walk_survives_any_damage(tmp_path: Path, data: st.DataObject) -> None:
    members = [capture_records(exchange(n)).response for n in range(3)]
    whole = b"".join(members)
    start = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=40))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(whole[:start] + junk + whole[start + len(junk) :])

    walked = list(walk(path))

    assert walked[0].offset == 0
    assert sum(w.length for w in walked) == path.stat().st_size
    touched = {
        n
        for n in range(3)
        if start < len(b"".join(members[: n + 1]))
        and start + len(junk) > len(b"".join(members[:n]))
    }
    sound = sum(w.error is None for w in walked)
    assert sound >= 3 - len(touched)


def test_the_first_member_of_junk_has_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"junk")

    assert first_member_length(path) == 0
    path.write_bytes(b"")
    assert first_member_length(path) == 0
