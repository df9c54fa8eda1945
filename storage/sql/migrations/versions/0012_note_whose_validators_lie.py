"""Note whose validators lie.

Revision 0012, after 0011. A plain ALTER, for the table is large.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "link",
        sa.Column(
            "validators_lied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True
        ),
    )
