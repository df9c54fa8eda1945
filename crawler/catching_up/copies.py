"""What an archive of an earlier Kliping lacks, made up in small batches beside visits."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlmodel import Session

from crawler.means import Means
from storage.errors import StorageError
from storage.neardup import fingerprint
from storage.sql.copies import place_among_copies, unplaced
from storage.writer import Tx

_BATCH = 50
#: Between two batches, so that visits are not held up.
_PAUSE = timedelta(milliseconds=200)
_AFTER_FAILURE = timedelta(minutes=1)


async def place_all(
    means: Means, sessions: Callable[[], AbstractContextManager[Session]]
) -> int:
    """Note the texts of all archived articles that are not; return how many there were.

    An interrupted run is gone on with by the next start.
    """
    last, count = 0, 0

    def read(after: int) -> list[tuple[int, str]]:
        with sessions() as session:
            found = unplaced(session, after=after, limit=_BATCH)
        for _, text in found:
            fingerprint(text)  # here, and not in the one writer
        return found

    while found := await asyncio.to_thread(read, last):

        def place(tx: Tx, batch: list[tuple[int, str]] = found) -> None:
            for article, text in batch:
                place_among_copies(tx.session, article, text)

        try:
            await means.writer.run(place)
        except StorageError as error:
            means.log.warning("copies are not told yet", why=str(error))
            await asyncio.sleep(_AFTER_FAILURE.total_seconds())
            continue
        last, count = found[-1][0], count + len(found)
        await asyncio.sleep(_PAUSE.total_seconds())
    if count:
        means.log.info("copies are told among archived articles", count=count)
    return count
