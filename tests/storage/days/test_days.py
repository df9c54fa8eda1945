"""Days' files: made once a day is over, chained, and telling what was changed."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage.backup import back_up
from storage.days.checking import check_days, prove_day
from storage.days.files import day_files, leaves_of, read_day
from storage.days.sealing import adopt_days, enter_day, next_day
from storage.fixity import Damage, verify
from storage.restoring import restore
from storage.sql.tables import CaptureRow, DayRow, RecordRow, SegmentRow
from storage.warc.reader import walk
from tests.storage.kept import NOW, Kept, keeping, kept
from tests.storage.material import ON_SQLITE
from tests.storage.noted import archived, do

DAY = timedelta(days=1)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def archive(url: str, tmp_path: Path) -> Iterator[Kept]:
    """An article of the first day, a capture of the second, one of the fourth."""
    with kept(tmp_path, url) as opened:
        with opened.writer() as writer:
            archived(writer)
            for number in (1, 2):
                do(writer, keeping(number))
        with Session(opened.engine) as session:
            rows = session.exec(select(CaptureRow).order_by(CaptureRow.id)).all()
            for row, days in zip(rows[1:], (1, 3), strict=True):
                row.fetched_at = NOW + days * DAY
                session.add(row)
            session.commit()
        yield opened


def seal(archive: Kept, now: datetime) -> list[str]:
    """Seal all days that are over; return them."""
    days = []
    with Session(archive.engine) as session:
        while sealed := next_day(archive.folder, session, now):
            enter_day(session, sealed, "")
            session.commit()
            days.append(sealed.day.day)
    return days


def told(archive: Kept) -> list[Damage]:
    with Session(archive.engine) as session:
        return list(check_days(archive.folder, session))


def named(damages: list[Damage]) -> set[str]:
    return {damage.file for damage in damages}


@pytest.fixture
def sealed(archive: Kept) -> Kept:
    seal(archive, NOW + 5 * DAY)
    return archive


def test_each_day_with_records_has_a_file(archive: Kept) -> None:
    assert seal(archive, NOW + 5 * DAY) == ["2026-11-22", "2026-11-23", "2026-11-25"]
    assert told(archive) == []


def test_a_day_that_is_not_over_has_none(archive: Kept) -> None:
    assert seal(archive, MIDNIGHT + DAY + timedelta(minutes=59)) == []
    assert seal(archive, MIDNIGHT + DAY + timedelta(minutes=60)) == ["2026-11-22"]


def test_every_record_is_in_one_day(sealed: Kept) -> None:
    (path,) = sealed.folder.warc.iterdir()
    places = [(walked.offset, walked.length) for walked in walk(path)]

    leaves = [
        leaf for file in day_files(sealed.folder.fixity) for leaf in leaves_of(file)
    ]

    assert [(leaf.offset, leaf.length) for leaf in leaves] == places


def test_a_record_that_came_late_is_of_the_next_day(sealed: Kept) -> None:
    with sealed.writer() as writer:
        do(writer, keeping(7))

    assert seal(sealed, NOW + 5 * DAY) == ["2026-11-26"]
    assert told(sealed) == []


def test_each_root_is_over_the_day_before(sealed: Kept) -> None:
    first, second, third = map(read_day, day_files(sealed.folder.fixity))

    assert first.previous_day is None
    assert (second.previous_day, second.previous) == (first.day, first.root)
    assert (third.previous_day, third.previous) == (second.day, second.root)


def test_a_day_whose_row_was_not_committed_is_taken_as_it_is(sealed: Kept) -> None:
    before = [path.read_bytes() for path in day_files(sealed.folder.fixity)]
    with Session(sealed.engine) as session:
        session.exec(delete(DayRow))
        for row in session.exec(select(SegmentRow)):
            row.days_to = 0
        session.commit()
        assert adopt_days(sealed.folder, session) == 3
        session.commit()

    assert seal(sealed, NOW + 5 * DAY) == []
    assert [path.read_bytes() for path in day_files(sealed.folder.fixity)] == before
    assert told(sealed) == []


def removed(files: list[Path]) -> None:
    files[1].unlink()


def last_removed(files: list[Path]) -> None:
    files[2].unlink()


def reordered(files: list[Path]) -> None:
    first, second = files[0].read_bytes(), files[1].read_bytes()
    files[0].write_bytes(second)
    files[1].write_bytes(first)


def leaf_changed(files: list[Path]) -> None:
    lines = files[1].read_text().splitlines()
    leaf = json.loads(lines[0]) | {"sha256": "0" * 64}
    lines[0] = json.dumps(leaf, separators=(",", ":"))
    files[1].write_text("\n".join(lines) + "\n")


def leaf_taken_out(files: list[Path]) -> None:
    files[1].write_text("".join(files[1].read_text().splitlines(keepends=True)[1:]))


def root_changed(files: list[Path]) -> None:
    files[1].write_text(files[1].read_text().replace('"root":"', '"root":"0'))


def bit_flipped(files: list[Path]) -> None:
    data = bytearray(files[1].read_bytes())
    data[-2] ^= 1
    files[1].write_bytes(data)


def lines_behind(files: list[Path]) -> None:
    with files[1].open("a") as file:
        file.write("{}\n")


@pytest.mark.parametrize(
    "harm",
    [
        removed,
        last_removed,
        reordered,
        leaf_changed,
        leaf_taken_out,
        root_changed,
        bit_flipped,
        lines_behind,
    ],
)
def test_whatever_is_done_to_a_day_is_told(
    sealed: Kept, harm: Callable[[list[Path]], None]
) -> None:
    harm(day_files(sealed.folder.fixity))

    assert any(name.startswith("fixity/") for name in named(told(sealed)))


def test_a_record_and_its_row_that_were_replaced_are_told(sealed: Kept) -> None:
    with Session(sealed.engine) as session:
        row = session.exec(select(CaptureRow).order_by(CaptureRow.id)).all()[1]
        changed, offset, row.record_sha256 = row.id, row.offset, "0" * 64
        session.add(row)
        session.commit()

    (damage,) = told(sealed)
    assert (damage.offset, damage.capture_id) == (offset, changed)
    assert "2026-11-23" in damage.why


def test_a_days_root_proves_its_records(sealed: Kept) -> None:
    root = read_day(day_files(sealed.folder.fixity)[0]).root
    (path,) = sealed.folder.warc.iterdir()

    with Session(sealed.engine) as session:
        assert list(prove_day(sealed.folder, session, "2026-11-22", root)) == []
        note = session.exec(
            select(RecordRow).where(col(RecordRow.version_id).is_not(None))
        ).one()
        flip(path, note.offset + 20)
        (damage,) = prove_day(sealed.folder, session, "2026-11-22", root)

    assert damage.offset == note.offset
    assert damage.article_title == "Flood"


def test_a_day_without_a_root_is_told(sealed: Kept) -> None:
    with Session(sealed.engine) as session:
        (damage,) = prove_day(sealed.folder, session, "2020-01-01", "ab" * 32)

    assert damage.why == "there is no root of this day"


def test_another_root_proves_nothing(sealed: Kept) -> None:
    with Session(sealed.engine) as session:
        (damage,) = prove_day(sealed.folder, session, "2026-11-22", "ab" * 32)

    assert "not abab" in damage.why


@ON_SQLITE
def test_a_backup_has_the_days_of_its_rows(
    sealed: Kept, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("elsewhere")
    back_up(sealed.folder, place / "backup", NOW, lambda *_: None)
    restore(place / "backup", place / "new", lambda *_: None)

    with kept(place / "new") as restored:
        assert len(day_files(restored.folder.fixity)) == 3
        assert told(restored) == []


def test_a_damaged_note_names_its_article(sealed: Kept) -> None:
    (path,) = sealed.folder.warc.iterdir()
    with Session(sealed.engine) as session:
        note = session.exec(
            select(RecordRow).where(col(RecordRow.version_id).is_not(None))
        ).one()
        flip(path, note.offset + 30)
        damages = list(verify(sealed.folder, session, full=False))

    assert {damage.article_title for damage in damages if damage.offset} == {"Flood"}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)
