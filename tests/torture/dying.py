"""Let the real service die: by `kill -9` at some moment, or at a failpoint it passes."""

import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from storage.failpoints import ENVIRONMENT
from tests.torture.world import Running, start_service

#: A failpoint that is not met within so many seconds is not waited for.
SECONDS = 6.0
#: Which passage of a failpoint is the last one, at most.
PASSAGES = 60
#: Met at the end of a service, or at the start of one after a torn write.
AT_THE_END = "mid_seal"
AT_A_START = "mid_recover"
#: Met again and again while it crawls.
ON_THE_WAY = (
    "before_append",
    "mid_append",
    "after_append",
    "after_sync",
    "before_commit",
    "after_commit",
)
POINTS = (*ON_THE_WAY, AT_THE_END, AT_A_START)


def kill_after(
    config: Path,
    seconds: float,
    extra: Mapping[str, str] | None = None,
    program: Sequence[str] = ("crawler",),
) -> Running:
    """Start the service, let it run for so long, and kill it."""
    service = start_service(config, extra, program)
    time.sleep(seconds)
    service.kill()
    return service


def die_at(
    config: Path,
    point: str,
    dice: random.Random,
    extra: Mapping[str, str] | None = None,
    program: Sequence[str] = ("crawler",),
) -> tuple[Running, bool]:
    """Start the service with a failpoint armed; return it, and whether it died there.

    For the point of a start, a write must have been torn before: call it after
    `mid_append`.
    """
    passage = dice.randint(1, PASSAGES) if point in ON_THE_WAY else 1
    armed = {**(extra or {}), ENVIRONMENT: f"{point}:kill:{passage}"}
    service = start_service(config, armed, program, may_die=True)
    ends = time.monotonic() + SECONDS
    while service.process.poll() is None and time.monotonic() < ends:
        time.sleep(0.02)
        if point == AT_THE_END and service.acknowledged:
            service.process.terminate()
            service.process.wait(SECONDS)
    died = service.process.poll() is not None
    service.kill()
    return service, died
