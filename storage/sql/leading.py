"""Who of many processes does what is to be done once: the holder of an advisory lock."""

from contextlib import suppress

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

#: Keys of locks (PostgreSQL documentation, 13.3.5): of who leads, erases, and rebuilds.
LEADING = 0x6B6C6C65
ERASING = 0x6B6C6572
REBUILDING = 0x6B6C7265


class Lead:
    """The lead among the processes that share a PostgreSQL; alone, a process has it.

    The lock goes with the connection that holds it, so a process that dies, or loses
    the server, leads no more. One thread at a time.
    """

    def __init__(self, engine: Engine | None, key: int = LEADING) -> None:
        """Take the engine, None for a process that is alone; the lead is not taken."""
        self._engine = engine
        self._key = key
        self._connection: Connection | None = None

    def hold(self) -> bool:
        """Take the lead, or keep it; return whether this process has it."""
        if self._engine is None or self._engine.dialect.name == "sqlite":
            return True
        try:
            if self._connection is not None:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            return self._take(self._engine)
        except DBAPIError:
            self.leave()
            return False

    def leave(self) -> None:
        """Let another lead."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if not connection.invalidated:  # it would be opened anew
            with suppress(DBAPIError):  # a server sees late that a connection has ended
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({self._key})")
        with suppress(DBAPIError):
            connection.invalidate()  # the lock must not live on in a pool
            connection.close()

    def _take(self, engine: Engine) -> bool:
        connection = engine.connect()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({self._key})")
        if taken.scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False
