"""Look captures up by URL, as other archives' tools do.

Revision 0024, after 0023. The keys of captures of before are made by the running
service, in batches: a million would hold up a start for half a minute.
"""

import sqlalchemy as sa
from alembic import op

from storage.sql.tables import BYTEWISE

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("capture", sa.Column("surt", BYTEWISE, nullable=True))
    op.add_column("capture", sa.Column("digest", sa.String(), nullable=True))
    op.create_index("ix_capture_surt", "capture", ["surt", "fetched_at"])
