"""Keep no count of a block that one page alone has shown: it follows from the page.

Revision 0043, after 0042.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    block = sa.table(
        "host_block",
        sa.column("df", sa.Integer),
        sa.column("first_seen"),
        sa.column("last_seen"),
        sa.column("sample", sa.Text),
    )
    op.execute(
        block.delete().where(
            block.c.df == 1,
            block.c.first_seen == block.c.last_seen,
            block.c.sample == "",
        )
    )
