import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import ArchiveBusy, DiskFull, WriteFailed
from storage.folder import DataFolder, read_holder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_a_folder_makes_its_places(folder: DataFolder) -> None:
    assert folder.warc.is_dir()
    assert folder.quarantine.is_dir()
    assert folder.database.parent == folder.path
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_held_folder_says_who_holds_it(folder: DataFolder) -> None:
    with folder.lock({"role": "serve", "address": "127.0.0.1:8765"}):
        holder = read_holder(folder.path)

    assert holder == {"role": "serve", "address": "127.0.0.1:8765", "pid": os.getpid()}


def test_a_holder_can_say_anew_where_it_is_reached(folder: DataFolder) -> None:
    with folder.lock({"role": "serve, and a long word for a start"}) as lock:
        lock.note({"address": "http://127.0.0.1:1"})
        holder = read_holder(folder.path)

    assert holder == {"address": "http://127.0.0.1:1", "pid": os.getpid()}


def test_the_lock_file_is_for_its_owner_alone(folder: DataFolder) -> None:
    with folder.lock({}):
        mode = (folder.path / "kliping.lock").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_a_second_holder_is_refused_with_the_pid_of_the_first(
    folder: DataFolder,
) -> None:
    with folder.lock({}), pytest.raises(ArchiveBusy) as caught:
        folder.lock({})

    assert caught.value.folder == folder.path
    assert caught.value.holder == f"process {os.getpid()}"


def test_a_released_folder_is_free(folder: DataFolder) -> None:
    lock = folder.lock({})
    lock.release()
    lock.release()

    assert read_holder(folder.path) is None
    folder.lock({}).release()


def test_a_folder_never_locked_is_free(folder: DataFolder) -> None:
    assert read_holder(folder.path) is None


def test_another_process_holds_it_until_it_dies(folder: DataFolder) -> None:
    code = (
        "import sys; from pathlib import Path; from storage.folder import DataFolder;"
        "lock = DataFolder(Path(sys.argv[1])).lock({'role': 'other'});"
        "print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, folder.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        other.stdout.readline()
        holder = read_holder(folder.path)
        with pytest.raises(ArchiveBusy, match=str(other.pid)):
            folder.lock({})
        other.kill()

    assert holder == {"role": "other", "pid": other.pid}
    folder.lock({}).release()


def test_a_holder_that_has_not_written_yet_is_still_a_holder(
    folder: DataFolder,
) -> None:
    with folder.lock({}):
        (folder.path / "kliping.lock").write_text("")

        assert read_holder(folder.path) == {}


def test_a_lock_that_cannot_be_written_is_told_and_free_again(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "pwrite", full)
        disk.setattr(os, "ftruncate", full)
        with pytest.raises(DiskFull, match=r"write kliping\.lock"):
            folder.lock({"role": "serve"})

    folder.lock({"role": "serve"}).release()


def test_a_segment_that_is_not_there_has_no_path(folder: DataFolder) -> None:
    assert folder.segment("kliping-none.warc.gz") is None


def test_free_bytes_are_those_of_the_disk(folder: DataFolder) -> None:
    assert folder.free_bytes() > 0


def test_a_folder_that_cannot_be_made_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(WriteFailed, match=r"cannot be made \(see storage\.folder\)"):
        DataFolder(tmp_path / "file")
