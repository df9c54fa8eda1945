"""Give a host back at a visit's end, also when the disk fails just then."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from storage.errors import StorageError

#: Seconds between attempts; when they are over, so is the lease.
_WAITS = (1, 2, 5, 10, 20, 30, 60, 60, 60)


async def leave_host(
    leave: Callable[[], Awaitable[None]], log: structlog.stdlib.BoundLogger, host: str
) -> None:
    """Leave, and try again while it cannot be kept: else nobody asks the host till then.

    A visit that is cancelled tries once, for the service ends.

    Raises:
        StorageError: it could not be kept; the host is free when its lease ends.
    """
    for wait in _WAITS:
        try:
            await asyncio.shield(leave())
        except StorageError as error:
            if _is_cancelled():
                raise
            log.warning("host not given back", host=host, why=str(error), again_in=wait)
        else:
            return
        await asyncio.sleep(wait)
    await asyncio.shield(leave())


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
