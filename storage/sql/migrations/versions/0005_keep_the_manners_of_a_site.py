"""Keep how a site writes titles and dates.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("host_page", schema=None) as batch_op:
        for name in ("title", "dates"):
            batch_op.add_column(
                sa.Column(name, sa.Text(), server_default="", nullable=False)
            )
    with op.batch_alter_table("host_template", schema=None) as batch_op:
        for name in ("title_suffixes", "title_prefixes"):
            batch_op.add_column(
                sa.Column(name, sa.JSON(), server_default="[]", nullable=False)
            )
        batch_op.add_column(sa.Column("day_first", sa.Boolean(), nullable=True))
