import errno
import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.errors import DiskFull, StorageError, WriteFailed
from storage.folder import DataFolder
from storage.warc.capture import capture_records
from storage.warc.record import read_member
from storage.warc.segment import Segment, file_sha256, find_segment, write_error
from tests.storage.kept import NOW, exchange


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    opened = _open(tmp_path)
    yield opened
    opened.close()


def _open(folder: DataFolder) -> Segment:
    return Segment(folder, software="kliping/test", operator="tests", now=NOW)


def _member(number: int = 0) -> bytes:
    return capture_records(exchange(number)).response


def test_a_new_segment_is_open_and_holds_its_warcinfo(
    segment: Segment, tmp_path: Path
) -> None:
    path = tmp_path / f"{segment.name}.open"

    assert read_member(path.read_bytes()).header("WARC-Filename") == segment.name
    assert segment.size == segment.head == path.stat().st_size
    assert segment.name.startswith("kliping-20261122174418-")


def test_positions_say_where_each_member_stands(
    segment: Segment, tmp_path: Path
) -> None:
    first, second = segment.append([_member(1), _member(2)])

    data = find_segment(tmp_path, segment.name).read_bytes()
    for number, position in ((1, first), (2, second)):
        end = position.offset + position.length
        assert data[position.offset : end] == _member(number)
    assert first.offset == segment.head
    assert segment.size == len(data)


def test_a_sealed_segment_is_found_under_its_name(
    segment: Segment, tmp_path: Path
) -> None:
    segment.append([_member()])

    sealed = segment.seal()

    path = tmp_path / segment.name
    assert find_segment(tmp_path, segment.name) == path
    assert sealed.size == path.stat().st_size
    assert sealed.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [p.name for p in tmp_path.iterdir()] == [segment.name]


def test_a_segment_that_was_cut_is_sealed_with_the_right_hash(
    segment: Segment, tmp_path: Path
) -> None:
    segment.append([_member(1)])
    size = segment.size
    segment.append([_member(2)])

    segment.truncate(size)
    segment.append([_member(3)])

    sealed = segment.seal()
    path = tmp_path / segment.name
    assert path.read_bytes()[size:] == _member(3)
    assert sealed.sha256 == file_sha256(path)


def test_a_missing_segment_is_nowhere(tmp_path: Path) -> None:
    assert find_segment(tmp_path, "kliping-none.warc.gz") is None


def test_a_discarded_segment_is_gone(segment: Segment, tmp_path: Path) -> None:
    segment.discard()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_failed_write(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        _open(tmp_path / "none")


def test_a_closed_segment_takes_nothing(segment: Segment) -> None:
    segment.close()

    with pytest.raises(WriteFailed):
        segment.append([_member()])
    with pytest.raises(WriteFailed):
        segment.sync()


@pytest.mark.parametrize("doing", ["sync", "seal", "truncate"])
def test_a_failing_disk_breaks_the_segment(segment: Segment, doing: str) -> None:
    os.close(segment._file)
    segment._file = os.open("/dev/full", os.O_RDONLY)

    with pytest.raises(WriteFailed):
        segment.truncate(0) if doing == "truncate" else getattr(segment, doing)()

    assert segment.broken
    with pytest.raises(WriteFailed):
        segment.append([_member()])


def test_a_full_disk_breaks_the_segment_when_it_cannot_be_cut_back(
    segment: Segment,
) -> None:
    os.close(segment._file)
    segment._file = os.open("/dev/full", os.O_WRONLY)

    with pytest.raises(WriteFailed):
        segment.append([_member()])

    assert segment.broken


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let writes fail with EFBIG beyond a size, as a quota does beyond its own."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_half_a_write_is_taken_back(segment: Segment, tmp_path: Path) -> None:
    segment.append([_member(1)])
    size = segment.size

    with pytest.raises(WriteFailed), file_size_limit(size + 10):
        segment.append([_member(2)])

    assert not segment.broken
    assert segment.size == size
    assert find_segment(tmp_path, segment.name).stat().st_size == size


def test_a_segment_that_cannot_be_begun_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed), file_size_limit(10):
        _open(tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, WriteFailed)],
)
def test_full_disks_and_quotas_are_told_from_other_failures(
    number: int, kind: type[StorageError]
) -> None:
    assert type(write_error(OSError(number, "x"), "append")) is kind


def test_free_bytes_are_those_of_the_disk(segment: Segment) -> None:
    assert segment.free_bytes() > 0
