"""`kliping takedown`."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.cli.conftest import Command
from tests.crawler.cli.test_running_service import service

__all__ = ["service"]


def test_an_article_is_hidden_listed_and_shown_again(
    kliping: Command, article: str, tmp_path: Path
) -> None:
    kliping("fetch", "--save", article)
    named = tmp_path / "urls"
    named.write_text(f"{article}\n", encoding="utf-8")

    taken = kliping("takedown", named, "--depth", "hide", "--reason", "law")
    shown, explained = kliping("show", "1"), kliping("explain", article)
    listed = kliping("takedown", "list")
    lifted = kliping("takedown", "lift", taken.rows[0]["name"])

    assert (taken.code, shown.code, lifted.code) == (0, 2, 0)
    assert "was taken down" in shown.err
    assert '"document"' not in explained.out
    assert [(row["state"], row["addresses"]) for row in listed.rows] == [
        ("standing", 1)
    ]
    assert kliping("show", "1").code == 0


def test_what_is_excluded_is_as_if_never_there(kliping: Command, article: str) -> None:
    kliping("fetch", "--save", article)

    kliping("takedown", "1", "--depth", "exclude")
    shown, again = kliping("show", "1"), kliping("fetch", "--save", article)

    assert (shown.code, again.code) == (2, 6)
    assert "no such article" in shown.err
    assert "was taken down" in again.err


def test_a_beginning_is_told_to_bar_only_what_is_known(
    kliping: Command, article: str
) -> None:
    kliping("fetch", "--save", article)

    one = kliping("takedown", "1", "--depth", "hide")
    below = kliping("takedown", f"{article.rpartition('/')[0]}*", "--depth", "exclude")

    assert (one.code, one.err) == (0, "")
    assert below.code == 0
    assert "what appears below it later is not barred" in below.err


def test_an_erased_article_is_gone_with_its_bytes_and_not_asked_for_again(
    kliping: Command, article: str, settings: dict[str, Any]
) -> None:
    kliping("fetch", "--save", article)
    title = kliping("show", "1", "-f", "jsonl").rows[0]["title"]
    folder = Path(settings["storage"]["folder"])

    refused = kliping("takedown", "1", "--depth", "erase")
    told = kliping("takedown", "1", "--depth", "erase", "--dry-run")
    done = kliping("takedown", "1", "--depth", "erase", "--reason", "law", "--yes")
    again = kliping("fetch", "--save", article)
    report = json.loads(kliping("takedown", "report", done.rows[0]["name"]).out)

    assert (refused.code, told.code, done.code, again.code) == (2, 0, 0, 6)
    found = json.loads(told.out)
    assert found["addresses"] == [article]
    assert "--everywhere erases those that do" in done.err
    assert done.rows[0]["state"] == "erased"
    assert len(report["erasure"]["records"]) >= len(found["records"]) > 2
    assert kliping("verify", "--full").code == 0
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    texts += [
        gzip.decompress(path.read_bytes()) for path in (folder / "warc").iterdir()
    ]
    needles = (title.encode(), article.encode(), article.split("/")[-2].encode())
    assert [n for n in needles if any(n in text for text in texts)] == []


@pytest.mark.usefixtures("service")
def test_a_running_service_erases_at_once(kliping: Command, article: str) -> None:
    kliping("fetch", "--save", article)

    done = kliping("takedown", article, "--depth", "erase", "--yes", "--everywhere")

    assert (done.code, done.rows[0]["state"]) == (0, "erased")
    assert kliping("show", "1").code == 2


def test_what_was_erased_since_a_backup_is_not_restored(
    kliping: Command, article: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    kliping("fetch", "--save", article)
    title = kliping("show", "1", "-f", "jsonl").rows[0]["title"]
    kliping("backup", tmp_path / "copy")
    kliping("takedown", "1", "--depth", "erase", "--yes")
    folder = Path(settings["storage"]["folder"])
    (folder / "erasures.jsonl").rename(tmp_path / "erasures.jsonl")
    shutil.rmtree(folder)

    restored = kliping(
        "restore", tmp_path / "copy", "--erasures", tmp_path / "erasures.jsonl"
    )

    assert (restored.code, len(restored.rows[0]["erased"])) == (0, 1)
    assert kliping("show", "1").code == 2
    assert kliping("fetch", "--save", article).code == 6
    assert kliping("verify", "--full").code == 0
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(title.encode() in text for text in texts)
