"""Let PostgreSQL count events as far as their numbers go: a rebuild begins them high.

Revision 0038, after 0037. The column has 64 bits; its sequence was made with 32.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE event_id_seq AS bigint")
