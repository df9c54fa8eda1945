"""Have captures and versions stand by month on PostgreSQL, each under an id of 64 bits.

Revision 0040, after 0039. What is there becomes the first partition, `before`: its
columns are widened, which writes it once; its other indexes and references stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

#: What an id has above the month in which its row was entered.
_BITS = 36
_MONTH = (
    "(extract(year FROM now() AT TIME ZONE 'UTC')::bigint - 1970) * 12"
    " + extract(month FROM now() AT TIME ZONE 'UTC')::bigint - 1"
)
_WIDER = {
    "capture": ("id", "rendered_from", "revisit_of"),
    "version": ("id", "capture_id"),
    "record": ("capture_id", "version_id"),
    "version_part": ("version_id", "capture_id"),
    "former_version": ("version_id",),
    "host_page": ("capture_id",),
    "counted": ("last_id",),
}
_REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND confrelid IN ('capture'::regclass, 'version'::regclass)
    ORDER BY 1, 2
"""
_OWN_REFERENCES = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = '{table}'::regclass ORDER BY 1
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = '{table}'
    AND indexname <> '{table}_pkey' ORDER BY 1
"""
_CENSUS = {"added": ("INSERT", "NEW TABLE AS came"), "removed": ("DELETE", "OLD TABLE AS went")}


def upgrade() -> None:
    op.drop_index("ix_version_article_number", "version")
    op.create_index(
        "ix_version_article", "version", ["article_id", "captured_at", "number"]
    )
    if op.get_bind().dialect.name == "postgresql":
        _partition()


def _partition() -> None:
    references = op.get_bind().execute(sa.text(_REFERENCES)).all()
    for table, name, _ in references:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for table, columns in _WIDER.items():
        wider = ", ".join(f"ALTER {column} TYPE bigint" for column in columns)
        op.execute(f"ALTER TABLE {table} {wider}")
    for table in ("capture", "version"):
        _begin_anew(table)
    for table, name, what in references:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}")
    op.execute("ANALYZE capture, version")


def _begin_anew(table: str) -> None:
    """Make a table of partitions in the place of one that becomes the first of them."""
    ask = op.get_bind().execute
    indexes = ask(sa.text(_INDEXES.format(table=table))).all()
    references = ask(sa.text(_OWN_REFERENCES.format(table=table))).all()
    before = f"{table}_before"
    for event in _CENSUS:
        op.execute(f"DROP TRIGGER census_{table}_{event} ON {table}")
    op.execute(f"ALTER TABLE {table} RENAME TO {before}")
    op.execute(f"ALTER INDEX {table}_pkey RENAME TO {before}_pkey")
    for name, _ in indexes:
        op.execute(f"ALTER INDEX {name} RENAME TO {name}_before")
    op.execute(f"ALTER TABLE {before} ALTER id DROP DEFAULT")
    op.execute(f"CREATE TABLE {table} (LIKE {before}) PARTITION BY RANGE (id)")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id)")
    _number(table)
    for _, what in indexes:
        op.execute(sa.text(what))
    for name, what in references:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}")
    op.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {before}"
        f" FOR VALUES FROM (MINVALUE) TO ({1 << _BITS})"
    )
    for name, (event, rows) in _CENSUS.items():
        op.execute(
            f"CREATE TRIGGER census_{table}_{name} AFTER {event} ON {table}"
            f" REFERENCING {rows}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION census_{table}_{name}()"
        )


def _number(table: str) -> None:
    """Have ids be of a month and a number of the sequence, which never fills them."""
    op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint MAXVALUE {(1 << _BITS) - 1}")
    op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    op.execute(
        f"ALTER TABLE {table} ALTER id"
        f" SET DEFAULT (({_MONTH}) << {_BITS}) + nextval('{table}_id_seq')"
    )
