"""A database that is being made again from WARC files: begun, and whole in the end.

Until then it has a revision that nobody opens, and notes wait in a table of their own:
they are put back in the order of their numbers once all captures are there. What was
begun and never got whole is emptied and begun anew; what has rows of another making is
refused.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.errors import StorageError, WrongCopy
from storage.sql.copying import set_sequence
from storage.sql.engine import writing_engine
from storage.sql.finishing import drop_indexes
from storage.sql.leading import REBUILDING, Lead
from storage.sql.migrate import migrate
from storage.sql.revision import UNFINISHED_REBUILD, newest_revision, revision_of
from storage.sql.tables import ArticleRow

_AT_ONCE = 200
#: Rows of searches that are no table of ours, on PostgreSQL.
_WORDS = "search_index"
WAITING = Table(
    "kliping_rebuild",
    MetaData(),
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("segment", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Index("ix_kliping_rebuild", "number", "place"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Where a note stands that is to be put back; its number, 0 for none.

    `place` counts notes in the order in which they were met.
    """

    place: int
    number: int
    segment: str
    offset: int
    length: int
    sha256: str


@contextmanager
def alone(url: str, place: str) -> Iterator[None]:
    """Keep other rebuilds away from a server's database, which messages call `place`.

    Raises:
        WrongCopy: Another process rebuilds there.
        StorageError: It cannot be reached, or fails meanwhile.
    """
    engine = writing_engine(url)
    lead = Lead(engine, REBUILDING)
    try:
        with engine.connect():
            pass  # else it would look as if another held it
        if not lead.hold():
            raise WrongCopy(f"another process rebuilds at {place}")
        yield
    except DBAPIError as error:
        raise StorageError(f"cannot rebuild at {place}: {error.orig}") from error
    finally:
        lead.leave()
        engine.dispose()


def begin(url: str) -> None:
    """Make the tables of an empty database and mark it as unfinished.

    Raises:
        WrongCopy: It has rows that no unfinished rebuild made.
        SchemaTooNew: A newer Kliping made its tables.
        StorageError: It cannot be opened or written.
    """
    engine = writing_engine(url)
    try:
        _make_empty(engine)
        migrate(url)
        with engine.begin() as connection:
            _refuse_rows(connection)
            WAITING.create(connection)
            _set_revision(connection, f"{UNFINISHED_REBUILD}{newest_revision()}")
    finally:
        engine.dispose()


def conclude(engine: Engine) -> None:
    """Let a database be opened: it is whole."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in ArticleRow.metadata.sorted_tables:
                set_sequence(connection, table)
        connection.exec_driver_sql("ANALYZE")
        WAITING.drop(connection)
        _set_revision(connection, newest_revision())


def let_wait(session: Session, notes: Sequence[Waiting]) -> None:
    """Enter notes that are to be put back."""
    if notes:
        session.execute(insert(WAITING), [asdict(note) for note in notes])


def in_order(session: Session) -> Iterator[list[Waiting]]:
    """Yield the notes that wait, some at a time; the caller may commit in between.

    By their numbers; those without come first, as they were met.
    """
    order = (WAITING.c.number, WAITING.c.place)
    last = (-1, -1)
    while rows := session.execute(
        select(WAITING).where(tuple_(*order) > last).order_by(*order).limit(_AT_ONCE)
    ).all():
        last = (rows[-1].number, rows[-1].place)
        yield [Waiting(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's own name


def _make_empty(engine: Engine) -> None:
    """Empty what an unfinished rebuild left; refuse all other rows."""
    found = revision_of(engine)
    is_ours = found is not None and found.startswith(UNFINISHED_REBUILD)
    with engine.begin() as connection:
        if not is_ours:
            _refuse_rows(connection)
            return
        names = {*inspect(connection).get_table_names()}
        tables = [t.name for t in ArticleRow.metadata.sorted_tables if t.name in names]
        listed = ", ".join(f'"{name}"' for name in (*tables, _WORDS))
        connection.exec_driver_sql(f"TRUNCATE {listed} RESTART IDENTITY")
        drop_indexes(connection)
        WAITING.drop(connection, checkfirst=True)
        _set_revision(connection, str(found).removeprefix(UNFINISHED_REBUILD))


def _refuse_rows(connection: Connection) -> None:
    names = {*inspect(connection).get_table_names()}
    for table in ArticleRow.metadata.sorted_tables:
        if table.name not in names:
            continue
        some = text(f'SELECT 1 FROM "{table.name}" LIMIT 1')  # noqa: S608  # our own
        if connection.execute(some).first() is not None:
            raise WrongCopy(
                f"the database is not empty: {table.name} has rows; "
                "make another, or move this one away"
            )


def _set_revision(connection: Connection, revision: str) -> None:
    mark = text("UPDATE alembic_version SET version_num = :revision")
    connection.execute(mark, {"revision": revision})
