"""Find the captures of a source's lists that quote what is erased."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache

from sqlmodel import Session, col, select

from crawler.errors import BadUrl
from crawler.fetch.limits import Limits
from crawler.kept.captures import kept_exchange
from crawler.takedown.quotes import Quotes, addresses_in
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


def captures_quoting(
    folder: DataFolder, limits: Limits, session: Session, said: Said, links: list[int]
) -> set[int]:
    """Return captures of lists that quote links, and others that repeat their pages.

    Searched are the lists of the links' sources, from a day before the first of them
    was found: every capture of a list is read and compared. A capture that repeats a
    page under another link is one more, unless a version of another article rests on
    it. Of a link that was erased before, a hash is left: what names it is found, and
    nothing else.
    """
    hashes = {key_sha256(url) for url in said.urls if erased_key(url) == url}
    urls = [url for url in said.urls if erased_key(url) != url]
    quotes = Quotes.of(urls, said.texts)
    return {
        row.id or 0
        for row in _listed(session, links)
        if (page := _page(folder, limits, row)) is not None
        and (quotes.are_in(page) or names(page, row.url, hashes))
    } | set(_repeating(session, said, links))


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
    lists = select(LinkRow.id).where(
        col(LinkRow.source_id).in_(sources), col(LinkRow.kind).in_(WATCHED_KINDS)
    )
    query = select(CaptureRow).where(
        col(CaptureRow.link_id).in_(lists),
        CaptureRow.fetched_at >= since,
        col(CaptureRow.revisit_of).is_(None),
    )
    yield from session.exec(query.execution_options(yield_per=100))


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
    captures = [row.id or 0 for row in said.captures]
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
