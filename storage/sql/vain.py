"""New pages of a source that were asked for since its last article, and became none.

Needs no history, so it tells of a source that is watched for a day. Pages of a backlog
are left out: that an old sitemap names what is gone says nothing of the site today.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, TextClause, case, func, literal, select, text
from sqlmodel import col

from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.tables import ArticleRow, LinkRow, SourceDayRow, SourceRow

#: So many pages in vain say something; no more are counted than MOST.
FEW, MOST = 10, 30
#: Pages that were named, or dated, before that are no news.
_NEWS = timedelta(days=7)
_DAYS = timedelta(days=2)
_FAILED = (LinkState.BLOCKED, LinkState.GONE, LinkState.ERROR, LinkState.DEAD)


def looks_in_vain(
    now: datetime, source: int | None = None
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    """Yield what is looked up of each source, or of one, by its name, beside SourceRow.

    Only where the days of a source (storage.sql.source_days) count enough pages that
    were no articles are its links looked at, those of a week, by ix_link_fetched.
    """
    is_worth_it = _worth_it(now, source)
    pages, asked_at = _pages(now), col(LinkRow.fetched_at)
    last = (
        select(
            col(LinkRow.reason).label("reason"),
            col(LinkRow.state).label("state"),
            col(LinkRow.status).label("status"),
        )
        .where(*pages)
        .order_by(asked_at.desc())
        .limit(MOST)
        .correlate(SourceRow)
        .subquery()
    )
    many, alike = func.count(), (last.c.state, last.c.status)
    first = select(asked_at).where(*pages).order_by(asked_at).limit(1)
    first = first.correlate(SourceRow)
    # Words of pages differ in their figures: what is alike is known by the answers.
    common = select(func.min(last.c.reason)).group_by(*alike)
    common = common.order_by(many.desc(), func.min(last.c.reason)).limit(1)
    count = select(many).select_from(last).scalar_subquery()
    yield "pages_in_vain", case((is_worth_it, count), else_=0)
    yield "in_vain_since", case((is_worth_it, first.scalar_subquery()))
    yield "why_in_vain", case((is_worth_it, common.scalar_subquery()))


def _worth_it(now: datetime, source: int | None) -> ColumnElement[bool]:
    """Return whether enough answers of the last three days were no articles."""
    unread = func.sum(col(SourceDayRow.asked) - col(SourceDayRow.read))
    is_it = [col(SourceDayRow.source_id) == source] if source is not None else []
    lately = col(SourceDayRow.day) >= (now - _DAYS).date()
    found = (
        select(col(SourceDayRow.source_id))
        .where(lately, *is_it)
        .group_by(col(SourceDayRow.source_id))
        .having(unread >= FEW)
    )
    return col(SourceRow.id).in_(found)


def _pages(now: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """Return the conditions of a source's new pages that were asked for in vain.

    What only a section names and is no article may be any page of the site.
    """
    week_ago = now - _NEWS
    is_fed = col(LinkRow.ways).op("&")(int(Way.FEED)) != 0
    is_shown = col(LinkRow.ways).op("&")(int(Way.FEED | Way.SECTION)) != 0
    is_dated = col(LinkRow.published).is_not(None)
    is_unread = (col(LinkRow.state) == LinkState.NOT_ARTICLE) & (is_fed | is_dated)
    named_at = case((is_shown, col(LinkRow.found_at)))
    its = col(ArticleRow.source_id) == SourceRow.id
    last_new = (
        select(func.max(col(ArticleRow.first_seen)))
        .where(its, text("article.state <> 'erased'"))
        .correlate(SourceRow)
    )
    since = func.coalesce(last_new.scalar_subquery(), literal(week_ago))
    archived = select(col(ArticleRow.id)).where(col(ArticleRow.link_id) == LinkRow.id)
    return (
        col(LinkRow.source_id) == SourceRow.id,
        text("link.kind <> 'asset'"),
        col(LinkRow.fetched_at) > week_ago,
        col(LinkRow.fetched_at) > since,
        col(LinkRow.fetched_at)
        > func.coalesce(col(SourceRow.resumed_at), col(SourceRow.created_at)),
        col(LinkRow.kind) == LinkKind.ARTICLE,
        col(LinkRow.state).in_(_FAILED) | is_unread,
        func.coalesce(col(LinkRow.published), named_at) > week_ago,
        ~archived.exists(),
    )
