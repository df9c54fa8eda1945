"""Read a feed, sitemap or section for its links."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlmodel import Session

from crawler.config.plan import Plan
from crawler.decisions.allowance import LATE, Allowance, allot
from crawler.decisions.outcome import (
    Heard,
    after_poll,
)
from crawler.decisions.scope import enter, speaks_for, wanted_age
from crawler.decisions.subsitemaps import Arranged, Named, arrange
from crawler.discover.feed import MAX_ITEMS
from crawler.discover.listing import Listing, read_listing
from crawler.discover.shapes import NO_SHAPES, Shapes, learn_shapes
from crawler.errors import NotReadable
from crawler.fetch.guard import is_private
from crawler.means import Hold, Means
from crawler.reading.older import TELLING, has_shown, joined, older_pages
from crawler.reading.parts import Ask
from crawler.reading.result import Reading, unreadable
from crawler.urls import MAX_URL_BYTES, same_site
from crawler.websub.hubs import SECRET_BYTES, Announcement, Fresh, announced
from storage.model.exchange import Exchange
from storage.model.link import Added, Link, NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.captures import mark_read
from storage.sql.ledger import (
    add_hosts,
    add_links,
    judged_urls,
    known_keys,
    links_found_since,
    links_put_off,
    settle,
)
from storage.sql.moves import note_pages_of_guids
from storage.sql.subscriptions import put_subscription, subscription_of
from storage.sql.subsitemaps import lists_before, place_all, sub_sitemaps
from storage.writer import Tx

#: What a list lacks that names nothing.
_NAMES_NONE = {
    LinkKind.FEED: "it holds no item with a link",
    LinkKind.SITEMAP: "it names no page of the site",
    LinkKind.SECTION: "no link on it looks like an article's",
}
#: What a list may name on any site.
_ANY_SITE: Mapping[LinkKind, Collection[LinkKind]] = {
    LinkKind.FEED: tuple(LinkKind),
    LinkKind.SITEMAP: (LinkKind.SITEMAP,),
}
_CAME_LATE = "none of its items was there at its last reading, so some may be missed"


async def read_links(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold, ask: Ask
) -> Reading:
    plan, now = means.plan(link.source), means.now()
    shapes, sites = await _shapes_of(means, link), await _sites_of(means, link)
    try:
        listing = await asyncio.to_thread(
            read_listing, answer, link.kind, shapes, sites=sites
        )
    except NotReadable as error:
        return await unreadable(means, link, str(error), capture_id, hold)
    pages = await older_pages(means, link, listing, ask)
    watch = means.watch(link.source)
    names_lists = watch is None or watch.source.feeds or watch.source.sitemaps
    feeds = () if names_lists else listing.feeds
    found = (*feeds, *joined(listing.links, pages))
    entered = list(
        enter(
            found,
            sites=sites,
            max_age=wanted_age(link, listing.links, plan.max_age, now),
            now=now,
            any_site=_ANY_SITE.get(link.kind, ()),
        )
    )

    def keep(tx: Tx) -> tuple[Reading, bool]:
        hold(tx.session)
        mark_read(tx.session, capture_id, now)
        arranged = _arrange(tx.session, entered, listing, link, plan, now)
        others = [found for found in entered if not _is_read_next(found)]
        if link.kind is LinkKind.FEED:
            note_pages_of_guids(tx.session, link.source, others)
        added = add_links(
            tx.session,
            _within_budget(tx.session, [*arranged.new, *others], link, plan, now),
            source=link.source,
            found_on=link.id,
            now=now,
            way=link.kind.way,
        )
        came_late = _came_late(link, entered, added)
        settlement = after_poll(
            link,
            added,
            plan,
            means.terms(link.source, answer),
            heard=_heard(link, listing, arranged, len(pages), came_late=came_late),
            now=now,
            jitter=means.draw(),
        )
        settle(tx.session, link.id, settlement)
        _note_hub(tx.session, means, link, answer, listing)
        return Reading(settlement=settlement, new_links=added.new), came_late

    reading, came_late = await means.writer.run(keep)
    if came_late:
        means.log.warning(
            "feed read too late", url=link.url, why=_CAME_LATE, last=link.fetched_at
        )
    if listing.left:
        means.log.warning(
            "sitemap too long", url=link.url, read=len(listing.links), left=listing.left
        )
    if listing.too_long:
        means.log.warning("links too long", url=link.url, left=listing.too_long)
    return reading


def _came_late(link: Link, entered: Sequence[NewLink], added: Added) -> bool:
    """Tell a feed that showed articles before, and nothing of it is known any more.

    What it showed and dropped meanwhile was missed: the service was down, or the
    feed away, or more was published than it holds.
    """
    if not has_shown(link):
        return False
    shown = len({found.key for found in entered})
    return shown >= TELLING and added.new == shown and not added.readdressed


def _arrange(
    session: Session,
    links: Sequence[NewLink],
    listing: Listing,
    link: Link,
    plan: Plan,
    now: datetime,
) -> Arranged:
    """Give the sub-sitemaps of an index their places, those in the ledger at once."""
    named = [found for found in links if _is_read_next(found)]
    if link.source is None or link.kind is not LinkKind.SITEMAP or not named:
        return Arranged(new=named)
    arranged = arrange(
        Named(index=link.id, links=named, are_all=listing.whole),
        sub_sitemaps(session, link.source),
        plan.max_age,
        now,
    )
    place_all(session, link.source, arranged.moved)
    return arranged


def _is_read_next(found: NewLink) -> bool:
    return found.kind is LinkKind.SITEMAP and found.state is LinkState.WAITING


def _note_hub(
    session: Session, means: Means, link: Link, answer: Exchange, listing: Listing
) -> None:
    """Note which hub a feed names, where hubs can reach us."""
    if means.callback is None or link.kind is not LinkKind.FEED:
        return
    said = (
        Announcement(
            hub=listing.hub, topic=listing.topic, is_private=is_private(answer.ip)
        )
        if listing.hub and listing.topic
        else None
    )
    fresh = Fresh(
        base=means.callback,
        path=token_urlsafe(SECRET_BYTES),
        secret=token_urlsafe(SECRET_BYTES),
    )
    known = subscription_of(session, link.id)
    subscription = announced(known, said, link.id, fresh, means.now())
    if subscription is not None:
        add_hosts(session, {subscription.host}, means.now())
        put_subscription(session, subscription)


def _heard(
    link: Link,
    listing: Listing,
    arranged: Arranged,
    pages: int,
    *,
    came_late: bool,
) -> Heard:
    """Return what a list said of itself; of feeds alone is it known that they roll."""
    listed = len(listing.links) if link.kind is LinkKind.FEED else 0
    return Heard(
        listed=listed,
        asks=listing.ttl,
        lasts=arranged.lasts,
        lacks=_CAME_LATE if came_late else _lacks(link.kind, listing, pages),
    )


def _lacks(kind: LinkKind, listing: Listing, pages: int) -> str:
    listed, long = len(listing.links), listing.too_long
    said = (
        f"{long:,} of its links left out, over {MAX_URL_BYTES:,} bytes" if long else ""
    )
    return "; ".join(filter(None, (_lists(kind, listing, listed, pages), said)))


def _lists(kind: LinkKind, listing: Listing, listed: int, pages: int) -> str:
    if pages:
        return f"too late for its first page, so {pages} older were read"
    if listing.left:
        return f"of its links only the {listed:,} newest are read, of {listed + listing.left:,}"
    if kind is LinkKind.FEED and listed >= MAX_ITEMS:
        return f"of its items only the {MAX_ITEMS} newest are read"
    return "" if listed or listing.too_long else _NAMES_NONE.get(kind, "")


async def _sites_of(means: Means, link: Link) -> tuple[str, ...]:
    """Return a page of each site of which a list may name pages; none where of any.

    One that was named so by its operator, or moved to another site with its source, may
    name pages there. One that is only kept elsewhere (robots.txt or an index names it)
    may not.
    """
    watch = means.watch(link.source)
    if watch is None:
        return ()
    home = watch.source.home
    if link.kind is not LinkKind.SITEMAP or same_site(link.url, home):
        return (home, link.url)
    before = await means.writer.run(lambda tx: lists_before(tx.session, link.id))
    return (home, speaks_for(link.url, before))


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
    source = link.source
    if source is None:
        return list(links)
    is_archive = link.kind is LinkKind.SITEMAP and link.rhythm is None
    allowance = Allowance(
        daily=plan.daily_links,
        found=links_found_since(session, source, now - timedelta(days=1)),
        waiting=links_put_off(session, source) if is_archive else 0,
        late=links_put_off(session, source, LATE),
    )
    return list(
        allot(
            links,
            allowance,
            known=known_keys(session, [found.key for found in links]),
            is_archive=is_archive,
            now=now,
        )
    )
