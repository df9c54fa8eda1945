"""Find words by the Arabic letters that writers take for one another.

Revision 0049, after 0048. The words of articles that have such letters are written as
they are folded now; their index follows by its triggers. Of a million articles without
any this takes a minute.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_LETTERS = {
    "\u0629": "\u0647",
    "\u0649": "\u064a",
    "\u0671": "\u0627",
    "\u06c1": "\u0647",
    "\u06c3": "\u0647",
}
_COLUMNS = ("title", "body", "authors", "section", "tags")


def upgrade() -> None:
    row = sa.table("search_text", *map(sa.column, _COLUMNS))
    folded = {name: _folded(row.c[name]) for name in _COLUMNS}
    changes = sa.or_(*(folded[name] != row.c[name] for name in _COLUMNS))
    op.execute(sa.update(row).where(changes).values(folded))


def _folded(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    for letter, plain in _LETTERS.items():
        column = sa.func.replace(column, letter, plain)
    return column
