"""What an export costs: each format against a bare SELECT whose rows are dumped as JSON.

Each is a process of its own, `kliping export`, over an archive of made-up articles of some
2,500 characters with their records; its CPU seconds and its peak memory are the kernel's (no less than this process's own).
The baseline reads the same rows with sqlite3 and writes them with json. Memory must not grow
with the archive: it is measured with a tenth of the articles, and with all.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session

from crawler.exports.forms import ExportForm
from storage.changes import story_sha256
from storage.documents import article_document
from storage.folder import DataFolder
from storage.model.article import Article, Block, BlockKind
from storage.model.exchange import Exchange
from storage.model.moment import Moment, Precision
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.migrate import migrate
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    HostRow,
    LinkRow,
    SegmentRow,
    VersionRow,
)
from storage.warc.capture import capture_records
from storage.warc.record import warcinfo_record

EPUBCHECK = Path("/usr/share/java/epubcheck.jar")
JSONL_MOST = 2.5
GROWTH_MOST_MB = 48.0
_AT_ONCE = 1000
_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
_SEGMENT = "kliping-20261126120000-bench.warc.gz"
_WORDS = [
    "the",
    "harbour",
    "town",
    "council",
    "met",
    "again",
    "on",
    "ferries",
    "pier",
    "timetable",
    "winter",
]
_BASELINE = """
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1])
rows.row_factory = sqlite3.Row
asked = (
    "SELECT article.*, version.*, capture.* FROM article"
    " JOIN version ON version.article_id = article.id"
    " JOIN capture ON capture.id = version.capture_id ORDER BY article.id"
)
with open(sys.argv[2], "w") as out:
    for row in rows.execute(asked):
        out.write(json.dumps(dict(row), ensure_ascii=False) + "\\n")
