"""The schema made and moved by real migrations."""

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from storage.errors import SchemaTooNew, StorageError
from storage.neardup import bands
from storage.sql import migrate as migrations
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.migrate import differences, migrate
from storage.sql.partitions import counted, month_of, partition_name
from storage.sql.rowsums import RowSum, row_sum
from storage.sql.search import search
from storage.sql.tables import ArticleRow, SourceRow
from storage.sql.visits import open_visit
from tests.postgres import Server
from tests.storage.erasures import fill, open_archive
from tests.storage.kept import keeping
from tests.storage.material import NOON, ON_SQLITE


def test_the_migrations_make_what_tables_py_has(url: str) -> None:
    """Run `python -m storage.sql.migrations "What changes"` when this fails."""
    assert differences(url) == []


def test_they_make_it_on_postgresql_too(postgres: Server) -> None:
    with postgres.empty() as url:
        migrate(url)
        migrate(url)

        assert differences(url) == []


@ON_SQLITE
def test_a_missing_column_is_a_difference(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kliping.sqlite3") as database:
        database.execute("ALTER TABLE article DROP COLUMN site")
    database.close()

    ((kind, _, table, column),) = differences(url)

    assert (kind, table, column.name) == ("add_column", "article", "site")


def test_migrating_again_changes_nothing(url: str) -> None:
    engine = writing_engine(url)
    with Session(engine) as session:
        source = SourceRow(name="a", home="h", settings={}, created_at=NOON)
        session.add(source)
        session.commit()

        migrate(url)

        session.expire_all()
        assert session.get_one(SourceRow, 1).name == "a"
    engine.dispose()


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "100%(x)s"
    folder.mkdir()

    migrate(sqlite_url(folder))

    assert differences(sqlite_url(folder)) == []


@ON_SQLITE
def test_a_newer_schema_is_refused_and_left_alone(url: str, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "kliping.sqlite3")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(url)

    found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    database.close()
    assert found == [("9999",)]


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "kliping.sqlite3").write_bytes(b"not a database " * 100)

    with pytest.raises(StorageError, match="not a database"):
        migrate(sqlite_url(tmp_path))


def test_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open"):
        migrate(sqlite_url(tmp_path / "none"))


@ON_SQLITE
def test_lost_references_are_refused(url: str, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "kliping.sqlite3")
    with database:
        database.execute(
            "INSERT INTO search_text (article_id, title, body, authors)"
            " VALUES (7, '', '', '')"
        )
    database.close()

    with pytest.raises(StorageError, match="search_text"):
        migrate(url)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with sqlite3.connect(tmp_path / "kliping.sqlite3") as database:
        database.execute("CREATE TABLE version (id)")
    database.close()

    with pytest.raises(StorageError, match="already exists"):
        migrate(url)

    database = sqlite3.connect(tmp_path / "kliping.sqlite3")
    tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    database.close()
    assert tables == [("version",)]


@ON_SQLITE
def test_the_writer_keeps_foreign_keys_after_a_migration(url: str) -> None:
    engine = writing_engine(url)

    with engine.connect() as connection:
        on = connection.execute(text("PRAGMA foreign_keys")).scalar()

    engine.dispose()
    assert on == 1


def test_a_revision_is_written_for_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migrations are a copy that never made one of the columns."""
    home = tmp_path / "migrations"
    shutil.copytree(migrations.HOME, home)
    (first,) = (home / "versions").glob("0001_*.py")
    lines = first.read_text().splitlines(keepends=True)
    first.write_text("".join(line for line in lines if '"site"' not in line))
    monkeypatch.setattr(migrations, "HOME", home)

    written = migrations.write_revision(sqlite_url(tmp_path), "Remember when")

    assert written.parent == home / "versions"
    assert "add_column(sa.Column('site'" in written.read_text()


@contextmanager
def known_up_to(
    revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Know no later revisions."""
    home = tmp_path / "migrations"
    shutil.copytree(migrations.HOME, home)
    for script in (home / "versions").glob("*.py"):
        if script.name[:4].isdigit() and script.name[:4] > revision:
            script.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "HOME", home)
        yield


