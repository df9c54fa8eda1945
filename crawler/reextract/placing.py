"""Promote a run, or roll it back: one transaction of the archive's one writer."""

from crawler.kept.unread import read_one
from crawler.reextract.shadow import Shadow
from crawler.service.service import Service
from storage.sql.ledger import link_of
from storage.sql.reextraction import Replaced, promote, roll_back
from storage.sql.tables import CaptureRow


async def promote_run(service: Service, name: str) -> Replaced:
    """Put a run's new readings in the place of the old ones, in one transaction.

    Pages that were passed over and read as articles now are then read as a start reads
    what a dead process left: whatever happens meanwhile, the next start goes on.

    Raises:
        UsageError: there is no such run, or it did not come to its end.
        WrongRun: it stands promoted already.
    """
    shadow, now = Shadow.named(service.folder, name), service.means.now()
    found = shadow.found()
    replaced = await service.means.writer.run(
        lambda tx: promote(tx.session, name, shadow.readings(), now, found)
    )
    for capture in found:
        await _read(service, capture)
    return replaced


async def _read(service: Service, capture: int) -> None:
    with service.session() as session:
        row = session.get_one(CaptureRow, capture)
        link = link_of(session, row.link_id or 0)
        session.expunge(row)
    await read_one(service.means, row, link)


async def roll_run_back(service: Service, name: str) -> Replaced:
    """Put back what stood before a run was promoted.

    Raises:
        WrongRun: it does not stand promoted, or another was promoted over it.
    """
    now = service.means.now()
    return await service.means.writer.run(lambda tx: roll_back(tx.session, name, now))
