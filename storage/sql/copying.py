"""Copy an archive's rows to another database: SQLite to PostgreSQL, and back.

Tables go in the order of their references, some rows a transaction, which also says how
far that is: whoever is killed goes on there. Until every table's rows have the same hash
on both sides the copy has no revision that anybody opens.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, DropConstraint

from storage.errors import StorageError, WrongCopy
from storage.failpoints import reach
from storage.sql.engine import (
    database_url,
    is_server,
    reading_engine,
    writing_engine,
)
from storage.sql.migrate import drop_foreign_keys, migrate
from storage.sql.partitions import (
    PARTITIONED,
    counted,
    ids_by_month,
    is_partition,
    make_partitions,
    partitioned_tables,
)
from storage.sql.revision import UNFINISHED, newest_revision, revision_of
from storage.sql.rowsums import RowSum, raw, row_sum
from storage.sql.tables import ArticleRow, CensusRow

#: Rows in one transaction: a version's text may have some hundred kilobytes.
AT_ONCE = 500
_PROGRESS = Table(
    "kliping_copy",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("last", Text),
    Column("rows", BigInteger, nullable=False, default=0),
    Column("is_done", Boolean, nullable=False, default=False),
)
_SOURCE = ""
_SQLITE, _POSTGRES = "sqlite", "postgresql"

#: Told how many rows are copied or compared, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A table on both sides."""

    table: str
    source: RowSum
    target: RowSum

    @property
    def is_equal(self) -> bool:
        """Tell whether both have the same rows."""
        return self.source == self.target


def copy_archive(source: str, target: str, progress: Progress) -> list[Compared]:
    """Copy all rows, or go on where that was interrupted; compare both sides.

    Args:
        source: The URL of an archive's database; nobody may write it meanwhile.
        target: The URL of an empty one, or of an unfinished copy of the same archive.
        progress: Told how far it is.

    Returns:
        All tables. If one is not equal, the copy stays unfinished.

    Raises:
        WrongCopy: The source is no archive of this Kliping's tables, or the target
            holds something else.
        StorageError: A database cannot be read or written.
    """
    with _opened(source, target) as (of, into):
        _refuse_unready(of)
        _begin(of, into, target, _identity(source))
        tables = _tables()
        counts = _counts(of, tables)
        # Rows are read once to be copied, and once on each side to be compared.
        told = _Told(progress, 3 * sum(counts.values()))
        for table in tables:
            _copy_table(of, into, table, told)
        _finish(of, into, tables)
        compared = [_compare(of, into, table, told) for table in tables]
        if all(one.is_equal for one in compared):
            _conclude(into)
        return compared


def driver_url(url: str) -> str:
    """Return a database's URL with the driver that is used for it.

    Raises:
        WrongCopy: It is neither SQLite's nor PostgreSQL's.
    """
    scheme, sign, rest = url.partition("://")
    is_file = scheme == "sqlite" and rest.startswith("/") and len(rest) > 1
    if is_file or (sign and is_server(url)):
        return database_url(url, Path())
    raise WrongCopy(
        f"{url.partition('@')[2] or url}: wanted sqlite:///FILE or postgresql://…"
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a table is copied: the key of the last row, and how many rows."""

    last: tuple[Any, ...] | None
    rows: int


class _Told:
    """Counts what is done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done, self._total)


@contextmanager
def _opened(source: str, target: str) -> Iterator[tuple[Engine, Engine]]:
    of, into = reading_engine(source), writing_engine(target)
    if into.dialect.name == _SQLITE:
        event.listen(into, "connect", drop_foreign_keys)
    try:
        yield of, into
    except DBAPIError as error:
        raise StorageError(f"cannot copy: {error.orig}") from error
    finally:
        of.dispose()
        into.dispose()


def _refuse_unready(of: Engine) -> None:
    found, newest = revision_of(of), newest_revision()
    if found != newest:
        raise WrongCopy(
            f"what is to be copied has revision {found or 'none'}, not {newest}: "
            "run `kliping migrate` on it first"
        )


def _identity(source: str) -> str:
    """Return what a copy is known by: where it is from, without who asks there."""
    url = make_url(source)
    return f"{url.host or ''}:{url.port or ''}/{url.database} at {newest_revision()}"


