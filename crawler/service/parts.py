"""The parts of a service, made by its settings."""

import random
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Engine

from crawler import __version__
from crawler.clock import utc_now
from crawler.config.limits import fetch_limits
from crawler.config.plan import stray_plan
from crawler.config.tree import Config
from crawler.extract.children.pool import Extractor
from crawler.kept.quoting import captures_asked_for, captures_quoting
from crawler.kept.reader import reading
from crawler.means import Means, Watch
from crawler.objects import store_of
from crawler.service.clients import client_for
from storage.folder import DataFolder
from storage.sql.leading import ERASING, Lead
from storage.takedown.erasing import Eraser
from storage.uploading import Mirror
from storage.warc.segment import Segment
from storage.writer import Writer


def mirror_of(
    config: Config, folder: DataFolder, writer: Writer, readers: Engine
) -> Mirror | None:
    """Return who keeps files in the object store, None where none is named."""
    objects = store_of(config)
    if objects is None:
        return None
    return Mirror(
        folder=folder,
        objects=objects,
        writer=writer,
        session=partial(reading, readers),
        now=utc_now,
        keep_local=config.storage.keep_local,
    )


def writer_of(config: Config, engine: Engine, folder: DataFolder) -> Writer:
    """Return the one who writes rows and WARC files."""

    def open_segment() -> Segment:
        return Segment(
            folder.warc,
            software=f"Kliping/{__version__}",
            operator=config.identity.contact or config.identity.name,
            now=utc_now(),
            node=folder.node,
        )

    return Writer(
        engine,
        open_segment,
        now=utc_now,
        window=timedelta(milliseconds=20),
        rotate_bytes=config.storage.segment_size,
        rotate_after=config.storage.segment_age,
        reserve_bytes=config.storage.disk_floor,
        node=folder.node,
    )


def eraser_of(
    config: Config, folder: DataFolder, writer: Writer, readers: Engine
) -> Eraser:
    """Return who carries out what takedowns erase."""
    return Eraser(
        folder=folder,
        writer=writer,
        session=partial(reading, readers),
        now=utc_now,
        asked_for=partial(captures_asked_for, folder, fetch_limits(config)),
        quoting=partial(captures_quoting, folder, fetch_limits(config)),
        turn=Lead(readers, ERASING),
    )


def means_of(
    config: Config,
    folder: DataFolder,
    writer: Writer,
    pool: Extractor,
    watches: Mapping[int, Watch],
) -> Means:
    """Return what visits work with."""
    return Means(
        folder=folder,
        writer=writer,
        pool=pool,
        new_client=lambda: client_for(config),
        new_http2_client=lambda: client_for(config, http2=True),
        new_public_client=lambda: client_for(config, public=True),
        watches=watches,
        stray=stray_plan(config),
        policy=config.policy,
        limits=fetch_limits(config),
        disk_floor=config.storage.disk_floor,
        agent=config.identity.name,
        now=utc_now,
        draw=random.random,
        log=structlog.get_logger("crawler"),
        callback=config.websub.callback,
        sent=config.alerts.events if config.alerts.webhook is not None else (),
    )
