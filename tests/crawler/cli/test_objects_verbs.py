"""`kliping objects`, and every verb that reads what only the object store has."""

import json
from pathlib import Path
from typing import Any

import pytest

from storage.folder import DATABASE
from tests.crawler.cli.conftest import Command
from tests.objects import S3


@pytest.fixture(params=["s3", "folder"])
def settings(
    request: pytest.FixtureRequest, settings: dict[str, Any], tmp_path: Path
) -> dict[str, Any]:
    request.getfixturevalue("credentials")
    storage = settings["storage"]
    if request.param == "folder":
        return settings | {"storage": storage | {"objects": f"file://{tmp_path}/store"}}
    server: S3 = request.getfixturevalue("s3")
    there = {
        "objects": server.bucket(),
        "objects_endpoint": server.endpoint,
        "objects_allow_http": True,
    }
    return settings | {"storage": storage | there | {"keep_local": "0s"}}


@pytest.fixture
def folder(settings: dict[str, Any]) -> Path:
    return Path(settings["storage"]["folder"])


@pytest.fixture
def filled(kliping: Command, article: str, folder: Path) -> Path:
    """An article whose WARC file only the store has."""
    assert kliping("fetch", "--save", article).code == 0
    done = kliping("objects", "push")
    assert done.code == 0, done.err
    (row,) = done.rows
    assert (row["files"], row["refused"]) == (2, {})
    for path in (folder / "warc").iterdir():
        path.unlink()
    return folder


def test_status_says_what_is_there_and_what_waits(
    kliping: Command, article: str, settings: dict[str, Any]
) -> None:
    kliping("fetch", "--save", article)
    (before,) = kliping("objects", "status").rows
    kliping("objects", "push")
    (after,) = kliping("objects", "status").rows

    assert (before["uploaded"], before["waiting"]) == (0, 1)
    assert before["since"]
    assert (after["uploaded"], after["waiting"], after["since"]) == (1, 0, None)
    assert after["uploaded_bytes"] == before["waiting_bytes"] > 1000
    assert after["store"] == settings["storage"]["objects"]


def test_copies_here_go_by_policy(
    kliping: Command, article: str, folder: Path, settings: dict[str, Any]
) -> None:
    kliping("fetch", "--save", article)

    kliping("objects", "push")

    left = [path.suffix for path in sorted((folder / "warc").iterdir())]
    goes = "keep_local" in settings["storage"]
    assert left == ([] if goes else [".gz", ".cdxj"])


def test_what_only_the_store_has_is_read(
    kliping: Command, filled: Path, article: str, tmp_path: Path
) -> None:
    verified = kliping("verify", "--full")
    explained = kliping("explain", article)
    exported = kliping("export", "--format", "warc", "--out", tmp_path / "out.warc.gz")
    read_again = kliping("reextract", "--shadow")
    backed_up = kliping("backup", tmp_path / "backup")

    assert (verified.code, verified.rows) == (0, [])
    assert explained.code == 0
    assert exported.code == 0, exported.err
    assert (tmp_path / "out.warc.gz").stat().st_size > 1000
    assert read_again.code == 0, read_again.err
    assert backed_up.code == 0, backed_up.err
    (copied,) = (tmp_path / "backup" / "warc").iterdir()
    assert copied.stat().st_size == backed_up.rows[0]["copied"]
    assert list((filled / "warc").glob("*.gz")) == []


def test_a_database_is_made_again_of_what_the_store_has(
    kliping: Command, filled: Path, article: str
) -> None:
    before = kliping("show", article).out
    for path in filled.glob(f"{DATABASE}*"):
        path.unlink()

    done = kliping("rebuild")

    assert done.code == 0, done.err
    assert kliping("show", article).out == before
    assert kliping("verify", "--full").code == 0
    (row,) = kliping("objects", "status").rows
    assert (row["uploaded"], row["waiting"]) == (1, 0)


@pytest.mark.usefixtures("filled")
def test_doctor_tries_the_store(kliping: Command) -> None:
    checks = {row["check"]: row for row in kliping("doctor").rows}

    assert checks["object store"]["result"] == "good"
    assert "1 WARC files" in checks["object store"]["found"]
    assert checks["warc files"]["result"] == "good"


def test_without_a_store_there_is_nothing_to_push(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    storage = {"folder": settings["storage"]["folder"]}
    config.write_text(json.dumps(settings | {"storage": storage}))

    done = kliping("objects", "push")

    assert done.code != 0
    assert "storage.objects is not set" in done.err


@pytest.mark.usefixtures("filled")
def test_doctor_misses_files_once_the_store_is_named_no_more(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    storage = {"folder": settings["storage"]["folder"], "disk_floor": 1}
    config.write_text(json.dumps(settings | {"storage": storage}))

    done = kliping("doctor")

    found = {row["check"]: row for row in done.rows}
    assert done.code == 12
    assert found["warc files"]["result"] == "bad"
    assert "object store" not in found
