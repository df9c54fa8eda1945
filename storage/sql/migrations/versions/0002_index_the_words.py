"""Index the words of search_text.

Revision 0002, after 0001.

The tokens are made by storage.search.tokens; the `ascii` tokeniser only splits them at
blanks, since to it every character outside ASCII is part of a word. `unicode61`
would split at Thai and Indic vowel signs. Triggers keep the index in step with
its content table, whoever writes to that.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_index USING fts5(
        title, body, authors,
        content='search_text', content_rowid='article_id', tokenize='ascii'
    )
    """,
    """
    CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN
        INSERT INTO search_index(rowid, title, body, authors)
        VALUES (new.article_id, new.title, new.body, new.authors);
    END
    """,
    """
    CREATE TRIGGER search_text_removed AFTER DELETE ON search_text BEGIN
        INSERT INTO search_index(search_index, rowid, title, body, authors)
        VALUES ('delete', old.article_id, old.title, old.body, old.authors);
    END
    """,
    """
    CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN
        INSERT INTO search_index(search_index, rowid, title, body, authors)
        VALUES ('delete', old.article_id, old.title, old.body, old.authors);
        INSERT INTO search_index(rowid, title, body, authors)
        VALUES (new.article_id, new.title, new.body, new.authors);
    END
    """,
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
