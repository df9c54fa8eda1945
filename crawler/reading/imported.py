"""Read an imported page as a crawled one is read; nothing becomes due by it.

A version finds its place in time, among those that were fetched. Where the link was asked
since, it stands as that answer left it.
"""

from crawler.decisions.outcome import after_import, after_takedown
from crawler.errors import ExtractFailed
from crawler.means import Means
from crawler.reading.articles import (
    among_others,
    first_page,
    keep_article,
    mark_all_read,
    was_taken_down,
)
from crawler.reading.page import page_source
from crawler.reading.parts import Ask, Gathered, gather
from crawler.reading.rendered import Page, Render, rendered
from crawler.reading.result import Reading
from crawler.redaction import redact
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import Link, Settlement
from storage.sql.captures import mark_read, note_import
from storage.sql.ledger import link_of, note_alias, settle
from storage.writer import Tx


async def read_imported(
    means: Means,
    link: Link,
    answer: Exchange,
    capture_id: int,
    ask: Ask,
    render: Render | None = None,
) -> Reading | None:
    """Read an imported page and keep its article; return what came of it.

    Args:
        means: The archive, and what extracts.
        link: As it stands.
        answer: The page.
        capture_id: Where it is kept.
        ask: Returns the further pages of a multi-page article, from the archive.
        render: Returns the page as a browser showed it; None where none did.
    """
    plan = means.plan(link.source)
    known = await means.knowledge.of(
        answer.url, plan.language, means.writer, means.now()
    )

    async def extract(page: Exchange) -> Extraction:
        return await means.pool.extract(page_source(link, page, plan, known))

    try:
        page = Page(answer, capture_id, await extract(answer))
        if render is not None:
            page = await rendered(means, page, lambda _session: None, extract, render)
    except ExtractFailed as error:
        await _give_up(means, capture_id, str(error))
        return None
    answer, capture_id, extraction = page.answer, page.capture_id, page.extraction
    first = first_page(link, extraction)
    pages = (
        Gathered(extraction=extraction)
        if first is not None
        else await gather(extraction, answer, ask, extract)
    )

    def keep(tx: Tx) -> Reading:
        gathered = among_others(tx.session, link, answer, pages)
        now = means.now()
        mark_all_read(tx.session, capture_id, gathered, now)
        if was_taken_down(tx.session, link, answer, gathered, now):
            return Reading(settlement=after_takedown(), extraction=gathered.extraction)
        kept = (
            keep_article(tx.session, link, answer, capture_id, gathered)
            if first is None
            else None
        )
        if kept is not None:
            note_alias(tx.session, link.id, kept.alias_of)
        change = kept.change if kept and kept.owner else None
        verdict, at = gathered.extraction.verdict, answer.started_at
        stood = link_of(tx.session, link.id)
        settlement = after_import(stood, verdict, change, at, first)
        if settlement is not None:
            settle(tx.session, link.id, settlement)
            note_import(tx.session, link.id, answer)
        return Reading(
            settlement=settlement or _as_it_stands(stood),
            article_id=kept.article_id if kept else None,
            change=change,
            extraction=gathered.extraction,
            target=first,
        )

    return await means.writer.run(keep)


def _as_it_stands(link: Link) -> Settlement:
    return Settlement(state=link.state, reason="asked since", next_run=link.due)


async def _give_up(means: Means, capture_id: int, why: str) -> None:
    def note(tx: Tx) -> None:
        mark_read(tx.session, capture_id, means.now(), evidence=(redact(why),))

    await means.writer.run(note)
