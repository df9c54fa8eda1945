"""What may be shown: the one condition of all lists, searches, exports and doors.

What was taken down, to whatever depth, is marked on its line of the ledger. An
article is shown if its link is, a capture if the link is that it was fetched for: what
a page's scripts asked for goes with that page.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from storage.model.takedown import Depth
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow


def is_shown(link_id: Any) -> ColumnElement[bool]:  # noqa: ANN401  # a mapped column
    """Return the condition that what belongs to a link may be shown.

    Args:
        link_id: The column that names the link, such as `ArticleRow.link_id`; what
            belongs to none is shown. Few links are withheld, and an index finds them.
    """
    withheld = select(LinkRow.id).where(col(LinkRow.withheld).is_not(None))
    return or_(link_id.is_(None), link_id.not_in(withheld))


def capture_is_shown() -> ColumnElement[bool]:
    """Return the condition that a capture may be shown."""
    own, page = col(CaptureRow.link_id), col(CaptureRow.page_link_id)
    return and_(is_shown(own), is_shown(page))


def withheld(session: Session, link_id: int | None) -> Depth | None:
    """Return to what depth what belongs to a link was taken down; None for shown."""
    link = session.get(LinkRow, link_id) if link_id is not None else None
    return Depth(link.withheld) if link and link.withheld else None


def shown_titles(session: Session, links: Sequence[LinkRow]) -> dict[int, str]:
    """Return the headlines of lines that may be shown, by link, where they have one.

    It is as a list gave it; where none did, as the article has it.
    """
    shown = [link for link in links if not link.withheld and link.id is not None]
    given = {int(link.id or 0): link.title for link in shown if link.title}
    bare = [link.id for link in shown if not link.title]
    own = select(ArticleRow.link_id, ArticleRow.title).where(
        col(ArticleRow.link_id).in_(bare)
    )
    archived = session.exec(own) if bare else ()
    return given | {link: title for link, title in archived if title}


def anything_withheld(session: Session) -> bool:
    """Tell whether there is anything that is not shown."""
    some = select(LinkRow.id).where(col(LinkRow.withheld).is_not(None)).limit(1)
    return session.exec(some).first() is not None
