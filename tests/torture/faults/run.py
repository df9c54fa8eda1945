"""Drive the unmodified service through the catalogue of faults, N1-N30 and C6-C8.

In a network namespace of its own (`namespace`) every host of `rows` has a
public address, a name and one fault; the service runs with its guard on and is asked
for each, as a user would ask. Promised for each:

- the link ends in the state and with the reason that the row names;
- no fetch outlives its limit by more than a second;
- neither the service nor a child of it needs 64 MiB more than before;
- the server was not asked more often than it should be, and no canary at all;
- what was received is in the WARC, labelled where it is not whole, and readable;
- the service answers all along, and ends when it is told to.

One that was late is asked for once more, before it is believed, on another host.
Faults that wait for a limit run beside each other, all others one by one, each with
a peak of memory of its own. `--full` takes the real limits, else they are small.
"""

import argparse
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from crawler.config.limits import fetch_limits
from crawler.fetch.limits import Limits
from tests.torture import namespace
from tests.torture.faults.asking import Asking, answers_in
from tests.torture.faults.dns_server import name_server
from tests.torture.faults.memory import MemoryWatch
from tests.torture.faults.net import PROXY, FaultNet, net_of
from tests.torture.faults.rows import SOUND, VARIANTS
from tests.torture.faults.server import FaultServer, serving
from tests.torture.faults.variant import ADDED_MIB, LATE, Seen, Variant
from tests.torture.inspect import inspect
from tests.torture.world import read_config, start_service

