"""Read captures again, of versions and of pages passed over: from WARC, no network."""

import asyncio
from collections.abc import Callable, Sequence

from crawler.config.limits import fetch_limits
from crawler.decisions.dead_ends import is_suspect
from crawler.decisions.outcome import is_article
from crawler.errors import BadUrl, ExtractFailed
from crawler.extract.children.pool import ExtractPool
from crawler.kept.captures import kept_exchange
from crawler.kept.parts import read_part
from crawler.kept.reader import Reader
from crawler.reading.page import page_source
from crawler.reading.parts import Part, gather
from crawler.reextract.differences import differences
from crawler.reextract.gathering import Gatherer, Kept, Version
from crawler.reextract.shadow import Outcome
from crawler.urls import url_key
from storage.documents import (
    article_document,
    document_sha256,
    read_document,
    storable,
)
from storage.errors import CorruptRecord
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.sql.captures import part_capture
from storage.sql.tables import CaptureRow

#: How a page differs from what it was read as, where it was read as no article.
IS_ARTICLE = "is an article"


Find = Callable[[CaptureRow], Extraction | None]


class Rereader:
    """Reads versions again; what is known of sites is kept at hand."""

    def __init__(self, reader: Reader, pool: ExtractPool, find: Find) -> None:
        """Read of an archive.

        Args:
            reader: The archive.
            pool: What extracts.
            find: Returns what a capture was read as already, if it was; blocking.
        """
        self._reader, self._pool, self._find = reader, pool, find
        self._gatherer = Gatherer(reader)

    async def read(self, versions: Sequence[int]) -> list[Outcome]:
        """Return what comes of versions, in their order."""
        kept = await asyncio.to_thread(self._gatherer.versions, versions)
        return await asyncio.gather(*map(self._read_one, kept))

    async def read_passed_over(self, captures: Sequence[int]) -> list[Outcome]:
        """Return what comes of pages that were read as no article, in their order.

        One of little text stays what it is: whether its host serves such a page at any
        address is asked by a visit.
        """
        kept = await asyncio.to_thread(self._gatherer.pages, captures)
        return await asyncio.gather(*map(self._read_page, kept))

    async def _read_page(self, kept: Kept) -> Outcome:
        capture_id = kept.capture.id or 0
        found = await self._found(kept)
        if found is not None and not is_article(found.verdict):
            return Outcome(capture_id=capture_id)
        try:
            answer = await self._answer(kept)
            extraction = await self._extraction(kept, answer)
        except (CorruptRecord, ExtractFailed):
            return Outcome(capture_id=capture_id)
        is_one = is_article(extraction.verdict) and not is_suspect(answer, extraction)
        if extraction.article is None or not is_one:
            return Outcome(capture_id=capture_id)
        return Outcome(
            capture_id=capture_id,
            url=kept.capture.url,
            title=extraction.article.title,
            differs=(IS_ARTICLE,),
            words=(0, len(extraction.article.text.split())),
            extractor=extraction.extractor,
        )

    async def _read_one(self, kept: Version) -> Outcome:
        try:
            extraction = await self._found(kept)
            if extraction is None or extraction.paging is not None:
                extraction = await self._extraction(kept, await self._answer(kept))
        except (CorruptRecord, ExtractFailed) as error:
            return _unread(kept, str(error))
        if extraction.article is None or not is_article(extraction.verdict):
            evidence = "; ".join(extraction.verdict.evidence)
            return _unread(kept, f"reads as {extraction.verdict.kind}: {evidence}")
        return _compared(kept, storable(extraction.article), extraction.extractor)

    async def _found(self, kept: Kept) -> Extraction | None:
        return await asyncio.to_thread(self._find, kept.capture)

    async def _answer(self, kept: Kept) -> Exchange:
        limits = fetch_limits(self._reader.config)
        return await asyncio.to_thread(
            kept_exchange, self._reader.folder, limits, kept.capture
        )

    async def _extraction(self, kept: Kept, answer: Exchange) -> Extraction:
        async def extract(page: Exchange) -> Extraction:
            return await self._pool.extract(
                page_source(kept.link, page, kept.plan, kept.known)
            )

        async def ask(url: str) -> Part:
            return await asyncio.to_thread(self._part, kept, url)

        gathered = await gather(await extract(answer), answer, ask, extract)
        return gathered.extraction

    def _part(self, kept: Kept, url: str) -> Part:
        limits = fetch_limits(self._reader.config)
        try:
            with self._reader.session() as session:
                row = part_capture(session, url_key(url), kept.capture.id or 0)
                return read_part(self._reader.folder, limits, row)
        except BadUrl as error:
            return Part(why=str(error))


def _compared(kept: Version, article: Article, extractor: str) -> Outcome:
    version = kept.version
    old = read_document(version.document)
    differs = differences(old, article)
    if not differs:
        return Outcome(version_id=version.id or 0)
    return Outcome(
        version_id=version.id or 0,
        article_id=version.article_id,
        number=version.number,
        url=kept.article_url,
        title=version.title,
        differs=differs,
        words=(len(old.text.split()), len(article.text.split())),
        was_sha256=document_sha256(version.document),
        document=article_document(article),
        extractor=extractor,
    )


def _unread(kept: Version, why: str) -> Outcome:
    version = kept.version
    return Outcome(
        version_id=version.id or 0,
        article_id=version.article_id,
        number=version.number,
        url=kept.article_url,
        title=version.title,
        why=why,
    )
