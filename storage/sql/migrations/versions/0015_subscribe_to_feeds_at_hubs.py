"""Subscribe to feeds at hubs.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_String = sqlmodel.sql.sqltypes.AutoString
_Time = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("host", _String(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("path", _String(), nullable=False),
        sa.Column("secret", _String(), nullable=False),
        sa.Column("announced_at", _Time(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("asking", _String(), nullable=True),
        sa.Column("asked_at", _Time(), nullable=True),
        sa.Column("until", _Time(), nullable=True),
        sa.Column("is_denied", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("next_run", _Time(), nullable=True),
        sa.Column("delivered_at", _Time(), nullable=True),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("hint_at", _Time(), nullable=True),
        sa.Column("hinted_at", _Time(), nullable=True),
        sa.Column("missed_at", _Time(), nullable=True),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["host"], ["host.key"]),
        sa.ForeignKeyConstraint(["link"], ["link.id"]),
        sa.PrimaryKeyConstraint("link"),
        sa.UniqueConstraint("path"),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_next_run", ["next_run"], unique=False)
