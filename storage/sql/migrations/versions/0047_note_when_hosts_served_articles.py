"""Note when a host last served an article.

Revision 0047, after 0046. Of hosts that are known it is noted from their next one on.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = UTCDateTime()
    op.add_column("host", sa.Column("served_at", kind, nullable=True))
