"""Re-extraction for its command: a run beside a service, promoted by whoever writes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from crawler.bulk.orders import Order
from crawler.bulk.running import Runner, read_shards
from crawler.bulk.shelf import shelf_of
from crawler.cli.lookup import known_source
from crawler.cli.reading import reading
from crawler.cli.writing import running_service
from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.kept.reader import Reader, open_reader
from crawler.reextract.placing import promote_run, roll_run_back
from crawler.reextract.running import run_shadow, scope_of
from crawler.reextract.shadow import Shadow, Tally
from crawler.reextract.sharding import ShardReadings, orders_of
from crawler.service.opening import open_service
from crawler.service.service import Service
from storage.folder import DataFolder
from storage.sql.reextraction import Replaced, Within, promoted_runs

_TURNS = {"promote": promote_run, "rollback": roll_run_back}


def run(
    config: Config,
    within: Within,
    tell: Callable[[int, int], None],
    runner: Runner | None,
) -> tuple[Shadow, Tally, list[str]]:
    """Read versions again, or go on with an interrupted run that asked for the same.

    Args:
        config: The settings.
        within: Which versions.
        tell: Is told how far it is.
        runner: Has the WARC files read that they are in; None to read all here.

    Returns:
        The run, how it fared, and which WARC files were not read and why.

    Raises:
        UsageError: there is no such source, or nothing was ever archived.
    """
    if within.source is not None:
        with reading(config) as (_, session):
            known_source(session, within.source)
    scope = scope_of(config, within)
    with open_reader(config) as reader:
        shadow = Shadow.unfinished(reader.folder, scope)
        shadow = shadow or Shadow.begin(reader.folder, scope, utc_now())
        if runner is None:
            return shadow, asyncio.run(run_shadow(reader, shadow, tell)), []
        read, troubles = _shards(reader, shadow, runner, tell)
        with ShardReadings(read) as readings:
            tally = asyncio.run(run_shadow(reader, shadow, tell, readings.find))
        shelf_of(config, shadow.name).clear()
        return shadow, tally, troubles


def _shards(
    reader: Reader, shadow: Shadow, runner: Runner, tell: Callable[[int, int], None]
) -> tuple[list[Order], list[str]]:
    """Have a run's WARC files read; return those that were, and why others were not."""
    orders = orders_of(reader, shadow)
    read: list[Order] = []
    troubles = []
    done, total = 0, sum(order.size for order in orders)
    with closing(read_shards(orders, runner)) as ended:
        for one in ended:
            done += one.order.size
            tell(done, total)
            if one.read is not None:
                read.append(one.order)
            else:
                troubles.append(f"{one.order.shard}: {one.why}")
    return read, troubles


def rows_of(shadow: Shadow) -> Iterator[dict[str, Any]]:
    """Yield what is not as it was, a row for each version."""
    for outcome in shadow.outcomes():
        yield {
            "article": outcome.article_id or None,
            "version": outcome.number or None,
            "differs": list(outcome.differs),
            "words_before": outcome.words[0] if outcome.differs else None,
            "words_after": outcome.words[1] if outcome.differs else None,
            "why": outcome.why or None,
            "title": outcome.title,
            "url": outcome.url,
        }


def turn(config: Config, verb: str, name: str) -> dict[str, Any]:
    """Promote a run or roll it back, by the running service or directly.

    Raises:
        UsageError: there is no such run.
        WrongRun: it is in no state for that.
    """
    Shadow.named(DataFolder(config.storage.folder), name)
    if service := running_service(config):
        return service.post(f"/v1/reextractions/{name}/{verb}", {})
    return _members(asyncio.run(_turned(config, verb, name)))


async def _turned(config: Config, verb: str, name: str) -> Replaced:
    async with open_service(config) as service:
        act: Callable[[Service, str], Any] = _TURNS[verb]
        replaced: Replaced = await act(service, name)
        return replaced


def runs(config: Config) -> Iterator[dict[str, Any]]:
    """Yield the runs, the newest first."""
    with reading(config) as (reader, session):
        promoted = promoted_runs(session)
        for shadow in Shadow.all(reader.folder):
            row = promoted.get(shadow.name)
            yield {
                "name": shadow.name,
                "state": _state(shadow, promoted),
                "source": shadow.scope.within.source,
                "since": shadow.scope.within.since,
                "extractor": shadow.scope.extractor,
                "promoted_at": row.promoted_at if row else None,
                "rolled_back_at": row.rolled_back_at if row else None,
            }


def _state(shadow: Shadow, promoted: dict[str, Any]) -> str:
    row = promoted.get(shadow.name)
    if row is not None:
        return "rolled back" if row.rolled_back_at else "promoted"
    return "shadow" if shadow.is_done() else "interrupted"


def _members(replaced: Replaced) -> dict[str, Any]:
    return {name: getattr(replaced, name) for name in Replaced.__slots__}
