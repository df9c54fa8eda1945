"""Read a page for its article, and keep the version."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from sqlmodel import Session

from crawler.decisions.dead_ends import (
    against_home,
    against_others,
    against_standing,
    is_another_story,
)
from crawler.decisions.outcome import (
    ARTICLE_TRIES,
    SOFT,
    after_article,
    after_part,
    after_partial,
    after_takedown,
    is_article,
    wants_rendering,
)
from crawler.decisions.readdressed import is_same_story
from crawler.discover.links import guid_of
from crawler.errors import BadUrl, ExtractFailed
from crawler.events.announcing import announce_kept
from crawler.extract.paging.join import PARTIAL
from crawler.means import Hold, Means
from crawler.reading.assets import assets_of
from crawler.reading.page import page_source
from crawler.reading.parts import Ask, Gathered, gather
from crawler.reading.presence import note_gone
from crawler.reading.rendered import Page, Render, rendered
from crawler.reading.result import Reading, unreadable
from crawler.urls import fetch_url, host_key, same_site, url_key
from storage.changes import story_sha256
from storage.documents import read_document, storable
from storage.model.article import Article
from storage.model.change import Change
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import Link, NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.neardup import fingerprint
from storage.sql.articles import (
    Kept,
    article_of_link,
    keep_version,
    same_story_at,
    standing_elsewhere,
    version,
)
from storage.sql.assets import add_assets
from storage.sql.captures import forget_validators, is_import, mark_read
from storage.sql.ledger import (
    add_links,
    note_alias,
    settle,
)
from storage.sql.moves import leave_duplicates, linked_by_feed, may_go_on
from storage.sql.tables import GONE, ArticleRow, LinkRow
from storage.sql.takedowns import catch
from storage.writer import Tx

#: Characters that are looked through in the event loop; for more there is a thread.
_READ_AT_ONCE = 20_000
#: Returns a reading, with what else speaks for or against an article there.
Judge = Callable[[Link, Exchange, Extraction], Awaitable[Extraction]]


async def read_article(  # noqa: PLR0913  # as read_capture
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

    read: list[Exchange] = []

    async def extract(page: Exchange) -> Extraction:
        read.append(page)
        began = monotonic()
        extraction = await means.pool.extract(page_source(link, page, plan, known))
        means.counts.extract_seconds.add(monotonic() - began)
        return extraction

    try:
        page = Page(answer, capture_id, await extract(answer))
        if render is not None and wants_rendering(plan.render, page.extraction.verdict):
            page = await rendered(means, page, hold, extract, render)
    except ExtractFailed as error:
        return await unreadable(means, link, str(error), capture_id, hold)
    answer, capture_id, extraction = page.answer, page.capture_id, page.extraction
    if judge is not None:
        extraction = await judge(link, answer, extraction)
    extraction = against_home(extraction, link.url, answer.url)
    first = first_page(link, extraction)
    if first is not None:
        return await _enter_first(means, link, extraction, first, capture_id, hold)
    pages = await gather(extraction, answer, ask, extract)
    await _prepare(pages)
    now = means.now()
    assets = await assets_of(plan, read, _kept_as(pages.extraction), now)

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        gathered = among_others(tx.session, link, answer, pages)
        gathered = beside_standing(tx.session, link, gathered)
        mark_all_read(tx.session, capture_id, gathered, now)
        if was_taken_down(tx.session, link, answer, gathered, now):
            return Reading(settlement=after_takedown(), extraction=gathered.extraction)
        kept = (
            None
            if _loses_pages(tx.session, link, gathered)
            else keep_article(tx.session, link, answer, capture_id, gathered)
        )
        change = kept.change if kept and kept.owner else None
        if kept is not None:
            _note_kept(tx.session, link, kept, assets, now)
            announce_kept(means, tx.session, link, kept, answer.started_at)
        settlement = _settled(means, link, gathered, change, now)
        _settle(means, tx.session, link, settlement)
        if gathered.captures or gathered.lacking or page.is_rendered:
            forget_validators(tx.session, link.id)
        return Reading(
            settlement=settlement,
            article_id=kept.article_id if kept else None,
            change=change,
            extraction=gathered.extraction,
        )

    reading = await means.writer.run(keep)
    _count(means, link, reading, [part for _, part in pages.captures])
    return reading


def _count(
    means: Means, link: Link, reading: Reading, parts: Sequence[Extraction] = ()
) -> None:
    """Count what pages were read as, and the version that was made of them."""
    counts, name = means.counts, means.name(link.source)
    for extraction in (reading.extraction, *parts):
        if extraction is not None:
            counts.add_verdict(name, extraction.verdict)
    article = reading.extraction.article if reading.extraction else None
    if reading.change is not None and article is not None:
        counts.add_version(reading.change, len(article.text))
    elif reading.article_id is not None:
        counts.duplicates += 1


async def _prepare(gathered: Gathered) -> None:
    """Make an article's fingerprint, or the one writer would have to."""
    article = gathered.extraction.article
    if article is None:
        return
    text = storable(article).text
    if len(text) <= _READ_AT_ONCE:
        fingerprint(text)
    else:
        await asyncio.to_thread(fingerprint, text)


