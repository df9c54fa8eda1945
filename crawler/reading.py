"""Make something of a capture: new links, or a version of an article.

The capture is safe before this runs, and what it makes is committed in one
transaction; when the process dies in between, start-up reads the capture again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session

from crawler.config import Plan
from crawler.dead_ends import against_others
from crawler.discover.listing import Listing, read_listing
from crawler.discover.shapes import NO_SHAPES, Shapes, learn_shapes
from crawler.errors import BadUrl, ExtractFailed, NotReadable
from crawler.extract.join import PARTIAL
from crawler.extract.source import Hint, PageSource
from crawler.keeping import Hold
from crawler.knowledge import Known
from crawler.means import Means
from crawler.outcome import (
    ARTICLE_TRIES,
    SOFT,
    Heard,
    after_article,
    after_part,
    after_partial,
    after_poll,
    after_unreadable,
    is_article,
    wants_rendering,
)
from crawler.parts import Ask, Extract, Gathered, gather
from crawler.scope import enter
from crawler.urls import fetch_url, host_key, same_site, url_key
from storage.changes import story_sha256
from storage.documents import storable
from storage.model import (
    Change,
    Exchange,
    Extraction,
    FoundLink,
    Link,
    LinkKind,
    LinkState,
    NewLink,
    Settlement,
)
from storage.sql.articles import (
    Kept,
    article_of_link,
    keep_version,
    same_story_at,
    version,
)
from storage.sql.captures import forget_validators, mark_read
from storage.sql.ledger import (
    add_links,
    judged_urls,
    known_keys,
    links_found_since,
    note_alias,
    settle,
)
from storage.writer import Tx

#: Evidence of a verdict on a page that a browser rendered.
RENDERED = "rendered by a browser"

#: Returns a page as a browser shows it, and where that is kept; None if it cannot.
Render = Callable[[Exchange, int], Awaitable[tuple[Exchange, int] | None]]

#: Returns a reading, with what else speaks for or against an article there.
Judge = Callable[[Link, Exchange, Extraction], Awaitable[Extraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a capture, for logs and for whoever asked for it.

    `target` is page 1 of the article that this was a later page of.
    """

    settlement: Settlement
    new_links: int = 0
    article_id: int | None = None
    change: Change | None = None
    extraction: Extraction | None = None
    target: str | None = None


async def read_capture(  # noqa: PLR0913  # what a visit lends to its reader
    means: Means,
    link: Link,
    answer: Exchange,
    capture_id: int,
    hold: Hold,
    ask: Ask,
    *,
    render: Render | None = None,
    judge: Judge | None = None,
) -> Reading:
    """Read a whole answer for its links or its article, and keep the result.

    Args:
        means: The archive, and what extracts.
        link: What was asked for.
        answer: The whole answer.
        capture_id: Where it is kept.
        hold: Refuses when the visit was lost.
        ask: Returns the further pages of a multi-page article.
        render: Returns a page as a browser shows it; None where none is at hand.
        judge: Says what the host's other answers mean for an article; None where it
            cannot be asked.
    """
    if link.kind is LinkKind.ARTICLE:
        return await _read_article(
            means, link, answer, capture_id, hold, ask, render=render, judge=judge
        )
    return await _read_links(means, link, answer, capture_id, hold)


# ---- feeds, sitemaps, sections -------------------------------------------------


async def _read_links(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold
) -> Reading:
    plan, now = means.plan(link.source), means.now()
    shapes = await _shapes_of(means, link)
    try:
        listing = await asyncio.to_thread(read_listing, answer, link.kind, shapes)
    except NotReadable as error:
        return await _unreadable(means, link, str(error), capture_id, hold)
    watch = means.watch(link.source)
    names_lists = watch is None or watch.source.feeds or watch.source.sitemaps
    found = listing.links if names_lists else (*listing.feeds, *listing.links)
    entered = list(
        enter(
            found,
            home=watch.source.home if watch else None,
            plan=plan,
            now=now,
            any_site=link.kind is LinkKind.FEED,
        )
    )

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        mark_read(tx.session, capture_id, now)
        added = add_links(
            tx.session,
            _within_budget(tx.session, entered, link, plan, now),
            source=link.source,
            found_on=link.id,
            now=now,
            way=link.kind.way,
        )
        settlement = after_poll(
            link,
            added,
            plan,
            means.terms(link.source, answer),
            heard=_heard(link, listing),
            now=now,
            jitter=means.draw(),
        )
        settle(tx.session, link.id, settlement)
        return Reading(settlement=settlement, new_links=added.new)

    return await means.writer.run(keep)


def _heard(link: Link, listing: Listing) -> Heard:
    """Return what a list said of itself; of feeds alone is it known that they roll."""
    is_feed = link.kind is LinkKind.FEED
    return Heard(listed=len(listing.links) if is_feed else 0, asks=listing.ttl)


