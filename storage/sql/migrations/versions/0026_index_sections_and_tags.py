"""Index sections and tags, and all words on PostgreSQL.

Revision 0026, after 0025. Rows of before get their sections, tags and names from the
versions they stand at, and letters with strokes as they are folded now. Of a million
articles this takes minutes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.search.tokens import indexed_names

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_COLUMNS = "title, body, authors, section, tags"
_NEW = ", ".join(f"new.{name}" for name in _COLUMNS.split(", "))
_OLD = ", ".join(f"old.{name}" for name in _COLUMNS.split(", "))
_LETTERS = {
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ħ": "h",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "ی": "ي",
    "ک": "ك",
}

_FORGET = f"""
    INSERT INTO search_index(search_index, rowid, {_COLUMNS})
    VALUES ('delete', old.article_id, {_OLD});
"""
_ENTER = f"""
    INSERT INTO search_index(rowid, {_COLUMNS}) VALUES (new.article_id, {_NEW});
"""
_SQLITE_BEFORE = (
    "DROP TRIGGER search_text_added",
    "DROP TRIGGER search_text_removed",
    "DROP TRIGGER search_text_changed",
    "DROP TABLE search_index",
)
_SQLITE = (
    f"""
    CREATE VIRTUAL TABLE search_index USING fts5(
        {_COLUMNS},
        content='search_text', content_rowid='article_id', tokenize='ascii'
    )
    """,
    f"CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN {_ENTER} END",
    f"CREATE TRIGGER search_text_removed AFTER DELETE ON search_text BEGIN {_FORGET} END",
    f"CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text"
    f" BEGIN {_FORGET} {_ENTER} END",
    "INSERT INTO search_index(search_index) VALUES ('rebuild')",
)

_POSTGRESQL = (
    """
    CREATE TABLE search_index (
        article_id integer PRIMARY KEY
            REFERENCES search_text (article_id) ON DELETE CASCADE,
        words tsvector NOT NULL
    )
    """,
    """
    CREATE FUNCTION search_text_indexed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_index (article_id, words) VALUES (
            new.article_id,
            array_to_tsvector(array_remove(string_to_array(
                new.title || ' ' || new.body || ' ' || new.authors
                || replace(' ' || new.title, ' ', ' =')
                || replace(' ' || new.authors, ' ', ' @')
                || replace(' ' || new.section, ' ', ' /')
                || replace(' ' || new.tags, ' ', ' #'), ' '), ''))
        ) ON CONFLICT (article_id) DO UPDATE SET words = excluded.words;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER search_text_kept AFTER INSERT OR UPDATE ON search_text
    FOR EACH ROW EXECUTE FUNCTION search_text_indexed()
    """,
    "UPDATE search_text SET section = section",
    "CREATE INDEX ix_search_index_words ON search_index USING gin (words)",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_BEFORE if is_sqlite else ():
        op.execute(statement)
    for name in ("section", "tags"):
        op.add_column(
            "search_text",
            sa.Column(name, sa.Text(), server_default="", nullable=False),
        )
    _fill(op.get_bind())
    for column in ("title", "body"):
        folded: sa.ColumnElement[str] = sa.column(column)
        for letter, plain in _LETTERS.items():
            folded = sa.func.replace(folded, letter, plain)
        op.execute(sa.update(sa.table("search_text", sa.column(column))).values({column: folded}))
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)


def _fill(connection: sa.Connection) -> None:
    row = sa.table(
        "search_text",
        *map(sa.column, ("article_id", "authors", "section", "tags")),
    )
    last = 0
    while found := connection.execute(_documents(), {"last": last}).all():
        for article_id, document in found:
            section = document.get("section")
            connection.execute(
                sa.update(row)
                .where(row.c.article_id == article_id)
                .values(
                    authors=indexed_names(document.get("authors") or ()),
                    section=indexed_names([section] if section else ()),
                    tags=indexed_names(document.get("tags") or ()),
                )
            )
        last = found[-1][0]


def _documents() -> sa.Select[Any]:
    """Return the query of the next rows and the documents they were made of."""
    row = sa.table("search_text", sa.column("article_id", sa.Integer))
    version = sa.table(
        "version",
        *map(sa.column, ("id", "article_id", "change", "captured_at", "number")),
        sa.column("document", sa.JSON),
    )
    other = version.alias()
    standing = (
        sa.select(other.c.id)
        .where(other.c.article_id == row.c.article_id, other.c.change != "truncated")
        .order_by(other.c.captured_at.desc(), other.c.number.desc())
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )
    return (
        sa.select(row.c.article_id, version.c.document)
        .select_from(row.join(version, version.c.id == standing))
        .where(row.c.article_id > sa.bindparam("last"))
        .order_by(row.c.article_id)
        .limit(_AT_ONCE)
    )
