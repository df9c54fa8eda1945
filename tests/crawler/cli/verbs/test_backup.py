"""`kliping backup` and `kliping restore`, beside a running service too."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.crawler.cli.conftest import Command
from tests.crawler.cli.test_running_service import service

__all__ = ["service"]


def test_what_was_backed_up_is_restored(
    kliping: Command,
    article: str,
    tmp_path: Path,
    settings: dict[str, Any],
) -> None:
    kliping("fetch", "--save", article)
    title = kliping("show", "1").out.splitlines()[0]

    backed_up = kliping("backup", tmp_path / "copy")
    shutil.rmtree(settings["storage"]["folder"])
    restored = kliping("restore", tmp_path / "copy")

    assert (backed_up.code, restored.code) == (0, 0)
    assert backed_up.rows[0]["damaged"] == []
    assert restored.rows[0]["bytes"] == backed_up.rows[0]["bytes"]
    assert kliping("show", "1").out.splitlines()[0] == title
    assert kliping("verify", "--full").code == 0


def test_folders_may_be_named_from_where_one_stands(
    kliping: Command,
    article: str,
    config: Path,
    tmp_path: Path,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    settings["storage"]["folder"] = "kliping-data"  # as it is shipped
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    kliping("fetch", "--save", article)

    assert kliping("backup", "copy").code == 0
    shutil.rmtree("kliping-data")
    assert kliping("restore", "copy").code == 0

    assert kliping("show", "1").code == 0


@pytest.mark.usefixtures("service")
def test_a_running_service_is_backed_up(
    kliping: Command,
    article: str,
    tmp_path: Path,
    settings: dict[str, Any],
    config: Path,
) -> None:
    kliping("fetch", "--save", article)
    backed_up = kliping("backup", tmp_path / "copy")
    settings["storage"]["folder"] = str(tmp_path / "elsewhere")
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    restored = kliping("restore", tmp_path / "copy")

    assert (backed_up.code, restored.code) == (0, 0)
    assert [row["url"] for row in kliping("ledger").rows] == [article]
    assert kliping("verify", "--full").code == 0
    assert kliping("serve", "--once").code == 0  # recovers, seals, reads


def test_a_damaged_archive_is_backed_up_and_told(
    kliping: Command, article: str, tmp_path: Path, settings: dict[str, Any]
) -> None:
    kliping("fetch", "--save", article)
    (path,) = (Path(settings["storage"]["folder"]) / "warc").iterdir()
    path.write_bytes(path.read_bytes()[:-1])

    done = kliping("backup", tmp_path / "copy")

    assert done.code == 12
    assert json.loads(done.out)["damaged"] == [path.name]
    assert "see `kliping verify`" in done.err


def test_what_is_in_the_way_is_told(
    kliping: Command, article: str, tmp_path: Path
) -> None:
    kliping("fetch", "--save", article)
    kliping("backup", tmp_path / "copy")

    over = kliping("restore", tmp_path / "copy")
    nothing = kliping("restore", tmp_path)

    assert (over.code, nothing.code) == (2, 2)
    assert "is not empty" in over.err
    assert "holds no backup" in nothing.err


def test_another_database_is_left_to_its_own_tools(
    kliping: Command, tmp_path: Path, settings: dict[str, Any], config: Path
) -> None:
    settings["storage"]["database"] = f"sqlite:///{tmp_path}/rows.sqlite3"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping("backup", tmp_path / "copy")

    assert done.code == 2
    assert "its own tools" in done.err
