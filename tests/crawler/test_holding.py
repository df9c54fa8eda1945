"""Who waits for a data folder, and who does not."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.holding import take_folder
from storage.errors import ArchiveBusy
from storage.folder import DataFolder, read_holder

pytestmark = pytest.mark.anyio

_HOLD = """
import json, sys, time
from pathlib import Path
from storage.folder import DataFolder
with DataFolder(Path(sys.argv[1])).lock(json.loads(sys.argv[2])):
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
"""


@contextmanager
def held(path: Path, members: Mapping[str, str], seconds: float) -> Iterator[None]:
    """Let another process hold a folder for so long."""
    told = json.dumps(members)
    command = [sys.executable, "-c", _HOLD, str(path), told, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield
        other.terminate()


async def test_a_command_is_waited_for(tmp_path: Path) -> None:
    with (
        held(tmp_path, {}, 0.5),
        await take_folder(DataFolder(tmp_path), {"verb": "x"}),
    ):
        assert (read_holder(tmp_path) or {})["verb"] == "x"


async def test_a_service_is_not_waited_for(tmp_path: Path) -> None:
    with (
        held(tmp_path, {"address": "http://127.0.0.1:8765"}, 60),
        pytest.raises(ArchiveBusy, match="in use by process"),
    ):
        await take_folder(DataFolder(tmp_path), {})


async def test_a_command_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.holding.PATIENCE_SECONDS", 0.3)

    with held(tmp_path, {}, 60), pytest.raises(ArchiveBusy):
        await take_folder(DataFolder(tmp_path), {})


async def test_what_this_process_holds_is_not_waited_for(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    with folder.lock({}), pytest.raises(ArchiveBusy):
        await take_folder(folder, {})
