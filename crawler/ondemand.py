"""Fetch and archive one URL now, or enter it to be fetched in its turn."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from crawler.errors import TakenDown, TooManyRedirects
from crawler.means import Means
from crawler.sources.homes import Homes
from crawler.urls import fetch_url, host_key, url_key
from crawler.visits.visit import Done, visit_for
from storage.errors import DiskFull
from storage.model.change import Change
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind
from storage.sql.articles import article_of_link
from storage.sql.bars import barred
from storage.sql.ledger import add_links, due_now, find_link, is_asked
from storage.sql.visits import rests_until
from storage.writer import Tx

#: How soon a host that was visited or resting is looked at again.
_LOOK_AGAIN = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What came of a URL; `status` is None where nothing was received.

    `state` is where its link stands now; of an archived article that could not be had
    it is why, as it would be of one that was never read.
    """

    url: str
    status: int | None
    state: LinkState
    reason: str
    article_id: int | None = None
    change: Change | None = None
    verdict: VerdictKind | None = None


async def archive_one(url: str, means: Means, patience: timedelta) -> Archived:
    """Fetch a URL now and archive it; redirects to other hosts are followed.

    While a host is visited by another or rests, its turn is waited for. When that
    takes longer than `patience`, or is known to, the URL stays in the ledger, due.

    Raises:
        BadUrl: not a URL that may be fetched.
        TakenDown: it was excluded or erased.
        DiskFull: the disk floor stops fetching.
    """
    if means.is_disk_full():
        raise DiskFull("less disk is free than storage.disk_floor; nothing is fetched")
    asked: set[str] = set()
    while done := await _in_turn(url, means, patience):
        asked.add(url_key(done.link.url))
        if done.target is None:
            return await _archived(done, means)
        url = done.target
        if why := _not_followed(url, asked, means.limits.redirects):
            return _led_nowhere(url, done, why)
    await enter_link(url, means)
    return Archived(
        url=fetch_url(url),
        status=None,
        state=LinkState.WAITING,
        reason=f"{await _why_later(url, means)}; it is fetched in its turn",
    )


def _not_followed(url: str, asked: Collection[str], most: int) -> str | None:
    """Return why a redirect to another host is not followed; None if it is."""
    if url_key(url) in asked:
        return "redirects in a loop"
    return f"over {most} redirects" if len(asked) > most else None


def _led_nowhere(url: str, done: Done, why: str) -> Archived:
    return Archived(
        url=url,
        status=done.status,
        state=LinkState.ERROR,
        reason=TooManyRedirects(url, why).reason,
    )


async def _why_later(url: str, means: Means) -> str:
    free_at = await _rests_until(url, means)
    if free_at > means.now() + _LOOK_AGAIN:
        return f"its host rests until {free_at:%Y-%m-%d %H:%M} UTC"
    return "its host is being visited or rests"


async def _rests_until(url: str, means: Means) -> datetime:
    host = host_key(fetch_url(url))
    return await means.writer.run(lambda tx: rests_until(tx.session, host))


def stored_one(session: Session, url: str, oldest: datetime) -> Archived | None:
    """Return what is archived of a URL, if that was fetched since a time.

    Raises:
        BadUrl: not a URL that may be fetched.
    """
    address = fetch_url(url)
    link = find_link(session, url_key(address))
    if link is None or link.fetched_at is None or link.fetched_at < oldest:
        return None
    article = article_of_link(session, link.alias_of or int(link.id or 0))
    if article is None or link.state not in {LinkState.ARCHIVED, LinkState.DUPLICATE}:
        return None
    return Archived(
        url=link.url,
        status=link.status,
        state=LinkState(link.state),
        reason=link.reason,
        article_id=article,
    )


async def enter_link(url: str, means: Means) -> int:
    """Enter a URL as `enter_links` does; return the link's id."""
    (link,) = await enter_links([url], means)
    return link


async def enter_links(urls: Sequence[str], means: Means) -> list[int]:
    """Enter URLs into the ledger as articles due now; return the links' ids.

    Raises:
        BadUrl: one is no URL that may be fetched.
        TakenDown: one was excluded or erased.
    """
    homes, due = Homes.of(means.watches.values()), means.now()
    return await asyncio.gather(*(_enter(url, means, homes, due=due) for url in urls))


async def _in_turn(url: str, means: Means, patience: timedelta) -> Done | None:
    homes, later = Homes.of(means.watches.values()), means.now() + patience
    link = await _enter(url, means, homes, due=None, later=later)
    if await _rests_until(url, means) > means.now() + patience:
        return None
    clock = asyncio.get_running_loop().time
    until = clock() + patience.total_seconds()
    with _asked_for(host_key(fetch_url(url)), means):
        while (done := await visit_for(link, means)) is None and clock() < until:  # noqa: ASYNC110  # another visit ends when it ends
            await asyncio.sleep(_LOOK_AGAIN.total_seconds())
    return done


@contextmanager
def _asked_for(host: str, means: Means) -> Iterator[None]:
    """Let a host be visited for nothing else that is due, meanwhile."""
    means.asked[host] += 1
    try:
        yield
    finally:
        means.asked[host] -= 1
        if not means.asked[host]:
            del means.asked[host]


async def _enter(
    url: str,
    means: Means,
    homes: Homes,
    *,
    due: datetime | None,
    later: datetime | None = None,
) -> int:
    """Enter a link under the source whose home has it; a stray one where none is active.

    Nothing is due of a source that is paused, and this is asked for all the same.
    """
    address, now = fetch_url(url), means.now()
    source = homes.source_of(address)
    link = NewLink(
        url=address,
        key=url_key(address),
        host=host_key(address),
        kind=LinkKind.ARTICLE,
        next_run=due or later,
    )

    def enter(tx: Tx) -> int:
        add_links(
            tx.session,
            [link],
            source=source if is_asked(tx.session, source) else None,
            found_on=None,
            now=now,
            way=Way.HAND,
        )
        row = find_link(tx.session, link.key)
        if row is None or barred(tx.session, [link.key]):
            raise TakenDown(address)
        if due is not None:
            due_now(tx.session, int(row.id or 0), due)
        return int(row.id or 0)

    return await means.writer.run(enter)


async def _archived(done: Done, means: Means) -> Archived:
    reading = done.reading
    extraction = reading.extraction if reading else None
    article = reading.article_id if reading else None
    if article is None and done.link.archived:
        article = await means.writer.run(
            lambda tx: article_of_link(tx.session, done.link.id)
        )
    return Archived(
        url=done.url or done.link.url,
        status=done.status,
        state=done.settlement.fault or done.settlement.state,
        reason=done.settlement.reason,
        article_id=article,
        change=reading.change if reading else None,
        verdict=extraction.verdict.kind if extraction else None,
    )
