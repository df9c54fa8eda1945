"""Images and styles of pages in the ledger: which page they belong to.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.ledger import add_links
from storage.sql.tables import CaptureRow, LinkRow

_AT_ONCE = 500
#: As ix_link_asset has it: a bound value would not be found to be the same.
_IS_ASSET = text("link.kind = 'asset'")


def add_assets(
    session: Session,
    found: Sequence[NewLink],
    *,
    source: int | None,
    page: int,
    now: datetime,
) -> int:
    """Enter what a page shows; return how many links were new.

    What another page showed first is shared from then on, and belongs to no page.

    Args:
        session: Of one transaction.
        found: The images and styles.
        source: Whose page it is.
        page: The id of the page's link, or of the style's that names images.
        now: Current time, UTC.
    """
    if not found:
        return 0
    others = select(LinkRow).where(
        col(LinkRow.key).in_([link.key for link in found]),
        LinkRow.kind == LinkKind.ASSET,
        col(LinkRow.found_on).is_not(None),
        LinkRow.found_on != page,
    )
    for shared in session.exec(others):
        shared.found_on = None
    added = add_links(session, found, source=source, found_on=page, now=now)
    return added.new


def own_images(session: Session, links: Collection[int]) -> set[int]:
    """Return the ids of images that these pages show and no other does.

    Style sheets say nothing of a story, and the site's next page needs them.
    """
    own: set[int] = set()
    pages = sorted(links)
    is_style = (
        select(CaptureRow.id)
        .where(
            col(CaptureRow.link_id) == LinkRow.id,
            col(CaptureRow.content_type).startswith("text/css"),
        )
        .exists()
    )
    for start in range(0, len(pages), _AT_ONCE):
        by = col(LinkRow.found_on).in_(pages[start : start + _AT_ONCE])
        found = session.exec(select(LinkRow.id).where(_IS_ASSET, by, ~is_style))
        own.update(one for one in found if one is not None)
    return own


def has_assets(session: Session) -> bool:
    """Tell whether an archive has images and styles of pages."""
    return (
        session.exec(select(LinkRow.id).where(_IS_ASSET).limit(1)).first() is not None
    )
