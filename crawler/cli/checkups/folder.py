"""What `kliping doctor` looks at in the data folder: room, rows and WARC files."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

from crawler import __version__
from crawler.cli.reading import database_of, reading
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.objects import store_of
from crawler.units import write_size
from storage.errors import DatabaseLost, StorageError
from storage.folder import DataFolder, read_holder
from storage.model.exchange import Exchange
from storage.sql.engine import database_url, is_server
from storage.sql.objects import standing
from storage.sql.revision import newest_revision
from storage.sql.soundness import Soundness, Written, ask_server, look_over
from storage.sql.sums import balance
from storage.warc.capture import capture_records
from storage.warc.reader import read_capture
from storage.warc.segment import Segment, find_segment, segments_in

#: How long the database is looked through; `verify` takes its time.
_PATIENCE = timedelta(seconds=10)
_SKEW = timedelta(minutes=1)
_NAMED = 3
#: What was sealed goes to the object store within a minute or so.
_LATE = timedelta(hours=1)
PAGE = (
    '<!doctype html><html lang="en"><head><title>The bridge opens</title></head>'
    "<body><article><h1>The bridge opens</h1>"
    + "<p>The new bridge over the river opens on Monday, a year later than planned, "
    "and people on both banks have waited for it with patience and with cake.</p>"
    * 4
    + "</article></body></html>"
).encode()


class Result(StrEnum):
    """How a check ended; `WARN` is no reason not to run."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what was found."""

    check: str
    result: Result
    found: str


def check_folder(config: Config) -> list[Check]:
    """Run every check of the data folder; what may not be read is a finding."""
    folder, database = config.storage.folder.absolute(), database_of(config)
    checks: dict[str, Callable[[], Iterable[Check]]] = {
        "data folder": partial(_folder, folder),
        "free space": partial(_space, folder, config.storage.disk_floor),
        "writer": partial(_holder, folder),
        "clock": partial(_clock, folder),
        "database": partial(_server, config.storage.database)
        if is_server(config.storage.database)
        else partial(
            _database,
            database,
            folder / "warc",
            has_store=bool(config.storage.objects),
        ),
        "archive": partial(_archive, folder),
    }
    if config.storage.objects:
        checks["object store"] = partial(_store, config)
    return [found for name, check in checks.items() for found in _tried(name, check)]


def _tried(name: str, check: Callable[[], Iterable[Check]]) -> list[Check]:
    try:
        return list(check())
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return [Check(name, Result.BAD, f"{place}{error.strerror or error}")]


def _folder(folder: Path) -> Iterator[Check]:
    place = _standing(folder)
    if not place.is_dir():
        yield Check("data folder", Result.BAD, f"{place} is no folder")
    elif not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        yield Check("data folder", Result.BAD, f"{place} cannot be read and written to")
    else:
        said = str(folder) if place == folder else f"{folder}, to be made in {place}"
        yield Check("data folder", Result.GOOD, said)


def _space(folder: Path, floor: int) -> Iterator[Check]:
    free = disk_usage(_standing(folder)).free
    yield Check(
        "free space",
        Result.GOOD if free >= floor else Result.BAD,
        f"{write_size(free)}; fetching stops below {write_size(floor)}",
    )


