"""Who leads among processes."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, text

from storage.sql.engine import reading_engine
from storage.sql.leading import Lead
from tests.postgres import Server
from tests.storage.material import ON_SQLITE


@pytest.fixture
def engines(postgres: Server) -> Iterator[tuple[Engine, Engine]]:
    with postgres.migrated() as url:
        one, other = reading_engine(url), reading_engine(url)
        yield one, other
        one.dispose()
        other.dispose()


def test_one_leads_until_it_leaves(engines: tuple[Engine, Engine]) -> None:
    first, second = (Lead(engine) for engine in engines)

    assert (first.hold(), second.hold(), first.hold()) == (True, False, True)
    first.leave()
    assert (second.hold(), first.hold()) == (True, False)
    second.leave()


def test_who_loses_the_server_leads_no_more(engines: tuple[Engine, Engine]) -> None:
    first, second = (Lead(engine) for engine in engines)
    assert first.hold()
    with engines[1].begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory'"
            )
        )

    ends = monotonic() + 10
    while not second.hold():  # a backend ends a moment after it was told to
        assert monotonic() < ends
        sleep(0.01)
    assert not first.hold()
    assert not first.hold()
    second.leave()


@ON_SQLITE
def test_alone_a_process_leads(engine: Engine) -> None:
    assert Lead(engine).hold()
    assert Lead(engine).hold()
