"""Find the articles that changed since a time.

Revision 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_GONE = sa.text("gone_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_version_captured", "version", ["captured_at", "article_id"])
    op.create_index(
        "ix_article_gone",
        "article",
        ["gone_at"],
        sqlite_where=_GONE,
        postgresql_where=_GONE,
    )
