"""Find what a command names in the archive, or say that it is not there."""

from difflib import get_close_matches

from sqlmodel import Session

from crawler.errors import UsageError
from crawler.kept.lookup import article_named, link_named
from storage.model.takedown import Depth
from storage.sql.shown import withheld
from storage.sql.sources import REMOVED, find_source, source_names
from storage.sql.tables import ArticleRow, SourceRow


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
    """Return a source that was not removed, by its name.

    Raises:
        UsageError: there is none of this name.
    """
    row = known_source(session, name)
    if row.state == REMOVED:
        raise UsageError(
            f"the source {name!r} was removed: it is asked nothing any more; "
            "what is archived of it stays"
        )
    return row


def known_source(session: Session, name: str) -> SourceRow:
    """Return a source by its name; what a removed one brought is still archived.

    Raises:
        UsageError: there never was one of this name.
    """
    row = find_source(session, name)
    if row is None:
        raise UsageError(f"no source is named {name!r}; {_meant(session, name)}")
    return row


def _meant(session: Session, name: str) -> str:
    """Return which source was probably meant: capitals count in a name."""
    names = {known.casefold(): known for known in source_names(session).values()}
    close = get_close_matches(name.casefold(), names, n=1)
    found = f"did you mean {names[close[0]]!r}? " if close else ""
    return f"{found}see `kliping source list`"
