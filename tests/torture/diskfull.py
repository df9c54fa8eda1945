"""Let a disk fail at each of the first writes and syncs: no archive becomes invalid.

A process keeps captures with the real writer, on the real database and files; a small
library beneath it lets the nth write or sync of the data folder fail, once or many times
in a row, with ENOSPC or EIO. What it acknowledged must be there afterwards, each file
must be valid for three readers, and once the disk works again it must go on by itself.
Then the service does the same as a whole, a few times.
"""

import argparse
import ctypes
import errno
import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from storage.errors import CorruptRecord, StorageError
from storage.kept import received
from storage.recovery import recover
from tests.storage.kept import NOW, Kept, keeping, kept
from tests.torture.inspect import ANSWERS, read_three_ways, segment_files
from tests.torture.preload import compiled
from tests.torture.world import Running, news_web, start_service, write_config

SOURCE = Path(__file__).with_name("disk_faults.c")
KEEPINGS = 60
#: The last ones come when every disk works again.
LAST = 3
#: How often in a row a disk fails.
TIMES = (1, 25)
ERRORS = (errno.ENOSPC, errno.EIO)
SECONDS = 60
MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
SERVICE_SECONDS = 12.0


@dataclass(frozen=True)
class Fault:
    """Which call fails, how many in a row do (for seconds, if negative), and how."""

    first: int
    times: int
    error: int

    def __str__(self) -> str:
        often = f"{self.times} times" if self.times > 0 else f"for {-self.times} s"
        return f"{errno.errorcode[self.error]} at call {self.first}, {often}"


@dataclass
class Figures:
    """What came of all faults."""

    runs: int = 0
    met: int = 0
    refused: int = 0
    starts_refused: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)

    def add(self, fault: Fault, wrong: list[str]) -> None:
        """Count what went wrong with a fault."""
        self.broken.update(dict.fromkeys((w.partition(":")[0] for w in wrong), 1))
        self.samples += [f"{fault}: {one}" for one in wrong]


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Fail at each of the first `args.times` calls, in four ways."""
    started = time.monotonic()
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        library = compiled(SOURCE, Path(name))
        server = _forkserver(library)
        for first in range(1, args.times + 1):
            for times in TIMES:
                for error in ERRORS:
                    place = Path(name) / "data"
                    _fail(server, place, Fault(first, times, error), figures)
                    shutil.rmtree(place)
            if first % 20 == 0:
                print(f"{first} calls, {dict(figures.broken)}", flush=True)
        services = [
            _fail_service(Path(name) / f"service-{turn}", library, fault)
            for turn, fault in enumerate(_service_faults(args.times, dice))
        ]
    return {
        "runs": figures.runs,
        "faults met": figures.met,
        "captures refused": figures.refused,
        "starts refused": figures.starts_refused,
        "services": services,
        "samples": figures.samples[:5],
        "seconds": round(time.monotonic() - started, 1),
        "broken": sorted(figures.broken)
        + ["no fault was met"] * (not figures.met)
        + sorted({f"service: {w}" for one in services for w in one["wrong"]}),
    }


def _forkserver(library: Path) -> multiprocessing.context.ForkServerContext:
    """Return a context whose processes run upon the library."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    os.environ["LD_PRELOAD"] = str(library)
    try:
        first = context.Process(target=int)
        first.start()
        first.join(SECONDS)
    finally:
        del os.environ["LD_PRELOAD"]
    return context


def _fail(
    server: multiprocessing.context.ForkServerContext,
    place: Path,
    fault: Fault,
    figures: Figures,
) -> None:
    with kept(place):
        pass  # the tables are made
    log = place.with_name("log")
    log.write_text("")
    process = server.Process(target=_keep, args=(place, log, fault))
    process.start()
    process.join(SECONDS)
    wrong = []
    if process.exitcode is None:
        process.kill()
        wrong.append("it hangs")
    elif process.exitcode != 0:
        wrong.append(f"it died: exit code {process.exitcode}")
    lines = [line.split(maxsplit=1) for line in log.read_text().splitlines()]
    figures.runs += 1
    figures.met += any(kind == "met" for kind, _ in lines)
    figures.refused += sum(kind == "refused" for kind, _ in lines)
    starts = sum(kind == "start" for kind, _ in lines)
    figures.starts_refused += starts
    acknowledged = {int(rest) for kind, rest in lines if kind == "kept"}
    wrong += _wrong(place, acknowledged)
    if not starts and not set(range(KEEPINGS - LAST, KEEPINGS)) <= {
        int(rest.split()[0]) for kind, rest in lines if kind == "number"
    }:
        wrong.append("it did not go on")
    figures.add(fault, wrong)


