"""Learn when news comes; boost a source.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rhythm", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("pull", sa.Float(), nullable=True))
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "boost_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True
            )
        )
