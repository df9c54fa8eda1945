"""Places where a test can make this process die, fail or stop.

`KLIPING_FAILPOINT=name:action` or `name:action:nth` arms one point; it is read
once, when this module is first imported, and does nothing when it is not set.
Actions: `kill` (SIGKILL to this process), `eio` and `enospc` (an OSError, as the
disk would raise it), `sleep` (an hour, to be killed from outside). `nth` is which
passage acts, counted from 1; without it the first one does. `eio` and `enospc`
act at that passage only.
"""

import errno
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ENVIRONMENT = "KLIPING_FAILPOINT"
POINTS = frozenset(
    {
        "before_append",
        "mid_append",
        "after_append",
        "after_sync",
        "before_commit",
        "after_commit",
        "mid_seal",
        "mid_recover",
        "after_intent",
        "mid_erase",
        "after_erase",
        "after_forget",
        "after_begun",
        "after_put",
        "after_check",
        "mid_drop",
        "after_bring",
        "after_replace",
        "before_scrub",
        "after_scrub",
    }
)
_SLEEP_SECONDS = 3600.0


class Action(StrEnum):
    """What happens at an armed point."""

    KILL = "kill"
    EIO = "eio"
    ENOSPC = "enospc"
    SLEEP = "sleep"


@dataclass(slots=True, kw_only=True)
class Failpoint:
    """One armed point, and how many passages are left before it acts."""

    name: str
    action: Action
    left: int = field(default=1)


def parse_failpoint(text: str) -> Failpoint:
    """Return the failpoint a setting names.

    Raises:
        ValueError: The setting names no point, no action or no passage.
    """
    name, _, rest = text.partition(":")
    action, _, nth = rest.partition(":")
    if name not in POINTS:
        raise ValueError(f"{ENVIRONMENT} names no failpoint: {text!r}")
    left = int(nth) if nth else 1
    if left < 1:
        raise ValueError(f"{ENVIRONMENT} counts passages from 1: {text!r}")
    return Failpoint(name=name, action=Action(action), left=left)


def arm(setting: str) -> None:
    """Arm one point from here on, in place of the environment's."""
    global _armed  # noqa: PLW0603 - the one switch of this process
    _armed = parse_failpoint(setting)


def is_armed(name: str) -> bool:
    """Return whether a point is the armed one."""
    return _armed is not None and _armed.name == name


def reach(name: str) -> None:
    """Pass a point; act if it is armed and this is the passage named."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left == 0:
        _act(_armed.action)


def _act(action: Action) -> None:
    match action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.EIO:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        case Action.ENOSPC:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case Action.SLEEP:
            time.sleep(_SLEEP_SECONDS)


def _from_environment(environment: Mapping[str, str]) -> Failpoint | None:
    setting = environment.get(ENVIRONMENT)
    return parse_failpoint(setting) if setting else None


_armed = _from_environment(os.environ)
