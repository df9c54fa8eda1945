"""Find what a command names in the archive, or say that it is not there."""

from sqlmodel import Session

from crawler.errors import BadUrl, UsageError
from crawler.urls import fetch_url, url_key
from storage.model import Depth
from storage.sql.articles import find_article
from storage.sql.ledger import find_link
from storage.sql.shown import withheld
from storage.sql.sources import REMOVED, find_source
from storage.sql.tables import ArticleRow, LinkRow, SourceRow

#: Larger numbers are no row's id; SQLite cannot even be asked for them.
_DIGITS = 19


def article_named(session: Session, reference: str) -> ArticleRow | None:
    """Return an article by its id or by any URL it is known under."""
    found = find_article(session, reference)
    if found is None and (key := _key(reference)):
        found = find_article(session, key)
    return found


def link_named(session: Session, reference: str) -> LinkRow | None:
    """Return the ledger's line of a URL."""
    key = _key(reference)
    return find_link(session, key) if key else None


def link_numbered(session: Session, reference: str) -> LinkRow | None:
    """Return the ledger's line of a reference `link:N`."""
    kind, _, number = reference.partition(":")
    if kind != "link" or not (number.isascii() and number.isdigit()):
        return None
    return session.get(LinkRow, int(number)) if len(number) < _DIGITS else None


def the_article(session: Session, reference: str) -> ArticleRow:
    """Return an article by its id or URL.

    Raises:
        UsageError: there is none, or it was taken down; says where the URL stands, if
            it is known.
    """
    article = article_named(session, reference)
    depth = withheld(session, article.link_id) if article is not None else None
    if depth is Depth.HIDE:
        raise UsageError(f"{reference}: was taken down; see `kliping takedown list`")
    if article is not None and depth is None:
        return article
    link = link_named(session, reference)
    if link is None:
        raise UsageError(f"{reference}: no such article, and no such URL was seen")
    raise UsageError(f"{reference}: no article; it is {link.state} ({link.reason})")


def source_named(session: Session, name: str) -> SourceRow:
    """Return a source by its name.

    Raises:
        UsageError: there is none of this name.
    """
    row = find_source(session, name)
    if row is None or row.state == REMOVED:
        raise UsageError(f"no source is named {name!r}; see `kliping source list`")
    return row


def _key(reference: str) -> str | None:
    try:
        return url_key(fetch_url(reference))
    except BadUrl:
        return None
