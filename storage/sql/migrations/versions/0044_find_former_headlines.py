"""Find articles by the headlines that they had before.

Revision 0044, after 0043. Only articles with several headlines are written; their
index follows by its triggers. Of a million versions this takes a minute.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.search.tokens import indexed_titles

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_VERSION = sa.table(
    "version",
    *map(sa.column, ("article_id", "title", "change", "captured_at", "number")),
)
_ROW = sa.table("search_text", *map(sa.column, ("article_id", "title")))
_WHOLE = _VERSION.c.change != "truncated"


def upgrade() -> None:
    connection = op.get_bind()
    last = 0
    while ids := connection.execute(_changed(last)).scalars().all():
        for article_id in ids:
            titles = connection.execute(_titles(article_id)).scalars().all()
            connection.execute(
                sa.update(_ROW)
                .where(_ROW.c.article_id == article_id)
                .values(title=indexed_titles(list(dict.fromkeys(titles))))
            )
        last = ids[-1]


def _changed(after: int) -> sa.Select[Any]:
    """Return the query of the next articles that had several headlines."""
    return (
        sa.select(_VERSION.c.article_id)
        .where(_VERSION.c.article_id > after, _WHOLE)
        .group_by(_VERSION.c.article_id)
        .having(sa.func.min(_VERSION.c.title) != sa.func.max(_VERSION.c.title))
        .order_by(_VERSION.c.article_id)
        .limit(_AT_ONCE)
    )


def _titles(article_id: int) -> sa.Select[Any]:
    """Return the query of an article's headlines, the latest first: it stands at that."""
    return (
        sa.select(_VERSION.c.title)
        .where(_VERSION.c.article_id == article_id, _WHOLE)
        .order_by(_VERSION.c.captured_at.desc(), _VERSION.c.number.desc())
    )
