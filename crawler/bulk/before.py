"""An extractor that need not extract what a shard's reader has extracted before."""

import asyncio
import hashlib
from threading import Lock

from crawler.bulk.readings import Readings, key_of
from crawler.extract.children.pool import Extractor
from crawler.extract.source import Hint, PageSource
from storage.model.extraction import Extraction


class ReadBefore:
    """Returns what pages were read as in a shard; all else is extracted now.

    A shard of others was read without hints, site rules and what sites have taught: a
    page that has a hint or rules here is not taken from it.
    """

    def __init__(self, readings: Readings, extractor: Extractor) -> None:
        """Take a shard's file, and what extracts."""
        self._readings, self._extractor = readings, extractor
        self._lock = Lock()

    async def extract(self, source: PageSource) -> Extraction:
        """Return what a page was or is read as; raises ExtractFailed."""
        if source.hint == Hint() and source.rules is None:
            found = await asyncio.to_thread(self._find, source)
            if found is not None:
                return found
        return await self._extractor.extract(source)

    def _find(self, source: PageSource) -> Extraction | None:
        body = hashlib.sha256(source.body).hexdigest()
        with self._lock:
            return self._readings.find(key_of(source.url, source.captured_at, body))
