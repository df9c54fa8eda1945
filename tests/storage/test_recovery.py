import gzip
import os
from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from sqlalchemy import delete, update
from sqlmodel import Session
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.recordloader import ArcWarcRecord

from storage.errors import WriteFailed
from storage.fixity import Damage, verify
from storage.recovery import Recovered, Short, recover
from storage.sql.tables import CaptureRow, SegmentRow
from storage.warc.reader import read_capture
from storage.warc.segment import file_sha256
from tests.storage.kept import NOW, Kept, exchange, keeping, kept
from tests.storage.kill_victim import run_victim


@pytest.fixture
def torn(archive: Kept) -> Kept:
    """An archive whose process died in the middle of an append."""
    archive.keep(1, 2)
    (row,) = archive.segments()
    path = archive.folder.warc / row.name
    path.rename(path.with_name(f"{row.name}.open"))
    with path.with_name(f"{row.name}.open").open("ab") as file:
        file.write(b"torn end")
    _change(archive, state="open", sha256=None, sealed_at=None)
    return archive


def _change(archive: Kept, **values: object) -> None:
    with Session(archive.engine) as session:
        session.execute(update(SegmentRow).values(**values))
        session.commit()


def _recover(archive: Kept) -> Recovered:
    with Session(archive.engine) as session:
        return recover(archive.folder, session, NOW)


def _damages(archive: Kept) -> list[Damage]:
    with Session(archive.engine) as session:
        return list(verify(archive.folder, session, full=True))


def test_a_torn_end_is_cut_and_kept_in_quarantine(torn: Kept) -> None:
    recovered = _recover(torn)

    (row,) = torn.segments()
    (tail,) = recovered.quarantined
    assert recovered.cut_bytes == len(b"torn end")
    assert recovered.sealed == (row.name,)
    assert tail.read_bytes() == b"torn end"
    assert row.state == "sealed"
    assert row.sha256 == file_sha256(torn.folder.warc / row.name)
    assert _damages(torn) == []


def test_a_second_recovery_finds_nothing_to_do(torn: Kept) -> None:
    _recover(torn)

    again = _recover(torn)

    assert (again.cut_bytes, again.sealed, again.quarantined) == (0, (), ())


def test_a_file_that_was_renamed_but_not_recorded_is_recorded(archive: Kept) -> None:
    archive.keep(1)
    (before,) = archive.segments()
    _change(archive, state="open", sha256=None, sealed_at=None)

    recovered = _recover(archive)

    assert recovered.cut_bytes == 0
    assert archive.segments() == [before]


def test_captures_tell_the_end_where_the_row_does_not(torn: Kept) -> None:
    _change(torn, size=None)

    assert _recover(torn).cut_bytes == len(b"torn end")
    assert _damages(torn) == []


def test_records_without_captures_are_kept_by_the_rows_size(torn: Kept) -> None:
    with Session(torn.engine) as session:
        session.execute(delete(CaptureRow))
        session.commit()

    assert _recover(torn).cut_bytes == len(b"torn end")


def test_the_warcinfo_is_kept_where_sql_knows_no_record(torn: Kept) -> None:
    _change(torn, size=None)
    with Session(torn.engine) as session:
        session.execute(delete(CaptureRow))
        session.commit()

    _recover(torn)

    (row,) = torn.segments()
    kinds = [r.rec_type for r in _warcio(torn.folder.warc / row.name)]
    assert kinds == ["warcinfo"]


def test_an_open_file_that_sql_does_not_know_goes_to_quarantine(archive: Kept) -> None:
    segment = archive.open_segment()
    segment.close()

    recovered = _recover(archive)

    assert [path.name for path in recovered.quarantined] == [f"{segment.name}.open"]
    assert recovered.quarantined[0].exists()
    assert archive.files() == []


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_a_missing_file_is_reported(archive: Kept, state: str) -> None:
    archive.keep(1)
    (row,) = archive.segments()
    (archive.folder.warc / row.name).unlink()
    _change(archive, state=state)

    assert _recover(archive).missing == (row.name,)
    assert _recover(archive).missing == (row.name,)


