"""The disk that loses its power: what a sync covered stays, the rest may be gone."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.powercut.disk import cut_power, read_journal
from tests.torture.powercut.run import SOURCE
from tests.torture.preload import compiled

PROGRAM = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[1])
def synced(place):
    number = os.open(place, os.O_RDONLY)
    os.fsync(number)
    os.close(number)
{body}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(SOURCE, tmp_path_factory.mktemp("library"))


def after_a_cut(
    library: Path, folder: Path, body: str, dice: random.Random | None = None
) -> dict[str, bytes]:
    """Return the files that are left when the power goes at the end of a program."""
    folder.mkdir(exist_ok=True)
    journal = folder.with_name("journal")
    environment = os.environ | {
        "LD_PRELOAD": str(library),
        "POWER_CUT": f"{journal},{folder}",
    }
    program = [sys.executable, "-c", PROGRAM.format(body=body), str(folder)]
    subprocess.run(program, env=environment, check=True)
    cut_power(folder, read_journal(journal), dice)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_was_synced_stays(library: Path, tmp_path: Path) -> None:
    """Bytes and names that a sync covered are there after the cut."""
    body = """
(folder / "a").write_bytes(b"story")
synced(folder / "a"); synced(folder)
"""
    assert after_a_cut(library, tmp_path / "data", body) == {"a": b"story"}


def test_what_was_written_after_the_sync_is_gone(library: Path, tmp_path: Path) -> None:
    """A file is as long, and holds what it held, at its last sync."""
    body = """
(folder / "a").write_bytes(b"story")
synced(folder / "a"); synced(folder)
with (folder / "a").open("r+b") as file:
    file.write(b"STO")
    file.seek(0, 2)
    file.write(b" goes on")
"""
    assert after_a_cut(library, tmp_path / "data", body) == {"a": b"story"}


def test_a_name_needs_a_sync_of_its_folder(library: Path, tmp_path: Path) -> None:
    """A file whose folder was not synced is not there, whatever it holds."""
    body = """
(folder / "a").write_bytes(b"story")
synced(folder / "a")
"""
    assert after_a_cut(library, tmp_path / "data", body) == {}


def test_renames_and_removals_are_taken_back(library: Path, tmp_path: Path) -> None:
    """Old names are back, and a file that was replaced or removed holds what it held."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("old", "way", "gone"):
        (folder / name).write_bytes(name.encode())
    body = """
(folder / "old").rename(folder / "way")
(folder / "gone").unlink()
"""
    left = after_a_cut(library, folder, body)
    assert left == {"old": b"old", "way": b"way", "gone": b"gone"}


def test_a_cut_of_a_file_is_taken_back(library: Path, tmp_path: Path) -> None:
    """What was cut off a file is there again, for no sync covered the cut."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_bytes(b"story and more")
    body = '(folder / "a").open("r+b").truncate(5)'
    assert after_a_cut(library, folder, body) == {"a": b"story and more"}


def test_a_disk_may_keep_any_part_of_the_rest(library: Path, tmp_path: Path) -> None:
    """With dice some of the writes reach the disk, in any order, and some do not."""
    seen = set()
    for seed in range(24):
        folder = tmp_path / str(seed) / "data"
        folder.parent.mkdir()
        folder.mkdir()
        (folder / "a").write_bytes(b"....")
        body = """
with (folder / "a").open("r+b", buffering=0) as file:
    file.write(b"1"); file.write(b"2"); file.write(b"3")
"""
        left = after_a_cut(library, folder, body, random.Random(seed))
        seen.add(left["a"])
    assert len(seen) > 3
    assert any(kept[0:1] == b"." and b"3" in kept for kept in seen)