def _keep(place: Path, log: Path, fault: Fault) -> None:
    """Keep captures on a disk that fails; say what came of each."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    library = ctypes.CDLL(None)
    with log.open("a", buffering=1) as said, kept(place) as archive:
        library.disk_arm(str(place).encode(), fault.first, fault.times, fault.error)
        try:
            with archive.folder.lock({"role": "victim"}):
                with Session(archive.engine) as session:
                    recover(archive.folder, session, NOW)
                _keep_all(archive, said.write)
        except (StorageError, OSError) as error:
            said.write(f"start {error}\n")
        if library.disk_calls() >= fault.first:
            said.write("met it\n")


def _keep_all(archive: Kept, say: Callable[[str], object]) -> None:
    with archive.writer() as writer:
        for number in range(KEEPINGS):
            try:
                capture = writer.submit(keeping(number)).result(SECONDS)
            except StorageError as error:
                say(f"refused {number}: {error}\n")
            else:
                say(f"kept {capture}\nnumber {number} is kept\n")


def _wrong(place: Path, acknowledged: set[int]) -> list[str]:
    """Return what is wrong with an archive after its next start, on a sound disk."""
    wrong = []
    with kept(place) as archive:
        with archive.folder.lock({"role": "judge"}), Session(archive.engine) as session:
            recover(archive.folder, session, NOW)
            session.commit()
        rows = {row.id: row for row in archive.captures()}
        wrong += [f"lost: {one}" for one in sorted(acknowledged - rows.keys())]
        for row in rows.values():
            try:
                received(archive.folder, row)
            except CorruptRecord as error:
                wrong.append(f"damaged: {error}")
        records = 0
        for path in segment_files(archive.folder):
            counted, faults = read_three_ways(path)
            records += sum(counted[kind] for kind in ANSWERS)
            wrong += [f"invalid: {one}" for one in faults]
        if records != len(rows):
            wrong.append(f"orphans: {records} records of {len(rows)} captures")
    return wrong


def _service_faults(calls: int, dice: random.Random) -> list[Fault]:
    """Return faults of a disk that fails while the service crawls, not at its start."""
    return [Fault(dice.randint(60, 60 + calls), -4, error) for error in ERRORS * 2]


def _fail_service(place: Path, library: Path, fault: Fault) -> dict[str, object]:
    """Run the service on a disk that fails for a while; it must go on afterwards."""
    place.mkdir()
    with news_web(40.0) as web:
        path = write_config(place, web.sites[:3], MANNERS)
        start_service(path).terminate()  # the archive is made
        setting = f"{fault.first},{fault.times},{fault.error},{place / 'data'}"
        service = start_service(
            path, {"LD_PRELOAD": str(library), "DISK_FAULT": setting}
        )
        time.sleep(SERVICE_SECONDS)
        wrong = [] if service.process.poll() is None else ["it died"]
        wrong += _stalled(service)
        seconds, code = service.terminate()
    if code != 0 and "it died" not in wrong:
        wrong.append(f"it ended with {code}")
    return {
        "fault": str(fault),
        "acknowledged": len(service.acknowledged),
        "errors logged": len(service.troubles),
        "seconds to end": round(seconds, 1),
        "wrong": wrong,
    }


def _stalled(service: Running) -> list[str]:
    """Tell whether nothing more is acknowledged."""
    before = len(service.acknowledged)
    end = time.monotonic() + SERVICE_SECONDS
    while time.monotonic() < end:
        if len(service.acknowledged) > before:
            return []
        time.sleep(0.2)
    return ["it does not go on"]
