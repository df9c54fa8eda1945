"""Partitions of the tables that carry the bulk: a month of captures, one of versions.

On PostgreSQL alone. An id says in which month its row was entered (by the server's
clock, UTC), above the bits that a sequence counts: so the key is the id alone, and what
refers to it knows where it stands. Smaller ids, of what was kept before there were
partitions or comes from SQLite, are of a partition that is called `before`.

A month's partitions are made when none of its rows is there yet, two months ahead.
"""

import logging
import re
import time
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DBAPIError

from storage.errors import PartitionsPutOff, StorageError
from storage.faults import is_busy
from storage.sql.engine import connected, writing_engine
from storage.sql.tables import ArticleRow

log = logging.getLogger(__name__)

#: The tables, in the order of their references.
PARTITIONED = ("capture", "version")
#: What a sequence counts of an id (migration 0040); a month of the year 12,000 still
#: makes a number that JSON's readers keep (2^53).
COUNTED_BITS = 36
#: Months that have partitions before they begin.
AHEAD = 2

_POSTGRES = "postgresql"
_NAME = re.compile(rf"(?:{'|'.join(PARTITIONED)})_(?:before|\d{{4,}}_\d\d)")
#: The key of the advisory lock of who makes partitions.
_MAKING = 0x6B6C706D
#: Shorter than PostgreSQL waits before it looks for deadlocks (a second): where a
#: writer waits for us and we for it, it is we who give way.
_LOCK_MS = 300
_TRIES, _PAUSE_SECONDS = 20, 0.5
_THIS_MONTH = """
SELECT (extract(year FROM now() AT TIME ZONE 'UTC')::int - 1970) * 12
    + extract(month FROM now() AT TIME ZONE 'UTC')::int - 1
"""
#: Each partitioned table with the names of its partitions.
_THERE = """
SELECT parent.relname, array_agg(child.relname::text) FROM pg_class AS parent
    JOIN pg_inherits ON inhparent = parent.oid
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE parent.relkind = 'p' AND parent.relname IN ('capture', 'version')
    GROUP BY parent.relname ORDER BY parent.relname
"""
_IS_STALE = """
SELECT coalesce(min(coalesce(last_analyze, '-infinity')), '-infinity')
        < now() - interval '1 day'
    FROM pg_stat_user_tables WHERE relname IN ('capture', 'version')
"""
#: `ANALYZE ONLY` leaves partitions to autovacuum, which leaves partitioned tables alone.
_ONLY_SINCE = 180000


def month_number(day: date) -> int:
    """Return a month as ids have it: months since January 1970."""
    return (day.year - 1970) * 12 + day.month - 1


def month_of(row_id: int) -> int:
    """Return in which month a row was entered, 0 for `before`."""
    return max(row_id, 0) >> COUNTED_BITS


def first_id(month: int) -> int:
    """Return the smallest id of a month."""
    return month << COUNTED_BITS


def counted(row_id: int) -> int:
    """Return what a sequence counted of an id."""
    return max(row_id, 0) & (first_id(1) - 1)


def partition_name(table: str, month: int) -> str:
    """Return what a month's partition is called: capture_2026_11."""
    year, number = divmod(month, 12)
    return f"{table}_{1970 + year}_{number + 1:02}"


def is_partition(name: str) -> bool:
    """Tell whether a table is a partition of one of ours."""
    return _NAME.fullmatch(name) is not None


def ids_by_month(connection: Connection, table: Table) -> dict[int, int]:
    """Return the highest id of each month that has rows; asks an index twice a month."""
    found: dict[int, int] = {}
    key, behind = table.c.id, -(1 << 62)
    while True:
        asked = select(func.min(key)).where(key >= behind)
        least = connection.execute(asked).scalar()
        if least is None:
            return found
        month = month_of(least)
        behind = first_id(month + 1)
        within = select(func.max(key)).where(key >= least, key < behind)
        found[month] = connection.execute(within).scalar_one()


def make_partitions(engine: Engine, months: Iterable[int] = ()) -> list[str]:
    """Make the partitions of this month, the next two and others, where they lack.

    Nothing is locked when all are there. To make one locks out who writes to the tables
    that it refers to, for some milliseconds; whoever writes long is given way.

    Args:
        engine: For writing.
        months: Other months that are to have partitions.

    Returns:
        What was made.

    Raises:
        PartitionsPutOff: Others were in the way for too long.
        DBAPIError: The server does not answer, or refuses.
    """
    if engine.dialect.name != _POSTGRES:
        return []
    made: list[str] = []
    wanted = set(months)
    for turn in range(_TRIES):
        try:
            made += _make(engine, wanted)
        except DBAPIError as error:
            if not is_busy(error.orig):
                raise
            time.sleep(_PAUSE_SECONDS * (turn > 0))
        else:
            return made
    raise PartitionsPutOff("partitions cannot be made: others hold locks for too long")


def keep_partitions(url: str) -> list[str]:
    """Make what partitions lack; daily have the planner know of all rows together.

    Where others are in the way that is put off: to the next time, or to who has a row
    for a month that lacks.

    Raises:
        StorageError: The server does not answer, or refuses.
    """
    engine = writing_engine(url)
    made: list[str] = []
    try:
        made = make_partitions(engine)
        if engine.dialect.name == _POSTGRES:
            _analyze(engine)
    except PartitionsPutOff as error:
        log.warning("put off: %s", error)
    except DBAPIError as error:
        raise StorageError(f"partitions cannot be made: {error.orig}") from error
    finally:
        engine.dispose()
    return made


def _make(engine: Engine, months: Collection[int]) -> list[str]:
    """Make all that lack, each in a transaction of its own."""
    made = []
    with connected(engine) as connection:
        with connection.begin():
            lacking = _lacking(connection, months)
        for table, month in lacking:
            with connection.begin():
                _set_up(connection)
                if (table, month) in _lacking(connection, months):
                    _attach(connection, table, month)
                    made.append(partition_name(table, month))
    return made


def _set_up(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_MS}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")


def _lacking(connection: Connection, months: Collection[int]) -> list[tuple[str, int]]:
    there = connection.exec_driver_sql(_THERE).all()
    now = connection.exec_driver_sql(_THIS_MONTH).scalar_one()
    wanted = sorted({*months, *range(now, now + AHEAD + 1)} - {0})
    return [
        (table, month)
        for month in wanted
        for table, names in there
        if partition_name(table, month) not in names
    ]


def _attach(connection: Connection, table: str, month: int) -> None:
    """Make a table and then a partition of it, which lets others go on reading."""
    name = partition_name(table, month)
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    connection.exec_driver_sql(
        f"ALTER TABLE {table} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({first_id(month)}) TO ({first_id(month + 1)})"
    )


def _analyze(engine: Engine) -> None:
    with connected(engine) as connection, connection.begin():
        if not connection.exec_driver_sql(_IS_STALE).scalar_one():
            return
        version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
        only = "ONLY " if int(version) >= _ONLY_SINCE else ""
        for table in PARTITIONED:
            connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {only}{table}")


def partitioned_tables() -> list[Table]:
    """Return the tables that have partitions on PostgreSQL."""
    return [ArticleRow.metadata.tables[name] for name in PARTITIONED]
