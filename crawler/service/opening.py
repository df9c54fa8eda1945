"""Open the archive to crawl, or bring its tables up to date: one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from crawler.clock import utc_now
from crawler.config.plan import plan_for, stray_plan
from crawler.config.tree import Config
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.holding import take_folder
from crawler.kept.reader import database_url_of, folder_of, refuse_lost_database
from crawler.means import Watch
from crawler.service.clients import browser_for
from crawler.service.parts import eraser_of, means_of, mirror_of, writer_of
from crawler.service.service import Service, enter_sources
from storage.errors import StorageError
from storage.faults import read_error
from storage.folder import DataFolder
from storage.recovery import Recovered, recover
from storage.sql.captures import newest_id
from storage.sql.clock import take_times_back
from storage.sql.engine import reading_engine, writing_engine
from storage.sql.fleet import adopt
from storage.sql.migrate import migrate
from storage.sql.nodes import info_of
from storage.sql.revision import is_begun, newest_revision, revision_of
from storage.sql.visits import forget_visits

#: How long a server that goes away as a service begins is waited for, s.
_PATIENCE = 30.0


def migrated(config: Config) -> tuple[str | None, str]:
    """Bring the archive to this Kliping's tables; return its revisions before and after.

    Raises:
        ArchiveBusy: another process holds the data folder.
        DatabaseLost: there are WARC files, and the database is new.
        SchemaTooNew: the database was made by a newer Kliping.
        StorageError: it cannot be migrated; nothing was changed.
    """
    folder = folder_of(config)
    with folder.lock({}):
        url = database_url_of(config, folder)
        refuse_lost_database(folder, url)
        engine = reading_engine(url)
        try:
            before = revision_of(engine) if is_begun(url) else None
        except DBAPIError as error:
            raise read_error(error, str(engine.url.database)) from error
        finally:
            engine.dispose()
        migrate(url)
    return before, newest_revision()


@asynccontextmanager
async def open_service(
    config: Config, *, description: Mapping[str, str] | None = None
) -> AsyncIterator[Service]:
    """Open the archive to crawl: lock, migrate, recover, then start the parts.

    Raises:
        ArchiveBusy: another service holds the data folder, or a command for long.
        DatabaseLost: there are WARC files, and the database is new.
        SchemaTooNew: the database was made by a newer Kliping.
    """
    folder = folder_of(config)
    with await take_folder(folder, description or {}) as lock:
        url = database_url_of(config, folder)
        await asyncio.to_thread(refuse_lost_database, folder, url)
        await asyncio.to_thread(migrate, url)
        engine = writing_engine(url)
        readers = reading_engine(url)
        recovered, inherited = await asyncio.to_thread(
            _recover, engine, folder, _longest_rest(config)
        )
        writer = writer_of(config, engine, folder)
        mirror = mirror_of(config, folder, writer, readers)
        eraser = replace(eraser_of(config, folder, writer, readers), mirror=mirror)
        try:
            await enter_sources(writer, config, utc_now())
            async with (
                ExtractPool(config.service.extractors, ChildLimits()) as pool,
                browser_for(config) as browser,
            ):
                watches: dict[int, Watch] = {}
                service = Service(
                    config=config,
                    folder=folder,
                    engine=readers,
                    lock=lock,
                    eraser=eraser,
                    mirror=mirror,
                    recovered=recovered,
                    inherited=inherited,
                    watches=watches,
                    means=replace(
                        means_of(config, folder, writer, pool, watches), browser=browser
                    ),
                )
                await _begin(service)
                yield service
        finally:
            await asyncio.to_thread(writer.close)
            readers.dispose()
            engine.dispose()


async def _begin(service: Service) -> None:
    """Take up what was begun, and read what is watched.

    A server that goes away meanwhile is waited for, as in all that is done later.
    """
    ends = monotonic() + _PATIENCE
    while True:
        try:
            await asyncio.to_thread(service.eraser.take_up)
            await service.finish_begun()
            await service.reload_sources()
            await service.find_price()
        except StorageError as error:
            is_away = isinstance(error.__cause__, OperationalError)
            if not (service.folder.node and is_away) or monotonic() > ends:
                raise
            await asyncio.sleep(1)
        else:
            return


def _longest_rest(config: Config) -> timedelta:
    """Return the longest pause that a host is owed by these settings."""
    plans = [plan_for(source, config) for source in config.sources]
    return max(plan.delay for plan in (*plans, stray_plan(config)))


def _recover(
    engine: Engine, folder: DataFolder, rest: timedelta
) -> tuple[Recovered, int]:
    """Return what was recovered, and the newest capture there is.

    Hosts that a dead process visited are left alone for a `rest`.
    """
    with Session(engine, info=info_of(folder.node)) as session:
        adopt(session, folder.segments())
        folder.adopt_days()
        recovered = recover(folder, session, utc_now())
        forget_visits(session, utc_now() + rest)
        put_off = take_times_back(session, utc_now())
        newest = newest_id(session)
        session.commit()
    if put_off:
        structlog.get_logger("crawler").warning("clock was ahead", due_now=put_off)
    return recovered, newest
