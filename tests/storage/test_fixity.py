import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import update
from sqlmodel import Session, SQLModel, select

from storage import fixity
from storage.fixity import Damage, verify
from storage.sql.engine import reading_engine
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    HostRow,
    LinkRow,
    PartRow,
    SegmentRow,
    VersionRow,
)
from storage.warc.cdxj import write_cdxj
from storage.warc.reader import walk
from storage.warc.record import ReadRecord, warcinfo_record
from storage.warc.segment import file_sha256
from tests.storage.kept import NOW, Kept, exchange, keeping, kept


@pytest.fixture
def archive(url: str, tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path, url) as opened:
        opened.keep(1, 2, 3)
        yield opened


def _verify(
    archive: Kept,
    *,
    full: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[Damage]:
    engine = reading_engine(archive.engine.url.render_as_string(hide_password=False))
    with Session(engine) as session:
        found = list(verify(archive.folder, session, full=full, progress=progress))
    engine.dispose()
    return found


def test_an_index_beside_its_file_is_no_damage(archive: Kept) -> None:
    write_cdxj(_path(archive))

    assert _verify(archive) == []


def test_an_index_of_no_file_is_damage(archive: Kept) -> None:
    stray = archive.folder.warc / "x.warc.gz.cdxj"
    stray.touch()

    (damage,) = _verify(archive, full=False)

    assert damage == Damage(file=stray.name, why="no row knows this file")


def test_an_index_with_other_lines_is_damage(archive: Kept) -> None:
    place = write_cdxj(_path(archive))
    place.write_text("".join(place.read_text().splitlines(keepends=True)[1:]))

    (damage,) = _verify(archive)

    assert damage.file == place.name


def _path(archive: Kept) -> Path:
    return archive.folder.warc / archive.segments()[0].name


def _flip(path: Path, offset: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)


def _change(archive: Kept, row: type[SQLModel], **values: object) -> None:
    with Session(archive.engine) as session:
        session.execute(update(row).values(**values))
        session.commit()


def _publish(archive: Kept, capture_id: int | None) -> None:
    link = {"host": "h", "url": "u", "key": "k", "kind": "article", "state": "archived"}
    with Session(archive.engine) as session:
        session.add(HostRow(key="h", free_at=NOW))
        session.flush()
        session.add(LinkRow(id=1, found_at=NOW, **link))
        session.flush()
        article = ArticleRow(
            id=1,
            link_id=1,
            key="k",
            url="https://kabar.example/kanonik",
            title="Harga beras turun",
            authors=[],
            first_seen=NOW,
            last_seen=NOW,
        )
        session.add(article)
        session.flush()
        version = VersionRow(
            article_id=1,
            number=1,
            capture_id=capture_id,
            captured_at=NOW,
            change="first",
            title="Harga beras turun",
            text="",
            story_sha256="",
            extractor="1",
            document={},
        )
        session.add(version)
        session.commit()


@pytest.mark.parametrize("full", [False, True])
def test_what_was_kept_is_whole(archive: Kept, *, full: bool) -> None:
    assert _verify(archive, full=full) == []


def test_an_open_segment_is_whole(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(20)

        assert _verify(archive) == []


def test_records_beyond_the_commit_of_an_open_segment_are_not_damage(
    archive: Kept,
) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(20)
        with archive.folder.segment(archive.segments()[1].name).open("ab") as file:
            file.write(b"on its way")

        assert _verify(archive) == []


def test_a_damaged_response_names_its_capture_and_article(archive: Kept) -> None:
    capture = archive.captures()[1]
    _publish(archive, capture.id)
    _flip(_path(archive), capture.offset + 30)

    whole, response = _verify(archive, full=False)

    assert (whole.file, whole.offset) == (capture.segment, None)
    assert whole.why == "does not have its SHA-256"
    assert (response.file, response.offset) == (capture.segment, capture.offset)
    assert response.capture_id == capture.id
    assert response.url == exchange(2).url
    assert response.article_title == "Harga beras turun"
    assert response.article_url == "https://kabar.example/kanonik"
    assert response.why == "response: does not have its SHA-256"


def test_damage_to_a_further_page_names_the_article(archive: Kept) -> None:
    first, second, _ = archive.captures()
    _publish(archive, first.id)
    with Session(archive.engine) as session:
        made = session.exec(select(VersionRow.id)).one()
        session.add(PartRow(version_id=made, number=2, capture_id=second.id))
        session.commit()
    _flip(_path(archive), second.offset + 30)

    _, response = _verify(archive, full=False)

    assert response.capture_id == second.id
    assert response.article_title == "Harga beras turun"


def test_a_damaged_request_names_its_capture(archive: Kept) -> None:
    capture = archive.captures()[0]
    _flip(_path(archive), capture.request_offset + 30)

    damages = _verify(archive, full=False)

    assert [(d.capture_id, d.offset) for d in damages[1:]] == [
        (capture.id, capture.request_offset)
    ]
    assert damages[1].article_title is None


def test_a_break_in_the_chain_names_its_place(archive: Kept) -> None:
    path = _path(archive)
    _flip(path, 40)

    damages = _verify(archive)

    assert [(d.file, d.offset) for d in damages] == [(path.name, None), (path.name, 0)]


def test_every_flipped_bit_is_found(archive: Kept) -> None:
    path = _path(archive)
    whole = path.read_bytes()
    dice = random.Random(20261122)
    for _ in range(60):
        path.write_bytes(whole)
        _flip(path, dice.randrange(len(whole)), dice.randrange(8))

        assert _verify(archive, full=False)


def test_every_bit_at_a_requests_end_names_its_capture(archive: Kept) -> None:
    """Some of them are padding there, which no checksum of gzip is over."""
    row = archive.captures()[1]
    path, whole = _path(archive), _path(archive).read_bytes()
    end = row.request_offset + row.request_length
    for offset in range(end - 40, end):
        for bit in range(8):
            _flip(path, offset, bit)

            found = _verify(archive, full=False)

            assert row.id in {damage.capture_id for damage in found}, (offset, bit)
            path.write_bytes(whole)


def test_a_flipped_bit_in_any_gzip_header_names_its_place(archive: Kept) -> None:
    path, whole = _path(archive), _path(archive).read_bytes()
    places = [place.offset for place in walk(path)]
    for place in places:
        for offset in range(place, place + 10):
            _flip(path, offset)

            found = _verify(archive)

            assert place in {damage.offset for damage in found}, (place, offset)
            path.write_bytes(whole)


def test_a_missing_file_is_reported_with_each_capture_in_it(archive: Kept) -> None:
    _path(archive).unlink()

    damages = _verify(archive)

    assert damages[0].why == "the file is missing"
    assert {d.capture_id for d in damages[1:]} == {row.id for row in archive.captures()}


@pytest.mark.parametrize(
    ("name", "what"),
    [("stray.warc.gz", ""), ("stray.warc.gz.open", ": begun by who was killed")],
)
def test_an_unknown_file_is_reported(archive: Kept, name: str, what: str) -> None:
    (archive.folder.warc / name).write_bytes(b"")

    (damage,) = _verify(archive)

    assert damage.file == name
    assert damage.why.partition(";")[0] == f"no row knows this file{what}"


def test_a_file_that_grew_is_reported(archive: Kept) -> None:
    path = _path(archive)
    size = path.stat().st_size
    info = warcinfo_record("x", "y", "z", made_at=NOW)
    path.write_bytes(path.read_bytes() + info)

    (damage,) = _verify(archive)

    assert damage.why == f"has {size + len(info)} bytes instead of {size}"


def test_an_open_file_that_shrank_is_reported(archive: Kept) -> None:
    path = _path(archive)
    _change(archive, SegmentRow, state="open")
    size = path.stat().st_size
    os.truncate(path, 100)

    assert _verify(archive)[0].why == f"100 bytes of {size} are left"


def test_a_row_that_points_at_another_kind_of_record_is_reported(archive: Kept) -> None:
    first = archive.captures()[0]
    _change(
        archive,
        CaptureRow,
        request_offset=first.offset,
        request_length=first.length,
        request_sha256=None,
    )

    assert {d.why for d in _verify(archive)} == {"is a response, not a request"}


def test_the_chain_finds_rows_that_point_beside_a_record(archive: Kept) -> None:
    _change(archive, CaptureRow, request_length=10**6)

    whys = [d.why for d in _verify(archive)]

    assert whys.count("no record of that length begins here") == 3


def test_progress_counts_bytes(archive: Kept) -> None:
    archive.keep(4)
    sizes = [row.size for row in archive.segments()]
    seen = []

    _verify(archive, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(sizes[0], sum(sizes)), (sum(sizes), sum(sizes))]


def test_what_is_written_meanwhile_is_no_damage(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(timeout=20)

        def write_and_rotate(done: int, _total: int) -> None:
            if done == _path(archive).stat().st_size:  # behind the first segment
                writer.submit(keeping(5)).result(timeout=20)
                writer.close()

        assert _verify(archive, progress=write_and_rotate) == []


def test_what_is_erased_meanwhile_is_no_damage(archive: Kept) -> None:
    archive.keep(4)
    path = archive.folder.warc / archive.segments()[1].name

    def overwrite(done: int, _total: int) -> None:
        if done == _path(archive).stat().st_size:  # behind the first segment
            _flip(path, 9)  # in a record that no row has
            _change(archive, SegmentRow, sha256=file_sha256(path))

    assert _verify(archive, full=False, progress=overwrite) == []


def test_a_segment_sealed_while_it_is_read_is_no_damage(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a record more, and its index at once."""
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(timeout=20)
        open_name = archive.segments()[-1].name
        read, more = fixity.read_from, [5]

        def read_and_seal(
            file: BinaryIO,
            segment: str,
            offset: int,
            length: int,
            expected_sha256: str | None,
        ) -> ReadRecord:
            record = read(file, segment, offset, length, expected_sha256)
            if segment == open_name and more:
                writer.submit(keeping(more.pop())).result(timeout=20)
                writer.close()
                write_cdxj(archive.folder.warc / open_name)
            return record

        monkeypatch.setattr(fixity, "read_from", read_and_seal)

        assert _verify(archive) == []
