"""Note why an archived article is due before its time.

Revision 0017, after 0016. A plain ALTER, for the table is large.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "link", sa.Column("haste", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
    )
