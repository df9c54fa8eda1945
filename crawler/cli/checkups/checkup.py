"""What `kliping doctor` looks at; every check says what it found."""

import asyncio
import platform
import socket
import sqlite3
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.cli.checkups.browser import check_browser
from crawler.cli.checkups.channels import check_channels
from crawler.cli.checkups.folder import PAGE, Check, Result, check_folder
from crawler.cli.reading import reading
from crawler.config.file import find_config, load_config
from crawler.config.tree import DELAY_WITHOUT_CONTACT, Config
from crawler.errors import ConfigError, ExtractFailed, UsageError
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.units import write_duration
from crawler.websub.hubs import standing
from storage.errors import StorageError
from storage.model.verdict import VerdictKind
from storage.sql.subscriptions import feeds_with_hubs

_PYTHON = (3, 11)
#: Older ones can corrupt a WAL file that two connections checkpoint at once.
_SQLITE = (3, 51, 3)


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
    checks += [_contact(config), *check_folder(config), await _extraction()]
    checks += await check_browser(config)
    if config.websub.callback is not None:
        checks.append(_websub(config))
    checks += check_channels(config)
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


async def _extraction() -> Check:
    source = PageSource(
        url="https://kliping.invalid/bridge", body=PAGE, captured_at=datetime.now(UTC)
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


def _websub(config: Config) -> Check:
    """Count how the subscriptions of feeds stand; a hub that fails is no danger."""
    where = f"hubs call {config.websub.callback}"
    try:
        with reading(config) as (_, session):
            feeds = feeds_with_hubs(session)
    except UsageError:
        return Check("websub", Result.GOOD, f"{where}; no feed was read yet")
    except StorageError as error:
        return Check("websub", Result.BAD, str(error))
    now = datetime.now(UTC)
    counts = Counter(
        standing(known, now).partition(":")[0].partition(" until")[0]
        for _, known in feeds
        if known is not None
    )
    said = ", ".join(f"{n} {how}" for how, n in sorted(counts.items()))
    result = Result.WARN if counts["failing"] + counts["denied"] else Result.GOOD
    return Check("websub", result, f"{where}; {said or 'no feed names one'}")


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
