"""Count as rows change, and find how sources fare by indexes alone.

Revision 0035, after 0034.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

#: By what the rows of each table are counted: source, state, kind.
_BY = {
    "link": ("coalesce({row}.source_id, 0)", "{row}.state", "{row}.kind"),
    "article": (
        "coalesce({row}.source_id, 0)",
        "{row}.state",
        "coalesce({row}.language, '')",
    ),
    "capture": ("0", "''", "''"),
    "version": ("0", "''", "''"),
}
#: What tells a row from another of the same table here.
_MOVED_BY = {
    "link": ("source_id", "state", "kind"),
    "article": ("source_id", "state", "language"),
}
_COUNT = (
    "INSERT INTO census (what, source_id, state, kind, shard, number) {rows}"
    " ON CONFLICT (what, source_id, state, kind, shard)"
    " DO UPDATE SET number = census.number + excluded.number"
)
_PARTIAL = (
    ("ix_link_overdue", "link", ("source_id", "next_run"),
     "kind <> 'asset' AND next_run IS NOT NULL"),
    ("ix_link_fetched", "link", ("source_id", "fetched_at", "status"),
     "kind <> 'asset'"),
    ("ix_link_list", "link", ("source_id",),
     "kind IN ('feed', 'sitemap', 'section')"),
    ("ix_article_seen", "article", ("source_id", "first_seen"),
     "state <> 'erased'"),
)


def upgrade() -> None:
    op.create_table(
        "census",
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "shard", sa.Integer(), autoincrement=False, server_default="0", nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", "source_id", "state", "kind", "shard"),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _BY:
        counted = f"SELECT {_key(table, table)}, count(*) FROM {table} GROUP BY 2, 3, 4"
        into = "what, source_id, state, kind, number"
        op.execute(f"INSERT INTO census ({into}) {counted}")
        for statement in _sqlite(table) if is_sqlite else _postgresql(table):
            op.execute(statement)
    for name, table, columns, where in _PARTIAL:
        rows = sa.text(where)
        op.create_index(
            name, table, list(columns), sqlite_where=rows, postgresql_where=rows
        )
    op.create_index(
        "ix_source_day",
        "source_day",
        ["day", "source_id", "new", "asked", "walls", "read"],
    )
    op.create_index("ix_link_standing", "link", ["state", "id"])
    op.drop_index("ix_link_next_run", "link")
    op.create_index("ix_link_next_run", "link", ["next_run", "source_id"])
    op.drop_index("ix_capture_segment", "capture")
    op.create_index(
        "ix_capture_segment", "capture", ["segment", "length", "request_length"]
    )


def _key(table: str, row: str) -> str:
    return ", ".join((f"'{table}'", *(part.format(row=row) for part in _BY[table])))


def _sqlite(table: str) -> list[str]:
    def count(row: str, by: int) -> str:
        return _COUNT.format(rows=f"VALUES ({_key(table, row)}, 0, {by})") + ";"

    made = [
        f"CREATE TRIGGER census_{table}_added AFTER INSERT ON {table}"
        f" BEGIN {count('new', 1)} END",
        f"CREATE TRIGGER census_{table}_removed AFTER DELETE ON {table}"
        f" BEGIN {count('old', -1)} END",
    ]
    if columns := _MOVED_BY.get(table):
        is_moved = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns)
        made.append(
            f"CREATE TRIGGER census_{table}_moved AFTER UPDATE OF {', '.join(columns)}"
            f" ON {table} WHEN {is_moved} BEGIN {count('old', -1)} {count('new', 1)} END"
        )
    return made


def _postgresql(table: str) -> list[str]:
    """Return triggers that count once a statement: a sitemap enters 50,000 rows.

    Each connection counts in a shard, or processes would wait for one another. Each change of the same row within a transaction leaves a dead one behind, which
    the next has to pass.
    """
    came = f"SELECT {_key(table, 'came')}, 1 FROM came"
    went = f"SELECT {_key(table, 'went')}, -1 FROM went"
    events = {
        "added": ("INSERT", "NEW TABLE AS came", came),
        "removed": ("DELETE", "OLD TABLE AS went", went),
    }
    if table in _MOVED_BY:
        tables = "NEW TABLE AS came OLD TABLE AS went"
        events["moved"] = ("UPDATE", tables, f"{came} UNION ALL {went}")
    made = []
    for name, (event, tables, rows) in events.items():
        summed = (
            "SELECT what, source_id, state, kind, pg_backend_pid() % 64, sum(by)"
            f" FROM ({rows}) AS moved (what, source_id, state, kind, by)"
            " GROUP BY what, source_id, state, kind HAVING sum(by) <> 0"
        )
        made += [
            f"CREATE FUNCTION census_{table}_{name}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {_COUNT.format(rows=summed)};"
            " RETURN NULL; END $$",
            f"CREATE TRIGGER census_{table}_{name} AFTER {event} ON {table}"
            f" REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION census_{table}_{name}()",
        ]
    return made