def _begin(of: Engine, into: Engine, target: str, identity: str) -> None:
    """Make the tables of a copy and mark it as unfinished, or see that it is ours."""
    if inspect(into).has_table(_PROGRESS.name):
        with into.connect() as connection:
            asked = select(_PROGRESS.c.last).where(_PROGRESS.c.name == _SOURCE)
            found = connection.execute(asked).scalar()
        if found != identity:
            raise WrongCopy(f"there is an unfinished copy of another: {found}")
        return
    migrate(target)
    make_partitions(into, _months(of))
    with into.begin() as connection:
        for table in _tables():
            if connection.execute(select(table).limit(1)).first() is not None:
                raise WrongCopy(f"what is copied into is not empty: {table.name}")
        _PROGRESS.create(connection)
        connection.execute(insert(_PROGRESS).values(name=_SOURCE, last=identity))
        _set_revision(connection, UNFINISHED)
        if into.dialect.name == _POSTGRES:
            for constraint in _to_themselves(connection):
                connection.execute(DropConstraint(constraint))


def _months(of: Engine) -> set[int]:
    """Return the months of the rows that stand by month on PostgreSQL."""
    with of.connect() as connection:
        return {
            month
            for table in partitioned_tables()
            for month in ids_by_month(connection, table)
        }


def _set_revision(connection: Connection, revision: str) -> None:
    mark = text("UPDATE alembic_version SET version_num = :revision")
    connection.execute(mark, {"revision": revision})


def _tables() -> list[Table]:
    """Return all tables but the census: the copy's triggers count its own rows."""
    census = str(CensusRow.__tablename__)
    tables = ArticleRow.metadata.sorted_tables
    return [table for table in tables if table.name != census]


def _counts(of: Engine, tables: Sequence[Table]) -> dict[str, int]:
    with of.connect() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }


def _copy_table(of: Engine, into: Engine, table: Table, told: _Told) -> None:
    asked = select(_PROGRESS).where(_PROGRESS.c.name == table.name)
    with into.connect() as connection:
        before = connection.execute(asked).first()
    last = _read_key(table, before.last) if before is not None else None
    count = int(before.rows) if before is not None else 0
    told.add(count)
    if before is not None and before.is_done:
        return
    with _named_trouble(table):
        _copy_rows(of, into, table, Reached(last, count), told)


def _copy_rows(
    of: Engine, into: Engine, table: Table, reached: Reached, told: _Told
) -> None:
    last, count = reached.last, reached.rows
    put = _put(into, table)
    while rows := _rows_behind(of, table, last):
        last = tuple(rows[-1][column.name] for column in table.primary_key)
        count += len(rows)
        with into.begin() as connection:
            connection.execute(put, rows)
            _note(connection, table, _written_key(last), count, is_done=False)
            reach("before_commit")
        reach("after_commit")
        told.add(len(rows))
    with into.begin() as connection:
        key = _written_key(last) if last is not None else None
        _note(connection, table, key, count, is_done=True)


@contextmanager
def _named_trouble(table: Table) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"cannot copy {table.name}: {error.orig}") from error


def _rows_behind(
    of: Engine, table: Table, last: tuple[Any, ...] | None
) -> list[dict[str, Any]]:
    """Return the next rows in the order of their keys, JSON as its text."""
    keys = list(table.primary_key)
    query = select(*raw(table)).order_by(*keys).limit(AT_ONCE)
    if last is not None:
        values = [bindparam(None, v, k.type) for k, v in zip(keys, last, strict=True)]
        is_behind = (
            keys[0] > values[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*values)
        )
        query = query.where(is_behind)
    with of.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's own name


def _put(into: Engine, table: Table) -> Any:  # noqa: ANN401  # an Insert
    return insert(table).values(
        {column.name: _value(into, column) for column in table.columns}
    )


def _value(into: Engine, column: "Column[Any]") -> "ColumnElement[Any]":
    if not isinstance(column.type, JSON):
        return bindparam(column.name, type_=column.type)
    kept = bindparam(column.name, type_=Text())
    return cast(kept, JSON()) if into.dialect.name == _POSTGRES else kept


def _note(
    connection: Connection, table: Table, last: str | None, rows: int, *, is_done: bool
) -> None:
    said = {"last": last, "rows": rows, "is_done": is_done}
    own = update(_PROGRESS).where(_PROGRESS.c.name == table.name)
    if not connection.execute(own.values(said)).rowcount:
        connection.execute(insert(_PROGRESS).values(name=table.name, **said))


