"""Have notes made of what an older Kliping kept, an article a commit."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlmodel import Session

from crawler.means import Means
from storage.notes.catching_up import note_article, note_formers, note_runs
from storage.sql.unnoted import unnoted_articles
from storage.writer import Tx

_AT_ONCE = 100


async def note_kept(
    means: Means, sessions: Callable[[], AbstractContextManager[Session]]
) -> int:
    """Note all articles that are not; return how many were.

    Raises:
        StorageError: a note cannot be kept.
    """

    def find(after: int) -> list[int]:
        with sessions() as session:
            return unnoted_articles(session, after, _AT_ONCE)

    last, count = 0, 0
    while found := await asyncio.to_thread(find, last):
        if not count:
            await means.writer.run(note_runs)
        for article in found:
            await _note(means, article)
        last, count = found[-1], count + len(found)
    return count


async def _note(means: Means, article: int) -> None:
    def note(tx: Tx) -> None:
        note_article(tx, article)

    def note_before(tx: Tx) -> None:
        note_formers(tx, article)

    await means.writer.run(note)
    await means.writer.run(note_before)
