"""Find what a reference names in the archive: a URL, an article's id, `link:N`."""

from sqlmodel import Session

from crawler.errors import BadUrl
from crawler.urls import linked_url, url_key
from storage.sql.articles import article_of_key, find_article
from storage.sql.ledger import find_link
from storage.sql.tables import ArticleRow, LinkRow

#: Larger numbers are no row's id; SQLite cannot even be asked for them.
_DIGITS = 19


def article_named(session: Session, reference: str) -> ArticleRow | None:
    """Return an article by its id or by any URL it is known under."""
    key = _key(reference)
    if key is None:
        return find_article(session, reference)
    return article_of_key(session, key) or article_of_key(session, reference)


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


def _key(reference: str) -> str | None:
    try:
        return url_key(linked_url(reference))
    except BadUrl:
        return None
