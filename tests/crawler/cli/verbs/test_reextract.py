"""`kliping reextract`: over archives of a real site, with real children."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from crawler.cli.app import app
from crawler.demo.server import NewsWeb, Site
from tests.crawler.cli.conftest import Command
from tests.crawler.cli.test_running_service import service

__all__ = ["service"]


Rule = Callable[..., None]


@pytest.fixture(scope="module")
def site(web: NewsWeb) -> Site:
    return next(site for site in web.sites if site.key == "wordpress")


@pytest.fixture(scope="module")
def crawled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the articles of a source."""
    place = tmp_path_factory.mktemp("crawled")
    settings = {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": {"folder": str(place / "archive"), "disk_floor": 1},
        "defaults": {"delay": "1ms"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "sources": [site.source()],
    }
    config = place / "config.yaml"
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    done = CliRunner().invoke(app, ["--config", str(config), "serve", "--once"])
    assert done.exit_code == 0, done.stderr
    return place / "archive"


@pytest.fixture
def archive(crawled: Path, settings: dict[str, Any], set_rules: Rule) -> Path:
    """A copy of it, its source paused and without site rules."""
    set_rules()
    folder = Path(settings["storage"]["folder"])
    shutil.copytree(crawled, folder)
    return folder


@pytest.fixture
def set_rules(settings: dict[str, Any], config: Path, site: Site) -> Rule:
    """Write the settings anew, the source with site rules."""

    def write(**rules: object) -> None:
        source = (
            site.source() | {"state": "paused"} | ({"rules": [rules]} if rules else {})
        )
        text = yaml.safe_dump(settings | {"sources": [source]}, allow_unicode=True)
        config.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def line(archive: Path, kliping: Command) -> str:  # noqa: ARG001  # it must be there
    """A line of article 2 and no other."""
    line: str = kliping("show", "2", "-f", "jsonl").rows[0]["blocks"][1]["text"]
    assert line not in kliping("show", "1").out
    return line


def dump(folder: Path) -> list[tuple[Any, ...]]:
    """All that the database says of articles, their versions and their index."""
    with sqlite3.connect(folder / "kliping.sqlite3") as database:
        return [
            row
            for table in ("article", "version", "search_text")
            for row in database.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
        ]


def test_with_nothing_changed_every_version_reads_as_it_did(
    archive: Path, kliping: Command
) -> None:
    before = dump(archive)

    done = kliping("reextract")

    assert (done.code, done.rows) == (0, [])
    assert "0 versions read otherwise, 3 as before" in done.err
    assert dump(archive) == before


def test_a_shadow_run_lists_what_a_new_rule_changes_and_nothing_else(
    archive: Path, kliping: Command, set_rules: Rule, line: str
) -> None:
    set_rules(drop_lines=[line])
    before = dump(archive)

    done = kliping("reextract", "--shadow")

    assert [(row["article"], row["differs"]) for row in done.rows] == [(2, ["text"])]
    (row,) = done.rows
    assert row["words_before"] - row["words_after"] == len(line.split())
    assert dump(archive) == before


def test_a_run_is_promoted_and_rolled_back_to_the_very_rows(
    archive: Path, kliping: Command, set_rules: Rule, line: str
) -> None:
    set_rules(drop_lines=[line])
    kliping("reextract", "--shadow")
    (run,) = kliping("reextract", "--runs").rows
    before = dump(archive)

    promoted = kliping("reextract", "--promote", run["name"])
    text = kliping("show", "2").out
    again = kliping("reextract", "--promote", run["name"])
    states = [row["state"] for row in kliping("reextract", "--runs").rows]
    rolled_back = kliping("reextract", "--rollback", run["name"])

    assert (run["state"], states) == ("shadow", ["promoted"])
    assert promoted.rows == [
        {"run": run["name"], "articles": 1, "versions": 1, "left": 0}
    ]
    assert line not in text
    assert again.code == 2
    assert "stands promoted" in again.err
    assert rolled_back.rows[0]["versions"] == 1
    assert dump(archive) == before


def test_without_a_flag_the_new_readings_are_put_in_place(
    kliping: Command, set_rules: Rule, line: str, site: Site
) -> None:
    set_rules(drop_lines=[line])

    done = kliping("reextract", "--source", site.source()["name"])
    second = kliping("reextract", "--source", site.source()["name"])

    assert done.rows
    assert "undo by `kliping reextract --rollback" in done.err
    assert second.rows == []


def test_a_page_that_reads_as_no_article_keeps_its_version(
    archive: Path, kliping: Command, set_rules: Rule
) -> None:
    set_rules(body="h1")
    before = dump(archive)

    done = kliping("reextract")

    unread = [row for row in done.rows if row["why"]]
    assert done.code == 1
    assert unread
    assert all("reads as" in row["why"] for row in unread)
    assert dump(archive) == before


@pytest.fixture
def passed_over(archive: Path) -> tuple[str, str]:
    """Article 2's URL and title; it was read as no article, as far as rows tell."""
    with sqlite3.connect(archive / "kliping.sqlite3") as database:
        url, title, link = database.execute(
            "SELECT url, title, link_id FROM article WHERE id = 2"
        ).fetchone()
        for statement in (
            "DELETE FROM record WHERE kind = 'note'",
            "DELETE FROM fingerprint WHERE article_id = 2",
            "DELETE FROM version WHERE article_id = 2",
            "DELETE FROM search_text WHERE article_id = 2",
            "DELETE FROM article WHERE id = 2",
        ):
            database.execute(statement)
        database.execute(
            "UPDATE link SET state = 'not_article', next_run = NULL WHERE id = ?",
            (link,),
        )
        database.execute(
            "UPDATE capture SET verdict = 'hub' WHERE link_id = ?", (link,)
        )
    return url, title


def test_a_page_passed_over_is_listed_as_an_article_now(
    kliping: Command, passed_over: tuple[str, str]
) -> None:
    """A shadow run tells it, and archives nothing."""
    done = kliping("reextract", "--shadow")

    (row,) = done.rows
    assert (row["url"], row["title"]) == passed_over
    assert (row["article"], row["differs"]) == (None, ["is an article"])
    assert "1 of 5 pages that were none are articles" in done.err
    assert kliping("show", passed_over[0]).code != 0


def test_a_page_passed_over_is_archived_by_promotion(
    kliping: Command, passed_over: tuple[str, str]
) -> None:
    """It becomes an article with its first version, read from the kept bytes."""
    done = kliping("reextract")
    again = kliping("reextract")

    assert done.code == 0, done.err
    shown = kliping("versions", passed_over[0]).rows
    assert [row["change"] for row in shown] == ["first"]
    assert "3 as before" in again.err
    assert again.rows == []


def test_a_damaged_capture_is_named_and_the_others_are_read(
    archive: Path, kliping: Command
) -> None:
    (segment,) = (archive / "warc").glob("*.warc.gz")
    with sqlite3.connect(archive / "kliping.sqlite3") as database:
        (at,) = database.execute(
            "SELECT c.offset + c.length / 2 FROM capture c JOIN version v"
            " ON v.capture_id = c.id WHERE v.article_id = 2"
        ).fetchone()
    with segment.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 255]))

    done = kliping("reextract", "--shadow")

    assert done.code == 1
    assert [row["article"] for row in done.rows] == [2]
    assert segment.name in done.rows[0]["why"]
    assert "2 as before" in done.err


