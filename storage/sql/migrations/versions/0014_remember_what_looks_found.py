"""Remember what looks at a source's archived articles came to.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("tally", sa.JSON(), nullable=True))
