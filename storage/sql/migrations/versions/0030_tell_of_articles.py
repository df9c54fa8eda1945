"""Tell of articles: whose link an event is about, and more ids than 32 bits have.

Revision 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OF_ARTICLES = sa.text("link_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("event", sa.Column("link_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_event_link",
        "event",
        ["link_id"],
        sqlite_where=_OF_ARTICLES,
        postgresql_where=_OF_ARTICLES,
    )
    if op.get_context().dialect.name != "sqlite":  # its ids have 64 bits
        op.alter_column("event", "id", type_=sa.BigInteger())