def test_an_interrupted_run_is_gone_on_with(
    archive: Path, kliping: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.reextract.running._BATCH", 1)
    kliping("reextract", "--shadow")
    (path,) = (archive / "reextract").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:5])
    (run,) = kliping("reextract", "--runs").rows

    done = kliping("reextract", "--shadow")

    assert run["state"] == "interrupted"
    assert [row["state"] for row in kliping("reextract", "--runs").rows] == ["shadow"]
    assert path.read_bytes() == b"".join(lines)
    assert "3 as before" in done.err


@pytest.mark.usefixtures("archive")
def test_what_is_not_there_is_told(kliping: Command) -> None:
    assert kliping("reextract", "--source", "Nobody").code == 2
    assert kliping("reextract", "--promote", "20261122T120000Z").code == 2
    assert kliping("reextract", "--shadow", "--runs").code == 2


@pytest.mark.usefixtures("archive", "service")
def test_a_running_service_promotes_what_was_read_beside_it(
    kliping: Command, set_rules: Rule, line: str
) -> None:
    set_rules(drop_lines=[line])

    done = kliping("reextract")
    (run,) = kliping("reextract", "--runs").rows
    clean = kliping("show", "2").out
    back = kliping("reextract", "--rollback", run["name"])
    twice = kliping("reextract", "--rollback", run["name"])

    assert [row["article"] for row in done.rows] == [2]
    assert line not in clean
    assert back.rows[0]["versions"] == 1
    assert line in kliping("show", "2").out
    assert twice.code != 0
    assert "does not stand promoted" in twice.err
