"""Which found links enter the ledger, and in which state. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from posixpath import splitext
from urllib.parse import urlsplit

from crawler.decisions.traps import endless
from crawler.errors import BadUrl
from crawler.urls import fetch_url, host_key, same_site, url_key
from storage.model.link import FoundLink, Link, NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

#: Dates further ahead than this are mistakes and say nothing.
_SKEW = timedelta(hours=24)
_ANY_AGE = timedelta(days=365 * 100)
_NOT_PAGES = frozenset(
    [
        ".avi",
        ".css",
        ".doc",
        ".docx",
        ".epub",
        ".gif",
        ".gz",
        ".ico",
        ".jpeg",
        ".jpg",
        ".js",
        ".m4a",
        ".mov",
        ".mp3",
        ".mp4",
        ".ogg",
        ".pdf",
        ".png",
        ".ppt",
        ".pptx",
        ".svg",
        ".tar",
        ".webm",
        ".webp",
        ".woff",
        ".xls",
        ".xlsx",
        ".zip",
    ]
)


def enter(
    found: Iterable[FoundLink],
    *,
    sites: Collection[str],
    max_age: timedelta,
    now: datetime,
    any_site: Collection[LinkKind],
) -> Iterator[NewLink]:
    """Turn found links into ledger links, each due or with the reason it is not.

    Args:
        found: What a feed, sitemap or section showed.
        sites: A page of each site of the source; links elsewhere are out of scope.
            None of any: whatever is found is in scope.
        max_age: How old articles may be stated to be.
        now: Current time, UTC.
        any_site: Kinds of links that are in scope on other sites too: all of a feed,
            which is the operator's own choice; the sitemaps that an index of the
            source names, for their pages are held against `sites`.
    """
    for link in found:
        try:
            url = fetch_url(link.url)
        except BadUrl:
            continue
        state, reason = _place(link, url, sites, max_age, now, any_site=any_site)
        yield NewLink(
            url=url,
            key=url_key(url),
            host=host_key(url),
            kind=link.kind,
            state=state,
            reason=reason,
            title=link.title,
            published=_sane(link.published, now),
            modified=_sane(link.modified, now),
            blurb=link.blurb,
            guid=link.guid,
            guid_key=url_key(link.guid_url) if link.guid_url else None,
            next_run=now if state is LinkState.WAITING else None,
        )


def speaks_for(url: str, before: Iterable[tuple[str, LinkState]]) -> str:
    """Return a page of the site for which a list speaks: its own, if it moved there.

    One that another site names (by an index, or its robots.txt) speaks for that one.

    Args:
        url: Of the list.
        before: The links by which it was found, the nearest first.
    """
    site = url
    for found_on, state in before:
        if state is not LinkState.DUPLICATE and not same_site(found_on, url):
            site = found_on
        url = found_on
    return site


def wanted_age(
    link: Link, found: Sequence[FoundLink], max_age: timedelta, now: datetime
) -> timedelta:
    """Return how old the articles of a list may be stated to be.

    A feed that was read before and brings what is new, but dates all of it too old,
    has a clock or a template that is wrong: its dates say nothing.
    """
    if link.kind is not LinkKind.FEED or link.rhythm is None:
        return max_age
    stated = [said for one in found if (said := _stated(one, now))]
    return max_age if max(stated, default=now) >= now - max_age else _ANY_AGE


def _stated(link: FoundLink, now: datetime) -> datetime | None:
    return _sane(link.published, now) or _sane(link.modified, now)


def _place(
    link: FoundLink,
    url: str,
    sites: Collection[str],
    max_age: timedelta,
    now: datetime,
    *,
    any_site: Collection[LinkKind],
) -> tuple[LinkState, str]:
    elsewhere = sites and not any(same_site(url, site) for site in sites)
    if elsewhere and link.kind not in any_site:
        return LinkState.SCOPE, "another site"
    if link.kind is LinkKind.ARTICLE and _names_a_file(url):
        return LinkState.SCOPE, "not a page, by its name"
    if why := endless(url):
        return LinkState.TRAP, why
    said = _stated(link, now)
    if link.kind is LinkKind.ARTICLE and said and said < now - max_age:
        return LinkState.TOO_OLD, f"published {said.date()}"
    return LinkState.WAITING, ""


def _names_a_file(url: str) -> bool:
    return splitext(urlsplit(url).path)[1].lower() in _NOT_PAGES


def _sane(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment.year >= 1990 and moment <= now + _SKEW else None
