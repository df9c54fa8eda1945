"""`--engine` and `--shards`: WARC files read one a job."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from storage.warc.reader import walk
from tests.crawler.bulk.shards import write_crawls
from tests.crawler.cli.conftest import Command

PAGES = 2


@pytest.fixture
def crawls(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "crawls"
    folder.mkdir()
    return write_crawls(folder, 2, PAGES)


def test_warc_files_are_read_into_a_parquet_file_each(
    kliping: Command, crawls: list[Path], tmp_path: Path
) -> None:
    (crawls[0].parent / "all.paths").write_text(f"{crawls[0].name}\ngone.warc.gz\n")
    paths = crawls[0].parent / "all.paths"
    out = tmp_path / "out"
    done = kliping("export", "--shards", paths, "--shards", crawls[1], "--out", out)
    first = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    again = kliping("export", "--shards", crawls[0].parent, "--out", out)

    assert (done.code, again.code) == (1, 0)
    assert f"{2 * PAGES} pages of 2 WARC files" in done.err
    assert "kliping: gone.warc.gz: [Errno 2] No such file" in done.err
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == first
    tables = [pq.read_table(path) for path in sorted(out.iterdir())]
    assert [table.num_rows for table in tables] == [PAGES, PAGES]
    assert tables[0]["url"].to_pylist()[0] == "http://harbour.example/2016/0"
    assert all(tables[0]["title"].to_pylist())
    assert set(tables[0]["verdict"].to_pylist()) == {"article"}


def test_damage_of_a_warc_file_is_told_each_time(
    kliping: Command, crawls: list[Path], tmp_path: Path
) -> None:
    start = [walked.offset for walked in walk(crawls[0])][1]
    with crawls[0].open("r+b") as file:
        file.seek(start + 20)
        file.write(b"damage")
    (tmp_path / "none.warc").write_text("no WARC file")
    words = ("export", "--shards", *(crawls[0], "--shards", tmp_path / "none.warc"))
    done = kliping(*words, "--out", tmp_path / "out")
    again = kliping(*words, "--out", tmp_path / "out")

    for one in (done, again):
        assert one.code == 1
        assert (
            f"CC-NEWS-0.warc.gz: damaged places: 1, the first at {start}: " in one.err
        )
        assert "none.warc: damaged places: 1, the first at 0: " in one.err
        assert f"{PAGES - 1} pages of 2 WARC files" in one.err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--since", "2026-01-01", "--versions"], "--since, --versions"),
        (["--format", "csv"], "--format"),
        (["storm"], "a query"),
    ],
    ids=str,
)
def test_options_of_articles_do_not_go_with_shards(
    kliping: Command, crawls: list[Path], options: list[str], named: str
) -> None:
    done = kliping("export", "--shards", crawls[0], "--out", "out", *options)

    assert done.code == 2
    assert f"--shards does not go with {named}" in " ".join(
        done.err.replace("│", "").split()
    )


def test_options_of_shards_need_them(kliping: Command) -> None:
    done = kliping("export", "--engine", "pool")

    assert done.code == 2
    assert "without --shards there is no --engine" in done.err


@pytest.mark.parametrize(
    ("engine", "why"),
    [("engine", "needs a PostgreSQL"), ("dask", "needs --scheduler")],
)
def test_an_engine_that_lacks_what_it_needs_is_refused(
    kliping: Command,
    crawls: list[Path],
    engine: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    verbs: tuple[tuple[str | Path, ...], ...] = (
        ("reextract",),
        ("import", "warc", crawls[0]),
        ("export", "--shards", crawls[0], "--out", crawls[0].parent / "out"),
    )
    for verb in verbs:
        done = kliping(*verb, "--engine", engine)

        assert (done.code, done.out) == (2, "")
        assert why in done.err


def test_a_folder_is_needed_for_shards(kliping: Command, crawls: list[Path]) -> None:
    done = kliping("export", "--shards", crawls[0])

    assert done.code == 2
    assert "--out FOLDER" in done.err