def migrate_to(
    revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> sqlite3.Connection:
    """Return a database of an older revision."""
    with known_up_to(revision, tmp_path, monkeypatch):
        migrate(sqlite_url(tmp_path))
    return sqlite3.connect(tmp_path / "kliping.sqlite3")


def test_links_of_before_get_the_way_of_their_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0005 with a feed, and a link found on it."""
    database = migrate_to("0005", tmp_path, monkeypatch)
    with database:
        database.execute(
            "INSERT INTO host (key, free_at, fence, failures) VALUES ('h', '2026-01-01', 0, 0)"
        )
        for key, kind, found_on in (("f", "feed", None), ("a", "article", 1)):
            database.execute(
                "INSERT INTO link (host, url, key, kind, state, reason, found_on,"
                " found_at, attempts, failures)"
                " VALUES ('h', ?, ?, ?, 'waiting', '', ?, '2026-01-01', 0, 0)",
                (key, key, kind, found_on),
            )

    migrate(sqlite_url(tmp_path))

    ways = database.execute("SELECT key, ways FROM link ORDER BY id").fetchall()
    database.close()
    assert ways == [("f", 0), ("a", 1)]


def test_hosts_of_before_learn_their_turns_when_they_are_visited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = migrate_to("0006", tmp_path, monkeypatch)
    with database:
        database.execute(
            "INSERT INTO host (key, free_at, fence, failures)"
            " VALUES ('www.h.example', '2026-01-01 00:00:00', 0, 0)"
        )
    database.close()

    migrate(sqlite_url(tmp_path))

    engine = writing_engine(sqlite_url(tmp_path))
    with Session(engine) as session:
        ticket = open_visit(
            session,
            "www.h.example",
            now=NOON,
            until=NOON,
            limit=1,
            domain_of=lambda host: host.removeprefix("www."),
        )
    engine.dispose()
    assert ticket is not None
    assert ticket.turns == ("h.example",)


def test_a_page_of_before_has_its_news_still_to_be_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = migrate_to("0007", tmp_path, monkeypatch)
    with database:
        database.execute(
            "INSERT INTO host (key, free_at, fence, failures)"
            " VALUES ('h', '2026-01-01', 0, 0)"
        )
        database.execute(
            "INSERT INTO link (host, url, key, kind, state, reason, found_at,"
            " attempts, failures, interval_s)"
            " VALUES ('h', 'f', 'f', 'feed', 'watched', '', '2026-01-01', 9, 0, 600)"
        )

    migrate(sqlite_url(tmp_path))

    kept = database.execute("SELECT interval_s, rhythm, pull FROM link").fetchall()
    database.close()
    assert kept == [(600.0, None, None)]


def test_counts_of_before_are_kept_but_for_what_one_page_has_shown_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = migrate_to("0042", tmp_path, monkeypatch)
    once, again = "2026-01-01 08:00:00", "2026-01-01 09:00:00"
    with database:
        database.execute(
            "INSERT INTO host_template (id, site, language, generation, pages,"
            " learned_at, title_suffixes, title_prefixes)"
            " VALUES (1, 'h', '', 1, 2, ?, '[]', '[]')",
            (again,),
        )
        database.executemany(
            "INSERT INTO host_block (template_id, key, linked, df, df_days,"
            " first_seen, last_seen, sample) VALUES (1, ?, 0, ?, 1, ?, ?, ?)",
            [
                (1, 1, once, once, ""),
                (2, 2, once, once, "Menu"),
                (3, 1, once, again, ""),
                (4, 1, once, once, "Read more"),
            ],
        )

    migrate(sqlite_url(tmp_path))

    kept = database.execute("SELECT key FROM host_block ORDER BY key").fetchall()
    database.close()
    assert kept == [(2,), (3,), (4,)]


def test_articles_of_before_are_found_by_the_bands_of_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, short = bytes(range(256)), None
    database = migrate_to("0044", tmp_path, monkeypatch)
    with database:
        database.execute(
            "INSERT INTO host (key, free_at, fence, failures)"
            " VALUES ('h', '2026-01-01', 0, 0)"
        )
        for number in (1, 2):
            database.execute(
                "INSERT INTO link (host, url, key, kind, state, reason, found_at, attempts,"
                " failures) VALUES ('h', ?, ?, 'article', 'archived', '', '2026-01-01',"
                " 1, 0)",
                (number, number),
            )
            database.execute(
                "INSERT INTO article (link_id, key, url, title, authors, first_seen,"
                " last_seen, versions, state) VALUES (?, ?, 'a', '', '[]',"
                " '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0, 'present')",
                (number, number),
            )
        database.executemany(
            "INSERT INTO fingerprint (article_id, algorithm, signature) VALUES (?, 1, ?)",
            [(1, signature), (2, short)],
        )
        database.execute("INSERT INTO fingerprint_band VALUES (77, 1)")

    migrate(sqlite_url(tmp_path))

    kept = database.execute("SELECT hash, article_id FROM fingerprint_band").fetchall()
    database.close()
    assert sorted(kept) == sorted((band, 1) for band in bands(signature))


def test_articles_of_before_are_found_by_their_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0025 with an article whose words were folded as then."""
    database = migrate_to("0025", tmp_path, monkeypatch)
    document = {"section": "Kraj", "tags": ["Tramwaje", "Łódź"], "authors": ["A", "B"]}
    with database:
        for row in (
            (
                "INSERT INTO host (key, free_at, fence, failures)"
                " VALUES ('h', '2026-01-01', 0, 0)"
            ),
            (
                "INSERT INTO link (host, url, key, kind, state, reason, found_at, attempts,"
                " failures) VALUES ('h', 'a', 'a', 'article', 'archived', '', '2026-01-01',"
                " 1, 0)"
            ),
            (
                "INSERT INTO article (link_id, key, url, title, authors, first_seen,"
                " last_seen, versions, state) VALUES (1, 'a', 'a', 'Łódź', '[]',"
                " '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, 'present')"
            ),
            (
                "INSERT INTO search_text (article_id, title, body, authors)"
                " VALUES (1, 'łodz', 'w łodzi', 'a b')"
            ),
        ):
            database.execute(row)
        for number, change, kept in ((1, "first", document), (2, "truncated", {})):
            database.execute(
                "INSERT INTO version (article_id, number, captured_at, change, title,"
                " text, story_sha256, extractor, document)"
                " VALUES (1, ?, '2026-01-01', ?, '', 'W Łodzi', '', '', ?)",
                (number, change, json.dumps(kept)),
            )
    database.close()

    migrate(sqlite_url(tmp_path))

    engine = reading_engine(sqlite_url(tmp_path))
    asked = ["tag:lodz", "section:kraj", "łodzi", "title:łódź", 'author:"a b"', "kraj"]
    with Session(engine) as session:
        found = [len(search(session, query)) for query in asked]
    engine.dispose()
    assert found == [1, 1, 1, 1, 0, 0]


def test_what_was_there_before_is_counted_and_what_changes_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0034 with links of a source, and of none."""
    database = migrate_to("0034", tmp_path, monkeypatch)
    with database:
        database.execute(
            "INSERT INTO host (key, free_at, fence, failures) VALUES ('h', '2026-01-01', 0, 0)"
        )
        database.execute(
            "INSERT INTO source (id, name, home, state, origin, settings, created_at)"
            " VALUES (1, 'a', 'h', 'active', 'config', '{}', '2026-01-01')"
        )
        for key, source in (("x", 1), ("y", 1), ("z", None)):
            database.execute(
                "INSERT INTO link (host, url, key, kind, state, reason, source_id,"
                " found_at, attempts, failures, ways)"
                " VALUES ('h', ?1, ?1, 'article', 'waiting', '', ?2, '2026-01-01', 0, 0, 0)",
                (key, source),
            )
    database.close()

    migrate(sqlite_url(tmp_path))
    database = sqlite3.connect(tmp_path / "kliping.sqlite3")
    counted = "SELECT source_id, state, number FROM census ORDER BY 1, 2"
    before = database.execute(counted).fetchall()
    with database:
        database.execute("UPDATE link SET state = 'gone' WHERE key = 'x'")
    after = database.execute(counted).fetchall()
    database.close()

    assert before == [(0, "waiting", 1), (1, "waiting", 2)]
    assert after == [(0, "waiting", 1), (1, "gone", 1), (1, "waiting", 1)]


def test_what_was_kept_before_months_stands_before_them(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0039 with captures, revisits, versions, parts and pages."""
    with postgres.empty() as url:
        path = tmp_path / "data"
        with known_up_to("0039", tmp_path, monkeypatch):
            migrate(url)
            alter_later(url, "ADD COLUMN {} {}")
            with open_archive(path, shared=url) as archive:
                fill(archive, 20, random.Random(5))
            run(url, "UPDATE host SET served_at = NULL")  # nobody knew it then
            before = all_rows(url)
            alter_later(url, "DROP COLUMN {}")

        migrate(url)
        after = all_rows(url)
        with open_archive(path, shared=url) as archive:
            (next_id,) = {archive.writer.submit(keeping(1)).result(20)}
        engine = reading_engine(url)
        with engine.connect() as connection:
            asked = "SELECT tableoid::regclass::text, count(*) FROM capture GROUP BY 1"
            places = dict(connection.exec_driver_sql(asked).all())
            highest = connection.exec_driver_sql(
                "SELECT max(id) FROM ONLY capture_before"
            ).scalar_one()
            census = "SELECT sum(number) FROM census WHERE what = 'capture'"
            counts = connection.exec_driver_sql(census).scalar_one()
        engine.dispose()
        left = differences(url)

    assert {"capture", "version", "version_part", "host_page", "former_version"} <= {
        name for name, found in before.items() if found.rows
    }
    assert after == before
    assert left == []
    month = partition_name("capture", month_of(next_id))
    assert places == {"capture_before": before["capture"].rows, month: 1}
    assert counts == before["capture"].rows + 1
    assert counted(next_id) > highest


#: The columns of 0041, 0046, 0047 and 0050: what fills a database today writes them.
_LATER = (
    ("source", "paused_at", "timestamp"),
    ("source", "resumed_at", "timestamp"),
    ("link", "guid", "varchar"),
    ("article", "first_link", "integer"),
    ("host", "served_at", "timestamp"),
    ("capture", "page_link_id", "integer"),
)


def alter_later(url: str, change: str) -> None:
    """Add, or drop, the columns that came later than 0039."""
    for table, name, kind in _LATER:
        run(url, f"ALTER TABLE {table} {change.format(name, kind)}")


def run(url: str, statement: str) -> None:
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def all_rows(url: str) -> dict[str, RowSum]:
    engine = reading_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: row_sum(connection, table)
            for table in ArticleRow.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_articles_of_before_are_found_by_the_headlines_that_they_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0043: an article with three headlines, one of a stub."""
    database = migrate_to("0043", tmp_path, monkeypatch)
    with database:
        for row in (
            (
                "INSERT INTO host (key, free_at, fence, failures)"
                " VALUES ('h', '2026-01-01', 0, 0)"
            ),
            (
                "INSERT INTO link (host, url, key, kind, state, reason, found_at, attempts,"
                " failures) VALUES ('h', 'a', 'a', 'article', 'archived', '', '2026-01-01',"
                " 1, 0)"
            ),
            (
                "INSERT INTO article (link_id, key, url, title, authors, first_seen,"
                " last_seen, versions, state) VALUES (1, 'a', 'a', 'Kabinet', '[]',"
                " '2026-01-01 00:00:00', '2026-01-01 00:00:00', 3, 'present')"
            ),
            (
                "INSERT INTO search_text (article_id, title, body, authors)"
                " VALUES (1, 'kabinet', 'isi', '')"
            ),
        ):
            database.execute(row)
        titles = (
            ("Menteri mundur", "first"),
            ("Kabinet", "headline"),
            ("T", "truncated"),
        )
        for number, (title, change) in enumerate(titles, 1):
            database.execute(
                "INSERT INTO version (article_id, number, captured_at, change, title,"
                " text, story_sha256, extractor, document)"
                " VALUES (1, ?, ?, ?, ?, 'Isi', '', '', '{}')",
                (number, f"2026-01-0{number} 00:00:00", change, title),
            )
    database.close()

    migrate(sqlite_url(tmp_path))

    engine = reading_engine(sqlite_url(tmp_path))
    asked = ['title:"menteri mundur"', "kabinet", '"kabinet menteri"', "title:t"]
    with Session(engine) as session:
        found = [len(search(session, query)) for query in asked]
    engine.dispose()
    assert found == [1, 1, 0, 0]


def test_articles_of_before_are_found_by_letters_that_are_mixed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of revision 0048: an article with its words as they were folded then."""
    database = migrate_to("0048", tmp_path, monkeypatch)
    with database:
        for row in (
            (
                "INSERT INTO host (key, free_at, fence, failures)"
                " VALUES ('h', '2026-01-01', 0, 0)"
            ),
            (
                "INSERT INTO link (host, url, key, kind, state, reason, found_at, attempts,"
                " failures) VALUES ('h', 'a', 'a', 'article', 'archived', '', '2026-01-01',"
                " 1, 0)"
            ),
            (
                "INSERT INTO article (link_id, key, url, title, authors, first_seen,"
                " last_seen, versions, state) VALUES (1, 'a', 'a', '', '[]',"
                " '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, 'present')"
            ),
            (
                "INSERT INTO search_text (article_id, title, body, authors, tags)"
                " VALUES (1, 'المدرسة', 'في القرى', 'مصطفى', '')"
            ),
        ):
            database.execute(row)
    database.close()

    migrate(sqlite_url(tmp_path))

    engine = reading_engine(sqlite_url(tmp_path))
    asked = ["title:المدرسة", "المدرسه", "القري", "author:مصطفي", "المدرس"]
    with Session(engine) as session:
        found = [len(search(session, query)) for query in asked]
    engine.dispose()
    assert found == [1, 1, 1, 1, 0]