def test_a_segment_shorter_than_sql_says_is_reported_and_left_alone(torn: Kept) -> None:
    (row,) = torn.segments()
    path = torn.folder.segment(row.name)
    os.truncate(path, row.size - 1)

    first, second = _recover(torn), _recover(torn)

    short = Short(segment=row.name, size=row.size - 1, committed=row.size)
    assert first.short == second.short == (short,)
    assert first.sealed == ()
    assert torn.folder.segment(row.name) == path
    assert [d.why for d in _damages(torn) if d.offset is None] == [
        f"{row.size - 1} bytes of {row.size} are left"
    ]


def test_a_quarantine_that_cannot_be_written_stops_recovery(torn: Kept) -> None:
    torn.folder.quarantine.rmdir()

    with pytest.raises(WriteFailed):
        _recover(torn)

    assert [s.state for s in torn.segments()] == ["open"]


def _fast(path: Path) -> list[bool]:
    def sound(record: object) -> None:
        return record.verify_block_digest()

    with path.open("rb") as file:
        return [sound(r) for r in ArchiveIterator(file, parse_http=False)]


def _warcio(path: Path) -> list[ArcWarcRecord]:
    records = []
    with path.open("rb") as file:
        for record in WarcioIterator(file, check_digests="raise"):
            record.raw_stream.read()
            records.append(record)
    return records


def _assert_whole(archive: Kept, acknowledged: list[int]) -> None:
    """Nothing acknowledged is lost, and every file is valid for every reader."""
    urls = Counter(row.url for row in archive.captures())
    assert set(urls) >= {exchange(n).url for n in acknowledged}
    assert set(urls.values()) <= {1}
    for row in archive.captures():
        record = read_capture(
            archive.folder, row.segment, row.offset, row.length, row.record_sha256
        )
        assert record.header("WARC-Target-URI") == row.url
    assert _damages(archive) == []
    records = 0
    for path in archive.folder.warc.iterdir():
        fast, slow = _fast(path), _warcio(path)
        assert all(fast)
        assert len(fast) == len(slow)
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
        records += len(fast) - 1
    assert records == 2 * sum(urls.values())


@pytest.mark.parametrize("action", ["kill", "eio", "enospc"])
@pytest.mark.parametrize(
    "point",
    [
        "before_append",
        "mid_append",
        "after_append",
        "after_sync",
        "before_commit",
        "after_commit",
        "mid_seal",
    ],
)
def test_what_was_acknowledged_survives_a_death_at(
    tmp_path: Path, point: str, action: str
) -> None:
    nth = 1 if point == "mid_seal" else 2

    died = run_victim(tmp_path, f"{point}:{action}:{nth}")

    assert died.exit_code != 0 or point in {"mid_seal", "after_commit"}
    assert (died.exit_code == -9) == (action == "kill")
    with kept(tmp_path) as archive:
        recovered = _recover(archive)
        assert recovered.missing == ()
        assert recovered.short == ()
        _assert_whole(archive, died.acknowledged)


def test_a_recovery_killed_in_the_middle_is_finished_by_the_next(
    tmp_path: Path,
) -> None:
    first = run_victim(tmp_path, "mid_append:kill:3")
    second = run_victim(tmp_path, "mid_recover:kill", first=10)

    with kept(tmp_path) as archive:
        recovered = _recover(archive)

        assert (first.exit_code, second.exit_code) == (-9, -9)
        assert recovered.cut_bytes > 0
        _assert_whole(archive, first.acknowledged)


def test_the_next_process_writes_a_file_of_its_own(tmp_path: Path) -> None:
    first = run_victim(tmp_path, "mid_append:kill:3")
    second = run_victim(tmp_path, None, first=10)

    with kept(tmp_path) as archive:
        assert second.exit_code == 0
        assert [s.state for s in archive.segments()] == ["sealed", "sealed"]
        assert len(second.acknowledged) == 3
        _assert_whole(archive, first.acknowledged + second.acknowledged)


def test_recovery_runs_inside_a_writer_too(torn: Kept) -> None:
    with torn.writer() as writer:
        recovered = writer.submit(
            lambda tx: recover(torn.folder, tx.session, NOW)
        ).result(20)
        writer.submit(keeping(9)).result(20)

    assert len(recovered.sealed) == 1
    assert _damages(torn) == []
