"""Which revision of the schema a database has, told without the tools that migrate it."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from storage.errors import SchemaTooNew, SchemaTooOld
from storage.sql.engine import connected, database_file, reading_engine

#: What stands for a revision in a copy whose rows are not all there (storage.sql.copying).
UNFINISHED = "unfinished copy"
UNFINISHED_COPY = (
    "the database is an unfinished copy of another: finish it by the same "
    "`kliping migrate --from … --to …`"
)
#: The same of a rebuild (storage.sql.remaking); the revision that it has stands behind.
UNFINISHED_REBUILD = "rebuilding "
HALF_REBUILT = (
    "the database is an unfinished rebuild: begin it anew by the same `kliping rebuild`"
)
VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest_revision() -> str:
    """Return the revision that this Kliping's tables have."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def revision_of(engine: Engine) -> str | None:
    """Return the revision a database is at; None where no migration ever ran.

    Raises:
        DBAPIError: it cannot be read.
    """
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        asked = text("SELECT max(version_num) FROM alembic_version")
        found = connection.execute(asked).scalar()
    return str(found) if found is not None else None


def is_begun(url: str) -> bool:
    """Tell whether a database was ever migrated; nothing is made where it is not.

    Raises:
        DBAPIError: it cannot be read.
    """
    file = database_file(url)
    if file is not None and not file.exists():
        return False
    engine = reading_engine(url)
    try:
        with connected(engine) as connection:
            return inspect(connection).has_table("alembic_version")
    finally:
        engine.dispose()


def refuse_unfinished(revision: str) -> None:
    """Let nobody open a database whose rows are not all there.

    Raises:
        SchemaTooNew: it is such a one.
    """
    if revision == UNFINISHED:
        raise SchemaTooNew(UNFINISHED_COPY)
    if revision.startswith(UNFINISHED_REBUILD):
        raise SchemaTooNew(HALF_REBUILT)


def refuse_other_revisions(engine: Engine) -> None:
    """Let only a database be read whose tables are those of this Kliping.

    Raises:
        SchemaTooOld: an earlier Kliping made it, and no later one opened it since.
        SchemaTooNew: a later one did.
    """
    found, newest = revision_of(engine), newest_revision()
    if found is not None and found < newest:
        raise SchemaTooOld(
            f"the archive is an earlier Kliping's (revision {found}; this one reads "
            f"{newest}): run `kliping migrate`, or start `kliping serve` anew"
        )
    if found is not None:
        refuse_unfinished(found)
    if found is not None and found > newest:
        raise SchemaTooNew(
            f"the database is at revision {found}; this Kliping knows up to {newest}"
        )
