"""Read captures again, of versions and of pages passed over: from WARC, no network."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from crawler.config import Config, Plan, Source, plan_for
from crawler.dead_ends import is_suspect
from crawler.errors import BadUrl, ExtractFailed
from crawler.extract.pool import ExtractPool
from crawler.kept import kept_exchange
from crawler.kept_parts import read_part
from crawler.knowledge import Knowledge, Known
from crawler.outcome import is_article
from crawler.parts import Part, gather
from crawler.reading.page import page_source
from crawler.reextract.differences import differences
from crawler.reextract.shadow import Outcome
from crawler.service import Reader, fetch_limits, utc_now
from crawler.urls import url_key
from storage.documents import (
    article_document,
    document_sha256,
    read_document,
    storable,
)
from storage.errors import CorruptRecord
from storage.model import Article, Exchange, Extraction, Link
from storage.sql.captures import part_capture
from storage.sql.ledger import link_of
from storage.sql.tables import ArticleRow, CaptureRow, SourceRow, VersionRow

#: How a page differs from what it was read as, where it was read as no article.
IS_ARTICLE = "is an article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A capture with all that it was read with, but for what is learned since.

    Attributes:
        link: Its link.
        capture: The capture.
        plan: Its source's manners, site rules among them, as configured now.
        known: What its site's pages have taught.
    """

    link: Link
    capture: CaptureRow
    plan: Plan
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Kept):
    """A version with its capture.

    Attributes:
        version: The version.
        article_url: Its article's URL.
    """

    version: VersionRow
    article_url: str


@dataclass(slots=True)
class Rereader:
    """Reads versions again; what is known of sites is kept at hand."""

    reader: Reader
    pool: ExtractPool
    knowledge: Knowledge = field(default_factory=Knowledge)

    async def read(self, versions: Sequence[int]) -> list[Outcome]:
        """Return what comes of versions, in their order."""
        kept = await asyncio.to_thread(self._gather, versions)
        return await asyncio.gather(*map(self._read_one, kept))

    def _gather(self, versions: Sequence[int]) -> list[Version]:
        with self.reader.session() as session:
            return [self._of_version(session, version) for version in versions]

    def _of_version(self, session: Session, version_id: int) -> Version:
        version = session.get_one(VersionRow, version_id)
        article = session.get_one(ArticleRow, version.article_id)
        capture = session.get_one(CaptureRow, version.capture_id)
        kept = self._of_capture(session, capture, link_of(session, article.link_id))
        session.expunge(version)
        return Version(
            version=version,
            article_url=article.url,
            link=kept.link,
            capture=kept.capture,
            plan=kept.plan,
            known=kept.known,
        )

    def _of_capture(self, session: Session, capture: CaptureRow, link: Link) -> Kept:
        plan = _plan(session, self.reader.config, link.source)
        known = self.knowledge.read(session, capture.url, plan.language, utc_now())
        session.expunge(capture)
        return Kept(link=link, capture=capture, plan=plan, known=known)

    async def read_passed_over(self, captures: Sequence[int]) -> list[Outcome]:
        """Return what comes of pages that were read as no article, in their order.

        One of little text stays what it is: whether its host serves such a page at any
        address is asked by a visit.
        """
        kept = await asyncio.to_thread(self._gather_pages, captures)
        return await asyncio.gather(*map(self._read_page, kept))

    def _gather_pages(self, captures: Sequence[int]) -> list[Kept]:
        with self.reader.session() as session:
            rows = [session.get_one(CaptureRow, capture) for capture in captures]
            return [
                self._of_capture(session, row, link_of(session, row.link_id or 0))
                for row in rows
            ]

    async def _read_page(self, kept: Kept) -> Outcome:
        capture_id = kept.capture.id or 0
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
            extraction = await self._extraction(kept, await self._answer(kept))
        except (CorruptRecord, ExtractFailed) as error:
            return _unread(kept, str(error))
        if extraction.article is None or not is_article(extraction.verdict):
            evidence = "; ".join(extraction.verdict.evidence)
            return _unread(kept, f"reads as {extraction.verdict.kind}: {evidence}")
        return _compared(kept, storable(extraction.article), extraction.extractor)

    async def _answer(self, kept: Kept) -> Exchange:
        limits = fetch_limits(self.reader.config)
        return await asyncio.to_thread(
            kept_exchange, self.reader.folder, limits, kept.capture
        )

    async def _extraction(self, kept: Kept, answer: Exchange) -> Extraction:
        async def extract(page: Exchange) -> Extraction:
            return await self.pool.extract(
                page_source(kept.link, page, kept.plan, kept.known)
            )

        async def ask(url: str) -> Part:
            return await asyncio.to_thread(self._part, kept, url)

        gathered = await gather(await extract(answer), answer, ask, extract)
        return gathered.extraction

    def _part(self, kept: Kept, url: str) -> Part:
        limits = fetch_limits(self.reader.config)
        try:
            with self.reader.session() as session:
                row = part_capture(session, url_key(url), kept.capture.id or 0)
                return read_part(self.reader.folder, limits, row)
        except BadUrl as error:
            return Part(why=str(error))


def _plan(session: Session, config: Config, source_id: int | None) -> Plan:
    """Return a source's manners as config.yaml has them now, else as it was added."""
    row = session.get(SourceRow, source_id) if source_id is not None else None
    if row is None:
        return plan_for(Source(name="stray", home="https://stray.invalid/"), config)
    configured = {source.name: source for source in config.sources}.get(row.name)
    return plan_for(configured or Source.model_validate(row.settings), config)


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