"""


def fill(folder: DataFolder, articles: int) -> None:
    """Make an archive of so many articles, each with a version, a capture and records."""
    migrate(sqlite_url(folder.path))
    engine = writing_engine(sqlite_url(folder.path))
    with (folder.warc / _SEGMENT).open("wb") as file, Session(engine) as session:
        offset = file.write(warcinfo_record(_SEGMENT, "b", "b", made_at=_NOW))
        session.add(HostRow(key="news.example", free_at=_NOW))
        session.add(SegmentRow(name=_SEGMENT, opened_at=_NOW, state="sealed"))
        session.flush()
        for start in range(1, articles + 1, _AT_ONCE):
            rows: dict[type, list[dict[str, object]]] = {}
            for number in range(start, min(start + _AT_ONCE, articles + 1)):
                members, made = _rows(number, offset)
                offset += file.write(members)
                for table, row in made:
                    rows.setdefault(table, []).append(row)
            for table, some in rows.items():
                session.execute(insert(table), some)
        session.commit()
    engine.dispose()


def _article(number: int) -> Article:
    words = [*_WORDS, str(number)]
    texts = [
        " ".join(words[(number + place * step) % len(words)] for place in range(80))
        for step in range(1, 7)
    ]
    at = _NOW - timedelta(minutes=number)
    return Article(
        url=f"https://news.example/{number}",
        title=f"Ferry no. {number} returns",
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts),
        authors=("Ada Weir",),
        published=Moment(at=at, precision=Precision.MINUTE, zone_stated=True),
        language="en",
        tags=("ferries",),
    )


def _rows(
    number: int, offset: int
) -> tuple[bytes, Iterator[tuple[type, dict[str, object]]]]:
    article = _article(number)
    body = f"<html><p>{article.text}</p></html>".encode()
    exchange = Exchange(
        url=article.url,
        started_at=_NOW - timedelta(seconds=number),
        elapsed=timedelta(0),
        request=b"GET / HTTP/1.1\r\n\r\n",
        response=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body,
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=body,
    )
    records = capture_records(exchange)
    return records.request + records.response, _of(
        number,
        article,
        exchange,
        {
            "segment": _SEGMENT,
            "request_offset": offset,
            "request_length": len(records.request),
            "offset": offset + len(records.request),
            "length": len(records.response),
            "record_sha256": sha256(records.response).hexdigest(),
            "request_sha256": sha256(records.request).hexdigest(),
            "payload_sha256": records.payload_sha256,
        },
    )


def _of(
    number: int, article: Article, exchange: Exchange, place: dict[str, object]
) -> Iterator[tuple[type, dict[str, object]]]:
    at = exchange.started_at
    yield (
        LinkRow,
        {
            "id": number,
            "host": "news.example",
            "url": article.url,
            "key": article.url,
            "kind": "article",
            "state": "archived",
            "found_at": at,
        },
    )
    yield (
        CaptureRow,
        {
            "id": number,
            "link_id": number,
            "url": article.url,
            "fetched_at": at,
            "elapsed_ms": 1,
            "status": 200,
            "content_type": "text/html",
            "extracted_at": at,
            **place,
        },
    )
    yield (
        ArticleRow,
        {
            "id": number,
            "link_id": number,
            "key": article.url,
            "url": article.url,
            "title": article.title,
            "authors": list(article.authors),
            "language": "en",
            "published_at": article.published.at if article.published else None,
            "first_seen": at,
            "last_seen": at,
        },
    )
    yield (
        VersionRow,
        {
            "id": number,
            "article_id": number,
            "number": 1,
            "capture_id": number,
            "captured_at": at,
            "change": "first",
            "title": article.title,
            "text": article.text,
            "story_sha256": story_sha256(article),
            "extractor": "bench",
            "document": article_document(article),
        },
    )


def cost(words: Sequence[str | Path]) -> tuple[float, float]:
    """Run a command; return its CPU seconds and its peak memory in MB.

    Raises:
        RuntimeError: it failed.
    """
    quiet = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, *map(str, words)],
        os.environ,
        file_actions=quiet,
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{words} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measure(
    place: Path, articles: int, forms: Sequence[ExportForm]
) -> dict[str, tuple[float, float]]:
    """Return what each format costs with so many articles, and the baseline."""
    folder = DataFolder(place / str(articles))
    fill(folder, articles)
    config = folder.path / "config.yaml"
    config.write_text(
        f"identity: {{contact: bench@kliping.invalid}}\nstorage: {{folder: {folder.path}}}\n"
    )
    used = {"select": cost(["-c", _BASELINE, folder.database, folder.path / "select"])}
    export = ["-m", "crawler", "--config", config, "export", "--format"]
    for form in forms:
        used[form] = cost([*export, form, "--out", folder.path / f"out.{form}"])
    _check(folder.path, articles, forms)
    return used


def _check(place: Path, articles: int, forms: Sequence[ExportForm]) -> None:
    """See that an export holds what it is to hold."""
    if ExportForm.JSONL in forms:
        with (place / "out.jsonl").open() as lines:
            ids = [json.loads(line)["id"] for line in lines]
        assert ids == list(range(1, articles + 1))
    if ExportForm.WARC in forms:
        with gzip.open(place / "out.warc", "rb") as file:
            found = sum(line.startswith(b"WARC-Type: response") for line in file)
        assert found == articles


def judged(place: Path) -> dict[str, bool]:
    """Return what EPUBCheck and py-wacz say of the files, where they are installed."""
    book, packed = place / "out.epub", place / "out.wacz"
    said = {}
    if EPUBCHECK.exists() and shutil.which("java") and book.exists():
        said["epubcheck"] = _ends_well("java", "-jar", EPUBCHECK, book)
    if shutil.which("wacz") and packed.exists():
        said["wacz validate"] = _ends_well("wacz", "validate", "-f", packed)
    return said


def _ends_well(*words: str | Path) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--only", type=ExportForm, nargs="+", default=list(ExportForm))
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as place:
        few = measure(Path(place), args.articles // 10, args.only)
        many = measure(Path(place), args.articles, args.only)
        valid = judged(Path(place) / str(args.articles // 10))
    base = many["select"][0] - few["select"][0]
    figures = {
        name: {
            "articles_per_cpu_second": round(args.articles / seconds),
            "times_a_select": round((seconds - few[name][0]) / base, 2),
            "peak_mb": round(peak),
            "grown_mb": round(peak - few[name][1], 1),
        }
        for name, (seconds, peak) in many.items()
    }
    broken = [n for n, f in figures.items() if f["grown_mb"] > GROWTH_MOST_MB]
    if (
        ExportForm.JSONL in args.only
        and figures[ExportForm.JSONL]["times_a_select"] > JSONL_MOST
    ):
        broken.append("jsonl is slow")
    broken += [f"{name}: invalid" for name, is_valid in valid.items() if not is_valid]
    print(
        json.dumps(
            {"articles": args.articles, **figures, "valid": valid, "broken": broken}
        )
    )
    return 1 if broken else 0
