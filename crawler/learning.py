"""Learn a site's template from a visit, and clean again what was read without it.

The first pages of a site are read before anything is known of it, and lists of
headlines change daily, so a visit's pages are learned from together at its end.
Then the pages that were read alone are read again from their kept bytes, with
what their neighbours have taught. Only boilerplate may leave a version that way.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.errors import ExtractFailed
from crawler.keeping import Hold
from crawler.knowledge import site_of
from crawler.means import Means
from crawler.reading import Reading, page_source
from crawler.unread import exchange_of
from storage.errors import CorruptRecord
from storage.model import Change, Footprint, Link
from storage.sql.captures import newest_capture
from storage.sql.keeping import clean_version, dirty_capture
from storage.sql.ledger import link_of
from storage.sql.tables import CaptureRow
from storage.sql.templates import learn_pages
from storage.templates import CountedPage
from storage.writer import Tx

_TEMPLATE = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """An article that a visit has read; `url` is the one that answered."""

    link: Link
    url: str
    reading: Reading


async def learn_from(means: Means, pages: Iterable[ReadPage], hold: Hold) -> int:
    """Learn from the articles of one visit; return how many were cleaned again.

    Args:
        means: The archive.
        pages: What was read, in order.
        hold: Refuses when the visit was lost.
    """
    sites: defaultdict[tuple[str, str], list[ReadPage]] = defaultdict(list)
    for page in pages:
        if page.reading.change is not None and page.reading.extraction is not None:
            language = means.plan(page.link.source).language or ""
            sites[site_of(page.url), language].append(page)
    cleaned = 0
    for (site, language), read in sites.items():
        again = await _learn(means, site, language, read, hold)
        for capture in again:
            cleaned += await _clean_again(means, capture, hold)
    return cleaned


async def _learn(
    means: Means, site: str, language: str, read: Sequence[ReadPage], hold: Hold
) -> list[int]:
    """Count the pages in; return the captures to be cleaned again."""
    now = means.now()

    def learn(tx: Tx) -> list[int]:
        hold(tx.session)
        counted: list[CountedPage] = []
        samples: dict[int, str] = {}
        for page in read:
            footprint = _footprint(page)
            capture = newest_capture(tx.session, page.link.id)
            if footprint is None or capture is None:
                continue
            samples.update(zip(footprint.keys, footprint.samples, strict=True))
            counted.append(
                CountedPage(
                    link=page.link.id,
                    capture=int(capture.id or 0),
                    seen_at=capture.fetched_at,
                    keys=frozenset(footprint.keys),
                    kept=frozenset(footprint.kept),
                )
            )
        template, again = learn_pages(
            tx.session, site, language, pages=counted, samples=samples, now=now
        )
        means.knowledge.put(site, language, template, now)
        dirty = [_dirty(tx, page) for page in read]
        found = [*(page.capture for page in again), *(c for c in dirty if c)]
        return list(dict.fromkeys(found))

    return await means.writer.run(learn)


def _footprint(page: ReadPage) -> Footprint | None:
    extraction = page.reading.extraction
    return extraction.footprint if extraction else None


def _dirty(tx: Tx, page: ReadPage) -> int | None:
    """Return the standing version's capture where this reading left out more."""
    extraction, article_id = page.reading.extraction, page.reading.article_id
    article = extraction.article if extraction else None
    if article is None or article_id is None or page.reading.change is Change.FIRST:
        return None
    if all(line.boilerplate != _TEMPLATE for line in article.removed):
        return None
    return dirty_capture(tx.session, article_id, article)


async def _clean_again(means: Means, capture_id: int, hold: Hold) -> bool:
    """Read a capture again; put the result in its version's place if it is cleaner."""

    def find(tx: Tx) -> tuple[CaptureRow, Link] | None:
        row = tx.session.get(CaptureRow, capture_id)
        if row is None or row.link_id is None:
            return None
        tx.session.expunge(row)
        return row, link_of(tx.session, row.link_id)

    found = await means.writer.run(find)
    if found is None:
        return False
    row, link = found
    plan = means.plan(link.source)
    try:
        answer = await asyncio.to_thread(exchange_of, means, row)
        known = await means.knowledge.of(
            answer.url, plan.language, means.writer, means.now()
        )
        extraction = await means.pool.extract(page_source(link, answer, plan, known))
    except (CorruptRecord, ExtractFailed) as error:
        means.log.warning("cleaning again failed", capture=capture_id, why=str(error))
        return False
    article = extraction.article
    if article is None:
        return False

    def keep(tx: Tx) -> bool:
        hold(tx.session)
        return clean_version(tx.session, capture_id, article, extraction.extractor)

    is_cleaned = await means.writer.run(keep)
    if is_cleaned:
        means.log.info("cleaned again", url=row.url, capture=capture_id)
    return is_cleaned
