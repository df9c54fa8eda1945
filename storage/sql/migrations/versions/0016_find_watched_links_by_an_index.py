"""Find watched links by an index.

Revision 0016, after 0015. The price of readings asks for them every hour, among
all articles ever archived.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_IS_KNOWN = sa.text("pull IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_link_pull",
        "link",
        ["pull"],
        sqlite_where=_IS_KNOWN,
        postgresql_where=_IS_KNOWN,
    )
