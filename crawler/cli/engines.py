"""`--engine`: what has WARC files read, for the commands that read many."""

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.bulk.running import Runner
    from crawler.config.tree import Config


class Engine(StrEnum):
    """Who reads WARC files, one file a job."""

    POOL = "pool"
    ENGINE = "engine"
    DASK = "dask"


EngineOption = Annotated[
    Engine | None,
    typer.Option(
        help="Read one WARC file a job: by processes here (pool), by the fleet's "
        "bulk workers (engine), or by a Dask cluster."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        envvar="DASK_SCHEDULER_ADDRESS",
        help="Of the Dask cluster, such as tcp://dask.example:8786.",
    ),
]


BaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE", help="The folder or URL that paths of lists begin at."
    ),
]


def runner_of(config: "Config", engine: Engine, scheduler: str | None) -> "Runner":
    """Return what is to have WARC files read.

    Raises:
        UsageError: the engine lacks what it needs.
    """
    match engine:
        case Engine.POOL:
            from crawler.bulk.pool import PoolRunner

            return PoolRunner(len(os.sched_getaffinity(0)))
        case Engine.ENGINE:
            return _queue(config)
        case Engine.DASK:
            from crawler.bulk.dask import DaskRunner

            if scheduler is None:
                raise UsageError("--engine dask needs --scheduler ADDRESS")
            return DaskRunner(scheduler)


def _queue(config: "Config") -> "Runner":
    from storage.sql.engine import is_server

    if not is_server(config.storage.database):
        raise UsageError(
            "--engine engine needs a PostgreSQL in storage.database, which has the queue"
        )
    from crawler.bulk.queue import QueueRunner

    return QueueRunner(config.storage.database)
