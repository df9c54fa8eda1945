"""Share a database among nodes: whose a WARC file, a visit and a day's root are.

Revision 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "segment", sa.Column("node", sa.String(), server_default="", nullable=False)
    )
    op.add_column(
        "host", sa.Column("visitor", sa.String(), server_default="", nullable=False)
    )
    op.rename_table("day", "old_day")
    op.create_table(
        "day",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.Column("tree", sa.String(), nullable=False),
        sa.Column("previous_day", sa.String(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("node", "day", name="day_of_node_pkey"),
    )
    op.execute(
        "INSERT INTO day (node, day, leaves, tree, previous_day, previous, root)"
        " SELECT '', day, leaves, tree, previous_day, previous, root FROM old_day"
    )
    op.drop_table("old_day")