def among_others(
    session: Session, link: Link, answer: Exchange, gathered: Gathered
) -> Gathered:
    """Judge an article by how many others of its host say the same."""
    extraction = gathered.extraction
    if extraction.article is None or not is_article(extraction.verdict):
        return gathered
    story = story_sha256(storable(extraction.article))
    if _was_always_so(session, link, story):
        return gathered
    others = same_story_at(session, link.host, story, besides=link.id)
    judged = against_others(extraction, answer.url, others, named=link.title)
    return replace(gathered, extraction=judged)


def beside_standing(session: Session, link: Link, gathered: Gathered) -> Gathered:
    """Judge a reading by the story that is archived under its link."""
    article = article_of_link(session, link.id) if link.archived else None
    standing = version(session, article, None) if article is not None else None
    if standing is None:
        return gathered
    judged = against_standing(gathered.extraction, standing.title, standing.text)
    return replace(gathered, extraction=judged)


def _was_always_so(session: Session, link: Link, story: str) -> bool:
    """Tell whether a link's article was archived with this very story."""
    article = article_of_link(session, link.id) if link.archived else None
    first = version(session, article, 1) if article is not None else None
    return first is not None and first.story_sha256 == story


def mark_all_read(
    session: Session, capture_id: int, gathered: Gathered, now: datetime
) -> None:
    """Note what a page was found to be, and those after it."""
    pages = ((capture_id, gathered.extraction), *gathered.captures)
    for capture, extraction in pages:
        verdict = extraction.verdict
        mark_read(
            session, capture, now, verdict=verdict.kind, evidence=verdict.evidence
        )


def was_taken_down(
    session: Session, link: Link, answer: Exchange, gathered: Gathered, now: datetime
) -> bool:
    """Tell whether a page is one that was excluded or erased under another address."""
    article = gathered.extraction.article
    if article is None:
        return False
    return catch(session, link.id, article_key(article.url, answer.url), now)


def keep_article(
    session: Session,
    link: Link,
    answer: Exchange,
    capture_id: int,
    gathered: Gathered,
) -> Kept | None:
    """Keep what a page is read as, if that is an article."""
    extraction = gathered.extraction
    article = _kept_as(extraction)
    if article is None:
        return None
    key, own = article_key(article.url, answer.url), url_key(answer.url)
    imported = is_import(session, capture_id)
    if not imported:
        _note_linked_by_feed(session, link, article)
    owner = _owner(session, link, key, own)
    if owner is not None and _tells_another(session, owner, article):
        owner = None
        note_alias(session, link.id, None)
        if key != own:
            key, article = own, replace(article, url=answer.url)
    goes_on = _goes_on(session, link, owner, article, key, answer.started_at)
    return keep_version(
        session,
        link_id=link.id,
        source_id=link.source,
        key=key,
        capture_id=capture_id,
        captured_at=answer.started_at,
        article=article,
        extractor=extraction.extractor,
        parts=[capture for capture, _ in gathered.captures],
        goes_on=None if imported else goes_on,
    )


