"""Note what feeds say of links, and all the ways by which they were named.

Revision 0006, after 0005. Links of before get the way of the list that named them
first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BITS = {"feed": 1, "sitemap": 2, "section": 4}


def upgrade() -> None:
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blurb", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("ways", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("alias_of", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_link_alias_of"), "link", ["alias_of"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_link_alias_of"), ["alias_of"])
    link = sa.table(
        "link",
        sa.column("id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("found_on", sa.Integer),
        sa.column("ways", sa.Integer),
    )
    lists = link.alias("lists")
    way = (
        sa.select(sa.case(_BITS, value=lists.c.kind, else_=0))
        .where(lists.c.id == link.c.found_on)
        .scalar_subquery()
    )
    op.execute(
        sa.update(link)
        .where(link.c.found_on.is_not(None))
        .values(ways=sa.func.coalesce(way, 0))
    )
