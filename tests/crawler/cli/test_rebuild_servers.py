"""`kliping rebuild` where the archive is on a server, or is to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage.folder import DATABASE
from tests.crawler.cli.conftest import Command
from tests.postgres import Server


@pytest.fixture
def there(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def on_server(config: Path, settings: dict[str, Any], there: str) -> str:
    """Have the archive on the server."""
    settings["storage"]["database"] = there
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return there


def test_an_archive_goes_from_a_file_to_a_server_and_back(
    kliping: Command,
    config: Path,
    settings: dict[str, Any],
    there: str,
    article: str,
    tmp_path: Path,
) -> None:
    kliping("fetch", "--save", article)
    before = kliping("show", article).out
    (Path(settings["storage"]["folder"]) / DATABASE).unlink()

    made = kliping("rebuild", "--to", there)
    settings["storage"]["database"] = there
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    on_server = kliping("show", article)
    back = kliping("rebuild", "--into", str(tmp_path / "copy"))

    assert made.code == 0, made.err
    assert "set storage.database" in made.err
    assert made.rows[0]["articles"] == 1
    assert (on_server.code, on_server.out) == (0, before)
    assert back.code == 0, back.err
    assert (tmp_path / "copy" / DATABASE).exists()


@pytest.mark.usefixtures("on_server")
def test_the_database_of_the_settings_is_made_if_it_is_empty(
    kliping: Command, article: str, postgres: Server
) -> None:
    kliping("fetch", "--save", article)
    before = kliping("show", article).out

    full = kliping("rebuild")
    with postgres.empty() as url:
        other = kliping("rebuild", "--to", url.replace("+psycopg", ""))

    assert full.code != 0
    assert "not empty" in full.err
    assert kliping("show", article).out == before
    assert other.code == 0, other.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--into", "x", "--to", "postgresql://h/x"], "two places"),
        (["--to", "sqlite:///x"], "--into FOLDER"),
        (["--to", "postgresql://h/x", "--replace"], "--replace"),
    ],
    ids=["two places", "a file", "replaced"],
)
def test_what_does_not_fit_is_refused(
    kliping: Command, words: list[str], why: str
) -> None:
    done = kliping("rebuild", *words)

    assert done.code == 2
    assert why in done.err