def _standing(folder: Path) -> Path:
    """Return the folder, or the nearest place above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _holder(folder: Path) -> Iterator[Check]:
    holder = read_holder(folder)
    if holder is None:
        yield Check("writer", Result.GOOD, "no process holds the data folder")
        return
    said = f"process {holder.get('pid', 'unknown')}"
    if address := holder.get("address"):
        said += f", its pages are at {address}"
    yield Check("writer", Result.GOOD, said)


def _clock(folder: Path) -> Iterator[Check]:
    """Compare the clock with what the archive has already seen of time."""
    now = datetime.now(UTC)
    newest = max(_written(folder), default=now)
    if newest <= now + _SKEW:
        yield Check("clock", Result.GOOD, f"{now:%Y-%m-%d %H:%M:%S} UTC")
        return
    why = f"{now:%Y-%m-%d %H:%M} UTC, but files were written {newest:%Y-%m-%d %H:%M}"
    yield Check("clock", Result.BAD, why)


def _written(folder: Path) -> Iterator[datetime]:
    for path in (folder / "kliping.sqlite3", *folder.glob("warc/*")):
        with suppress(OSError):
            yield datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _database(database: Path, warc: Path, *, has_store: bool) -> Iterator[Check]:
    if not database.exists() or not database.stat().st_size:
        yield _not_begun(database, warc)
        return
    until = time.monotonic() + _PATIENCE.total_seconds()
    try:
        found = look_over(database, lambda: time.monotonic() > until)
    except StorageError as error:
        yield Check("database", Result.BAD, str(error))
        return
    yield _rows(database, found)
    yield _ledger(f"sqlite:///{database}")
    here = {
        name: written
        for name, written in found.segments.items()
        if not (has_store and written.state == "uploaded")
    }
    yield from _tried("warc files", partial(_segments, here, warc))


def _not_begun(database: Path, warc: Path) -> Check:
    """Tell a new archive from one whose database is gone."""
    files = len(segments_in(warc)) if warc.is_dir() else 0
    if files:
        lost = DatabaseLost(str(database), files, warc)
        return Check("database", Result.BAD, str(lost))
    return Check("database", Result.GOOD, f"{database}, to be made")


def _server(named: str) -> Iterator[Check]:
    """Look at a database that many processes share: does it answer, and for whom."""
    try:
        place, found = ask_server(database_url(named, Path()))
    except StorageError as error:
        yield Check("database", Result.BAD, str(error))
        return
    newest = newest_revision()
    said = f"{place}, schema {found}" if found else f"{place}, tables to be made"
    if found is not None and found > newest:
        why = f"{said}; this Kliping knows up to {newest}"
        yield Check("database", Result.BAD, why)
        return
    yield Check("database", Result.GOOD, said)
    if found == newest:
        yield _ledger(database_url(named, Path()))


def _ledger(url: str) -> Check:
    try:
        links, wrong = balance(url)
    except StorageError as error:
        return Check("ledger", Result.BAD, str(error))
    if wrong:
        why = "; ".join(f"{links} links {why}" for why, links in wrong.items())
        return Check("ledger", Result.BAD, why)
    return Check("ledger", Result.GOOD, f"all of {links} links are accounted for")


def _rows(database: Path, found: Soundness) -> Check:
    if found.damages:
        why = f"{database} is damaged: {'; '.join(found.damages)}"
        return Check("database", Result.BAD, why)
    if not found.is_known:
        why = f"schema {found.revision}; this Kliping knows up to {found.newest}"
        return Check("database", Result.BAD, f"{database} is of another Kliping: {why}")
    said = f"{database}, schema {found.revision}"
    if found.revision != found.newest:
        said += f", brought to {found.newest} when the service starts"
    if not found.is_whole:
        said += f"; sound as far as {_PATIENCE.seconds} seconds reached"
    return Check("database", Result.GOOD, said)


def _segments(known: Mapping[str, Written], warc: Path) -> Iterator[Check]:
    """Look whether all files are there and as long as they were written."""
    places = {name: find_segment(warc, name) for name in known}
    faults = {
        f"are not in {warc}": [name for name, path in places.items() if path is None],
        "are not as long as they were written; `kliping verify` tells what is lost": [
            name
            for name, path in places.items()
            if path is not None and not _is_as_long(path, known[name])
        ],
    }
    for how, names in faults.items():
        if names:
            why = f"{len(names)} of {len(known)} {how}: {', '.join(names[:_NAMED])}"
            yield Check("warc files", Result.BAD, why)
    if not any(faults.values()):
        yield Check("warc files", Result.GOOD, f"all {len(known)} are in {warc}")


def _is_as_long(path: Path, written: Written) -> bool:
    size = path.stat().st_size
    return size >= written.size if written.state == "open" else size == written.size


def _archive(folder: Path) -> Iterator[Check]:
    """Write a capture to a WARC file beside the real ones, and read it back."""
    try:
        with TemporaryDirectory(prefix=".doctor-", dir=_standing(folder)) as place:
            _write_and_read(DataFolder(Path(place)))
    except (StorageError, OSError) as error:
        yield Check("archive", Result.BAD, f"a WARC file: {error}")
        return
    yield Check("archive", Result.GOOD, "a WARC record was written and read back")


def _store(config: Config) -> Iterator[Check]:
    """Put a file into the object store, read it, remove it; tell what waits."""
    try:
        objects = store_of(config)
        is_clean = objects is None or objects.probe()
    except (UsageError, StorageError) as error:
        yield Check("object store", Result.BAD, str(error))
        return
    if not is_clean:
        why = "keeps earlier versions that we cannot remove: nothing could be erased"
        yield Check("object store", Result.BAD, f"{config.storage.objects} {why}")
        return
    try:
        with reading(config) as (_, session):
            found = standing(session)
    except (UsageError, StorageError):  # no archive yet, or told above
        yield Check("object store", Result.GOOD, config.storage.objects)
        return
    since = found.since
    is_late = since is not None and datetime.now(UTC) - since > _LATE
    said = f"{config.storage.objects} has {found.uploaded} WARC files"
    if found.sealed:
        said += f"; {found.sealed} wait, since {since:%Y-%m-%d %H:%M}"
    yield Check("object store", Result.WARN if is_late else Result.GOOD, said)


def _write_and_read(folder: DataFolder) -> None:
    now = datetime.now(UTC)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    records = capture_records(
        Exchange(
            url="https://kliping.invalid/",
            started_at=now,
            elapsed=timedelta(0),
            request=b"GET / HTTP/1.1\r\nHost: kliping.invalid\r\n\r\n",
            response=head + PAGE,
            status=200,
            headers=(("Content-Type", "text/html"),),
            body=PAGE,
        )
    )
    software = f"Kliping/{__version__}"
    segment = Segment(folder.warc, software=software, operator="doctor", now=now)
    _, response = segment.append((records.request, records.response))
    segment.sync()
    segment.seal()
    read_capture(
        folder,
        response.segment,
        response.offset,
        response.length,
        records.record_sha256,
    )
