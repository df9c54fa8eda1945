"""Learn a site's template from a visit, and clean again what was read without it.

How a site writes its titles and dates is learned with it.

The first pages of a site are read before anything is known of it, and lists of
headlines change daily, so a visit's pages are learned from together at its end.
Then the pages that were read alone are read again from their kept bytes, with
what their neighbours have taught. Only boilerplate may leave a version that way.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.dates.order import learn_day_first
from crawler.errors import ExtractFailed
from crawler.extract.titles.learned import learn_affixes
from crawler.kept.unread import exchange_of, kept_part
from crawler.knowledge import site_of
from crawler.means import Hold, Means
from crawler.reading.page import page_source
from crawler.reading.parts import gather
from crawler.reading.result import Reading
from storage.errors import CorruptRecord, StoreUnreachable
from storage.model.article import Article
from storage.model.change import Change
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction, Footprint
from storage.model.link import Link
from storage.sql.captures import newest_capture
from storage.sql.keeping import clean_version, dirty_capture
from storage.sql.ledger import link_of
from storage.sql.tables import CaptureRow
from storage.sql.templates import learn_pages, note_manners
from storage.templates import CountedPage, Manners, Template
from storage.writer import Tx

#: Longest title or date that is kept for learning.
_LINE = 400


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
        captures: dict[int, ReadPage] = {}
        for page in read:
            footprint = _footprint(page)
            newest = newest_capture(tx.session, page.link.id)
            if footprint is None or newest is None:
                continue
            captures[newest[0]] = page
            samples.update(zip(footprint.keys, footprint.samples, strict=True))
            counted.append(_counted(page, footprint, *newest))
        template, again = learn_pages(
            tx.session, site, language, pages=counted, samples=samples, now=now
        )
        template = replace(template, manners=_manners(template, read))
        note_manners(tx.session, site, language, template.manners)
        means.knowledge.put(site, language, template, now)
        found = [page.capture for page in again]
        found += [c for c, page in captures.items() if _has_affix(page, template)]
        found += [c for page in read if (c := _dirty(tx, page))]
        return list(dict.fromkeys(found))

    return await means.writer.run(learn)


def _footprint(page: ReadPage) -> Footprint | None:
    extraction = page.reading.extraction
    return extraction.footprint if extraction else None


def _article(page: ReadPage) -> Article | None:
    extraction = page.reading.extraction
    return extraction.article if extraction else None


def _counted(
    page: ReadPage, footprint: Footprint, capture: int, seen_at: datetime
) -> CountedPage:
    article = _article(page)
    return CountedPage(
        link=page.link.id,
        capture=capture,
        seen_at=seen_at,
        keys=frozenset(footprint.keys),
        kept=frozenset(footprint.kept),
        title=_stored(article.raw_title) if article else "",
        dates="\n".join(_dates(article)) if article else "",
    )


def _dates(article: Article) -> list[str]:
    """Return what a page gives as dates, as far as they are numeric."""
    said = [article.provenance.get(name) for name in ("published", "modified")]
    raw = [claim.raw for p in said if p for claim in (p.winner, *p.losers)]
    return list(
        dict.fromkeys(_stored(text) for text in raw if "/" in text or "-" in text)
    )


def _stored(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())[:_LINE]


def _manners(template: Template, read: Sequence[ReadPage]) -> Manners:
    """Return what the site's titles and dates have in common."""
    sites = [article.site for page in read if (article := _article(page))]
    names = tuple(dict.fromkeys(name for name in sites if name))
    affixes = learn_affixes((p.title for p in template.pages if p.title), names)
    dates = (line for p in template.pages for line in p.dates.splitlines())
    return Manners(
        title_suffixes=affixes.suffixes,
        title_prefixes=affixes.prefixes,
        day_first=learn_day_first(dates),
    )


def _has_affix(page: ReadPage, template: Template) -> bool:
    """Tell whether a page just read has in its headline what is none of it."""
    article, manners = _article(page), template.manners
    return article is not None and (
        article.title.endswith(manners.title_suffixes)
        or article.title.startswith(manners.title_prefixes)
    )


def _dirty(tx: Tx, page: ReadPage) -> int | None:
    """Return the standing version's capture where this reading left out more."""
    article, article_id = _article(page), page.reading.article_id
    if article is None or article_id is None:
        return None
    if page.reading.change is not Change.COSMETIC:
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
    try:
        answer = await asyncio.to_thread(exchange_of, means, row)
        extraction = await _read_whole(means, link, answer, capture_id)
    except (CorruptRecord, StoreUnreachable, ExtractFailed) as error:
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


async def _read_whole(
    means: Means, link: Link, answer: Exchange, capture_id: int
) -> Extraction:
    """Read a capture and the kept further pages of its article."""
    plan = means.plan(link.source)
    known = await means.knowledge.of(
        answer.url, plan.language, means.writer, means.now()
    )

    async def extract(page: Exchange) -> Extraction:
        return await means.pool.extract(page_source(link, page, plan, known))

    gathered = await gather(
        await extract(answer),
        answer,
        lambda url: kept_part(means, url, capture_id),
        extract,
    )
    return gathered.extraction
