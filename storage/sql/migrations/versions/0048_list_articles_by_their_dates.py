"""List articles by their dates.

Revision 0048, after 0047. The index of stated dates alone goes: nothing asks for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_DATE = sa.text("coalesce(published_at, first_seen)")


def upgrade() -> None:
    op.create_index("ix_article_date", "article", [_DATE, "id"])
    op.create_index("ix_article_source_date", "article", ["source_id", _DATE, "id"])
    op.drop_index("ix_article_published_at", "article")
