"""Which found links enter the ledger, and in which state. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from posixpath import splitext
from urllib.parse import urlsplit

from crawler.config import Plan
from crawler.errors import BadUrl
from crawler.traps import endless
from crawler.urls import fetch_url, host_key, same_site, url_key
from storage.model import FoundLink, LinkKind, LinkState, NewLink

#: Dates further ahead than this are mistakes and say nothing.
_SKEW = timedelta(hours=24)
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
    home: str | None,
    plan: Plan,
    now: datetime,
    any_site: bool,
) -> Iterator[NewLink]:
    """Turn found links into ledger links, each due or with the reason it is not.

    Args:
        found: What a feed, sitemap or section showed.
        home: The source's home page; links elsewhere are out of scope.
        plan: The source's manners.
        now: Current time, UTC.
        any_site: The list is the operator's own choice (a configured feed), so
            links to other sites are in scope.
    """
    for link in found:
        try:
            url = fetch_url(link.url)
        except BadUrl:
            continue
        state, reason = _place(link, url, home, plan, now, any_site=any_site)
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
            next_run=now if state is LinkState.WAITING else None,
        )


def _place(
    link: FoundLink,
    url: str,
    home: str | None,
    plan: Plan,
    now: datetime,
    *,
    any_site: bool,
) -> tuple[LinkState, str]:
    if home and not any_site and not same_site(url, home):
        return LinkState.SCOPE, "another site"
    if link.kind is LinkKind.ARTICLE and _names_a_file(url):
        return LinkState.SCOPE, "not a page, by its name"
    if why := endless(url):
        return LinkState.TRAP, why
    said = _sane(link.published, now) or _sane(link.modified, now)
    if link.kind is LinkKind.ARTICLE and said and said < now - plan.max_age:
        return LinkState.TOO_OLD, f"published {said.date()}"
    return LinkState.WAITING, ""


def _names_a_file(url: str) -> bool:
    return splitext(urlsplit(url).path)[1].lower() in _NOT_PAGES


def _sane(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment.year >= 1990 and moment <= now + _SKEW else None
