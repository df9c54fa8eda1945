"""The turns of the object store: files go there a while at a time."""

from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

from storage.errors import StoreRefused, StoreUnreachable
from storage.uploading import Counts, Mirror

#: One turn begins no file after so long.
TURN = timedelta(seconds=15)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=20), timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """Return how long a store that failed so often in a row is left alone."""
    doublings: int = min(failures - 1, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def push_some(mirror: Mirror, log: Any) -> None:  # noqa: ANN401  # structlog's
    """Take a turn, unless the store is left alone; tell what came of it. Blocking.

    Raises:
        StorageError: rows cannot be written.
    """
    counts = mirror.counts
    if counts.retry_at is not None and mirror.now() < counts.retry_at:
        return
    until = monotonic() + TURN.total_seconds()
    before = replace(counts, refused=dict(counts.refused))

    def is_over() -> bool:
        return monotonic() > until

    try:
        mirror.push(is_over)
        mirror.drop(is_over)
        mirror.withdraw()  # last: what the store does not let go holds nothing else up
        counts.in_a_row, counts.retry_at = 0, None
    except (StoreRefused, StoreUnreachable) as error:
        counts.failures += 1
        counts.in_a_row += 1
        wait = wait_after(counts.in_a_row)
        counts.retry_at = mirror.now() + wait
        log.warning("object store", why=str(error), again_in=wait.total_seconds())
    _tell(counts, before, log)


def _tell(counts: Counts, before: Counts, log: Any) -> None:  # noqa: ANN401  # as above
    """Tell what a turn did, also one that was broken off."""
    files, dropped = counts.files - before.files, counts.dropped - before.dropped
    if files or dropped:
        size = counts.size - before.size
        log.info("objects uploaded", files=files, bytes=size, dropped=dropped)
    for name in counts.refused.keys() - before.refused:
        log.warning("object not uploaded", file=name, why=counts.refused[name][0])
