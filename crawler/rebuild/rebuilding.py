"""Make a database of the WARC files of a folder, beside the old one; then change them.

Nothing but the files is read. The new database is made in a folder of its own and put
in place when it is whole: an interrupted rebuild is begun anew and harms nothing.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, func, select

from crawler.config import Config
from crawler.errors import UsageError
from crawler.rebuild.captures import fetched_at
from crawler.rebuild.segments import Found, SegmentReader
from crawler.service import fetch_limits
from crawler.sources.watching import put_sources
from storage.days.sealing import adopt_days
from storage.fixity import Damage
from storage.folder import DATABASE, DataFolder
from storage.notes.replay import Replay
from storage.sql import finishing
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.events import begin_events
from storage.sql.migrate import migrate
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.warc.reader import walk
from storage.warc.segment import OPEN_SUFFIX, sync_folder

_MAKING = "rebuilding"
_LOG = ("-wal", "-shm")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild made.

    Attributes:
        database: Where the new one is.
        before: Where the old one was moved to, if there was one.
        segments: Files that were read.
        captures: Captures in them.
        articles: Articles, and `versions` all their versions.
        links: URLs in the ledger.
        unread: Captures that the next start reads.
        others: Records that are none of a running archive's, such as tombstones.
        damages: What could not be read, or refers to what is not there.
    """

    database: Path
    before: Path | None
    segments: int
    captures: int
    articles: int
    versions: int
    links: int
    unread: int
    others: int
    damages: tuple[Damage, ...]


def rebuild(
    config: Config, into: Path, now: datetime, progress: Progress, *, replace: bool
) -> Rebuilt:
    """Make the database of the archive's WARC files in a folder.

    Args:
        config: The settings: where the files are, which sources there are.
        into: The folder that the database is for.
        now: Current time, UTC.
        progress: Called with bytes done and bytes in all.
        replace: Move a database that is there aside; else it is refused.

    Raises:
        ArchiveBusy: a process holds the data folder.
        UsageError: there is a database, or there are no WARC files.
        StorageError: the database cannot be made.
    """
    target = into / DATABASE
    if target.exists() and not replace:
        raise UsageError(
            f"{target} is there; --replace moves it aside, --into FOLDER makes another"
        )
    folder = DataFolder(config.storage.folder)
    files = _segment_files(folder)
    if not files:
        raise UsageError(f"there are no WARC files in {folder.warc}")
    making = into / _MAKING
    with folder.lock({"verb": "rebuild"}):
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700, parents=True)
        made, found, unread = _make(config, making, files, now, progress)
        before = _put_aside(target, now)
        (making / DATABASE).rename(target)
        sync_folder(into)
        shutil.rmtree(making)
    return Rebuilt(
        database=target,
        before=before,
        segments=len(files),
        unread=unread,
        others=found.counts["others"],
        damages=tuple(found.damages),
        **made,
    )


def _segment_files(folder: DataFolder) -> list[Path]:
    """Return the WARC files in the order in which they were opened."""
    files = [
        path
        for path in folder.warc.iterdir()
        if path.name.removesuffix(OPEN_SUFFIX).endswith(".warc.gz")
    ]
    return sorted(files, key=lambda path: (_opened_at(path), path.stat().st_mtime_ns))


def _opened_at(path: Path) -> str:
    first = next(walk(path), None)
    if first is None or first.record is None:
        return path.name
    return fetched_at(first.record).isoformat()


def _make(
    config: Config, making: Path, files: list[Path], now: datetime, progress: Progress
) -> tuple[dict[str, int], Found, int]:
    url = sqlite_url(making)
    migrate(url)
    engine = writing_engine(url)
    found = Found()
    try:
        with Session(engine) as session:
            put_sources(session, config, now)
            finishing.add_indexes(session)
            session.commit()
            replay = Replay(session, now)
            _read(session, replay, config, files, found, progress)
            replay.follow_moved()
            for what, times in sorted((+replay.lacking).items()):
                why = f"{times} notes refer to a {what} that is not there"
                found.damages.append(Damage(file="", why=why))
            adopt_days(DataFolder(config.storage.folder), session)
            unread = _finish(session, now)
            return _counts(session), found, unread
    finally:
        engine.dispose()


def _read(  # what was opened for it
    session: Session,
    replay: Replay,
    config: Config,
    files: list[Path],
    found: Found,
    progress: Progress,
) -> None:
    total, done = sum(path.stat().st_size for path in files), 0
    reader = SegmentReader(
        session=session,
        replay=replay,
        limits=fetch_limits(config),
        found=found,
        advance=lambda of_file: progress(done + of_file, total),
    )
    for path in files:
        reader.read(path)
        done += path.stat().st_size


def _finish(session: Session, now: datetime) -> int:
    finishing.drop_empty_articles(session)
    finishing.note_answers(session)
    unread = finishing.leave_unread(session)
    finishing.date_sources(session)
    finishing.make_due(session, now)
    finishing.find_withheld(session)
    begin_events(session, now)
    session.commit()
    last: int | None = 0
    while last is not None:
        last = finishing.stand_articles(session, last)
        session.commit()
        session.expunge_all()
    finishing.drop_indexes(session)
    session.commit()
    return unread


def _counts(session: Session) -> dict[str, int]:
    tables = {
        "captures": CaptureRow,
        "articles": ArticleRow,
        "versions": VersionRow,
        "links": LinkRow,
    }
    return {
        name: session.exec(select(func.count()).select_from(table)).one()
        for name, table in tables.items()
    }


def _put_aside(target: Path, now: datetime) -> Path | None:
    """Move a database away with its log, under the time; return where to."""
    if not target.exists():
        return None
    before = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}")
    for suffix in ("", *_LOG):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.rename(before.with_name(before.name + suffix))
    return before