async def _shapes_of(means: Means, link: Link) -> Shapes:
    """Return what the addresses of a section's source turned out to be."""
    source = link.source
    if source is None or link.kind is not LinkKind.SECTION:
        return NO_SHAPES
    return learn_shapes(
        await means.writer.run(lambda tx: judged_urls(tx.session, source))
    )


def _within_budget(
    session: Session,
    links: Sequence[NewLink],
    link: Link,
    plan: Plan,
    now: datetime,
) -> list[NewLink]:
    """Put off the article links over the source's daily budget."""
    if link.source is None:
        return list(links)
    room = plan.daily_links - links_found_since(
        session, link.source, now - timedelta(days=1)
    )
    kept: list[NewLink] = []
    known = known_keys(session, [found.key for found in links])
    for found in links:
        counts = (
            found.state is LinkState.WAITING
            and found.kind is LinkKind.ARTICLE
            and found.key not in known
        )
        room -= counts
        days = -(room // plan.daily_links)
        kept.append(_put_off(found, now, days) if counts and room < 0 else found)
    return kept


def _put_off(link: NewLink, now: datetime, days: int) -> NewLink:
    return replace(
        link,
        state=LinkState.BUDGET,
        reason="over the source's daily_links",
        next_run=now + timedelta(days=days),
    )


# ---- articles -------------------------------------------------------------------


async def _read_article(  # noqa: PLR0913  # as read_capture
    means: Means,
    link: Link,
    answer: Exchange,
    capture_id: int,
    hold: Hold,
    ask: Ask,
    *,
    render: Render | None,
    judge: Judge | None,
) -> Reading:
    plan = means.plan(link.source)
    known = await means.knowledge.of(
        answer.url, plan.language, means.writer, means.now()
    )

    async def extract(page: Exchange) -> Extraction:
        return await means.pool.extract(page_source(link, page, plan, known))

    try:
        page = _Page(answer, capture_id, await extract(answer))
        if render is not None and wants_rendering(plan.render, page.extraction.verdict):
            page = await _rendered(means, page, hold, extract, render)
    except ExtractFailed as error:
        return await _unreadable(means, link, str(error), capture_id, hold)
    answer, capture_id, extraction = page.answer, page.capture_id, page.extraction
    if judge is not None:
        extraction = await judge(link, answer, extraction)
    first = first_page(link, extraction)
    if first is not None:
        return await _enter_first(means, link, extraction, first, capture_id, hold)
    pages = await gather(extraction, answer, ask, extract)
    now = means.now()

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        gathered = _among_others(tx.session, link, answer, pages)
        _mark_all_read(tx.session, capture_id, gathered, now)
        kept = (
            None
            if _loses_pages(tx.session, link, gathered)
            else _keep_article(tx.session, link, answer, capture_id, gathered)
        )
        change = kept.change if kept and kept.owner else None
        if kept is not None:
            note_alias(tx.session, link.id, kept.alias_of)
        settlement = _settled(means, link, gathered, change, now)
        settle(tx.session, link.id, settlement)
        if gathered.captures or gathered.lacking or page.is_rendered:
            forget_validators(tx.session, link.id)
        return Reading(
            settlement=settlement,
            article_id=kept.article_id if kept else None,
            change=change,
            extraction=gathered.extraction,
        )

    return await means.writer.run(keep)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it was read: as it came, or as a browser shows it."""

    answer: Exchange
    capture_id: int
    extraction: Extraction
    is_rendered: bool = False


async def _rendered(
    means: Means, page: _Page, hold: Hold, extract: Extract, render: Render
) -> _Page:
    """Return a page as a browser shows it, where that loses no article.

    The one that is passed over is kept and counts as read.
    """
    seen = await render(page.answer, page.capture_id)
    if seen is None:
        return page
    answer, capture_id = seen
    extraction = await extract(answer)
    verdict = extraction.verdict
    verdict = replace(verdict, evidence=(RENDERED, *verdict.evidence))
    extraction = replace(extraction, verdict=verdict)
    shown = _Page(answer, capture_id, extraction, is_rendered=True)
    loses = is_article(page.extraction.verdict) and not is_article(verdict)
    taken, passed = (page, shown) if loses else (shown, page)

    def mark(tx: Tx) -> None:
        hold(tx.session)
        said = passed.extraction.verdict
        mark_read(
            tx.session,
            passed.capture_id,
            means.now(),
            verdict=said.kind,
            evidence=said.evidence,
        )

    await means.writer.run(mark)
    return taken


def _among_others(
    session: Session, link: Link, answer: Exchange, gathered: Gathered
) -> Gathered:
    """Judge an article by how many others of its host say the same."""
    extraction = gathered.extraction
    if extraction.article is None or not is_article(extraction.verdict):
        return gathered
    others = same_story_at(
        session, link.host, story_sha256(storable(extraction.article)), besides=link.id
    )
    judged = against_others(extraction, answer.url, others)
    return replace(gathered, extraction=judged)


def _mark_all_read(
    session: Session, capture_id: int, gathered: Gathered, now: datetime
) -> None:
    pages = ((capture_id, gathered.extraction), *gathered.captures)
    for capture, extraction in pages:
        verdict = extraction.verdict
        mark_read(
            session, capture, now, verdict=verdict.kind, evidence=verdict.evidence
        )


def _keep_article(
    session: Session,
    link: Link,
    answer: Exchange,
    capture_id: int,
    gathered: Gathered,
) -> Kept | None:
    extraction = gathered.extraction
    article = extraction.article
    if article is None or not is_article(extraction.verdict):
        return None
    return keep_version(
        session,
        link_id=link.id,
        source_id=link.source,
        key=article_key(article.url, answer.url),
        capture_id=capture_id,
        captured_at=answer.started_at,
        article=article,
        extractor=extraction.extractor,
        parts=[capture for capture, _ in gathered.captures],
    )


def _loses_pages(session: Session, link: Link, gathered: Gathered) -> bool:
    """Tell a reading that lacks pages for now, where a whole one is archived."""
    if not gathered.again or link.failures + SOFT >= ARTICLE_TRIES:
        return False
    article = article_of_link(session, link.id)
    standing = version(session, article, None) if article is not None else None
    marks = standing.document.get("marks", ()) if standing is not None else (PARTIAL,)
    return not any(mark.startswith(PARTIAL) for mark in marks)


def _settled(
    means: Means,
    link: Link,
    gathered: Gathered,
    change: Change | None,
    now: datetime,
) -> Settlement:
    verdict, plan = gathered.extraction.verdict, means.plan(link.source)
    if gathered.again and change is None and link.archived:
        change = Change.SAME  # not kept: the whole article stands
    settlement = after_article(link, verdict, change, plan, now)
    if not gathered.again:
        return settlement
    return after_partial(link, settlement, gathered.lacking, now, means.draw())


def first_page(link: Link, extraction: Extraction) -> str | None:
    """Return page 1 of the article that a link is a later page of, or None."""
    paging = extraction.paging
    if paging is None or paging.first is None or not is_article(extraction.verdict):
        return None
    try:
        first = fetch_url(paging.first)
    except BadUrl:
        return None
    known = url_key(first) == link.key or host_key(first) != link.host
    return None if known else first


async def _enter_first(
    means: Means,
    link: Link,
    extraction: Extraction,
    first: str,
    capture_id: int,
    hold: Hold,
) -> Reading:
    """Leave a later page to its article, which is entered by its page 1."""
    now = means.now()
    entered = NewLink(
        url=first,
        key=url_key(first),
        host=host_key(first),
        kind=LinkKind.ARTICLE,
        title=link.title,
        published=link.published,
        next_run=now,
    )
    settlement = after_part(first, None)
    verdict = extraction.verdict

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        mark_read(
            tx.session,
            capture_id,
            now,
            verdict=verdict.kind,
            evidence=verdict.evidence,
        )
        add_links(tx.session, [entered], source=link.source, found_on=link.id, now=now)
        settle(tx.session, link.id, settlement)
        return Reading(settlement=settlement, extraction=extraction, target=first)

    return await means.writer.run(keep)


def page_source(
    link: Link, answer: Exchange, plan: Plan, known: Known | None = None
) -> PageSource:
    """Return what the extractor is given: the answer, and what is known of it."""
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=hint_of(link, plan.language),
        rules=plan.rules_on(answer.started_at.date()),
        known=known.host if known else None,
        own=known.own.get(link.id, frozenset()) if known else frozenset(),
    )


def hint_of(link: Link | FoundLink, language: str | None) -> Hint:
    """Return what a link was said to lead to."""
    return Hint(
        title=link.title,
        published=link.published,
        language=language,
        blurb=link.blurb,
    )


def article_key(canonical: str, fetched: str) -> str:
    """Return the identity of an article: its canonical URL's, where believable.

    A canonical URL on another site, or one that names the home page, is a
    template's mistake and would make one article of many.
    """
    try:
        canonical = fetch_url(canonical)
    except BadUrl:
        return url_key(fetched)
    home = urlsplit(canonical).path in {"", "/"} and urlsplit(fetched).path not in {
        "",
        "/",
    }
    return url_key(fetched if home or not same_site(canonical, fetched) else canonical)


async def _unreadable(
    means: Means, link: Link, why: str, capture_id: int, hold: Hold
) -> Reading:
    now = means.now()
    settlement = after_unreadable(link, why, means.plan(link.source), now, means.draw())

    def keep(tx: Tx) -> None:
        hold(tx.session)
        mark_read(tx.session, capture_id, now, evidence=(why,))
        settle(tx.session, link.id, settlement)

    await means.writer.run(keep)
    return Reading(settlement=settlement)
