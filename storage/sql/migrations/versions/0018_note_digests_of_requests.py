"""Note the digest of each request's record.

Revision 0018, after 0017. A plain ALTER, for the table is large; of older captures it
is not known.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "capture",
        sa.Column("request_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    )
