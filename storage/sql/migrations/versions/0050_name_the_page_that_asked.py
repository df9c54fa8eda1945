"""Name the page whose scripts asked for a capture.

Revision 0050, after 0049. A plain ALTER, for the table is the archive's largest. Of what
is kept already nothing says which page asked for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_HAS_ONE = sa.text("page_link_id IS NOT NULL")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE capture ADD COLUMN page_link_id INTEGER"
        " CONSTRAINT fk_capture_page_link_id REFERENCES link (id)"
    )
    op.create_index(
        "ix_capture_page_link",
        "capture",
        ["page_link_id"],
        sqlite_where=_HAS_ONE,
        postgresql_where=_HAS_ONE,
    )
