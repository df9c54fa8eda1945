"""Know each day's root, and how far in each file the days go.

Revision 0025, after 0024. Plain ALTERs. What was kept before is in the first day's file.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "day",
        sa.Column("day", words(), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.Column("tree", words(), nullable=False),
        sa.Column("previous_day", words(), nullable=True),
        sa.Column("previous", words(), nullable=False),
        sa.Column("root", words(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.add_column(
        "segment",
        sa.Column("days_to", sa.BigInteger(), nullable=False, server_default="0"),
    )
