"""Overwriting records where they stand."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import WriteFailed
from storage.warc.erase import Grave, overwrite
from storage.warc.tombstone import Epitaph, tombstone

EPITAPH = Epitaph(
    erased_at=datetime(2026, 11, 26, tzinfo=UTC),
    ground="retention",
    key_sha256=None,
    filling=b"\0",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(os.urandom(1_000_000))
    with path.open("rb") as written:
        os.fsync(written.fileno())
    return path


@pytest.mark.parametrize("hollow", [True, False])
def test_only_the_place_itself_changes(file: Path, hollow: bool) -> None:
    before = file.read_bytes()
    stone = tombstone(EPITAPH, "a:1", 800_000)

    overwrite(file, [Grave(offset=77_777, stone=stone, hollow=hollow)])

    assert file.read_bytes() == before[:77_777] + stone + before[877_777:]


def test_holes_take_no_room(file: Path) -> None:
    before = file.stat()
    stone = tombstone(EPITAPH, "a:1", 800_000)

    overwrite(file, [Grave(offset=77_777, stone=stone, hollow=True)])

    after = file.stat()
    assert after.st_size == before.st_size
    assert after.st_blocks < before.st_blocks / 2


def test_a_place_beyond_the_end_is_refused(file: Path) -> None:
    stone = tombstone(EPITAPH, "a:1", 800)

    with pytest.raises(WriteFailed, match="ends before"):
        overwrite(file, [Grave(offset=999_999, stone=stone)])
