"""`kliping export` over one archive, made once."""

import csv
import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from fastwarc.warc import ArchiveIterator
from typer.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator as Warcio

from crawler.cli.app import app
from crawler.demo.server import NewsWeb
from storage.exports import exports_with
from storage.folder import DataFolder
from tests.crawler.cli.conftest import Command, Ended


@pytest.fixture(scope="module")
def archive(web: NewsWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config file whose data folder holds two articles of one site and one of another."""
    place = tmp_path_factory.mktemp("archive")
    path = place / "config.yaml"
    sites = [site for site in web.sites if site.key in {"wordpress", "waha"}]
    settings = {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": {"folder": str(place / "kept"), "disk_floor": 1},
        "defaults": {"delay": "1ms"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    urls = [site.url(r.path) for site in sites for r in web.articles(site)[:2]][:3]
    done = CliRunner().invoke(app, ["--config", str(path), "fetch", "--save", *urls])
    assert done.exit_code == 0
    return path


@pytest.fixture
def kliping(archive: Path) -> Command:
    def run(*words: str | Path) -> Ended:
        done = CliRunner().invoke(app, ["--config", str(archive), *map(str, words)])
        return Ended(done.exit_code, done.stdout, done.stderr)

    return run


def test_all_articles_are_exported_as_json_lines(kliping: Command) -> None:
    done = kliping("export")

    assert [row["id"] for row in done.rows] == [1, 2, 3]
    assert done.err == "kliping: 3 articles in 3 rows\n"


def test_a_query_and_its_exclusions_choose(kliping: Command) -> None:
    rows = kliping("export").rows
    english = [row["id"] for row in rows if row["language"] == "en"]
    word = rows[english[0] - 1]["title"].split()[0]

    found = kliping("export", "lang:en").rows
    others = kliping("export", "lang:en", f"-title:{word}").rows

    assert [row["id"] for row in found] == english
    assert [row["id"] for row in others] == english[1:]


def test_csv_goes_to_stdout(kliping: Command) -> None:
    done = kliping("export", "--format", "csv", "--out", "-")
    rows = list(csv.DictReader(io.StringIO(done.out, newline=""), strict=True))

    assert [row["id"] for row in rows] == ["1", "2", "3"]


@pytest.mark.parametrize("verb", ["export", "reextract"])
def test_days_between_which_nothing_lies_are_refused(
    kliping: Command, verb: str
) -> None:
    done = kliping(verb, "--since", "2026-05-01", "--until", "2026-05-01")

    assert done.code == 2
    assert "nothing is from 2026-05-01 on and before 2026-05-01" in done.err


def test_what_is_no_stream_needs_a_place(kliping: Command) -> None:
    done = kliping("export", "--format", "epub")

    assert done.code == 2
    assert "--out PATH" in done.err


@pytest.mark.parametrize("form", ["jsonl", "parquet", "epub", "warc"])
def test_a_file_that_stands_is_written_over_by_force_alone(
    kliping: Command, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "export"
    path.write_text("mine")

    refused = kliping("export", "--format", form, "--out", path)
    stands = path.read_text()
    forced = kliping("export", "--format", form, "--out", path, "--force")

    assert (refused.code, stands, forced.code) == (2, "mine", 0)
    assert path.read_bytes()[:4] != b"mine"
    assert [p.name for p in tmp_path.iterdir()] == ["export"]


def test_a_folder_of_markdown_holds_a_file_an_article(
    kliping: Command, tmp_path: Path
) -> None:
    done = kliping("export", "--format", "markdown", "--out", tmp_path / "md")
    again = kliping("export", "--format", "markdown", "--out", tmp_path / "md")

    assert done.code == 0
    assert [p.name[:8] for p in sorted((tmp_path / "md").iterdir())] == [
        "0000001-",
        "0000002-",
        "0000003-",
    ]
    assert again.code == 2


def test_an_export_that_fails_leaves_what_stood(
    kliping: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.exports.writing.write_json_lines", fail)
    done = kliping("export", "--out", path, "--force")

    assert done.code == 10
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["a.jsonl"]  # noqa: PTH208


def test_an_unknown_source_is_told(kliping: Command) -> None:
    done = kliping("export", "--source", "Nobody")

    assert (done.code, done.out) == (2, "")


def test_what_is_no_code_of_a_language_is_told(kliping: Command) -> None:
    done = kliping("export", "--language", "Indonesian")

    assert (done.code, done.out) == (2, "")
    assert "'Indonesian' is no language's code; write id, pt or pt-br" in done.err


def test_hostile_text_does_not_drive_a_terminal(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.exporting", "crawler.cli.output")
    done = kliping("export", "--format", "csv")

    assert "\r" not in done.out
    assert done.out.startswith("id,version,")


def test_a_warc_file_is_no_text_for_a_terminal(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.exporting")

    assert kliping("export", "--format", "warc").code == 2


def test_every_export_is_noted_with_its_articles(
    kliping: Command, archive: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    kliping("export", "lang:en", "--format", "csv", "--out", path)
    noted = exports_with(DataFolder(archive.parent / "kept"), [1, 2, 3])

    (export,) = [one for one in noted if one.path == str(path)]
    assert (export.form, export.wanted.query) == ("csv", "lang:en")
    assert export.articles == len(kliping("export", "lang:en").rows) > 0


def test_a_warc_export_is_read_by_others(kliping: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    done = kliping("export", "--format", "warc", "--out", path)
    urls = [row["url"] for row in kliping("export").rows]

    with path.open("rb") as file:
        fast = [
            (record.headers["WARC-Type"], record.headers.get("WARC-Target-URI"))
            for record in ArchiveIterator(file)
        ]
    with path.open("rb") as file:
        kinds = []
        for record in Warcio(file, check_digests="raise"):
            record.content_stream().read()
            kinds.append(record.rec_type)
    gzip.decompress(path.read_bytes())

    assert done.err == "kliping: 3 articles in 3 captures\n"
    assert (
        kinds
        == [kind for kind, _ in fast]
        == ["warcinfo", *["request", "response"] * 3]
    )
    assert [uri for kind, uri in fast if kind == "response"] == urls


def test_records_are_copied_to_the_byte(
    kliping: Command, archive: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.warc.gz"
    kliping("export", "--format", "warc", "--out", path)
    data = path.read_bytes()
    rows = kliping("export").rows

    assert len(rows) == 3
    for row in rows:
        kept = (archive.parent / "kept/warc" / row["warc_file"]).read_bytes()
        start = row["warc_offset"]
        assert kept[start : start + row["warc_length"]] in data


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_a_damaged_record_is_left_out_and_told(
    kliping: Command, archive: Path, tmp_path: Path, form: str
) -> None:
    row = kliping("export").rows[0]
    kept = archive.parent / "kept/warc" / row["warc_file"]
    sound = kept.read_bytes()
    data = bytearray(sound)
    data[row["warc_offset"] + 40] ^= 1
    kept.write_bytes(data)
    try:
        done = kliping("export", "--format", form, "--out", tmp_path / "a")
    finally:
        kept.write_bytes(sound)

    assert done.code == 1
    assert "3 articles in 2 captures" in done.err
    assert f"left out, for it is damaged: {row['warc_file']} at " in done.err
