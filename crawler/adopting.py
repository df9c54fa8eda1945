"""Take on what a node left that never comes back: what the object store has of it.

A sealed file never changes, so even a node that is alive after all would lose nothing
but the reading of what it kept. What was on its machine alone is lost, or comes back
with its data folder.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.errors import UsageError
from crawler.service.service import Service
from storage.sql.fleet import Standing, standings, take_over
from storage.writer import Tx

#: So long a node that is alive may be silent and visit nobody.
_SILENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was taken on.

    Attributes:
        files: WARC files that are this node's from now on.
        read: Captures in them that were unread and are read.
        left: WARC files that the store does not have, with `left_unread` captures.
    """

    files: int
    read: int
    left: int
    left_unread: int


def why_not(found: Standing | None, own: str, now: datetime) -> str | None:
    """Return why a node must not be adopted by another; None if it may be."""
    if not own:
        return "the archive is a file's, which has one node"
    if found is None:
        return "there is no such node: see `kliping nodes list`"
    if found.node == own:
        return "that is this node"
    if found.visiting:
        return f"it visits {found.visiting} hosts: is it alive? Else ask again later"
    if found.kept_at is not None and now - found.kept_at < _SILENCE:
        return f"it kept something at {found.kept_at:%H:%M:%S}: is it alive?"
    return None


async def adopt(service: Service, node: str) -> Adopted:
    """Take on a node's files that the store has, and read what it did not.

    Raises:
        UsageError: it seems to be alive, or there is no such node.
        StorageError: rows cannot be written.
    """
    own = service.folder.node

    def work(tx: Tx) -> tuple[Standing, int]:
        now = service.means.now()
        known = {one.node: one for one in standings(tx.session, now)}
        found = known.get(node)
        why = why_not(found, own, now)
        if found is None or why is not None:
            raise UsageError(f"node {node} cannot be adopted: {why}")
        return found, take_over(tx.session, node)

    found, files = await service.means.writer.run(work)
    read = 0
    while count := await service.read_unread():
        read += count
    return Adopted(
        files=files,
        read=read,
        left=found.segments - found.uploaded,
        left_unread=found.unread - found.unread_uploaded,
    )
