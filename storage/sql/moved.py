"""Articles that go on under another address, as a redirect or a canonical URL told.

Each keeps the versions that it had; the ledger knows to which link its own leads now.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from storage.sql.shown import is_shown
from storage.sql.summaries import ArticleSummary, summaries, summary_of
from storage.sql.tables import ArticleRow, LinkRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where an article went on, and what it went on from, by age."""

    to: tuple[ArticleSummary, ...]
    came_from: tuple[ArticleSummary, ...]


def moved(session: Session, link_id: int) -> Moved:
    """Return the articles that the one of a link moved to, and came from."""
    to = select(col(LinkRow.alias_of)).where(col(LinkRow.id) == link_id)
    came_from = select(col(LinkRow.id)).where(col(LinkRow.alias_of) == link_id)
    links = col(ArticleRow.link_id)
    return Moved(
        to=_articles(session, links.in_(to)),
        came_from=_articles(session, links.in_(came_from)),
    )


def _articles(
    session: Session, condition: ColumnElement[bool]
) -> tuple[ArticleSummary, ...]:
    found = summaries().where(condition, is_shown(col(ArticleRow.link_id)))
    rows = session.execute(found.order_by(col(ArticleRow.id)))
    return tuple(summary_of(article, source) for article, source in rows)
