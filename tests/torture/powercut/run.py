"""Cut the power at random moments of a crawl: nothing acknowledged is lost.

A small library beneath the service notes each change of its data folder and each sync.
The service is killed, at a random moment or at a failpoint of its commit, and all that no
sync covered is taken off the disk, or any part of it. Then the next one starts. At the
end the archive is looked at from outside, as after `kill9`.

So that this can fail at all, services that are wrong go the same way: one whose syncs of
WARC files do nothing, one whose syncs of the database do nothing, one that commits rows
before the records they speak of are synced. Each must be found out.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from crawler.service.opening import open_service
from tests.torture.dying import ON_THE_WAY, die_at, kill_after
from tests.torture.inspect import inspect
from tests.torture.powercut.disk import Loss, cut_power, read_journal
from tests.torture.preload import compiled
from tests.torture.world import Running, news_web, read_config, write_config

SOURCE = Path(__file__).with_name("power_cut.c")
MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
SPEED = 40.0
WRONG_TIMES = 4
WRONG_TRIES = 4
SECONDS = 4.0
IDLE = "nothing acknowledged"
PROMISES = ("lost", "damaged", "repeated", "orphans", "warc_faults", "duplicates")


@dataclass(frozen=True)
class Way:
    """A service, where it dies, and what is wrong with it, if it must be found out."""

    name: str
    points: tuple[str | None, ...] = (None, *ON_THE_WAY)
    unsynced: str = ""
    program: tuple[str, ...] = ("crawler",)


@dataclass
class Deaths:
    """What was acknowledged before all cuts, and what they took."""

    acknowledged: set[str] = field(default_factory=set)
    firsts: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    names: int = 0

    def __str__(self) -> str:
        return f"{len(self.acknowledged)} acknowledged, {self.writes} writes lost"

    def add(self, service: Running, loss: Loss) -> None:
        """Count one more."""
        self.acknowledged |= service.acknowledged
        self.firsts.update(service.firsts)
        self.writes += loss.writes
        self.names += loss.names


HONEST = Way("honest")
WRONG = (
    Way("WARC files are not synced", unsynced="/warc/"),
    Way("the database is not synced", unsynced="/kliping.sqlite3"),
    Way(
        "rows are committed first",
        points=("after_commit",),
        program=("tests.torture.powercut.mutants",),
    ),
)


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Cut the power `args.times` times, and a few times under each wrong service."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        library = compiled(SOURCE, Path(name))
        figures = _crawl(Path(name) / "honest", library, HONEST, args.times, dice)
        wrong = {}
        for number, way in enumerate(WRONG):
            place = Path(name) / f"wrong-{number}"
            wrong[way.name] = _find_out(place, library, way, args.times, dice)
    return {
        **figures,
        "found out": wrong,
        "seconds": round(time.monotonic() - started, 1),
        "broken": figures["broken"]
        + [f"not found out: {name}" for name, broken in wrong.items() if not broken],
    }


def _find_out(
    place: Path, library: Path, way: Way, times: int, dice: random.Random
) -> list[str]:
    """Return what a wrong service broke; a few cuts may miss it, so it has some tries."""
    place.mkdir()
    for turn in range(WRONG_TRIES):
        cuts = min(times, WRONG_TIMES)
        told = _crawl(place / str(turn), library, way, cuts, dice)
        broken = told["broken"]
        assert isinstance(broken, list)
        if found := [one for one in broken if one != IDLE]:
            return found
    return []


def _crawl(
    place: Path, library: Path, way: Way, times: int, dice: random.Random
) -> dict[str, object]:
    """Return what is left of an archive after so many cuts; `broken` says what is not."""
    place.mkdir()
    deaths = Deaths()
    with news_web(SPEED) as web:
        path = write_config(place, web.sites, MANNERS)
        try:
            for turn in range(times):
                torn = dice if turn % 2 else None
                deaths.add(*_cut(path, library, way, dice, torn))
                if (turn + 1) % 10 == 0:
                    print(f"{way.name}: {turn + 1} cuts, {deaths}", flush=True)
            asyncio.run(_recover(path))
            found = inspect(read_config(path), deaths.acknowledged)
        except Exception as error:  # noqa: BLE001 - whatever it is, the archive is lost
            return {"broken": [f"it cannot be read: {error!r}"[:120]]}
    found["duplicates"] = sum(count - 1 for count in deaths.firsts.values())
    broken = [name for name in PROMISES if found[name]]
    return {
        "cuts": times,
        "writes lost": deaths.writes,
        "names lost": deaths.names,
        **found,
        "broken": broken + [IDLE] * (not deaths.acknowledged),
    }


def _cut(
    path: Path,
    library: Path,
    way: Way,
    dice: random.Random,
    torn: random.Random | None,
) -> tuple[Running, Loss]:
    """Let the service run, kill it, and take from its disk what was not synced."""
    folder = read_config(path).storage.folder
    journal = path.with_name("journal")
    journal.unlink(missing_ok=True)
    extra = {"LD_PRELOAD": str(library), "POWER_CUT": f"{journal},{folder}"}
    service = _killed(path, extra, way, dice)
    return service, cut_power(folder, read_journal(journal), torn, way.unsynced)


def _killed(
    path: Path, extra: dict[str, str], way: Way, dice: random.Random
) -> Running:
    """Return a service that ran for a while and was killed, by us or at a failpoint."""
    point = dice.choice(way.points)
    if point is None:
        return kill_after(path, dice.uniform(0.0, SECONDS), extra, way.program)
    service, _ = die_at(path, point, dice, extra, way.program)
    return service


async def _recover(path: Path) -> None:
    async with open_service(read_config(path)) as service:
        while await service.read_unread():
            pass
