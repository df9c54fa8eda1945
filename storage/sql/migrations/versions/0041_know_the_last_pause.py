"""Know when a source was paused the last time, and resumed.

Revision 0041, after 0040.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sqlmodel.sql.sqltypes.UTCDateTime()
    op.add_column("source", sa.Column("paused_at", kind, nullable=True))
    op.add_column("source", sa.Column("resumed_at", kind, nullable=True))
