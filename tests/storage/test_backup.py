"""An archive copied while it is written, and made again from the copy."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path

import pytest
from sqlmodel import Session

from storage import backup as backups
from storage.backup import back_up
from storage.errors import BadBackup, DiskFull
from storage.fixity import verify
from storage.folder import DataFolder
from storage.manifest import MANIFEST, read_manifest
from storage.recovery import recover
from storage.restoring import restore, restore_damaged
from storage.sql.engine import reading_engine, sqlite_url
from tests.storage.kept import NOW, Kept, keeping, kept

LATER = NOW + timedelta(hours=1)


def quiet(_done: int, _total: int) -> None:
    """Show no progress."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path / "data") as opened:
        opened.keep(1, 2, 3)
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def flipped(data: bytes) -> bytes:
    """Change a byte in the middle."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def captures(folder: Path) -> list[str]:
    """The URLs of a restored archive, which must be whole, after its first start."""
    with kept(folder) as opened:
        with Session(opened.engine) as session:
            recover(opened.folder, session, NOW)
            session.commit()
        engine = reading_engine(sqlite_url(folder))
        with Session(engine) as session:
            assert list(verify(opened.folder, session, full=True)) == []
        engine.dispose()
        return [row.url[-1] for row in opened.captures()]


def test_a_restored_archive_is_whole(
    archive: Kept, place: Path, tmp_path: Path
) -> None:
    done = back_up(archive.folder, place, NOW, quiet)

    restored = restore(place, tmp_path / "new", quiet)

    assert captures(tmp_path / "new") == ["1", "2", "3"]
    assert restored == done.manifest == read_manifest(place)
    assert done.damaged == ()


def test_an_open_segment_is_backed_up_as_far_as_it_was_committed(
    archive: Kept, place: Path, tmp_path: Path
) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(20)
        path = next(archive.folder.warc.glob("*.open"))
        with path.open("ab") as file:
            file.write(b"not committed")

        back_up(archive.folder, place, NOW, quiet)

        path_size = path.stat().st_size
        (copy,) = (place / "warc").glob("*.open")
        assert copy.stat().st_size == path_size - len(b"not committed")
        with path.open("r+b") as file:
            file.truncate(copy.stat().st_size)
    restore(place, tmp_path / "new", quiet)
    assert captures(tmp_path / "new") == ["1", "2", "3", "4"]


def test_what_is_kept_while_it_is_copied_comes_with_the_next_backup(
    archive: Kept, place: Path, tmp_path: Path
) -> None:
    with archive.writer() as writer:

        def write_more(_done: int, _total: int) -> None:
            writer.submit(keeping(7)).result(20)

        back_up(archive.folder, place, NOW, write_more)
        restore(place, tmp_path / "first", quiet)
    back_up(archive.folder, place, LATER, quiet)
    restore(place, tmp_path / "second", quiet)

    assert captures(tmp_path / "first") == ["1", "2", "3"]
    assert captures(tmp_path / "second") == ["1", "2", "3", "7"]


@pytest.mark.parametrize("path", ["../evil", "warc/../../evil", "/etc/evil", "", "a\0"])
def test_a_backup_that_names_files_elsewhere_is_refused(
    archive: Kept, place: Path, tmp_path: Path, path: str
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    manifest = json.loads((place / MANIFEST).read_text())
    manifest["segments"][0]["path"] = path
    (place / MANIFEST).write_text(json.dumps(manifest))

    for put_back in (restore, restore_damaged):
        with pytest.raises(BadBackup, match="outside of the backup"):
            put_back(place, tmp_path / "again", quiet)

    assert not (tmp_path / "again").exists()


def test_the_copied_rows_are_not_for_all_to_read(archive: Kept, place: Path) -> None:
    place.mkdir(mode=0o755)

    back_up(archive.folder, place, NOW, quiet)

    (rows,) = place.glob("*.sqlite3")
    assert rows.stat().st_mode & 0o007 == 0


def test_sealed_files_are_copied_once(archive: Kept, place: Path) -> None:
    first = back_up(archive.folder, place, NOW, quiet)
    archive.keep(4)
    (new,) = [s for s in archive.segments() if s.name not in str(first.manifest)]

    second = back_up(archive.folder, place, LATER, quiet)

    assert first.copied > 0
    assert second.copied == new.size
    assert len(second.manifest.segments) == 2


def test_only_what_the_newest_backup_needs_stays(archive: Kept, place: Path) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(4)).result(20)
        back_up(archive.folder, place, NOW, quiet)
    back_up(archive.folder, place, LATER, quiet)

    names = {path.name for path in place.iterdir()}
    assert names == {MANIFEST, "warc", f"kliping-{LATER:%Y%m%dT%H%M%SZ}.sqlite3"}
    assert sorted(p.name for p in (place / "warc").iterdir()) == archive.files()


@pytest.mark.parametrize("step", ["_copy", "put_manifest", "_forget_others"])
def test_an_interrupted_backup_leaves_one_that_is_whole(
    archive: Kept,
    place: Path,
    tmp_path: Path,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    archive.keep(4)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(backups, step, die)
        with pytest.raises(KeyboardInterrupt):
            back_up(archive.folder, place, LATER, quiet)
    restore(place, tmp_path / "new", quiet)
    back_up(archive.folder, place, LATER, quiet)
    restore(place, tmp_path / "newer", quiet)

    assert captures(tmp_path / "new") in (["1", "2", "3"], ["1", "2", "3", "4"])
    assert captures(tmp_path / "newer") == ["1", "2", "3", "4"]


def test_an_interrupted_first_backup_is_none_and_can_be_made(
    archive: Kept, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(backups, "put_manifest", die)
        with pytest.raises(KeyboardInterrupt):
            back_up(archive.folder, place, NOW, quiet)
    with pytest.raises(BadBackup, match="holds no backup"):
        restore(place, tmp_path / "new", quiet)

    assert back_up(archive.folder, place, NOW, quiet).damaged == ()


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_backup_is_not_restored(
    archive: Kept, place: Path, tmp_path: Path, harm: str
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    data = path.read_bytes()
    match harm:
        case "flip":
            path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        case "cut":
            path.write_bytes(data[:-1])
        case _:
            path.unlink()

    with pytest.raises(BadBackup, match=path.name):
        restore(place, tmp_path / "new", quiet)

    assert not (tmp_path / "new").exists()


def test_a_damaged_segment_is_copied_and_told(archive: Kept, place: Path) -> None:
    (path,) = archive.folder.warc.iterdir()
    path.write_bytes(path.read_bytes()[:-1])

    assert back_up(archive.folder, place, NOW, quiet).damaged == (path.name,)


def test_a_missing_segment_is_told(archive: Kept, place: Path) -> None:
    (path,) = archive.folder.warc.iterdir()
    path.unlink()

    assert back_up(archive.folder, place, NOW, quiet).damaged == (path.name,)


def test_a_backup_that_lost_a_file_gets_it_again(archive: Kept, place: Path) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    path.unlink()

    back_up(archive.folder, place, LATER, quiet)

    assert path.exists()


def test_a_copy_that_was_cut_short_is_made_again(archive: Kept, place: Path) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:100])

    back_up(archive.folder, place, LATER, quiet)

    assert path.read_bytes() == whole


def test_a_copy_that_rots_is_found_and_made_again(archive: Kept, place: Path) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    whole = path.read_bytes()
    path.write_bytes(flipped(whole))

    done = back_up(archive.folder, place, LATER, quiet)

    assert (done.rotten, done.damaged) == ((path.name,), ())
    assert path.read_bytes() == whole


def test_every_copy_has_its_turn_to_be_read_again(archive: Kept, place: Path) -> None:
    for number in (4, 5):
        archive.keep(number)
    back_up(archive.folder, place, NOW, quiet)
    for hour in (1, 2, 3):
        back_up(archive.folder, place, NOW + timedelta(hours=hour), quiet)

    read = {file.read_at for file in read_manifest(place).segments}
    assert read == {NOW + timedelta(hours=hour) for hour in (1, 2, 3)}


def test_a_copy_stays_where_less_is_left_of_its_file(
    archive: Kept, place: Path
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    path.write_bytes(rotten := flipped(path.read_bytes()))
    (archive.folder.warc / path.name).unlink()

    done = back_up(archive.folder, place, LATER, quiet)

    assert done.damaged == (path.name,)
    assert path.read_bytes() == rotten


def test_a_backup_that_fails_leaves_no_rows(
    archive: Kept, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(backups, "_copy", full)
    with pytest.raises(DiskFull):
        back_up(archive.folder, place, NOW, quiet)

    assert [path.name for path in place.iterdir()] == ["warc"]


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_what_is_left_of_a_damaged_backup_is_restored_when_asked(
    archive: Kept, place: Path, tmp_path: Path, harm: str
) -> None:
    archive.keep(4)
    back_up(archive.folder, place, NOW, quiet)
    path = place / "warc" / archive.segments()[0].name
    data = path.read_bytes()
    match harm:
        case "flip":
            path.write_bytes(flipped(data))
        case "cut":
            path.write_bytes(data[:-1])
        case _:
            path.unlink()

    _, wrong = restore_damaged(place, tmp_path / "new", quiet)

    assert wrong == (f"warc/{path.name}",)
    with kept(tmp_path / "new") as opened, Session(opened.engine) as session:
        recover(opened.folder, session, NOW)
        session.commit()
        found = {one.file for one in verify(opened.folder, session, full=True)}
    assert found == {path.name}


@pytest.mark.parametrize("kind", ["link", "link to nowhere", "linked folder", "pipe"])
def test_what_is_no_file_of_a_damaged_backup_is_not_copied(
    archive: Kept, place: Path, tmp_path: Path, kind: str
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (path,) = (place / "warc").iterdir()
    name = path.name
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / name).write_text("hush")
    path.unlink()
    match kind:
        case "link":
            path.symlink_to(secret / name)
        case "link to nowhere":
            path.symlink_to(secret / "missing")
        case "linked folder":
            (place / "warc").rename(place / "former")
            (place / "warc").symlink_to(secret)
        case _:
            os.mkfifo(path)

    with pytest.raises(BadBackup, match="no file of the backup"):
        restore_damaged(place, tmp_path / "new", quiet)
    with pytest.raises(BadBackup, match="not what was backed up"):
        restore(place, tmp_path / "new", quiet)

    assert not (tmp_path / "new").exists()


def test_nothing_is_restored_without_its_rows(
    archive: Kept, place: Path, tmp_path: Path
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    (rows,) = place.glob("*.sqlite3")
    rows.write_bytes(flipped(rows.read_bytes()))

    with pytest.raises(BadBackup, match="kliping rebuild"):
        restore_damaged(place, tmp_path / "new", quiet)


def test_another_folder_is_not_taken_for_a_backup(archive: Kept, place: Path) -> None:
    place.mkdir()
    (place / "letters.txt").write_text("dear")

    with pytest.raises(BadBackup, match=r"letters\.txt"):
        back_up(archive.folder, place, NOW, quiet)


@pytest.mark.parametrize(
    "name",
    [".", "data", "data/backup", "elsewhere"],
    ids=["around it", "it", "in it", "in it by a link"],
)
def test_a_backup_is_apart_from_the_data_folder(
    archive: Kept, tmp_path: Path, name: str
) -> None:
    (tmp_path / "elsewhere").symlink_to(archive.folder.warc)

    with pytest.raises(BadBackup, match="lie in one another"):
        back_up(archive.folder, tmp_path / name, NOW, quiet)

    assert list(tmp_path.rglob(MANIFEST)) == []


def test_nothing_is_restored_over_an_archive(archive: Kept, place: Path) -> None:
    back_up(archive.folder, place, NOW, quiet)

    with pytest.raises(BadBackup, match="is not empty"):
        restore(place, archive.folder.path, quiet)


def test_a_manifest_that_cannot_be_read_is_told(place: Path) -> None:
    place.mkdir()
    (place / MANIFEST).write_text("{}")

    with pytest.raises(BadBackup, match="cannot be read"):
        read_manifest(place)


def test_a_restored_folder_is_its_owners_alone(
    archive: Kept, place: Path, tmp_path: Path
) -> None:
    back_up(archive.folder, place, NOW, quiet)
    restore(place, tmp_path / "new", quiet)

    folder = DataFolder(tmp_path / "new")
    assert place.stat().st_mode & 0o777 == 0o700
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert folder.database.stat().st_mode & 0o777 == 0o600
