"""Images and styles of article pages: named by a page, kept as links of their own.

They come last in the visits of their hosts, are fetched once, and stay as they were.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from crawler.config.plan import Plan
from crawler.decisions.outcome import after_asset
from crawler.doors.assets import assets_of_page, assets_of_style
from crawler.errors import BadUrl
from crawler.means import Hold, Means
from crawler.reading.result import Reading
from crawler.urls import fetch_url, host_key, url_key
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.link import Link, NewLink
from storage.model.link_kind import LinkKind
from storage.sql.assets import add_assets
from storage.sql.captures import mark_read
from storage.sql.ledger import settle
from storage.writer import Tx


async def assets_of(
    plan: Plan, pages: Iterable[Exchange], article: Article | None, now: datetime
) -> list[NewLink]:
    """Return what an article's pages show, if its source wants that kept.

    Its lead image is among it, also where no page shows it.
    """
    if plan.assets == "none" or article is None:
        return []
    named = [await asyncio.to_thread(assets_of_page, page) for page in pages]
    lead = [article.image] if article.image else []
    return _links((*lead, *(url for page in named for url in page)), now)


async def read_asset(
    means: Means, link: Link, answer: Exchange, capture_id: int, hold: Hold
) -> Reading:
    """Settle an image or a style that was received; a style names more images."""
    urls = await asyncio.to_thread(assets_of_style, answer)
    now = means.now()
    found = _links(urls, now)
    settlement = after_asset(link, answer)

    def keep(tx: Tx) -> Reading:
        hold(tx.session)
        mark_read(tx.session, capture_id, now)
        new = add_assets(tx.session, found, source=link.source, page=link.id, now=now)
        settle(tx.session, link.id, settlement)
        return Reading(settlement=settlement, new_links=new)

    return await means.writer.run(keep)


def _links(urls: Iterable[str], now: datetime) -> list[NewLink]:
    links: dict[str, NewLink] = {}
    for written in urls:
        try:
            url = fetch_url(written)
        except BadUrl:
            continue
        key = url_key(url)
        links.setdefault(
            key,
            NewLink(
                url=url,
                key=key,
                host=host_key(url),
                kind=LinkKind.ASSET,
                next_run=now,
            ),
        )
    return list(links.values())
