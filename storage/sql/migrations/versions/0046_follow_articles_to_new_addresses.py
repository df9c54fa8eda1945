"""Follow articles to new addresses: GUIDs of links, and where articles stood first.

Revision 0046, after 0045. Links get their GUIDs when their feeds are read next.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_HAS_GUID = sa.text("guid IS NOT NULL")


def upgrade() -> None:
    op.add_column("link", sa.Column("guid", sa.String(), nullable=True))
    op.add_column("article", sa.Column("first_link", sa.Integer(), nullable=True))
    op.create_index(
        "ix_link_guid",
        "link",
        ["source_id", "guid"],
        sqlite_where=_HAS_GUID,
        postgresql_where=_HAS_GUID,
    )
