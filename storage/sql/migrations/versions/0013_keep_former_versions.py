"""Keep versions as they were before they were read again.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "reextraction",
        sa.Column("name", words(), nullable=False),
        sa.Column("promoted_at", moment(), nullable=False),
        sa.Column("rolled_back_at", moment(), nullable=True),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "former_version",
        sa.Column("run", words(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("change", words(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("story_sha256", words(), nullable=False),
        sa.Column("extractor", words(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("promoted_sha256", words(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["reextraction.name"]),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"]),
        sa.PrimaryKeyConstraint("run", "version_id"),
    )
    op.create_index("ix_former_version_version_id", "former_version", ["version_id"])
