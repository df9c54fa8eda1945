"""Remember answers to no address.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("host", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probe_url", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("probe_status", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "probe_verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=True
            )
        )
        batch_op.add_column(sa.Column("probe_text", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "probe_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True
            )
        )
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.create_index("ix_version_story", ["story_sha256"], unique=False)
