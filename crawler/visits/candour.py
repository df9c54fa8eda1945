"""Feeds whose validators lie: a 304 that denies news, or one ETag for two bodies.

A change alone proves nothing: it may have come after the last 304. So when the daily
GET without validators brings news, the old ones are sent once more straight after it;
whoever answers 304 to what has just been shown to have changed, lies.
"""

from collections.abc import Awaitable, Callable

from crawler.errors import FetchError
from crawler.fetch.client import Client, Validators
from crawler.means import Hold, Means
from crawler.visits.courtesy import Courtesy
from crawler.visits.keeping import keep_exchanges
from storage.model.exchange import Exchange
from storage.model.link import Link
from storage.sql.captures import note_lie
from storage.writer import Tx


def is_suspect(link: Link, answer: Exchange, *, full: bool, news: int) -> bool:
    """Tell whether an answer gives reason to doubt its link's validators.

    Args:
        link: As it was before the answer.
        answer: What came.
        full: Whether it was asked for without validators.
        news: New links that it brought.
    """
    conditional = link.etag is not None or link.last_modified is not None
    denied = link.status == 304 or is_same(link, answer)
    return link.kind.is_watched and full and news > 0 and conditional and denied


def is_same(link: Link, answer: Exchange) -> bool:
    """Tell whether an answer has the very validators that its link had before."""
    now = (answer.header("etag"), answer.header("last-modified"))
    return now == (link.etag, link.last_modified)


async def examine(  # noqa: PLR0913 - each is a part of the visit
    link: Link,
    answer: Exchange,
    means: Means,
    hold: Hold,
    client: Client,
    *,
    courtesy: Courtesy,
    allow: Callable[[str], Awaitable[None]],
) -> bool:
    """Find out whether a suspect's validators lie, and note it; tell whether they do."""
    lies = is_same(link, answer) or await _is_denied(
        link, means, hold, client, courtesy, allow
    )
    if not lies:
        return False
    now = means.now()

    def note(tx: Tx) -> None:
        hold(tx.session)
        note_lie(tx.session, link.id, now)

    await means.writer.run(note)
    if link.validators_lied_at is None:
        means.log.warning("validators lie", url=link.url, etag=link.etag)
    return True


async def _is_denied(
    link: Link,
    means: Means,
    hold: Hold,
    client: Client,
    courtesy: Courtesy,
    allow: Callable[[str], Awaitable[None]],
) -> bool:
    """Ask again with the validators of before; the link hears nothing of the answer."""
    old = Validators(etag=link.etag, last_modified=link.last_modified)
    try:
        hops = await client.fetch(link.url, validators=old, allow=allow)
    except FetchError as error:
        courtesy.note(error.exchanges)
        await keep_exchanges(means, hold, error.exchanges, None)
        return False
    courtesy.note(hops)
    courtesy.heed(hops[-1], means.now(), means.draw())
    await keep_exchanges(means, hold, hops, None)
    return hops[-1].status == 304
