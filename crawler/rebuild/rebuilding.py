"""Make a database of the WARC files of data folders: a file beside the old one, or a server's.

Nothing but the files is read, here and in the object store. A file is made in a folder
of its own and put in place when it is whole; what a server has is no archive before it
is whole (storage.sql.remaking). An interrupted rebuild is begun anew and harms nothing.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, func, select

from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.kept.reader import folder_of
from crawler.rebuild.files import Files, lanes
from crawler.rebuild.notes import put_back
from crawler.rebuild.segments import Found, SegmentReader
from crawler.rebuild.turns import take_turns
from crawler.sources.watching import put_sources
from storage.days.sealing import adopt_days, fetch_days
from storage.fixity import Damage
from storage.folder import DATABASE, DataFolder, known_node
from storage.notes.replay import Replay
from storage.sql import finishing
from storage.sql.copying import driver_url
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.events import REBUILT, begin_events
from storage.sql.remaking import alone, begin, conclude
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    LinkRow,
    SegmentRow,
    VersionRow,
)
from storage.warc.segment import sync_folder

_MAKING = "rebuilding"
_LOG = ("-wal", "-shm")
_BEFORE_NOTES = (
    "an earlier Kliping kept {kept} answers and no notes of what it read in them, so "
    "no articles are made of them; `kliping import warc` reads these files into "
    "another storage.folder"
)
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

    database: str
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
    config: Config,
    into: Path,
    now: datetime,
    progress: Progress,
    *,
    replace: bool,
    also: Sequence[Path] = (),
) -> Rebuilt:
    """Make a database file of the archive's WARC files in a folder.

    Args:
        config: The settings: where the files are, which sources there are.
        into: The folder that the database is for.
        now: Current time, UTC.
        progress: Called with bytes done and bytes in all.
        replace: Move a database that is there aside; else it is refused.
        also: Data folders of other nodes, whose files are read too.

    Raises:
        ArchiveBusy: a process holds a data folder.
        UsageError: there is a database, or there are no WARC files.
        StorageError: the database cannot be made.
    """
    target = into / DATABASE
    if target.exists() and not replace:
        raise UsageError(
            f"{target} is there; --replace moves it aside, --into FOLDER makes another"
        )
    with _held(config, also) as files:
        making = into / _MAKING
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700, parents=True)
        made_of = Making(config=config, files=files, now=now, keep_nodes=False)
        made = _make(made_of, sqlite_url(making), progress)
        before = _put_aside(target, now)
        (making / DATABASE).rename(target)
        sync_folder(into)
        shutil.rmtree(making)
    return _rebuilt(made, str(target), before)


def rebuild_onto(
    config: Config,
    named: str,
    now: datetime,
    progress: Progress,
    also: Sequence[Path] = (),
) -> Rebuilt:
    """Make the database of the archive's WARC files on a server, in an empty one.

    Args:
        config: The settings: where the files are, which sources there are.
        named: The URL of a database that has no rows, or those of a rebuild that was
            interrupted, which are dropped.
        now: Current time, UTC.
        progress: Called with bytes done and bytes in all.
        also: Data folders of other nodes, whose files are read too.

    Raises:
        ArchiveBusy: a process holds a data folder.
        UsageError: there are no WARC files.
        WrongCopy: the database has rows, or another process rebuilds there.
        StorageError: it cannot be reached or written.
    """
    url = driver_url(named)
    place = named.partition("://")[2].rpartition("@")[2].partition("?")[0]
    with _held(config, also) as files, alone(url, place):
        made_of = Making(config=config, files=files, now=now, keep_nodes=True)
        made = _make(made_of, url, progress)
    return _rebuilt(made, place, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a database is made of: settings, files, the time; and whether nodes are kept."""

    config: Config
    files: Files
    now: datetime
    keep_nodes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    found: Found
    rows: dict[str, int]
    unread: int


def _rebuilt(made: _Made, database: str, before: Path | None) -> Rebuilt:
    counts = made.found.counts
    return Rebuilt(
        database=database,
        before=before,
        segments=counts["segments"],
        unread=made.unread,
        others=counts["others"],
        damages=tuple(made.found.damages),
        **made.rows,
    )


@contextmanager
def _held(config: Config, also: Sequence[Path]) -> Iterator[Files]:
    """Hold all data folders; give their files."""
    for path in also:
        if not path.is_dir():
            raise UsageError(f"there is no data folder at {path}")
    others = (DataFolder(path, node=known_node(path)) for path in also)
    files = Files((folder_of(config), *others))
    if not files.names():
        raise UsageError(f"there are no WARC files in {files.folders[0].warc}")
    with ExitStack() as held:
        for folder in files.folders:
            held.enter_context(folder.lock({"verb": "rebuild"}))
        yield files


def _make(of: Making, url: str, progress: Progress) -> _Made:
    begin(url)
    engine = writing_engine(url)
    try:
        with Session(engine) as session:
            found = _read(of, session, progress)
            _enter_days(of, session)
            unread = _finish(session, of)
            made = _Made(found=found, rows=_counts(session), unread=unread)
        conclude(engine)
        return made
    finally:
        engine.dispose()


def _read(of: Making, session: Session, progress: Progress) -> Found:
    """Read captures of all nodes side by side, then put notes back."""
    put_sources(session, of.config, of.now)
    finishing.add_indexes(session)
    session.commit()
    replay, found = Replay(session, of.now), Found()
    by_node = lanes(of.files)
    total = sum(of.files.size(one.name) for files in by_node for one in files)
    reader = SegmentReader(
        files=of.files,
        session=session,
        replay=replay,
        limits=fetch_limits(of.config),
        found=found,
        now=of.now,
        advance=lambda done: progress(done, total),
        keep_nodes=of.keep_nodes,
    )
    take_turns([reader.lane(files) for files in by_node])
    reader.settle()
    put_back(session, of.files, replay, found, lambda done: progress(done, 2 * total))
    replay.follow_moved()
    for what, times in sorted((+replay.lacking).items()):
        why = f"{times} notes refer to a {what} that is not there"
        found.damages.append(Damage(file="", why=why))
    if not found.counts["notes"] and (kept := found.counts["before notes"]):
        found.damages.append(Damage(file="", why=_BEFORE_NOTES.format(kept=kept)))
    return found


def _enter_days(of: Making, session: Session) -> None:
    """Enter the days' roots of all nodes, or of the one that has no name."""
    own = of.files.folders[0]
    if not of.keep_nodes:
        alone = DataFolder(own.path, own.away)
        fetch_days(alone)
        adopt_days(alone, session)
        return
    for folder in of.files.folders:
        folder.adopt_days()
        fetch_days(folder)
        adopt_days(folder, session)
    nodes = session.exec(select(SegmentRow.node).distinct()).all()
    with TemporaryDirectory() as scratch:
        for node in {*nodes} - {folder.node for folder in of.files.folders}:
            far = DataFolder(Path(scratch), own.away, node=node)
            fetch_days(far)
            adopt_days(far, session)


def _finish(session: Session, of: Making) -> int:
    now = of.now
    finishing.number_records(session)
    finishing.drop_empty_articles(session)
    finishing.note_answers(session)
    finishing.date_links(session, now)
    unread = finishing.leave_unread(session)
    finishing.date_sources(session)
    finishing.make_due(session, now)
    finishing.find_withheld(session)
    is_sent = of.config.alerts.sends(REBUILT)
    begin_events(session, now, send_at=now if is_sent else None)
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
