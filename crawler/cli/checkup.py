"""What `kliping doctor` looks at; every check says what it found."""

import asyncio
import os
import platform
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from crawler import __version__
from crawler.config import DELAY_WITHOUT_CONTACT, Config
from crawler.config_file import find_config, load_config
from crawler.errors import ConfigError, ExtractFailed
from crawler.extract.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.units import write_duration
from storage.errors import StorageError
from storage.folder import DataFolder, read_holder
from storage.model import Exchange, VerdictKind
from storage.warc.reader import read_capture
from storage.warc.record import capture_records
from storage.warc.segment import Segment

_PYTHON = (3, 11)
#: Older ones can corrupt a WAL file that two connections checkpoint at once.
_SQLITE = (3, 51, 3)
_SKEW = timedelta(minutes=1)
_PAGE = (
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


async def check_all(named: Path | None, *, network: bool) -> list[Check]:
    """Run every check; those that need settings only where they can be read."""
    checks = [_python(), _sqlite()]
    try:
        path = find_config(named)
        config = load_config(path)
    except ConfigError as error:
        problems = [Check("config", Result.BAD, line) for line in error.problems]
        return [*checks, *problems, await _extraction()]
    checks.append(
        Check("config", Result.GOOD, f"{path}: {len(config.sources)} sources")
    )
    folder = config.storage.folder
    checks += [_contact(config), *_folder(config), _holder(folder), _clock(folder)]
    checks += [_archive(folder), await _extraction()]
    if network:
        checks += await asyncio.gather(*map(_name, sorted(_hosts(config))))
    return checks


def _python() -> Check:
    result = Result.GOOD if sys.version_info >= _PYTHON else Result.BAD
    return Check("python", result, f"{platform.python_version()}, 3.11 or newer needed")


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _SQLITE:
        return Check("sqlite", Result.GOOD, version)
    why = (
        f"{version} is older than 3.51.3: two processes that write at once can corrupt "
        "its WAL file (Kliping has one writer; let no other tool write to it)"
    )
    return Check("sqlite", Result.WARN, why)


def _contact(config: Config) -> Check:
    if config.identity.contact:
        return Check("contact", Result.GOOD, config.identity.contact)
    pause = write_duration(DELAY_WITHOUT_CONTACT)
    why = f"none in identity: no host is asked more than once in {pause}"
    return Check("contact", Result.WARN, why)


def _folder(config: Config) -> Iterator[Check]:
    place = _standing(config.storage.folder)
    is_writable = os.access(place, os.W_OK | os.X_OK)
    said = str(place) if place == config.storage.folder else f"to be made in {place}"
    yield Check(
        "data folder",
        Result.GOOD if is_writable else Result.BAD,
        said if is_writable else f"{place} cannot be written to",
    )
    free, floor = disk_usage(place).free, config.storage.disk_floor
    yield Check(
        "free space",
        Result.GOOD if free >= floor else Result.BAD,
        f"{free / 1024**3:.1f} GiB; fetching stops below {floor / 1024**3:.1f} GiB",
    )


def _standing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    places = (folder.absolute(), *folder.absolute().parents)
    return next(place for place in places if place.is_dir())


def _holder(folder: Path) -> Check:
    holder = read_holder(folder)
    if holder is None:
        return Check("writer", Result.GOOD, "no process holds the data folder")
    said = f"process {holder.get('pid', 'unknown')}"
    if address := holder.get("address"):
        said += f", its pages are at {address}"
    return Check("writer", Result.GOOD, said)


def _clock(folder: Path) -> Check:
    """Compare the clock with what the archive has already seen of time."""
    now = datetime.now(UTC)
    newest = max(_written(folder), default=now)
    if newest <= now + _SKEW:
        return Check("clock", Result.GOOD, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    why = f"{now:%Y-%m-%d %H:%M} UTC, but files were written {newest:%Y-%m-%d %H:%M}"
    return Check("clock", Result.BAD, why)


def _written(folder: Path) -> Iterator[datetime]:
    for path in (folder / "kliping.sqlite3", *folder.glob("warc/*")):
        with suppress(OSError):
            yield datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _archive(folder: Path) -> Check:
    """Write a capture to a WARC file beside the real ones, and read it back."""
    try:
        with TemporaryDirectory(prefix=".doctor-", dir=_standing(folder)) as place:
            _write_and_read(DataFolder(Path(place)))
    except (StorageError, OSError) as error:
        return Check("archive", Result.BAD, f"a WARC file: {error}")
    return Check("archive", Result.GOOD, "a WARC record was written and read back")


def _write_and_read(folder: DataFolder) -> None:
    now = datetime.now(UTC)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    records = capture_records(
        Exchange(
            url="https://kliping.invalid/",
            started_at=now,
            elapsed=timedelta(0),
            request=b"GET / HTTP/1.1\r\nHost: kliping.invalid\r\n\r\n",
            response=head + _PAGE,
            status=200,
            headers=(("Content-Type", "text/html"),),
            body=_PAGE,
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


async def _extraction() -> Check:
    source = PageSource(
        url="https://kliping.invalid/bridge", body=_PAGE, captured_at=datetime.now(UTC)
    )
    try:
        async with ExtractPool(1, ChildLimits()) as pool:
            made = await pool.extract(source)
    except ExtractFailed as error:
        return Check("extraction", Result.BAD, str(error))
    is_read = made.verdict.kind is VerdictKind.ARTICLE
    said = f"a child process read a page ({made.extractor})"
    found = f"a plain article was read as {made.verdict.kind}"
    return Check(
        "extraction",
        Result.GOOD if is_read else Result.BAD,
        said if is_read else found,
    )


def _hosts(config: Config) -> set[str]:
    active = (source for source in config.sources if source.state == "active")
    return {host for source in active if (host := urlsplit(source.home).hostname)}


async def _name(host: str) -> Check:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except socket.gaierror as error:
        return Check("name", Result.BAD, f"{host}: {error.strerror}")
    return Check(
        "name", Result.GOOD, f"{host} has {len({f[4][0] for f in found})} addresses"
    )
