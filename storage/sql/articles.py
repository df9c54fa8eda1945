"""Articles: find them, list them, and what keeping.py and versions.py do with them."""

from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.sql.keeping import (
    Kept,
    keep_version,
    mark_back,
    mark_gone,
    standing_elsewhere,
)
from storage.sql.listing import Choice, choose_articles
from storage.sql.summaries import ArticleSummary
from storage.sql.tables import ArticleRow, LinkRow, VersionRow, table_of
from storage.sql.versions import evidence_of, parts_of, version, versions_of

__all__ = [
    "ArticleSummary",
    "Kept",
    "article_of_key",
    "article_of_link",
    "evidence_of",
    "find_article",
    "keep_version",
    "list_articles",
    "mark_back",
    "mark_gone",
    "parts_of",
    "same_story_at",
    "standing_elsewhere",
    "version",
    "versions_of",
]

_LINKS, _ARTICLES = table_of(LinkRow), table_of(ArticleRow)
_VERSIONS = table_of(VersionRow)
_SAME_STORY = (
    sql_select(_LINKS.c.url)
    .join(_ARTICLES, _ARTICLES.c.link_id == _LINKS.c.id)
    .join(_VERSIONS, _VERSIONS.c.article_id == _ARTICLES.c.id)
    .where(
        _VERSIONS.c.story_sha256 == bindparam("story"),
        _LINKS.c.host == bindparam("host"),
        _LINKS.c.id != bindparam("besides"),
    )
    .distinct()
    .limit(bindparam("most"))
)


def list_articles(
    session: Session,
    *,
    source: str | None = None,
    language: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[ArticleSummary]:
    """Return articles, the newest first; `before_id` is the last page's last id."""
    choice = Choice(source=source, language=language)
    return choose_articles(session, choice, before_id=before_id, limit=limit)


def article_of_key(session: Session, key: str) -> ArticleRow | None:
    """Return the article of a URL's key, that of its page or of the link it came by.

    Else it is the one to which the key's link leads: a duplicate, or the address of before.
    """
    known = select(ArticleRow).join(LinkRow, col(LinkRow.id) == ArticleRow.link_id)
    led = select(LinkRow.alias_of).where(LinkRow.key == key)
    of_key = (ArticleRow.key == key, LinkRow.key == key, col(LinkRow.id).in_(led))
    for place in of_key:
        found = known.where(place).order_by(col(ArticleRow.id).desc())
        if (row := session.exec(found).first()) is not None:
            return row
    return None


def find_article(session: Session, reference: str) -> ArticleRow | None:
    """Return an article by its id in digits, its key, its URL or its link's URL."""
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        return session.get(ArticleRow, int(reference))
    if (row := article_of_key(session, reference)) is not None:
        return row
    known = select(ArticleRow).join(LinkRow, col(LinkRow.id) == ArticleRow.link_id)
    for place in (LinkRow.url, ArticleRow.url):
        row = session.exec(
            known.where(place == reference).order_by(col(ArticleRow.id).desc())
        ).first()
        if row is not None:
            return row
    return None


def same_story_at(
    session: Session, host: str, story: str, *, besides: int, limit: int = 10
) -> list[str]:
    """Return addresses of a host's articles of which a version tells the same story.

    Args:
        session: One transaction's.
        host: The host's key.
        story: The story's digest (`changes.story_sha256`).
        besides: The link that is left out.
        limit: The most addresses.
    """
    asked = {"story": story, "host": host, "besides": besides, "most": limit}
    return list(session.connection().execute(_SAME_STORY, asked).scalars())


def article_of_link(session: Session, link_id: int) -> int | None:
    """Return the id of the article that a link's pages are archived as."""
    query = select(ArticleRow.id).where(ArticleRow.link_id == link_id)
    return session.exec(query).first()
