"""An archive's rows in another database: all of them, the same, whoever was killed."""

import multiprocessing
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, text
from sqlmodel import Session, select

from storage.errors import SchemaTooNew, StorageError, WrongCopy
from storage.failpoints import arm
from storage.sql import copying
from storage.sql.copying import Compared, copy_archive, driver_url
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.migrate import differences, migrate
from storage.sql.partitions import counted, first_id, month_number
from storage.sql.revision import newest_revision, refuse_other_revisions, revision_of
from storage.sql.search import search
from storage.sql.tables import (
    CaptureRow,
    DigestRow,
    EventRow,
    HostRow,
    LinkRow,
    ObjectRow,
    SearchRow,
    SegmentRow,
    TokenRow,
    TurnRow,
)
from tests.postgres import Server
from tests.storage.erasures import begin, fill, open_archive
from tests.storage.kept import NOW
from tests.storage.material import add_capture

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])
ODD = "Ünï \u200b\u202e 漢字 \U0001f5de \x01 \\u0000 ' \" \\"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with articles, one of them erased, and a row of whatever is odd."""
    path = tmp_path_factory.mktemp("filled")
    with open_archive(path) as archive:
        planted = fill(archive, 30, random.Random(5))
        begin(archive, "one", [planted[7].url], everywhere=True)
        archive.eraser.finish()
        archive.writer.submit(lambda tx: _enter_odd(tx.session)).result(20)
    return path


def _enter_odd(session: Session) -> None:
    day = date(2026, 11, 27)
    session.add(HostRow(key=ODD, free_at=NOW, response_ms=0.1, robots_body=bytes(256)))
    session.add(TurnRow(key="odd.example", free_at=NOW))
    session.add(DigestRow(day=day, until=NOW, state="sent"))
    session.add(
        EventRow(id=2**40, at=NOW, type="odd", data={"b": [1.5, None], "a": ODD})
    )
    session.add(ObjectRow(name="warc/x", key="warc/x", begun_at=NOW, size=2**40))
    session.add(
        TokenRow(
            id=5,
            name="b",
            scope="read",
            digest="5",
            parent_id=None,
            is_login=False,
            created_at=NOW,
        )
    )
    session.flush()
    session.add(
        TokenRow(
            id=3,
            name="a",
            scope="read",
            digest="3",
            parent_id=5,
            is_login=True,
            created_at=NOW,
        )
    )
    session.flush()


@pytest.fixture
def archive(filled: Path, tmp_path: Path) -> str:
    shutil.copytree(filled, tmp_path / "data")
    return sqlite_url(tmp_path / "data")


@pytest.fixture
def there(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        yield url


def copied(source: str, target: str) -> list[Compared]:
    return copy_archive(source, target, lambda _done, _total: None)


def counts(compared: list[Compared]) -> dict[str, int]:
    return {one.table: one.target.rows for one in compared if one.target.rows}


def found(url: str, words: str) -> list[int]:
    engine = reading_engine(url)
    with Session(engine) as session:
        ids = [hit.article.id for hit in search(session, words)]
    engine.dispose()
    return ids


def test_all_rows_go_there_and_back(archive: str, there: str, tmp_path: Path) -> None:
    """Every table is copied; the second copy of the copy is the first archive's."""
    back = f"sqlite:///{tmp_path}/back.sqlite3"

    out, home = copied(archive, there), copied(there, back)

    assert [one.table for one in out if not one.is_equal] == []
    assert [one.table for one in home if not one.is_equal] == []
    assert [one.source.sha256 for one in out] == [one.target.sha256 for one in home]
    assert counts(out)["article"] >= 30
    assert {
        "version",
        "capture",
        "record",
        "erasure",
        "search_text",
        "digest",
        "token",
    } <= set(counts(out))


def test_a_copy_has_the_schema_of_any_archive(archive: str, there: str) -> None:
    copied(archive, there)

    engine = create_engine(there)
    assert differences(there) == []
    assert revision_of(engine) == newest_revision()
    assert "kliping_copy" not in inspect(engine).get_table_names()
    (own,) = [
        one
        for one in inspect(engine).get_foreign_keys("token")
        if one["referred_table"] == "token"
    ]
    assert own["name"] == "token_parent_id_fkey"
    assert own["options"] == {"ondelete": "CASCADE"}
    engine.dispose()


def test_numbers_go_on_behind_the_last(archive: str, there: str) -> None:
    copied(archive, there)

    engine = writing_engine(there)
    with Session(engine) as session:
        highest = session.exec(select(func.max(LinkRow.id))).one()
        link = LinkRow(
            host=ODD,
            url="https://x.example/",
            key="x",
            kind="article",
            state="waiting",
            found_at=NOW,
        )
        event = EventRow(at=NOW, type="next", data={})
        session.add_all([link, event])
        session.flush()
        assert link.id == highest + 1
        assert event.id == 2**40 + 1
    engine.dispose()


def test_months_go_there_and_back(
    archive: str, postgres: Server, tmp_path: Path
) -> None:
    """Rows of a month that nobody else has are carried through a file of SQLite."""
    old = first_id(month_number(date(2020, 2, 1)))
    engine = writing_engine(archive)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table, column in (
            ("capture", "id"),
            ("capture", "revisit_of"),
            ("capture", "rendered_from"),
            ("version", "capture_id"),
            ("version_part", "capture_id"),
            ("host_page", "capture_id"),
            ("record", "capture_id"),
        ):
            connection.exec_driver_sql(
                f"UPDATE {table} SET {column} = {column} + {old} WHERE {column} > 9"  # noqa: S608
            )
    engine.dispose()
    back = f"sqlite:///{tmp_path}/back.sqlite3"

    with postgres.empty() as first, postgres.empty() as second:
        all_equal = [
            one.is_equal
            for source, target in ((archive, first), (first, back), (back, second))
            for one in copied(source, target)
        ]
        engine = writing_engine(second)
        with Session(engine) as session:
            of_then = select(func.count()).select_from(text("capture_2020_02"))
            highest = session.exec(select(func.max(CaptureRow.id))).one() or 0
            assert session.execute(of_then).scalar_one() > 9
            segment = session.exec(select(SegmentRow.name)).first()
            assert counted(add_capture(session, segment=segment)) > counted(highest)
        engine.dispose()

    assert all(all_equal)


