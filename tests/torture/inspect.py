"""Look at an archive from outside: rows against records, three WARC readers."""

import subprocess
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from sqlmodel import Session, select
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader
from warcio.checker import Checker

from crawler.config.tree import Config
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.kept import received
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, SegmentRow, VersionRow

#: The kinds of records that a capture's row points at.
ANSWERS = ("response", "revisit", "conversion")
#: warcio 1.8 breaks on brotli 1.2; its digests are over what is stored anyway.
BufferedReader.DECOMPRESSORS.pop("br", None)


def segment_files(folder: DataFolder) -> list[Path]:
    """Return the WARC files of a folder, open and sealed, without their indexes."""
    found = (folder.warc.glob("*.warc.gz"), folder.warc.glob("*.warc.gz.open"))
    return sorted(path for paths in found for path in paths)


def inspect(config: Config, acknowledged: set[str]) -> dict[str, object]:
    """Return the figures of an archive that no process holds.

    `lost` are acknowledged URLs without an article and a readable record,
    `orphans` records of responses and renderings without a row (what was no response
    at all has a status of 0 and is a metadata record), `repeated` versions that tell the
    same story twice in a row.
    """
    folder = DataFolder(config.storage.folder)
    engine = reading_engine(sqlite_url(folder.path))
    with Session(engine) as session:
        captures = list(session.exec(select(CaptureRow)))
        archived = dict(
            session.exec(
                select(LinkRow.url, VersionRow.capture_id)
                .join(ArticleRow, ArticleRow.link_id == LinkRow.id)
                .join(VersionRow, VersionRow.article_id == ArticleRow.id)
            ).all()
        )
        articles = len(session.exec(select(ArticleRow.id)).all())
        repeated = _repeated(session)
        segments = session.exec(select(SegmentRow.name)).all()
    engine.dispose()
    damaged = {row.id for row in captures if not _is_readable(folder, row)}
    records = Counter[str]()
    faults = []
    for path in segment_files(folder):
        counted, wrong = read_three_ways(path)
        records.update(counted)
        faults += wrong
    return {
        "articles": articles,
        "captures": len(captures),
        "segments": len(segments),
        "acknowledged": len(acknowledged),
        "lost": sorted(
            url
            for url in acknowledged
            if archived.get(url) is None or archived[url] in damaged
        ),
        "damaged": len(damaged),
        "repeated": repeated,
        "orphans": sum(records[kind] for kind in ANSWERS)
        - sum(row.status != 0 for row in captures),
        "revisits": records["revisit"],
        "warc_faults": faults,
    }


def _repeated(session: Session) -> int:
    rows = session.exec(
        select(
            VersionRow.article_id, VersionRow.number, VersionRow.story_sha256
        ).order_by(VersionRow.article_id, VersionRow.number)
    ).all()
    return sum(a[0] == b[0] and a[2] == b[2] for a, b in pairwise(rows))


def _is_readable(folder: DataFolder, row: CaptureRow) -> bool:
    try:
        received(folder, row)
    except CorruptRecord:
        return False
    return True


def read_three_ways(path: Path) -> tuple[Counter[str], list[str]]:
    """Count a file's records with warcio, FastWARC and plain gzip members."""
    faults = []
    with path.open("rb") as stream:
        kinds = Counter(record.rec_type for record in ArchiveIterator(stream))
    with path.open("rb") as stream:
        fast = 0
        for record in FastIterator(stream, auto_decode="none", parse_http=False):
            fast += 1
            if not record.verify_block_digest():
                faults.append(f"{path.name}: block digest at {record.stream_pos}")
    counts = (kinds.total(), fast, _members(path))
    if len(set(counts)) != 1:
        faults.append(f"{path.name}: warcio, FastWARC, gzip count {counts}")
    if subprocess.run(["gzip", "-t", "-S", ".open", str(path)], check=False).returncode:
        faults.append(f"{path.name}: gzip -t")
    if not _warcio_check(path):
        faults.append(f"{path.name}: warcio check")
    return kinds, faults


def _warcio_check(path: Path) -> bool:
    class Wanted:
        inputs = (str(path),)
        verbose = False

    checker = Checker(Wanted())
    checker.process_all()
    return checker.exit_value == 0


def _members(path: Path) -> int:
    data, count = path.read_bytes(), 0
    while data:
        member = zlib.decompressobj(wbits=31)
        member.decompress(data)
        if not member.eof:
            return -1
        data, count = member.unused_data, count + 1
    return count
