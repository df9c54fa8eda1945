"""A database that is gone, or another's, beside WARC files: nobody begins a new one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.crawler.cli.conftest import Command

WRITING = (("serve", "--once"), ("token", "add", "desk"), ("migrate",))
READING = (("show", "1"), ("health",), ("search", "pier"))


@pytest.fixture
def database(kliping: Command, article: str, settings: dict[str, Any]) -> Path:
    """The database of an archive with an article."""
    assert kliping("fetch", "--save", article).code == 0
    return Path(settings["storage"]["folder"]) / "kliping.sqlite3"


def warcs(database: Path) -> list[str]:
    return sorted(path.name for path in (database.parent / "warc").iterdir())


@pytest.mark.parametrize("loss", ["removed", "emptied"])
@pytest.mark.parametrize("words", WRITING + READING, ids=" ".join)
def test_a_lost_one_is_told_and_its_files_stay(
    kliping: Command, database: Path, loss: str, words: tuple[str, ...]
) -> None:
    before = warcs(database)
    database.unlink()
    if loss == "emptied":
        database.touch()

    ended = kliping(*words)

    assert ended.code == 10
    assert "kliping rebuild" in ended.err
    assert warcs(database) == before
    assert database.exists() == (loss == "emptied")
    database.unlink(missing_ok=True)
    assert kliping("rebuild").code == 0
    assert kliping("show", "1").code == 0


@pytest.mark.parametrize("words", WRITING + READING, ids=" ".join)
def test_another_s_is_not_begun(
    kliping: Command,
    database: Path,
    config: Path,
    settings: dict[str, Any],
    words: tuple[str, ...],
) -> None:
    before = warcs(database)
    other = database.with_name("misspelt.sqlite3")
    settings["storage"]["database"] = f"sqlite:///{other}"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    ended = kliping(*words)

    assert ended.code == 10
    assert "storage.database" in ended.err
    assert not other.exists()
    assert warcs(database) == before


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_makes_no_database(
    kliping: Command,
    config: Path,
    tmp_path: Path,
    settings: dict[str, Any],
    words: tuple[str, ...],
) -> None:
    Path(settings["storage"]["folder"]).mkdir(parents=True)
    absent = tmp_path / "absent.sqlite3"
    settings["storage"]["database"] = f"sqlite:///{absent}"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    ended = kliping(*words)

    assert ended.code == 2
    assert "nothing is archived" in ended.err
    assert not absent.exists()
