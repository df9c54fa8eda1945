"""WARC files, their indexes and days' files go to the store; copies here may go then."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage.days.sealing import enter_day, next_day
from storage.errors import StoreRefused, StoreUnreachable, WriteFailed
from storage.failpoints import arm
from storage.fixity import Damage, verify
from storage.folder import DataFolder
from storage.kept import read_record
from storage.objects import Objects
from storage.recovery import recover
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.objects import Standing, standing
from storage.sql.tables import ObjectRow, SegmentRow
from storage.uploading import Mirror
from storage.warc.cdxj import unindexed, write_cdxj
from storage.writer import Writer
from tests.objects import S3
from tests.storage.kept import NOW, Kept, keeping, kept

pytestmark = pytest.mark.usefixtures("credentials")
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@pytest.fixture(params=["s3", "folder"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Objects(f"file://{tmp_path}/store")
    server: S3 = request.getfixturevalue("s3")
    return server.objects(server.bucket())


@pytest.fixture
def archive(tmp_path: Path, objects: Objects) -> Iterator[Kept]:
    """Two sealed segments with their indexes."""
    with kept(tmp_path / "data") as archive:
        archive.folder.away = objects
        archive.keep(1, 2)
        archive.keep(3)
        for file in unindexed(archive.folder.warc):
            write_cdxj(file)
        yield archive


@contextmanager
def mirror_of(
    archive: Kept,
    objects: Objects,
    *,
    keep_local: timedelta | None = None,
    now: datetime = NOW,
) -> Iterator[tuple[Mirror, Writer]]:
    readers = reading_engine(sqlite_url(archive.folder.path))
    with archive.writer() as writer:
        mirror = Mirror(
            folder=archive.folder,
            objects=objects,
            writer=writer,
            session=lambda: Session(readers),
            now=lambda: now,
            keep_local=keep_local,
        )
        yield mirror, writer
    readers.dispose()


def push(archive: Kept, objects: Objects) -> int:
    with mirror_of(archive, objects) as (mirror, _):
        return mirror.push()


def let_go(archive: Kept, objects: Objects) -> int:
    """Put all there, and let all copies here go."""
    with mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _):
        mirror.push()
        return mirror.drop()


def stand(archive: Kept) -> Standing:
    with Session(archive.engine) as session:
        return standing(session)


def rows(archive: Kept) -> dict[str, ObjectRow]:
    with Session(archive.engine) as session:
        return {row.name: row for row in session.exec(select(ObjectRow))}


def damages(archive: Kept) -> list[Damage]:
    with Session(archive.engine) as session:
        return list(verify(archive.folder, session, full=True))


def test_sealed_files_and_their_indexes_go_to_the_store(
    archive: Kept, objects: Objects
) -> None:
    count = push(archive, objects)

    files = [name for name in archive.files() if name.endswith((".gz", ".cdxj"))]
    assert count == len(files) == 4
    assert objects.names("warc") == files
    for segment in archive.segments():
        path = archive.folder.warc / segment.name
        assert segment.state == "uploaded"
        assert objects.read(f"warc/{segment.name}", 0, 1 << 20) == path.read_bytes()
        row = rows(archive)[f"warc/{segment.name}"]
        assert (row.size, row.sha256) == (segment.size, segment.sha256)
    found = stand(archive)
    assert (found.uploaded, found.sealed, found.others) == (2, 0, 2)


def test_nothing_is_put_twice(archive: Kept, objects: Objects) -> None:
    push(archive, objects)

    assert push(archive, objects) == 0


def test_an_open_file_stays_here(archive: Kept, objects: Objects) -> None:
    with mirror_of(archive, objects) as (mirror, writer):
        writer.submit(keeping(9)).result(20)
        mirror.push()

        assert archive.segments()[-1].state == "open"
        assert archive.segments()[-1].name not in objects.names("warc")


def test_a_days_file_goes_under_a_name_of_its_own(
    archive: Kept, objects: Objects
) -> None:
    with Session(archive.engine) as session:
        sealed = next_day(archive.folder, session, NOW + timedelta(days=2))
        assert sealed is not None
        enter_day(session, sealed, "")
        session.commit()

    push(archive, objects)

    (name,) = objects.names("fixity")
    here = archive.folder.fixity / f"{sealed.day.day}.jsonl"
    assert name.startswith(f"{sealed.day.day}-")
    assert len(name) > len(here.name) + 32
    assert objects.read(f"fixity/{name}", 0, 1 << 20) == here.read_bytes()
    assert push(archive, objects) == 0


def test_a_file_that_is_damaged_here_is_not_put(
    archive: Kept, objects: Objects
) -> None:
    name = archive.segments()[0].name
    path = archive.folder.warc / name
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)

    with mirror_of(archive, objects) as (mirror, _):
        mirror.push()

        assert "not what was sealed" in mirror.counts.refused[f"warc/{name}"][0]
    assert name not in objects.names("warc")
    assert archive.segments()[0].state == "sealed"


def test_what_is_under_its_name_there_is_left_as_it_is(
    archive: Kept, objects: Objects, tmp_path: Path
) -> None:
    name = archive.segments()[0].name
    other = tmp_path / "other"
    other.write_bytes(b"another archive's")
    objects.put_new(f"warc/{name}", other)

    with mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _):
        mirror.push()
        mirror.drop()

        assert "something else" in mirror.counts.refused[f"warc/{name}"][0]
    assert objects.read(f"warc/{name}", 0, 99) == b"another archive's"
    assert (archive.folder.warc / name).exists()
    assert archive.segments()[0].state == "sealed"


def test_all_that_is_kept_is_read_from_the_store(
    archive: Kept, objects: Objects
) -> None:
    captures = archive.captures()
    before = [read_record(archive.folder, row) for row in captures]

    dropped = let_go(archive, objects)

    assert (dropped, archive.files()) == (2, [])
    assert [read_record(archive.folder, row) for row in captures] == before
    assert damages(archive) == []
    with Session(archive.engine) as session:
        assert recover(archive.folder, session, NOW).missing == ()


def test_a_copy_stays_here_as_long_as_it_is_to(archive: Kept, objects: Objects) -> None:
    push(archive, objects)

    kept_for, week = [], timedelta(days=7)
    for age in (timedelta(days=6), timedelta(days=8)):
        at = NOW + age
        with mirror_of(archive, objects, keep_local=week, now=at) as (mirror, _):
            mirror.drop()
            kept_for.append(len(archive.files()))

    assert kept_for == [4, 0]


def test_without_a_policy_all_copies_stay(archive: Kept, objects: Objects) -> None:
    with mirror_of(archive, objects, now=NOW + timedelta(days=9999)) as (mirror, _):
        mirror.push()
        assert mirror.drop() == 0

    assert len(archive.files()) == 4


def test_a_copy_stays_here_whose_file_the_store_has_lost(
    archive: Kept, objects: Objects
) -> None:
    push(archive, objects)
    name = archive.segments()[0].name
    objects.remove(f"warc/{name}")

    with mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _):
        mirror.drop()
        assert (archive.folder.warc / name).exists()
        assert mirror.push() == 1
        assert mirror.drop() == 1

    assert name in objects.names("warc")


def test_damage_of_the_file_there_is_found(
    archive: Kept, objects: Objects, tmp_path: Path
) -> None:
    let_go(archive, objects)
    name = archive.segments()[0].name
    here = tmp_path / "here"
    objects.fetch(f"warc/{name}", here)
    data = bytearray(here.read_bytes())
    data[len(data) // 2] ^= 1
    here.write_bytes(data)
    objects.replace(f"warc/{name}", here, objects.head(f"warc/{name}"))

    found = damages(archive)

    assert {damage.file for damage in found} == {name}
    assert "does not have its SHA-256" in {damage.why for damage in found}


def test_a_file_lost_before_it_was_put_is_missing_at_the_start(archive: Kept) -> None:
    lost, _ = archive.segments()
    (archive.folder.warc / lost.name).unlink()

    with Session(archive.engine) as session:
        assert recover(archive.folder, session, NOW).missing == (lost.name,)


def test_what_is_in_a_store_that_is_not_asked_any_more_is_missing_at_the_start(
    archive: Kept, objects: Objects
) -> None:
    with mirror_of(archive, objects) as (mirror, _):
        mirror.push()
    lost, _ = archive.segments()
    (archive.folder.warc / lost.name).unlink()

    archive.folder.away = None

    with Session(archive.engine) as session:
        assert recover(archive.folder, session, NOW).missing == (lost.name,)


def test_a_file_that_is_nowhere_is_missing(archive: Kept, objects: Objects) -> None:
    let_go(archive, objects)
    name = archive.segments()[0].name
    objects.remove(f"warc/{name}")

    found = damages(archive)

    assert found[0] == Damage(file=name, why="the file is missing")
    assert len([damage for damage in found if damage.capture_id]) == 4


def test_a_store_that_does_not_answer_is_no_damage(archive: Kept) -> None:
    archive.folder.away = Objects(
        "s3://kept/x", endpoint="http://127.0.0.1:9", allow_http=True
    )
    (archive.folder.warc / archive.segments()[0].name).unlink()

    with pytest.raises(StoreUnreachable):
        damages(archive)


def test_what_is_fetched_is_what_was_put(archive: Kept, objects: Objects) -> None:
    name = archive.segments()[0].name
    before = (archive.folder.warc / name).read_bytes()
    let_go(archive, objects)

    with mirror_of(archive, objects) as (mirror, _):
        assert mirror.is_away(name)
        assert mirror.bring(name)
        assert not mirror.bring(name)

    assert (archive.folder.warc / name).read_bytes() == before
    assert list((archive.folder.path / "fetching").iterdir()) == []


@pytest.mark.parametrize("point", ["after_begun", "after_put", "after_check"])
def test_an_upload_that_was_broken_off_is_finished(
    archive: Kept, objects: Objects, point: str
) -> None:
    arm(f"{point}:eio")
    with mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _):
        with pytest.raises(OSError, match="Input/output"):
            mirror.push()
        assert archive.segments()[0].state == "sealed"
        assert mirror.drop() == 0
    assert rows(archive)[f"warc/{archive.segments()[0].name}"].state == "begun"

    assert let_go(archive, objects) == 2

    assert [row.state for row in archive.segments()] == ["uploaded"] * 2
    assert damages(archive) == []


def test_a_copy_that_was_half_let_go_is_let_go(archive: Kept, objects: Objects) -> None:
    push(archive, objects)
    arm("mid_drop:eio")
    with (
        mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _),
        pytest.raises(WriteFailed),
    ):
        mirror.drop()
    assert len([name for name in archive.files() if name.endswith(".gz")]) == 2

    assert let_go(archive, objects) == 2
    assert damages(archive) == []


def test_a_version_that_is_kept_there_holds_a_renewal_up(
    tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = s3.objects(s3.bucket(keeps_versions=True))
    with kept(tmp_path / "data") as archive:
        archive.keep(1)
        push(archive, objects)
        name = archive.segments()[0].name
        path = archive.folder.warc / name
        path.write_bytes(bytes(path.stat().st_size))
        monkeypatch.setattr(objects, "_versions", None)

        for _ in range(2):  # and once more, when it is in place already
            with (
                mirror_of(archive, objects) as (mirror, _),
                pytest.raises(StoreRefused, match="earlier version"),
            ):
                mirror.renew(name)


def test_a_service_of_another_folder_reads_all_from_the_store(
    archive: Kept, objects: Objects, tmp_path: Path
) -> None:
    let_go(archive, objects)
    other = DataFolder(tmp_path / "other", objects)

    rows = archive.captures()
    assert rows
    for row in rows:
        assert read_record(other, row) == read_record(archive.folder, row)
    with Session(archive.engine) as session:
        for segment in session.exec(select(SegmentRow)):
            assert other.size(segment.name) == segment.size


def _push_and_die(folder: Path, url: str, point: str) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with kept(folder) as archive:
        objects = Objects(url)
        archive.folder.away = objects
        with mirror_of(archive, objects, keep_local=timedelta(0)) as (mirror, _):
            arm(f"{point}:kill:2")
            mirror.push()
            mirror.drop()


@pytest.mark.parametrize(
    "point", ["after_begun", "after_put", "after_check", "mid_drop"]
)
def test_whoever_starts_next_goes_on_where_it_was_killed(
    tmp_path: Path, point: str
) -> None:
    with kept(tmp_path / "data") as archive:
        archive.keep(1)
        archive.keep(2)
        for file in unindexed(archive.folder.warc):
            write_cdxj(file)
    url = f"file://{tmp_path}/store"
    process = _processes.Process(
        target=_push_and_die, args=(tmp_path / "data", url, point)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -9
    process.close()

    with kept(tmp_path / "data") as archive:
        objects = Objects(url)
        archive.folder.away = objects
        let_go(archive, objects)

        assert archive.files() == []
        assert [row.state for row in archive.segments()] == ["uploaded"] * 2
        assert len(objects.names("warc")) == 4
        assert damages(archive) == []


def test_what_the_store_has_lost_is_damage_though_a_copy_is_here(
    archive: Kept, objects: Objects, tmp_path: Path
) -> None:
    push(archive, objects)
    lost, short = (f"warc/{row.name}" for row in archive.segments())
    objects.remove(lost)
    cut = tmp_path / "cut"
    cut.write_bytes(b"cut")
    objects.replace(short, cut, objects.head(short))

    found = {damage.file: damage.why for damage in damages(archive)}

    assert found[lost.removeprefix("warc/")] == "the object store does not have it"
    assert "has 3 bytes instead of" in found[short.removeprefix("warc/")]


class Noting(Objects):
    """A store that notes what is read of it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.ranges: list[tuple[str, int, int]] = []

    def read(self, place: str, offset: int, length: int) -> bytes:
        self.ranges.append((place, offset, length))
        return super().read(place, offset, length)


def test_a_record_there_is_read_by_its_range_alone(tmp_path: Path) -> None:
    objects = Noting(f"file://{tmp_path}/store")
    with kept(tmp_path / "data") as archive:
        archive.folder.away = objects
        archive.keep(1, 2, 3)
        for file in unindexed(archive.folder.warc):
            write_cdxj(file)
        let_go(archive, objects)
        objects.ranges.clear()
        row = archive.captures()[1]

        read_record(archive.folder, row)

    assert objects.ranges == [(f"warc/{row.segment}", row.offset, row.length)]