def test_what_was_found_is_found(archive: str, there: str, tmp_path: Path) -> None:
    """The index of words is made where the rows are put."""
    back = f"sqlite:///{tmp_path}/back.sqlite3"
    engine = reading_engine(archive)
    with Session(engine) as session:
        rows = list(session.exec(select(SearchRow)))
    engine.dispose()
    often = Counter(token for row in rows for token in set(row.body.split()))
    word = next(token for token in rows[3].body.split() if often[token] == 1)

    copied(archive, there)
    copied(there, back)

    one = [rows[3].article_id]
    assert found(archive, word) == found(there, word) == found(back, word) == one


def test_a_null_of_json_is_none_of_sql(archive: str, there: str) -> None:
    engine = writing_engine(archive)
    with engine.begin() as connection:
        for link, value in ((1, "'null'"), (2, "NULL"), (3, "'{}'")):
            said = f"UPDATE link SET rhythm = {value} WHERE id = {link}"  # noqa: S608
            connection.exec_driver_sql(said)
    engine.dispose()

    copied(archive, there)

    engine = create_engine(there)
    with engine.connect() as connection:
        asked = text("SELECT id, rhythm::text FROM link WHERE id < 4 ORDER BY id")
        assert [tuple(row) for row in connection.execute(asked)] == [
            (1, "null"),
            (2, None),
            (3, "{}"),
        ]
    engine.dispose()


@pytest.mark.parametrize("point", ["before_commit:kill:7", "after_commit:kill:7"])
@pytest.mark.parametrize("direction", ["there", "back"])
def test_a_copy_that_was_killed_goes_on(
    archive: str, there: str, tmp_path: Path, point: str, direction: str
) -> None:
    if direction == "back":
        copied(archive, there)
        source, target = there, f"sqlite:///{tmp_path}/back.sqlite3"
    else:
        source, target = archive, there

    codes = [_copy_and_die(source, target, point) for _ in range(3)]
    with pytest.raises(SchemaTooNew, match="unfinished copy"):
        migrate(target)
    _refuse_to_read(target)
    done = copied(source, target)

    assert codes == [-9] * 3
    assert all(one.is_equal for one in done)
    assert differences(target) == []


def _refuse_to_read(url: str) -> None:
    engine = reading_engine(url)
    with pytest.raises(SchemaTooNew, match="unfinished copy"):
        refuse_other_revisions(engine)
    engine.dispose()


def _copy_and_die(source: str, target: str, point: str) -> int | None:
    process = _processes.Process(target=_copy, args=(source, target, point))
    process.start()
    process.join(60)
    code = process.exitcode
    process.close()
    return code


def _copy(source: str, target: str, point: str) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    copying.AT_ONCE = 5
    arm(point)
    copied(source, target)


def test_what_changed_meanwhile_is_found_out(archive: str, there: str) -> None:
    """The copy stays unfinished."""
    engine = writing_engine(archive)

    def change(done: int, total: int) -> None:
        if done * 2 > total:
            with engine.begin() as connection:
                connection.execute(text("UPDATE version SET extractor = 'other'"))

    unlike = [
        one.table for one in copy_archive(archive, there, change) if not one.is_equal
    ]
    engine.dispose()

    assert unlike == ["version"]
    _refuse_to_read(there)


def test_what_is_not_empty_is_left_alone(archive: str, there: str) -> None:
    copied(archive, there)

    with pytest.raises(WrongCopy, match="not empty"):
        copied(archive, there)


def test_another_archives_copy_is_not_gone_on_with(
    archive: str, there: str, tmp_path: Path
) -> None:
    _copy_and_die(archive, there, "after_commit:kill:3")
    other = sqlite_url(tmp_path / "other")
    (tmp_path / "other").mkdir()
    migrate(other)

    with pytest.raises(WrongCopy, match="another"):
        copied(other, there)


def test_what_is_no_archive_is_not_copied(there: str, tmp_path: Path) -> None:
    with pytest.raises(WrongCopy, match="revision none"):
        copied(f"sqlite:///{tmp_path}/nothing.sqlite3", there)


def test_text_that_the_other_cannot_hold_is_told_of(archive: str, there: str) -> None:
    engine = writing_engine(archive)
    with engine.begin() as connection:
        connection.execute(text("UPDATE article SET title = 'a' || char(0) || 'b'"))
    engine.dispose()

    with pytest.raises(StorageError, match=r"article: .*NUL"):
        copied(archive, there)


@pytest.mark.parametrize(
    ("url", "is_read_as"),
    [
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
        ("sqlite:////data/x.sqlite3", "sqlite:////data/x.sqlite3"),
    ],
)
def test_a_url_is_read(url: str, is_read_as: str) -> None:
    assert driver_url(url) == is_read_as


@pytest.mark.parametrize("url", ["mysql://a@b/c", "x.sqlite3", "sqlite://", ""])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(WrongCopy, match="wanted"):
        driver_url(url)
