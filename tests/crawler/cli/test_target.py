"""Where --output goes; what is written to a device never replaces it."""

import os
import stat
import threading
from pathlib import Path

import pytest

from crawler.cli.target import is_replaced, standing_at, write_file
from crawler.errors import UsageError
from storage.errors import WriteFailed

FULL = Path("/dev/full")


def test_a_new_file_is_written_as_any_other_is(tmp_path: Path) -> None:
    (tmp_path / "other").touch()

    write_file(tmp_path / "new", "a\ud800é")

    assert (tmp_path / "new").read_bytes() == b"a?\xc3\xa9"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "other"]


def test_a_standing_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(mode=0o600)

    write_file(path, "a")

    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("a", 0o600)


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    real.parent.mkdir()
    real.write_text("before")
    link.symlink_to(real)

    write_file(link, "after")

    assert (link.is_symlink(), real.read_text()) == (True, "after")


def test_a_link_to_nothing_makes_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")

    write_file(link, "a")

    assert (link.is_symlink(), (tmp_path / "real").read_text()) == (True, "a")


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    write_file(pipe, "a")

    reader.join(10)
    assert (read, pipe.is_fifo()) == (["a"], True)


def test_a_reader_that_stops_is_told_from_a_fault_of_the_disk(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: pipe.open("rb").close())
    reader.start()

    with pytest.raises(BrokenPipeError):
        write_file(pipe, "a" * 1024**2)

    reader.join(10)


def test_a_name_of_an_open_file_is_written_to(tmp_path: Path) -> None:
    with (tmp_path / "deleted").open("w+b") as file:
        (tmp_path / "deleted").unlink()
        write_file(Path(f"/proc/self/fd/{file.fileno()}"), "a")

        assert file.read() == b"a"
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_not_replaced() -> None:
    device = standing_at(FULL)

    assert device is not None
    assert not is_replaced(device, device)


def test_a_full_device_is_named() -> None:
    before = FULL.stat()
    device = standing_at(FULL)
    assert not is_replaced(device, device)

    with pytest.raises(WriteFailed, match="cannot write /dev/full: No space left"):
        write_file(FULL, "a")

    assert os.path.samestat(before, FULL.stat())


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder"):
        write_file(tmp_path, "a")


def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="cannot write"):
        write_file(tmp_path / ("long" * 100), "a")

    assert list(tmp_path.iterdir()) == []


def test_what_fails_while_it_is_written_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(5, "Input/output error")

    (tmp_path / "old").write_text("before")
    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(WriteFailed, match="Input/output error"):
        write_file(tmp_path / "old", "after")

    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
