"""The schema's history, run by Alembic; see storage.sql.migrate."""
