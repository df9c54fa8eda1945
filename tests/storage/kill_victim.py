"""Processes that keep captures and die at a failpoint.

They are forked from a server that has imported all it needs, so that a death
costs a tenth of a second.
"""

import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sqlmodel import Session

from storage.failpoints import arm
from storage.recovery import recover
from storage.writer import Writer
from tests.storage.kept import NOW, keeping, kept

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])
_SECONDS = 60


@dataclass(frozen=True)
class Victim:
    """How a process ended, and which captures it had acknowledged."""

    exit_code: int
    acknowledged: list[int]


def run_victim(folder: Path, failpoint: str | None, *, first: int = 0) -> Victim:
    """Start a process that keeps three captures; return when it has ended."""
    folder.mkdir(exist_ok=True)
    acknowledged = folder / f"acknowledged-{first}"
    process = _processes.Process(target=_keep, args=(folder, failpoint, first))
    process.start()
    process.join(_SECONDS)
    code = process.exitcode
    process.close()
    assert code is not None
    lines = acknowledged.read_text().split() if acknowledged.exists() else []
    return Victim(code, [int(line) for line in lines])


def _keep(path: Path, failpoint: str | None, first: int) -> None:
    if failpoint:
        arm(failpoint)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with kept(path) as archive, archive.folder.lock({"role": "victim"}):
        with Session(archive.engine) as session:
            recover(archive.folder, session, NOW)
        with (
            archive.writer() as writer,
            (path / f"acknowledged-{first}").open("w", buffering=1) as log,
        ):
            _keep_three(writer, first, log)


def _keep_three(writer: Writer, first: int, log: TextIO) -> None:
    for number in range(first, first + 3):
        writer.submit(keeping(number)).result()
        log.write(f"{number}\n")
