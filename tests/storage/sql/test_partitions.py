"""Captures and versions stand by month on PostgreSQL, and nobody has to look after it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage.errors import StorageError, WriteFailed
from storage.model.article import Article
from storage.sql import partitions
from storage.sql.articles import keep_version
from storage.sql.captures import (
    is_kept,
    newest_capture,
    newest_id,
    repeated,
    unread_captures,
)
from storage.sql.changed import changed_articles
from storage.sql.engine import reading_engine, writing_engine
from storage.sql.migrate import migrate
from storage.sql.partitions import (
    AHEAD,
    COUNTED_BITS,
    counted,
    first_id,
    ids_by_month,
    is_partition,
    keep_partitions,
    make_partitions,
    month_number,
    month_of,
    partition_name,
)
from storage.sql.standing import known_versions
from storage.sql.tables import ArticleRow, CaptureRow, HostRow, LinkRow, table_of
from storage.sql.versions import version
from tests.plans import CUSTOM, reads, removed
from tests.postgres import Server
from tests.storage.kept import exchange, keeping, kept
from tests.storage.material import NOON, add_capture, article

SECONDS = 30
NOVEMBER = month_number(date(2026, 11, 27))
_PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
    WHERE inhparent = 'capture'::regclass ORDER BY 1
"""


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    """A database of this test alone, which may change its partitions."""
    with postgres.empty() as url:
        migrate(url)
        yield url


@pytest.fixture
def maker(url: str) -> Iterator[Engine]:
    """The connection of another process, which writes."""
    engine = writing_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def onlooker(url: str) -> Iterator[Engine]:
    engine = reading_engine(url)
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(_PARTITIONS).scalars())


def this_month(engine: Engine) -> int:
    with engine.connect() as connection:
        day = connection.exec_driver_sql("SELECT (now() AT TIME ZONE 'UTC')::date")
        return month_number(day.scalar_one())


def drop(engine: Engine, *months: int) -> None:
    """Take partitions away, as if none had been made."""
    with engine.begin() as connection:
        for month in months:
            for table in ("version", "capture"):
                name = partition_name(table, month)
                connection.exec_driver_sql(
                    f"ALTER TABLE {table} DETACH PARTITION {name}"
                )
                connection.exec_driver_sql(f"DROP TABLE {name}")


def test_an_id_tells_its_month() -> None:
    assert first_id(NOVEMBER) < 2**53
    assert month_of(first_id(NOVEMBER) - 1) == NOVEMBER - 1
    assert month_of(first_id(NOVEMBER) + 7) == NOVEMBER
    assert counted(first_id(NOVEMBER) + 7) == counted(7) == 7
    assert month_of(7) == month_of(-7) == 0


def test_partitions_are_called_by_their_months() -> None:
    assert partition_name("capture", NOVEMBER) == "capture_2026_11"
    assert partition_name("version", NOVEMBER + 2) == "version_2027_01"
    assert is_partition("capture_2026_11")
    assert is_partition("version_before")
    assert not is_partition("version_part")
    assert not is_partition("capture")


def test_this_month_and_the_next_two_are_ready(engine: Engine) -> None:
    now = this_month(engine)

    assert names(engine) == [
        *(partition_name("capture", now + n) for n in range(AHEAD + 1)),
        "capture_before",
    ]
    assert make_partitions(engine) == []


def test_a_row_stands_in_the_month_in_which_it_is_entered(
    session: Session, onlooker: Engine
) -> None:
    before = add_capture(session, id=7)
    first, second = add_capture(session), add_capture(session)

    where = text("SELECT tableoid::regclass::text FROM capture ORDER BY id")
    now = this_month(onlooker)
    month = partition_name("capture", now)
    assert list(session.execute(where).scalars()) == ["capture_before", month, month]
    assert before < first < second
    assert month_of(first) == now


def test_other_months_are_made_when_they_are_asked_for(engine: Engine) -> None:
    made = make_partitions(engine, [0, month_number(date(2020, 2, 1))])

    assert made == ["capture_2020_02", "version_2020_02"]


def test_months_are_found_by_their_ids(session: Session, maker: Engine) -> None:
    ids = (5, 6, first_id(600), first_id(600) + 9, first_id(601) - 1, first_id(700))
    make_partitions(maker, [600, 700])
    for number in ids:
        add_capture(session, id=number)

    found = ids_by_month(session.connection(), table_of(CaptureRow))

    assert found == {0: 6, 600: first_id(601) - 1, 700: first_id(700)}


def test_many_processes_make_each_once(url: str, engine: Engine) -> None:
    now = this_month(engine)
    drop(engine, now, now + 1, now + 2)
    met = threading.Barrier(4)

    def make() -> list[str]:
        met.wait(SECONDS)
        return keep_partitions(url)

    with ThreadPoolExecutor(4) as pool:
        made = [one.result(SECONDS) for one in [pool.submit(make) for _ in range(4)]]

    assert sorted(name for some in made for name in some) == sorted(
        partition_name(table, now + n)
        for table in ("capture", "version")
        for n in range(AHEAD + 1)
    )


