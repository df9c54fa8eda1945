"""Make a database of the WARC files of a folder, beside the old one; then change them.

Nothing but the files is read, here and in the object store. The new database is made in a folder of its own and put
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
from crawler.service import fetch_limits, folder_of
from crawler.sources.watching import put_sources
from storage.days.sealing import adopt_days, fetch_days
from storage.fixity import Damage
from storage.folder import DATABASE, DataFolder
from storage.notes.replay import Replay
from storage.sql import finishing
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.events import begin_events
from storage.sql.migrate import migrate
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.warc.reader import walk_file
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
    folder = folder_of(config)
    files = _segments(folder)
    if not files:
        raise UsageError(f"there are no WARC files in {folder.warc}")
    making = into / _MAKING
    with folder.lock({"verb": "rebuild"}):
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700, parents=True)
        making_of = Making(config=config, folder=folder, segments=files, now=now)
        made, found, unread = _make(making_of, making, progress)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a database is made of: settings, files, the WARC files' names, the time."""

    config: Config
    folder: DataFolder
    segments: list[str]
    now: datetime


def _segments(folder: DataFolder) -> list[str]:
    """Return the WARC files, here and in the store, in the order they were opened in."""
    here = [path.name.removesuffix(OPEN_SUFFIX) for path in folder.warc.iterdir()]
    there = folder.away.names(folder.warc.name) if folder.away is not None else []
    names = {name for name in (*here, *there) if name.endswith(".warc.gz")}
    return sorted(names, key=lambda name: _opened_at(folder, name))


def _opened_at(folder: DataFolder, name: str) -> tuple[str, int]:
    """Return what its first record says; in doubt, when it was last written here."""
    path = folder.segment(name)
    changed_at = path.stat().st_mtime_ns if path else 0
    with folder.open(name) as file:
        first = next(walk_file(file), None)
    if first is None or first.record is None:
        return name, changed_at
    return fetched_at(first.record).isoformat(), changed_at


def _make(
    of: Making, making: Path, progress: Progress
) -> tuple[dict[str, int], Found, int]:
    now = of.now
    url = sqlite_url(making)
    migrate(url)
    engine = writing_engine(url)
    found = Found()
    try:
        with Session(engine) as session:
            put_sources(session, of.config, now)
            finishing.add_indexes(session)
            session.commit()
            replay = Replay(session, now)
            _read(session, replay, of, found, progress)
            replay.follow_moved()
            for what, times in sorted((+replay.lacking).items()):
                why = f"{times} notes refer to a {what} that is not there"
                found.damages.append(Damage(file="", why=why))
            fetch_days(of.folder)
            adopt_days(of.folder, session)
            unread = _finish(session, now)
            return _counts(session), found, unread
    finally:
        engine.dispose()


def _read(
    session: Session, replay: Replay, of: Making, found: Found, progress: Progress
) -> None:
    sizes = {name: of.folder.size(name) for name in of.segments}
    total, done = sum(sizes.values()), 0
    reader = SegmentReader(
        folder=of.folder,
        session=session,
        replay=replay,
        limits=fetch_limits(of.config),
        found=found,
        now=of.now,
        advance=lambda of_file: progress(done + of_file, total),
    )
    for name in of.segments:
        reader.read(name)
        done += sizes[name]


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
