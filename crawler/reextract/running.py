"""A shadow run: versions in the order of their ids, a batch at a time, resumable."""

import hashlib
import json
from collections.abc import Callable, Iterator

from crawler.config import Config
from crawler.extract.article import EXTRACTOR
from crawler.extract.pool import ChildLimits, ExtractPool
from crawler.reextract.rereading import Rereader
from crawler.reextract.shadow import Scope, Shadow, Tally
from crawler.service import Reader
from storage.sql.reextraction import Within, captured_versions, count_captured

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
    reader: Reader, shadow: Shadow, tell: Callable[[int, int], None]
) -> Tally:
    """Read what is left of a run, and end it; the archive is only read.

    Args:
        reader: The archive.
        shadow: The run, new or interrupted.
        tell: Is told how many versions are done, and how many there are.
    """
    last, tally = shadow.resume()
    with reader.session() as session:
        total = count_captured(session, shadow.scope.within)
    done = tally.same + tally.changed + tally.unread
    tell(done, total)
    workers = reader.config.service.extractors
    async with ExtractPool(workers, ChildLimits()) as pool:
        rereader = Rereader(reader, pool)
        for batch in _batches(reader, shadow.scope.within, last):
            outcomes = await rereader.read(batch)
            shadow.add(outcomes)
            for outcome in outcomes:
                tally.add(outcome)
            done += len(batch)
            tell(done, max(done, total))
    shadow.end()
    return tally


def _batches(reader: Reader, within: Within, last: int) -> Iterator[list[int]]:
    while True:
        with reader.session() as session:
            batch = captured_versions(session, within, after=last, limit=_BATCH)
        if not batch:
            return
        yield batch
        last = batch[-1]
