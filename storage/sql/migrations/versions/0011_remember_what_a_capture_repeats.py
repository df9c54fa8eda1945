"""Remember what a capture repeats.

Revision 0011, after 0010. A plain ALTER, for the table is the archive's largest.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE capture ADD COLUMN revisit_of INTEGER"
        " CONSTRAINT fk_capture_revisit_of REFERENCES capture (id)"
    )
    op.create_index("ix_capture_revisit_of", "capture", ["revisit_of"])
