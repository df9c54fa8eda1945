"""Make something of a capture: new links, or a version of an article.

The capture is safe before this runs, and what it makes is committed in one
transaction; when the process dies in between, start-up reads the capture again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session

from crawler.config import Plan
from crawler.discover.listing import read_listing
from crawler.errors import BadUrl, ExtractFailed, NotReadable
from crawler.extract.source import Hint, PageSource
from crawler.keeping import Hold
from crawler.means import Means
from crawler.outcome import after_article, after_poll, after_unreadable, is_article
from crawler.scope import enter
from crawler.urls import fetch_url, same_site, url_key
from storage.model import (
    Change,
    Exchange,
    Extraction,
    Link,
    LinkKind,
    LinkState,
    NewLink,
    Settlement,
)
from storage.sql.articles import keep_version
from storage.sql.captures import mark_read
from storage.sql.ledger import add_links, known_keys, links_found_since, settle
from storage.writer import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a capture, for logs and for whoever asked for it."""

    settlement: Settlement
    new_links: int = 0
    article_id: int | None = None
    change: Change | None = None
    extraction: Extraction | None = None


async def read_capture(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold
) -> Reading:
    """Read a whole answer for its links or its article, and keep the result."""
    if link.kind is LinkKind.ARTICLE:
        return await _read_article(means, link, answer, capture_id, hold)
    return await _read_links(means, link, answer, capture_id, hold)


# ---- feeds, sitemaps, sections -------------------------------------------------


async def _read_links(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold
) -> Reading:
    plan, now = means.plan(link.source), means.now()
    try:
        listing = await asyncio.to_thread(read_listing, answer, link.kind)
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
        )
        settlement = after_poll(
            link,
            added,
            plan,
            floor=listing.ttl,
            now=now,
            jitter=means.draw(),
        )
        settle(tx.session, link.id, settlement)
        return Reading(settlement=settlement, new_links=added.new)

    return await means.writer.run(keep)


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


async def _read_article(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold
) -> Reading:
    plan, now = means.plan(link.source), means.now()
    try:
        extraction = await means.pool.extract(page_source(link, answer, plan))
    except ExtractFailed as error:
        return await _unreadable(means, link, str(error), capture_id, hold)

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        verdict = extraction.verdict
        mark_read(
            tx.session,
            capture_id,
            now,
            verdict=verdict.kind,
            evidence=verdict.evidence,
        )
        change: Change | None = None
        article_id: int | None = None
        if is_article(verdict) and extraction.article is not None:
            kept = keep_version(
                tx.session,
                link_id=link.id,
                source_id=link.source,
                key=article_key(extraction.article.url, answer.url),
                capture_id=capture_id,
                captured_at=answer.started_at,
                article=extraction.article,
                extractor=extraction.extractor,
            )
            article_id = kept.article_id
            change = kept.change if kept.owner else None
        settlement = after_article(link, verdict, change, plan, now)
        settle(tx.session, link.id, settlement)
        return Reading(
            settlement=settlement,
            article_id=article_id,
            change=change,
            extraction=extraction,
        )

    return await means.writer.run(keep)


def page_source(link: Link, answer: Exchange, plan: Plan) -> PageSource:
    """Return what the extractor is given: the answer, and what is known of it."""
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=Hint(title=link.title, published=link.published, language=plan.language),
        rules=plan.rules_on(answer.started_at.date()),
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
