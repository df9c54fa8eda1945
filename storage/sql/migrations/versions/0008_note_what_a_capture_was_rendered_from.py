"""Note what a capture was rendered from.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("capture", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rendered_from", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_capture_rendered_from", "capture", ["rendered_from"], ["id"]
        )
