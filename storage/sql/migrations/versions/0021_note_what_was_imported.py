"""Note which captures were imported, and from which file.

Revision 0021, after 0020. A plain ALTER, for the table is large; what was kept before was
fetched by ourselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("capture", sa.Column("imported_from", sa.Text(), nullable=True))
