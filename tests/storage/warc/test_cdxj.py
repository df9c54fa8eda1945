import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import WriteFailed
from storage.warc.cdxj import cdxj_lines, cdxj_path, unindexed, write_cdxj
from storage.warc.surt import surt
from storage.warc.tombstone import Epitaph, tombstone
from tests.storage.kept import NOW, Kept, kept
from tests.storage.warc.kinds import NAME, every_kind

HERE = Path(__file__).parent
#: Keys that Internet Archive's surt 0.3.1 makes, by URL.
ODD_URLS = json.loads((HERE / "odd_urls.json").read_text())


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path) as opened:
        opened.keep(1, 2, 3)
        yield opened


@pytest.fixture
def sealed(archive: Kept) -> Path:
    return archive.folder.warc / archive.segments()[0].name


@pytest.mark.parametrize("url", ODD_URLS, ids=ascii)
def test_a_key_is_that_of_other_tools(url: str) -> None:
    assert surt(url) == ODD_URLS[url]


def test_the_lines_of_every_kind_of_record_are_those_of_cdxj_indexer(
    tmp_path: Path,
) -> None:
    """`kinds.cdxj` is what `cdxj-indexer --sort` (1.5.0) says of the same file."""
    file = tmp_path / NAME
    file.write_bytes(b"".join(every_kind()))

    assert "".join(cdxj_lines(file, NAME)) == (HERE / "kinds.cdxj").read_text()


def test_a_damaged_record_has_no_line(sealed: Path) -> None:
    before = cdxj_lines(sealed, sealed.name)
    said = json.loads(before[1].split(" ", 2)[2])
    data = bytearray(sealed.read_bytes())
    data[int(said["offset"]) + int(said["length"]) // 2] ^= 1
    sealed.write_bytes(data)

    assert cdxj_lines(sealed, sealed.name) == [before[0], before[2]]


def test_the_index_stands_beside_its_sealed_file(sealed: Path) -> None:
    place = write_cdxj(sealed)

    assert place == cdxj_path(sealed)
    assert place.name == f"{sealed.name}.cdxj"
    assert place.read_text() == "".join(cdxj_lines(sealed, sealed.name))
    assert len(list(sealed.parent.iterdir())) == 2


def test_only_sealed_files_are_indexed(archive: Kept, sealed: Path) -> None:
    still_open = archive.open_segment()

    assert unindexed(archive.folder.warc) == [sealed]

    still_open.discard()


def test_a_file_that_is_indexed_is_left_alone(archive: Kept, sealed: Path) -> None:
    write_cdxj(sealed)

    assert unindexed(archive.folder.warc) == []


def test_an_erased_record_leaves_the_index(archive: Kept, sealed: Path) -> None:
    write_cdxj(sealed)
    row = archive.captures()[1]
    epitaph = Epitaph(erased_at=NOW, ground="legal", key_sha256="0" * 64)
    with sealed.open("r+b") as file:
        file.seek(row.offset)
        file.write(tombstone(epitaph, "x", row.length))
    os.utime(sealed, ns=(NOW.microsecond, NOW.microsecond))

    assert unindexed(archive.folder.warc) == [sealed]
    write_cdxj(sealed)

    assert row.url not in cdxj_path(sealed).read_text()
    assert len(cdxj_path(sealed).read_text().splitlines()) == 2


def test_an_index_that_cannot_be_written_leaves_the_old_one(sealed: Path) -> None:
    place = write_cdxj(sealed)
    before = place.read_bytes()
    place.with_name(f"{place.name}.new").mkdir()

    with pytest.raises(WriteFailed, match="cdxj"):
        write_cdxj(sealed)

    assert place.read_bytes() == before
