"""Peak memory of the service and its children, as the kernel counts it."""

import re
from dataclasses import dataclass
from pathlib import Path

import psutil

_RESET_PEAK = "5"
_FIELD = re.compile(r"(VmHWM|VmRSS):\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Level:
    """Resident memory of a process, MiB: now, and the most since the last reset."""

    now: float
    peak: float


class MemoryWatch:
    """Says how much memory the service and its children came to need.

    The peaks are set back to what is in use when a watch begins, so each watch has
    a peak of its own (proc(5), `clear_refs`).
    """

    def __init__(self, pid: int) -> None:
        """Begin a watch of a process."""
        self._pid = pid
        self._before = {pid: _begin(pid) for pid in self._pids()}

    def added(self) -> tuple[float, float]:
        """Return the MiB that the service's own peak rose by, and a child's most.

        A child that was not there at the begin counts from its own start, where it
        has loaded nothing yet, and is left out: its limits are others.
        """
        rises = {
            pid: level.peak - self._before[pid].now
            for pid in self._pids()
            if pid in self._before and (level := _level(pid)) is not None
        }
        own = rises.pop(self._pid, 0.0)
        return max(own, 0.0), max([0.0, *rises.values()])

    def _pids(self) -> list[int]:
        try:
            children = psutil.Process(self._pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [self._pid, *(child.pid for child in children)]


def _begin(pid: int) -> Level:
    try:
        Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return Level(0.0, 0.0)
    return _level(pid) or Level(0.0, 0.0)


def _level(pid: int) -> Level | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = {name: int(size) / 1024 for name, size in _FIELD.findall(status)}
    return Level(found.get("VmRSS", 0.0), found.get("VmHWM", 0.0))
