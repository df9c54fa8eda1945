"""Write the next revision from what tables.py has and the migrations lack.

    python -m storage.sql.migrations "Add the column that was missing"

Read the new file in `versions/` before committing it: Alembic sees tables,
columns and indexes, but not renames, data, or the full-text index, whose
triggers are lost when a revision rebuilds `search_text`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.sql.engine import sqlite_url
from storage.sql.migrate import write_revision

with TemporaryDirectory() as folder:
    write_revision(sqlite_url(Path(folder)), sys.argv[1])
