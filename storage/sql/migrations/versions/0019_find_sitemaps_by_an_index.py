"""Find the sitemaps of a source by an index.

Revision 0019, after 0018. Each reading of a sitemap index asks for them, among all
articles of the source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IS_SITEMAP = sa.text("kind = 'sitemap'")


def upgrade() -> None:
    op.create_index(
        "ix_link_sitemap",
        "link",
        ["source_id"],
        sqlite_where=_IS_SITEMAP,
        postgresql_where=_IS_SITEMAP,
    )
