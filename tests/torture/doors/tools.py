"""cdxj-indexer and pywb on an archive's files; installed aside, as processes."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx

from crawler.fetch.decode import decode_body
from storage.warc.cdxj import cdxj_path
from tests.torture.replay.captures import Expected
from tests.torture.replay.pywb import serving_wayback

INDEXER = "cdxj-indexer==1.5.0"


def indexer(folder: Path) -> Path:
    """Return where cdxj-indexer is; install it unless it is there."""
    program = folder / "bin" / "cdxj-indexer"
    if not program.exists():
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, INDEXER], check=True, timeout=600, stdout=sys.stderr)
    return program


def other_lines(program: Path, file: Path) -> tuple[list[str], list[str]]:
    """Return the lines that only we have of a file, and those that only it has."""
    made = subprocess.run(
        [str(program), "--sort", str(file)],
        check=True,
        timeout=600,
        capture_output=True,
        text=True,
    )
    theirs, ours = made.stdout.splitlines(), cdxj_path(file).read_text().splitlines()
    if theirs == ours:
        return [], []
    return sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours)) or ["order"]


def replayed(
    folder: Path, files: list[Path], tools: Path, expected: list[Expected]
) -> Iterator[str]:
    """Yield what pywb, given our indexes, does not replay as it was received."""
    collection = folder / "collections" / "news"
    (collection / "archive").mkdir(parents=True)
    (collection / "indexes").mkdir()
    lines: list[str] = []
    for file in files:
        shutil.copy(file, collection / "archive")
        lines += cdxj_path(file).read_text().splitlines(keepends=True)
    (collection / "indexes" / "index.cdxj").write_text("".join(sorted(lines)))
    with (
        serving_wayback(folder, tools) as port,
        httpx.Client(trust_env=False) as client,
    ):
        for one in expected:
            place = f"http://127.0.0.1:{port}/news/{one.at:%Y%m%d%H%M%S}id_/{one.url}"
            with client.stream("GET", place) as answer:
                coding = answer.headers.get("Content-Encoding", "")
                raw = b"".join(answer.iter_raw())
            got = decode_body(raw, coding, 2**24, 1000).body
            if got != one.body:
                yield f"pywb, {one.url} at {one.at}: {answer.status_code} {got[:80]!r}"
