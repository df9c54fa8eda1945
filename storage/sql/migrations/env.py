"""What Alembic runs: the revisions, on the connection that migrate.py gives."""

from alembic import context

from storage.sql.migrate import COMPARISON

context.configure(connection=context.config.attributes["connection"], **COMPARISON)
with context.begin_transaction():
    context.run_migrations()