def _kept_as(extraction: Extraction) -> Article | None:
    """Return the article that a page is kept as, if it is one."""
    return extraction.article if is_article(extraction.verdict) else None


def _note_kept(
    session: Session, link: Link, kept: Kept, assets: Sequence[NewLink], now: datetime
) -> None:
    """Note under which link an article stands, and what its pages show."""
    note_alias(session, link.id, kept.alias_of)
    leave_duplicates(session, kept.alias_of or link.id)
    if kept.owner:
        add_assets(session, assets, source=link.source, page=link.id, now=now)


def _loses_pages(session: Session, link: Link, gathered: Gathered) -> bool:
    """Tell a reading that lacks pages for now, where a whole one is archived."""
    if not gathered.again or link.failures + SOFT >= ARTICLE_TRIES:
        return False
    article = article_of_link(session, link.id)
    standing = version(session, article, None) if article is not None else None
    marks = standing.document.get("marks", ()) if standing is not None else (PARTIAL,)
    return not any(mark.startswith(PARTIAL) for mark in marks)


def _settle(means: Means, session: Session, link: Link, settlement: Settlement) -> None:
    """Write where a link stands, and that its page is gone where it only says so."""
    settle(session, link.id, settlement)
    if settlement.state is LinkState.GONE:
        note_gone(means, session, link)


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
    article = gathered.extraction.article
    marks = article.marks if article is not None else ()
    settlement = after_article(link, verdict, change, plan, now, marks=marks)
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

    reading = await means.writer.run(keep)
    _count(means, link, reading)
    return reading


def _note_linked_by_feed(session: Session, link: Link, article: Article) -> None:
    """Have a page that a feed's GUID names lead to the one which the feed links.

    They are one story under two addresses. Where the feed's is read second, the
    article goes on there.
    """
    if link.archived or link.source is None:
        return
    named = linked_by_feed(session, link.id, guid_of(link.url) or "")
    told = [one for one in named if _is_of(session, int(one.id or 0), article)]
    if len(told) == 1:
        note_alias(session, link.id, told[0].link_id)


def _owner(session: Session, link: Link, key: str, own: str) -> ArticleRow | None:
    """Return the article of another link that a page may be of, by what is known of it.

    A page that names its own address, and leads nowhere, is asked no further.
    """
    if key == own and session.get_one(LinkRow, link.id).alias_of is None:
        return None
    return standing_elsewhere(session, key, link.id)


def _tells_another(session: Session, owner: ArticleRow, article: Article) -> bool:
    """Tell whether a page tells another story than the article it is taken for.

    A canonical URL that is the same in all pages would make one article of many; and
    an address that an article left may be given to another one.
    """
    standing = version(session, int(owner.id or 0), None)
    return standing is not None and is_another_story(
        article, standing.title, standing.text
    )


def _goes_on(
    session: Session,
    link: Link,
    owner: ArticleRow | None,
    article: Article,
    key: str,
    at: datetime,
) -> int | None:
    """Return the article of another link that goes on at this page from now on, if any.

    It is one whose page is gone, while this one, known as its duplicate, is there; or
    the one that a link read for the first time is the new address of.
    """
    if link.archived or link.source is None:
        return None
    if owner is not None:
        is_gone = owner.state == GONE and owner.source_id == link.source
        return owner.id if is_gone and at > (owner.gone_at or at) else None
    found = [
        one.id
        for one in may_go_on(session, link.id)
        if at > one.last_seen and _is_of(session, int(one.id or 0), article)
    ]
    if len(found) != 1:
        return None
    owner = standing_elsewhere(session, key, link.id)
    return found[0] if owner is None or owner.id == found[0] else None


def _is_of(session: Session, article_id: int, article: Article) -> bool:
    standing = version(session, article_id, None)
    return standing is not None and is_same_story(
        article, read_document(standing.document)
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
