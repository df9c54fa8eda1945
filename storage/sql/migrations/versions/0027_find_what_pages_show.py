"""Find the images and styles that a page shows.

Revision 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ASSETS = sa.text("kind = 'asset'")


def upgrade() -> None:
    op.create_index(
        "ix_link_asset",
        "link",
        ["found_on"],
        sqlite_where=_ASSETS,
        postgresql_where=_ASSETS,
    )
