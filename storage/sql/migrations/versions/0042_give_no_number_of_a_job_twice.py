"""Give no number of a job twice: whoever still asks for a removed one gets no other's.

Revision 0042, after 0041. SQLite gives the highest number again once its row is gone,
unless the column is AUTOINCREMENT; PostgreSQL's sequence never does.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        once = {"sqlite_autoincrement": True}
        with op.batch_alter_table("job", recreate="always", table_kwargs=once):
            pass
