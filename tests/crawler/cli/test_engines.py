"""`--engine` and `--shards`: WARC files read one a job."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

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