def test_what_finds_no_partition_is_kept_all_the_same(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    """As after a leap of the clock: the writer makes the month."""
    drop(engine, this_month(engine))
    with kept(tmp_path, url) as archive:
        with archive.writer(node="a") as writer:
            futures = [writer.submit(keeping(n)) for n in range(3)]
            ids = [one.result(SECONDS) for one in futures]

        assert sorted(ids) == [row.id for row in archive.captures()]
        (segment,) = archive.segments()
        assert segment.size == (archive.folder.warc / segment.name).stat().st_size


def test_it_is_told_clearly_where_no_partition_can_be_made(
    url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(engine, this_month(engine))

    def refuse(_engine: Engine) -> list[str]:
        raise StorageError("locked")

    with kept(tmp_path, url) as archive, archive.writer(node="a") as writer:
        with monkeypatch.context() as patch:
            patch.setattr("storage.commit.make_partitions", refuse)
            with pytest.raises(WriteFailed, match="no partition of relation"):
                writer.submit(keeping(1)).result(SECONDS)

        assert writer.submit(keeping(2)).result(SECONDS)
        assert len(archive.captures()) == 1


def waits(engine: Engine) -> bool:
    """Tell whether a process waits for a lock."""
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with engine.connect() as connection:
        return bool(connection.exec_driver_sql(asked).scalar_one())


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_who_writes_is_waited_for_and_goes_on(
    session: Session, maker: Engine, onlooker: Engine
) -> None:
    """A writer has rows that a partition refers to, and then wants the table itself."""
    a_link(session)

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(make_partitions, maker, [600])
        wait_for(lambda: waits(onlooker))
        add_capture(session)
        session.commit()
        made = making.result(SECONDS)

    assert made == ["capture_2020_01", "version_2020_01"]
    assert "capture_2020_01" in names(onlooker)


def test_who_gives_way_for_too_long_says_so(
    session: Session, maker: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_TRIES", 2)
    monkeypatch.setattr(partitions, "_LOCK_MS", 10)
    add_capture(session)

    with pytest.raises(StorageError, match="others hold locks"):
        make_partitions(maker, [600])


def test_a_start_waits_for_nobody_to_make_them(
    url: str,
    session: Session,
    maker: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A later round makes them, or who has a row for the month."""
    monkeypatch.setattr(partitions, "_TRIES", 2)
    monkeypatch.setattr(partitions, "_LOCK_MS", 10)
    drop(maker, this_month(maker) + AHEAD)
    add_capture(session)

    assert keep_partitions(url) == []
    assert "others hold locks" in caplog.text


def test_what_is_repeated_in_another_month_cannot_go(session: Session) -> None:
    first = add_capture(session, id=7)
    add_capture(session, revisit_of=first)

    with pytest.raises(IntegrityError, match="revisit_of"):
        session.execute(text("DELETE FROM capture WHERE id = 7"))


def test_rows_are_counted_whatever_their_month(session: Session) -> None:
    add_capture(session, id=7)
    add_capture(session)
    session.execute(text("DELETE FROM capture WHERE id = 7"))

    rows = text("SELECT sum(number) FROM census WHERE what = 'capture'")
    assert session.execute(rows).scalar_one() == 1


def test_versions_that_are_kept_at_once_get_numbers_of_their_own(
    session: Session, maker: Engine, onlooker: Engine
) -> None:
    """Two processes keep a version of one article; the second waits for the first."""
    link = a_link(session)
    captures = [add_capture(session, link_id=link) for _ in range(3)]
    keep(session, link, captures[0], article("One", "It rains."))
    session.commit()

    def second() -> int:
        with Session(maker) as other:
            number = keep(other, link, captures[2], article("Three", "It snows."))
            other.commit()
            return number

    with ThreadPoolExecutor(1) as pool:
        number = keep(session, link, captures[1], article("Two", "It hails."))
        other = pool.submit(second)
        wait_for(lambda: other.done() or waits(onlooker))
        session.commit()
        numbers = (number, other.result(SECONDS))

    session.expire_all()
    (row,) = session.exec(select(ArticleRow)).all()
    assert numbers == (2, 3)
    assert [one.number for one in known_versions(session, row)] == [1, 2, 3]
    assert (row.versions, row.title) == (3, "Three")


def a_link(session: Session) -> int:
    session.add(HostRow(key="h", free_at=NOON))
    session.flush()
    link = LinkRow(host="h", url="u", key="u", kind="x", state="y", found_at=NOON)
    session.add(link)
    session.flush()
    return link.id or 0


def keep(session: Session, link: int, capture: int, story: Article) -> int:
    return keep_version(
        session,
        link_id=link,
        source_id=None,
        key="u",
        capture_id=capture,
        captured_at=NOON + timedelta(seconds=counted(capture)),
        article=story,
        extractor="1",
    ).number


MONTHS = ["before", "2026_01", "2026_02", "2026_03"]
_BASES = [0, *(first_id(month_number(date(2026, n, 1))) for n in (1, 2, 3))]
_LINKS = 2000


@pytest.fixture(scope="module")
def filled(postgres: Server) -> Iterator[Engine]:
    """An archive that has four months of captures and versions of 2,000 articles."""
    with postgres.empty() as url:
        migrate(url)
        engine = writing_engine(url)
        make_partitions(engine, {base >> COUNTED_BITS for base in _BASES})
        with engine.begin() as connection:
            _fill(connection)
        with engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        yield engine
        engine.dispose()


def _fill(connection: Connection) -> None:
    said = f"FROM generate_series(1, {_LINKS}) AS n"
    run = connection.exec_driver_sql
    run("INSERT INTO host (key, free_at, fence, failures) VALUES ('h', now(), 0, 0)")
    run("INSERT INTO segment (name, state, opened_at) VALUES ('s', 'open', now())")
    run(
        "INSERT INTO link (id, host, url, key, kind, state, reason, found_at, attempts,"
        f" failures) SELECT n, 'h', n, n, 'article', 'archived', '', now(), 1, 0 {said}"
    )
    run(
        "INSERT INTO article (id, link_id, key, url, title, authors, first_seen,"
        " last_seen, versions, state) SELECT n, n, n, n, 't', '[]', now(), now(), 4,"
        f" 'present' {said}"
    )
    for month, base in enumerate(_BASES):
        at = f"timestamptz '2026-01-01' + interval '1 month' * {month - 1}"
        at += " + n * interval '1 second'"
        run(
            "INSERT INTO capture (id, link_id, url, fetched_at, elapsed_ms, segment,"
            ' "offset", length, request_offset, request_length, record_sha256,'
            " payload_sha256, status, extracted_at)"
            f" SELECT {base} + n, n, n, {at}, 1, 's', n, 1, n, 1, '', md5(n::text), 200,"
            f" nullif(n, 77) * interval '1 second' + now() {said}"
        )
        run(
            "INSERT INTO version (id, article_id, number, capture_id, captured_at,"
            " change, title, text, story_sha256, extractor, document)"
            f" SELECT {base} + n, n, {month + 1}, {base} + n, {at}, 'headline', 't',"
            f" repeat('word ', 200), md5(n::text), '1', '{{}}' {said}"
        )


def old(steps: list[list[str]]) -> list[str]:
    """Return what is read of months that have rows."""
    return [
        step for some in steps for step in some if step.endswith((*MONTHS, "article"))
    ]


def test_a_capture_is_looked_for_in_its_month_alone(filled: Engine) -> None:
    asked = reads(filled, lambda session: session.get(CaptureRow, _BASES[2] + 5))

    assert asked == [["Index Scan capture_2026_02"]]


def test_what_came_last_of_a_link_is_not_looked_for_in_older_months(
    filled: Engine,
) -> None:
    found = old(reads(filled, lambda session: newest_capture(session, 17)))

    assert found == ["Index Scan capture_2026_03"]


def test_the_last_capture_is_looked_for_from_the_end(filled: Engine) -> None:
    assert old(reads(filled, newest_id)) == ["Index Only Scan capture_2026_03"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: version(session, 17, 2),
        lambda session: version(session, 17, None),
        lambda session: known_versions(session, session.get(ArticleRow, 17)),
        lambda session: unread_captures(session, 10),
        lambda session: repeated(session, exchange(1), 17),
        lambda session: repeated(session, exchange(1, status=304), 17),
        lambda session: is_kept(session, exchange(1), "x"),
    ],
    ids=[
        "a version by its number",
        "the standing version",
        "the versions of an article",
        "what is unread",
        "what an answer repeats",
        "what has not changed",
        "what is imported again",
    ],
)
def test_no_month_is_read_as_a_whole(
    filled: Engine, ask: Callable[[Session], object]
) -> None:
    found = reads(filled, ask)

    assert old(found)
    assert [step for step in old(found) if step.startswith("Seq Scan")] == []
    assert removed(filled, ask) < _LINKS


def test_what_changed_last_is_not_looked_for_among_all_articles(
    filled: Engine,
) -> None:
    """Whose standing version is asked for is some: 100, of which each has four."""
    found = reads(filled, lambda session: changed_articles(session, 20), CUSTOM)

    months = [f"version_{month}" for month in MONTHS]
    assert [step for step in old(found) if step.split()[-1] in months]
    assert not {f"Seq Scan {month}" for month in months} & set(old(found))
