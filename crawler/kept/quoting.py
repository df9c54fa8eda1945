"""Find the captures of lists, and of what scripts asked for, that quote what is erased."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain

from sqlmodel import Session, col, select

from crawler.errors import BadUrl
from crawler.fetch.limits import Limits
from crawler.kept.captures import kept_exchange
from crawler.kept.quotes import Quotes, addresses_in
from crawler.urls import fetch_url, url_key
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.model.exchange import Exchange
from storage.model.link_kind import WATCHED_KINDS
from storage.sql.bars import erased_key, key_sha256
from storage.sql.forgetting import Said
from storage.sql.tables import CaptureRow, LinkRow, PartRow, VersionRow

#: A list may have named an article before its link was entered.
_BEFORE = timedelta(days=1)
#: A list names the same addresses again and again.
_ADDRESSES = 10_000
#: What a page's scripts ask for comes within that, if a browser has room for the page.
_LONGEST = timedelta(minutes=15)
_SLACK = timedelta(seconds=1)


def captures_asked_for(
    folder: DataFolder, limits: Limits, session: Session, said: Said, _links: list[int]
) -> set[int]:
    """Return captures that quote links, of what their pages' scripts may have asked for.

    Where a browser showed a page, its text came so more often than not. An older Kliping
    did not say which page asked; what says so is erased without being searched.
    """
    return _quoting(folder, limits, said, _asked_for(session, said))


def captures_quoting(
    folder: DataFolder, limits: Limits, session: Session, said: Said, links: list[int]
) -> set[int]:
    """Return captures of others that quote links, or repeat their pages.

    Searched are the lists of the links' sources and what scripts of other pages asked
    for, from a day before the first of them was found: every capture is read and
    compared. A capture that repeats a page under another link is one more, unless a
    version of another article rests on it. Of a link that was erased before, a hash is
    left: what names it is found, and nothing else.
    """
    searched = chain(_asked_for(session, said), _listed(session, links))
    found = _quoting(folder, limits, said, searched)
    return found | set(_repeating(session, said, links))


def _quoting(
    folder: DataFolder, limits: Limits, said: Said, searched: Iterable[CaptureRow]
) -> set[int]:
    hashes = {key_sha256(url) for url in said.urls if erased_key(url) == url}
    urls = [url for url in said.urls if erased_key(url) != url]
    quotes = Quotes.of(urls, said.texts)
    return {
        row.id or 0
        for row in searched
        if (page := _page(folder, limits, row)) is not None
        and (quotes.are_in(page) or names(page, row.url, hashes))
    }


def names(page: str, base: str, hashes: Collection[str]) -> bool:
    """Tell whether a page or feed names an address of which there is a hash alone."""
    if not hashes:
        return False
    return any(_hash_of(one, base) in hashes for one in addresses_in(page))


@lru_cache(maxsize=_ADDRESSES)
def _hash_of(address: str, base: str) -> str | None:
    try:
        return key_sha256(url_key(fetch_url(address, base)))
    except BadUrl:
        return None


def _listed(session: Session, links: Sequence[int]) -> Iterator[CaptureRow]:
    own = list(session.exec(select(LinkRow).where(col(LinkRow.id).in_(links))))
    sources = {link.source_id for link in own if link.source_id is not None}
    if not own:
        return
    since = min(link.found_at for link in own) - _BEFORE
    of_sources = select(LinkRow.id).where(col(LinkRow.source_id).in_(sources))
    lists = of_sources.where(col(LinkRow.kind).in_(WATCHED_KINDS))
    query = select(CaptureRow).where(
        col(CaptureRow.link_id).in_(lists),
        CaptureRow.fetched_at >= since,
        col(CaptureRow.revisit_of).is_(None),
    )
    yield from session.exec(query.execution_options(yield_per=100))
    shown = select(CaptureRow).where(
        col(CaptureRow.link_id).in_(of_sources),
        CaptureRow.fetched_at >= since,
        col(CaptureRow.rendered_from).is_not(None),
    )
    asked_for = select(CaptureRow).where(
        col(CaptureRow.page_link_id).in_(of_sources), CaptureRow.fetched_at >= since
    )
    yield from session.exec(asked_for.execution_options(yield_per=100))
    for row in session.exec(shown):
        yield from _between(session, *_while_shown(row))


def _asked_for(session: Session, said: Said) -> Iterator[CaptureRow]:
    """Yield what may have been asked for by scripts of pages that a browser showed.

    One of which no document is kept may have been shown, too, to no end.
    """
    shown = [row for row in said.captures if row.rendered_from is not None]
    pages = {row.rendered_from for row in shown}
    links = {row.link_id for row in shown}
    for row in said.captures:
        if row.rendered_from is not None:
            yield from _between(session, *_while_shown(row))
        elif row.link_id in links and row.id not in pages:
            yield from _between(session, row.fetched_at, row.fetched_at + _LONGEST)


def _while_shown(row: CaptureRow) -> tuple[datetime, datetime]:
    spent = timedelta(milliseconds=row.elapsed_ms)
    return row.fetched_at, row.fetched_at + spent + _SLACK


def _between(session: Session, since: datetime, until: datetime) -> list[CaptureRow]:
    """Return captures of which no page is known, which robots.txt has none of."""
    query = select(CaptureRow).where(
        col(CaptureRow.fetched_at).between(since, until),
        col(CaptureRow.link_id).is_(None),
        col(CaptureRow.page_link_id).is_(None),
        ~col(CaptureRow.url).endswith("/robots.txt"),
    )
    return list(session.exec(query))


def _page(folder: DataFolder, limits: Limits, row: CaptureRow) -> str | None:
    try:
        answer = kept_exchange(folder, limits, row)
    except CorruptRecord:
        return None  # `verify` names it
    try:
        return answer.body.decode(_charset(answer), "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")


def _charset(answer: Exchange) -> str:
    _, _, stated = (answer.header("content-type") or "").partition("charset=")
    return stated.split(";")[0].strip(" \"'") or "utf-8"


def _repeating(session: Session, said: Said, links: Sequence[int]) -> Iterator[int]:
    captures = [row.id or 0 for row in said.captures if row.page_link_id is None]
    versions = select(VersionRow.capture_id).where(
        col(VersionRow.capture_id).is_not(None)
    )
    query = select(CaptureRow).where(
        col(CaptureRow.revisit_of).in_(captures),
        col(CaptureRow.id).not_in(versions),
        col(CaptureRow.id).not_in(select(PartRow.capture_id)),
    )
    for row in session.exec(query):
        if row.link_id not in links:
            yield row.id or 0