QUICK = {"connect": "2s", "first_byte": "3s", "total": "6s"}
#: A service that is busy with faults still answers in this time.
ANSWER_SECONDS = 2.0
_PULSE = 0.5
#: More at once would measure this machine.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table."""

    variant: Variant
    seen: Seen
    deadline: float
    own_mib: float
    child_mib: float
    broken: Sequence[str]

    def figures(self) -> dict[str, object]:
        """Return the row for machines."""
        link, seen = self.seen.link, self.seen
        return {
            "row": self.variant.row,
            "name": self.variant.name,
            "state": link.state if link else None,
            "reason": link.reason[:200] if link else None,
            "wall_s": round(seen.wall, 2),
            "deadline_s": self.deadline,
            "service_mib": round(self.own_mib, 1),
            "child_mib": round(self.child_mib, 1),
            "requests": sum(seen.requests.values()),
            "captures": len(seen.captures),
            "truncated": seen.captures[-1].truncated if seen.captures else None,
            "broken": list(self.broken),
        }


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Run the rows in a namespace of their own; return the figures."""
    namespace.enter()
    variants = chosen(args.only, smoke=args.smoke)
    with tempfile.TemporaryDirectory() as name:
        net = net_of(variants, SOUND, Path(name))
        namespace.furnish(net.addresses, Path(name))
        net.trust()
        with (
            name_server(net.zone),
            net.black_holes(),
            serving(net.hosts) as server,
        ):
            return _run(net, server, _write_config(Path(name), full=args.full))


def chosen(only: str, *, smoke: bool) -> list[Variant]:
    """Return the variants of some rows, of the small size, or all."""
    rows = set(filter(None, only.split(",")))
    return [
        variant
        for variant in VARIANTS
        if (not rows or variant.row in rows) and (variant.smoke or not smoke)
    ]


def _run(net: FaultNet, server: FaultServer, path: Path) -> dict[str, object]:
    config = read_config(path)
    limits = fetch_limits(config)
    started = time.monotonic()
    with _proxies_named():
        service = start_service(path)
    asking = Asking(config, server)
    with _pulse(service.address) as delays:
        rows = [_alone(SOUND, asking, limits, service.process.pid)]
        rows += _beside(net, asking, limits, service.process.pid)
        rows += _one_by_one(net, asking, limits, service.process.pid)
        rows = [_believed(row, asking, limits, service.process.pid) for row in rows]
    stop_seconds, code = service.terminate()
    figures = inspect(config, service.acknowledged)
    broken = [
        f"{row.variant.row} {row.variant.name}: {'; '.join(row.broken)}"
        for row in rows
        if row.broken
    ]
    broken += [
        name
        for name in ("lost", "damaged", "repeated", "orphans", "warc_faults")
        if figures[name]
    ]
    broken += ["slow to answer"] * (max(delays) > ANSWER_SECONDS)
    broken += ["stop"] * (code != 0)
    broken += ["troubles"] * bool(service.troubles)
    return {
        "rows": len({row.variant.row for row in rows}),
        "variants": len(rows),
        "seconds": round(time.monotonic() - started, 1),
        "latest_s": max(round(row.seen.wall - row.deadline, 2) for row in rows),
        "service_mib_max": max(round(row.own_mib, 1) for row in rows),
        "child_mib_max": max(round(row.child_mib, 1) for row in rows),
        "answers_s_max": round(max(delays), 2),
        "stop_seconds": round(stop_seconds, 2),
        "table": [row.figures() for row in rows],
        **figures,
        "troubles": service.troubles[:5],
        "broken": broken,
    }


def _beside(net: FaultNet, asking: Asking, limits: Limits, pid: int) -> Iterator[Row]:
    """Run those that wait for a limit at once; their peak is one for all."""
    variants = [variant for variant in net.variants if variant.slow]
    if not variants:
        return
    watch = MemoryWatch(pid)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = list(threads.map(asking.ask, variants))
    added = watch.added()
    for variant, seen in zip(variants, found, strict=True):
        yield _row(variant, seen, limits, added)


def _one_by_one(
    net: FaultNet, asking: Asking, limits: Limits, pid: int
) -> Iterator[Row]:
    for variant in net.variants:
        if not variant.slow:
            yield _alone(variant, asking, limits, pid)


def _believed(row: Row, asking: Asking, limits: Limits, pid: int) -> Row:
    """Ask once more where a fault was late: others may have kept this machine busy."""
    if not any(wrong.endswith(LATE) for wrong in row.broken):
        return row
    return _alone(row.variant.twin, asking, limits, pid)


def _alone(variant: Variant, asking: Asking, limits: Limits, pid: int) -> Row:
    watch = MemoryWatch(pid)
    seen = asking.ask(variant)
    return _row(variant, seen, limits, watch.added())


def _row(
    variant: Variant, seen: Seen, limits: Limits, added: tuple[float, float]
) -> Row:
    broken = variant.judge(seen, limits)
    own, child = added
    broken += [f"{own:.0f} MiB more"] * (own > ADDED_MIB)
    broken += [f"{child:.0f} MiB more in a child"] * (child > ADDED_MIB)
    row = Row(
        variant=variant,
        seen=seen,
        deadline=variant.fetches * variant.deadline(limits),
        own_mib=own,
        child_mib=child,
        broken=broken,
    )
    print(line(row), flush=True)
    return row


def line(row: Row) -> str:
    """Return a row for people."""
    link, seen = row.seen.link, row.seen
    outcome = f"{link.state}: {link.reason}" if link else "unknown"
    label = seen.captures[-1].truncated if seen.captures else None
    return (
        f"{row.variant.row:4}{row.variant.name:34.34} {seen.wall:6.2f}s of"
        f" {row.deadline:3.0f} {row.own_mib:5.1f} {row.child_mib:5.1f} MiB"
        f" {sum(seen.requests.values()):4} asked {len(seen.captures):4} kept"
        f" {label or '-':10} {outcome[:70]:70}"
        f" {'BROKEN ' + '; '.join(row.broken) if row.broken else 'ok'}"
    )


def _write_config(folder: Path, *, full: bool) -> Path:
    path = folder / "config.yaml"
    settings = {
        "identity": {"name": "Torture", "contact": "torture@localhost"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "defaults": {"delay": "0s", "poll": "1h", "max_age": "36500d"},
        "limits": {} if full else QUICK,
        "service": {"port": 0, "visits": 100},
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


@contextmanager
def _proxies_named() -> Iterator[None]:
    """Name a proxy in the environment, as N30 has it, for whoever starts now."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, PROXY))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _pulse(address: str) -> Iterator[list[float]]:
    """Ask the service again and again whether it is there; yield the delays."""
    delays, stop = [0.0], threading.Event()

    def ask() -> None:
        while not stop.wait(_PULSE):
            delays.append(answers_in(address))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield delays
    finally:
        stop.set()
        thread.join(30)
