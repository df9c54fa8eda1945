"""The pages of a feed before its first, where that was read too late.

After a stop, an outage or a rush nothing on a feed is known any more, and what it
showed and dropped meanwhile is on its older pages, where it has some: until one is
met that is known.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from crawler.discover.links import with_sole_guids, without_repeats
from crawler.discover.listing import Listing, read_listing
from crawler.errors import BadUrl, NotReadable
from crawler.means import Means
from crawler.reading.parts import Ask
from crawler.timing.rates import read_rhythm
from crawler.urls import url_key
from storage.model.link import FoundLink, Link
from storage.model.link_kind import LinkKind
from storage.sql.ledger import known_guids, known_keys

#: So many items must all be new to tell that a feed was read too late.
TELLING = 3
#: No feed is read on beyond this many pages.
MOST_PAGES = 20

Page = Sequence[FoundLink]


def has_shown(link: Link) -> bool:
    """Tell whether a link is a feed that showed articles before."""
    return link.kind is LinkKind.FEED and bool((link.rhythm or {}).get("listed"))


async def older_pages(
    means: Means, link: Link, listing: Listing, ask: Ask
) -> list[Page]:
    """Return what a feed's older pages name, newest first; mostly there is no need.

    Args:
        means: The archive.
        link: The feed.
        listing: What its first page says.
        ask: Fetches and keeps a page, in its turn and by robots.txt.
    """
    pages: list[Page] = []
    if not has_shown(link) or len(listing.links) < TELLING:
        return pages
    last, seen = read_rhythm(link.rhythm or {}).at, set[str]()
    while listing.older and len(pages) < MOST_PAGES:
        keys = _keys(listing.links)
        if seen.issuperset(keys) or _is_older(listing.links, last):
            break
        if await _is_known(means, link.source, keys, listing.links):
            break
        seen.update(keys)
        part = await ask(listing.older)
        if part.answer is None:
            break
        try:
            listing = await asyncio.to_thread(read_listing, part.answer, link.kind)
        except NotReadable:
            break
        pages.append(listing.links)
    return pages


def joined(first: Page, older: Sequence[Page]) -> Page:
    """Return what all pages of a feed name; a GUID that many items have names none."""
    if not older:
        return first
    return with_sole_guids(
        without_repeats(link for page in (first, *older) for link in page)
    )


def _is_older(links: Page, last: datetime) -> bool:
    """Tell whether most of a page was there at the last reading, by its dates.

    Then its addresses are new and not its articles: a redesign, or links that are
    others at each reading.
    """
    before = sum(link.published is not None and link.published < last for link in links)
    return 2 * before > len(links)


async def _is_known(
    means: Means, source: int | None, keys: Sequence[str], links: Page
) -> bool:
    """Tell whether any of a page's items is in the ledger, by its address or GUID."""
    guids = [link.guid for link in links if link.guid]
    return await means.writer.run(
        lambda tx: bool(
            known_keys(tx.session, keys) or known_guids(tx.session, source, guids)
        )
    )


def _keys(links: Page) -> list[str]:
    keys = []
    for link in links:
        try:
            keys.append(url_key(link.url))
        except BadUrl:
            continue
    return keys