def _written_key(key: tuple[Any, ...]) -> str:
    return json.dumps([str(v) if isinstance(v, date) else v for v in key])


def _read_key(table: Table, text: str | None) -> tuple[Any, ...] | None:
    if text is None:
        return None
    kinds = [column.type.python_type for column in table.primary_key]
    return tuple(
        date.fromisoformat(value) if kind is date else value
        for kind, value in zip(kinds, json.loads(text), strict=True)
    )


def _finish(of: Engine, into: Engine, tables: Sequence[Table]) -> None:
    """Have numbers go on behind the last, and references hold again."""
    with of.connect() as source, into.begin() as target:
        if into.dialect.name == _POSTGRES:
            for table in tables:
                set_sequence(target, table, _ever_given(source, table))
            lacking = _to_themselves(target, missing=True)
            for constraint in lacking:
                target.execute(AddConstraint(constraint))
        else:
            broken = target.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StorageError(f"the copy has lost references in {broken[0]}")
        target.exec_driver_sql("ANALYZE")


def set_sequence(connection: Connection, table: Table, given: int = 0) -> None:
    """Set a table's sequence, if it has one, behind its rows and all `given` before."""
    column = table.autoincrement_column
    name = column is not None and _sequence(connection, table, column)
    if column is None or not name:
        return
    highest = max(given, _highest(connection, table, column))
    if highest:
        connection.execute(select(func.setval(name, highest)))


def _highest(connection: Connection, table: Table, column: "Column[Any]") -> int:
    """Return the highest number that a sequence would have given to a row."""
    if table.name in PARTITIONED:
        ids = ids_by_month(connection, table).values()
        return max((counted(highest) for highest in ids), default=0)
    return connection.execute(select(func.max(column))).scalar() or 0


def _ever_given(source: Connection, table: Table) -> int:
    """Return the highest number that a server ever gave to a row of a table."""
    column = table.autoincrement_column
    if column is None or source.dialect.name != _POSTGRES:
        return 0
    own = _sequence(source, table, column)
    if not own:
        return 0
    asked = text(f"SELECT last_value, is_called FROM {own}")  # noqa: S608  # its own name
    value, is_called = source.execute(asked).one()
    return int(value) if is_called else 0


def _sequence(
    connection: Connection, table: Table, column: "Column[Any]"
) -> str | None:
    asked = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
    found: str | None = connection.execute(select(asked)).scalar()
    return found


def _to_themselves(
    connection: Connection, *, missing: bool = False
) -> list[ForeignKeyConstraint]:
    """Return the references of tables to themselves: their rows come in any order.

    Args:
        connection: Of the copy.
        missing: Those that it lacks, not those that it has.
    """
    found: list[ForeignKeyConstraint] = []
    for table in ArticleRow.metadata.sorted_tables:
        there = {
            tuple(one["constrained_columns"]): one["name"]
            for one in inspect(connection).get_foreign_keys(table.name)
            if not is_partition(one["referred_table"])
        }
        for constraint in table.foreign_key_constraints:
            columns = tuple(column.name for column in constraint.columns)
            is_there = columns in there
            if constraint.referred_table is table and is_there is not missing:
                found.append(_named(table, constraint, there.get(columns)))
    return found


def _named(
    table: Table, constraint: ForeignKeyConstraint, name: str | None
) -> ForeignKeyConstraint:
    """Return a reference as PostgreSQL calls it, in a table that is only its name."""
    columns = [column.name for column in constraint.columns]
    alone = MetaData()
    own = Table(
        table.name,
        alone,
        *(Column(column.name, column.type) for column in table.columns),
    )
    named = ForeignKeyConstraint(
        columns,
        [f"{table.name}.{element.column.name}" for element in constraint.elements],
        name=name or f"{table.name}_{'_'.join(columns)}_fkey",
        ondelete=constraint.ondelete,
    )
    own.append_constraint(named)
    return named


def _compare(of: Engine, into: Engine, table: Table, told: _Told) -> Compared:
    sums: list[RowSum] = []
    for engine in (of, into):
        with engine.connect() as connection:
            sums.append(row_sum(connection, table))
        told.add(sums[-1].rows)
    return Compared(table=table.name, source=sums[0], target=sums[1])


def _conclude(into: Engine) -> None:
    with into.begin() as connection:
        _PROGRESS.drop(connection)
        _set_revision(connection, newest_revision())
