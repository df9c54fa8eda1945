"""A shadow run: versions in the order of their ids, a batch at a time, resumable.

Then the pages that were passed over as no article, by their captures.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial

from crawler.config.tree import Config
from crawler.extract.article import EXTRACTOR
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.kept.reader import Reader
from crawler.reextract.rereading import Find, Rereader
from crawler.reextract.shadow import Outcome, Scope, Shadow, Tally
from storage.sql.reextraction import (
    Within,
    captured_versions,
    count_readings,
    passed_over,
)
from storage.sql.tables import CaptureRow

_BATCH = 64


def scope_of(config: Config, within: Within) -> Scope:
    """Return what is asked for; other rules or another extractor make it another."""
    rules = {
        one.name: [rule.model_dump(mode="json") for rule in one.rules or ()]
        for one in config.sources
    }
    text = json.dumps(rules, sort_keys=True)
    return Scope(
        extractor=EXTRACTOR,
        rules_sha256=hashlib.sha256(text.encode()).hexdigest(),
        within=within,
    )


async def run_shadow(
    reader: Reader,
    shadow: Shadow,
    tell: Callable[[int, int], None],
    find: Find | None = None,
) -> Tally:
    """Read what is left of a run, and end it; the archive is only read.

    Args:
        reader: The archive.
        shadow: The run, new or interrupted.
        tell: Is told how many versions and pages are done, and how many there are.
        find: Returns what a capture was read as already, by others.
    """
    version, capture, tally = shadow.resume()
    within = shadow.scope.within
    with reader.session() as session:
        total = count_readings(session, within)

    def note(outcomes: list[Outcome]) -> None:
        shadow.add(outcomes)
        for outcome in outcomes:
            tally.add(outcome)
        tell(tally.done, max(tally.done, total))

    note([])
    workers = reader.config.service.extractors
    async with ExtractPool(workers, ChildLimits()) as pool:
        rereader = Rereader(reader, pool, find or _nothing)
        for batch in versions_after(reader, within, version):
            note(await rereader.read(batch))
        for batch in pages_after(reader, within, capture):
            note(await rereader.read_passed_over(batch))
    shadow.end()
    return tally


def _nothing(_row: CaptureRow) -> None:
    """Find nothing that was read already."""


def versions_after(reader: Reader, within: Within, last: int) -> Iterator[list[int]]:
    """Yield the ids of versions that have a capture, behind one, batch after batch."""
    return _batches(reader, partial(captured_versions, within=within), last)


def pages_after(reader: Reader, within: Within, last: int) -> Iterator[list[int]]:
    """Yield the captures of pages passed over, behind one, batch after batch."""
    return _batches(reader, partial(passed_over, within=within), last)


def _batches(
    reader: Reader, following: Callable[..., list[int]], last: int
) -> Iterator[list[int]]:
    """Yield ids, batch after batch; `following` returns those after one."""
    while True:
        with reader.session() as session:
            batch = following(session, after=last, limit=_BATCH)
        if not batch:
            return
        yield batch
        last = batch[-1]
