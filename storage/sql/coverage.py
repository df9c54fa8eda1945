"""By which lists a source's articles were named, counted from the ledger."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.coverage import Coverage, coverage_of
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.tables import LinkRow, SourceRow

_WINDOW = timedelta(days=30)
#: So long the lists get to name an article too; and first readings bring the past.
_SETTLED = timedelta(days=1)
_BITS = (Way.FEED, Way.SITEMAP, Way.SECTION)


def source_coverage(session: Session, source: int, now: datetime) -> Coverage:
    """Return what a source's lists named of its archived articles of 30 days.

    The first day of a source and the last day do not count, nor what was published
    before: not every list could name it. An article counts once, by all ways in
    which any of its addresses was named.
    """
    row = session.get_one(SourceRow, source)
    since = max(now - _WINDOW, row.created_at + _SETTLED)
    article = func.coalesce(col(LinkRow.alias_of), col(LinkRow.id))
    ways = col(LinkRow.ways)
    is_alias = (col(LinkRow.state) == LinkState.DUPLICATE) & col(
        LinkRow.alias_of
    ).is_not(None)
    by_article = (
        select(sum(func.max(ways.op("&")(int(bit))) for bit in _BITS).label("ways"))  # type: ignore[union-attr]
        .where(
            col(LinkRow.source_id) == source,
            col(LinkRow.kind) == LinkKind.ARTICLE,
            col(LinkRow.found_at).between(since, now - _SETTLED),
            func.coalesce(col(LinkRow.published), col(LinkRow.found_at)) >= since,
            (col(LinkRow.state) == LinkState.ARCHIVED) | is_alias,
        )
        .group_by(article)
        .subquery()
    )
    counts = session.execute(
        select(by_article.c.ways, func.count()).group_by(by_article.c.ways)
    )
    return coverage_of({Way(bits): count for bits, count in counts if bits})
