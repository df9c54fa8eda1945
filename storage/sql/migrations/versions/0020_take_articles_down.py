"""Take articles down.

Revision 0020, after 0019.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "takedown",
        sa.Column("name", words(), nullable=False),
        sa.Column("depth", words(), nullable=False),
        sa.Column("ground", words(), nullable=False),
        sa.Column("state", words(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("requested_at", moment(), nullable=False),
        sa.Column("finished_at", moment(), nullable=True),
        sa.Column("lifted_at", moment(), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_takedown_state", "takedown", ["state"])
    op.create_table(
        "erasure",
        sa.Column("segment", words(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("takedown", words(), nullable=False),
        sa.Column("key_sha256", words(), nullable=True),
        sa.Column("former_sha256", words(), nullable=False),
        sa.Column("tombstone_sha256", words(), nullable=False),
        sa.Column("erased_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["segment"], ["segment.name"]),
        sa.ForeignKeyConstraint(["takedown"], ["takedown.name"]),
        sa.PrimaryKeyConstraint("segment", "offset"),
    )
    op.create_index("ix_erasure_takedown", "erasure", ["takedown"])
    op.create_table(
        "takedown_target",
        sa.Column("takedown", words(), nullable=False),
        sa.Column("key_sha256", words(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("prior_state", words(), nullable=True),
        sa.Column("is_barred", sa.Boolean(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"]),
        sa.ForeignKeyConstraint(["takedown"], ["takedown.name"]),
        sa.PrimaryKeyConstraint("takedown", "key_sha256"),
    )
    is_barred = sa.text("is_barred")
    op.create_index(
        "ix_takedown_target_barred",
        "takedown_target",
        ["key_sha256"],
        sqlite_where=is_barred,
        postgresql_where=is_barred,
    )
    op.create_index("ix_takedown_target_link_id", "takedown_target", ["link_id"])
    op.add_column("link", sa.Column("withheld", words(), nullable=True))
    is_withheld = sa.text("withheld IS NOT NULL")
    op.create_index(
        "ix_link_withheld",
        "link",
        ["withheld"],
        sqlite_where=is_withheld,
        postgresql_where=is_withheld,
    )
