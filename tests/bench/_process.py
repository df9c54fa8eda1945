"""What a whole process costs, with all that it started: CPU, clock, memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

#: Memory is looked at so often, s.
_EVERY = 0.25
_MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one process and its descendants.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: User and system seconds, those of ended descendants included.
        peak: Most memory at once, in MiB: the proportional share of each process.
    """

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What a crawl cost, how many articles it left behind, and bytes on disk by kind."""

    cost: Cost
    archived: int
    disk: Mapping[str, int] = field(default_factory=dict)


def run(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 3600,
) -> Cost:
    """Run a command to its end and return what it cost.

    Args:
        command: What to run.
        log: What it prints goes there.
        cwd: Where it runs.
        env: Its whole environment; ours without.
        timeout: After so many seconds it is killed.

    Raises:
        RuntimeError: It failed, or was killed; with the end of what it printed.
    """
    began = time.monotonic()
    with (
        log.open("wb") as printed,
        subprocess.Popen(
            command, cwd=cwd, env=env, stdout=printed, stderr=subprocess.STDOUT
        ) as process,
    ):
        watch = _Watch(psutil.Process(process.pid))
        looking = threading.Thread(target=watch.look, daemon=True)
        looking.start()
        killing = threading.Timer(timeout, process.kill)
        killing.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        killing.cancel()
        watch.ended.set()
        looking.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {end}")
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall=wall, cpu=max(cpu, watch.cpu), peak=watch.peak / _MIB)


def cpu_of(root: psutil.Process) -> float:
    """Return the CPU seconds of a process, its children and those that it had."""
    total = sum(root.cpu_times()[:4])
    for one in root.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:2])
    return float(total)


def pss_of(root: psutil.Process) -> int:
    """Return the memory of a process and its descendants: their proportional shares."""
    total = 0
    for one in [root, *root.children(recursive=True)]:
        with suppress(psutil.Error):
            total += one.memory_full_info().pss
    return total


@dataclass
class _Watch:
    """Looks at a tree of processes until it has ended.

    `wait4` counts who was waited for; what somebody left unreaped is in `cpu`, as it
    was last seen.
    """

    root: psutil.Process
    peak: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _cpu: dict[int, float] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        return sum(self._cpu.values())

    def look(self) -> None:
        while not self.ended.wait(_EVERY):
            with suppress(psutil.Error):
                for one in [self.root, *self.root.children(recursive=True)]:
                    with suppress(psutil.Error):
                        times = one.cpu_times()
                        self._cpu[one.pid] = times.user + times.system
                self.peak = max(self.peak, pss_of(self.root))
