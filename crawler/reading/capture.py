"""Make something of a capture: new links, or a version of an article.

The capture is safe before this runs, and what it makes is committed in one
transaction; when the process dies in between, start-up reads the capture again.
"""

from crawler.means import Hold, Means
from crawler.reading.articles import Judge, read_article
from crawler.reading.assets import read_asset
from crawler.reading.lists import read_links
from crawler.reading.parts import Ask
from crawler.reading.rendered import Render
from crawler.reading.result import Reading
from storage.model.exchange import Exchange
from storage.model.link import Link
from storage.model.link_kind import LinkKind


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
    """Read a whole answer for what it is, and keep the result.

    Args:
        means: The archive, and what extracts.
        link: What was asked for.
        answer: The whole answer.
        capture_id: Where it is kept.
        hold: Refuses when the visit was lost.
        ask: Returns the further pages of a multi-page article, or of a feed.
        render: Returns a page as a browser shows it; None where none is at hand.
        judge: Says what the host's other answers mean for an article; None where it
            cannot be asked.
    """
    if link.kind is LinkKind.ARTICLE:
        return await read_article(
            means, link, answer, capture_id, hold, ask, render=render, judge=judge
        )
    if link.kind is LinkKind.ASSET:
        return await read_asset(means, link, answer, capture_id, hold)
    return await read_links(means, link, answer, capture_id, hold, ask)
