"""Notice that the event loop no longer runs, and say where it stands.

A call that blocks wedges everything: visits, ticks and answers. The loop gives a sign of
life each second, to a thread here and to the supervisor; when it stops, the thread logs
the loop's stack, and the supervisor starts the service anew. Code that keeps the
interpreter's lock wedges the thread too: then the supervisor alone is left.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from crawler.daemon.supervisor import ALIVE, Supervisor
from crawler.service.pulse import Pulse

log = structlog.get_logger("crawler")
#: A loop that has not run for so long is stuck.
STUCK_AFTER = timedelta(seconds=20)
_BEAT = timedelta(seconds=1)
#: Signs of life in the time after which the supervisor would act.
_SIGNS = 4


@asynccontextmanager
async def watched(
    pulse: Pulse, supervisor: Supervisor, stuck_after: timedelta = STUCK_AFTER
) -> AsyncIterator[None]:
    """Watch over the running loop until the context ends.

    Args:
        pulse: Told when the loop stood still last.
        supervisor: Given a sign of life as often as it asks for.
        stuck_after: A loop that has not run for so long is stuck.
    """
    every = min(_BEAT, stuck_after / _SIGNS, (supervisor.patience or _BEAT) / _SIGNS)
    dog = _Watchdog(pulse, stuck_after.total_seconds(), threading.get_ident())
    beating = asyncio.create_task(_beat(dog, supervisor, every.total_seconds()))
    dog.start()
    try:
        yield
    finally:
        dog.stop()
        beating.cancel()


async def _beat(dog: "_Watchdog", supervisor: Supervisor, every: float) -> None:
    while True:
        dog.beat()
        if supervisor.patience is not None:
            supervisor.tell(ALIVE)
        await asyncio.sleep(every)


class _Watchdog:
    """The thread that looks whether the loop still runs."""

    def __init__(self, pulse: Pulse, stuck_after: float, watched: int) -> None:
        self._pulse = pulse
        self._stuck_after = stuck_after
        self._watched = watched
        self._beat_at = time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, name="kliping-watchdog", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()

    def beat(self) -> None:
        self._beat_at = time.monotonic()

    def _watch(self) -> None:
        is_stuck = False
        while not self._end.wait(self._stuck_after / _SIGNS):
            silent = time.monotonic() - self._beat_at
            if is_stuck == (silent > self._stuck_after):
                continue
            is_stuck = not is_stuck
            if is_stuck:
                self._pulse.stuck = True
                log.error(
                    "the event loop is stuck",
                    seconds=round(silent),
                    stack=self._stack(),
                )
            else:
                self._pulse.stuck = False
                log.warning("the event loop runs again")

    def _stack(self) -> str:
        frames = sys._current_frames()  # noqa: SLF001  # the documented way to them
        frame = frames.get(self._watched)
        return "".join(traceback.format_stack(frame)) if frame else ""
